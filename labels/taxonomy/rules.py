"""What must hold between the lines of the data files; every breach with its place and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labels.taxonomy.source import Form, Row, Source


def problems_of(source: Source) -> list[str]:
    """Return the problems of loaded data files: those of single lines, then those between them."""
    if not source.rows and not source.problems:
        return ["positions: holds no sector file; add one with a header line"]
    return [
        *source.problems,
        *_duplicate_ids(source.rows),
        *_tree_problems(source.rows),
        *_broader_problems(source.rows),
        *_form_problems(source.rows),
        *_word_problems(source),
        *_relation_problems(source),
        *_retired_problems(source),
    ]


def _duplicate_ids(rows: tuple[Row, ...]) -> Iterator[str]:
    first: dict[str, Row] = {}
    for row in rows:
        if row.id in first:
            yield f"{row.where}: id {row.id!r} is also at {first[row.id].where}; rename one"
        first.setdefault(row.id, row)


def _tree_problems(rows: tuple[Row, ...]) -> Iterator[str]:
    """Three levels: a sector has no group, a group stands in a sector, a position in a group."""
    by_id = {row.id: row for row in rows}
    for row in rows:
        above = by_id.get(row.group)
        if not row.group:
            if not row.is_category:
                yield f"{row.where}: group is empty; name the group it stands in"
        elif above is None:
            yield f"{row.where}: group {row.group!r} is unknown; add it or correct the id"
        elif not above.is_category:
            yield f"{row.where}: group {row.group!r} is a position; write it under broader"
        elif row.is_category and above.group:
            yield f"{row.where}: {row.group!r} is no sector; groups do not stand in groups"
        elif not row.is_category and not above.group:
            yield f"{row.where}: {row.group!r} is a sector; name one of its groups"


def _broader_problems(rows: tuple[Row, ...]) -> Iterator[str]:
    by_id = {row.id: row for row in rows}
    for row in rows:
        for broader in row.broader:
            if broader not in by_id:
                yield f"{row.where}: broader {broader!r} is unknown; add it or correct the id"
            elif by_id[broader].is_category:
                yield f"{row.where}: broader {broader!r} is a category; write it under group"
        if any(row.id in above(broader, by_id) for broader in row.broader):
            yield f"{row.where}: {row.id!r} is its own ancestor; remove a broader of the cycle"


def _form_problems(rows: tuple[Row, ...]) -> Iterator[str]:
    first: dict[str, tuple[Row, Form]] = {}
    for row in rows:
        for form in row.forms:
            if form.spelling not in first:
                first[form.spelling] = (row, form)
                continue
            other, other_form = first[form.spelling]
            if other is row:
                yield f"{form.where}: form {form.spelling!r} stands twice in the line; remove one"
            elif not (form.shared and other_form.shared):
                yield (
                    f"{form.where}: form {form.spelling!r} is also at {other_form.where}; "
                    "remove one or write & before both (an overlay: before its own)"
                )


def _word_problems(source: Source) -> Iterator[str]:
    forms = {form.spelling for row in source.rows for form in row.forms}
    for words in (source.ambiguous, source.lookalikes, source.query_only, source.refused):
        seen: set[str] = set()
        for word in words:
            if word.word in seen:
                yield f"{word.where}: {word.word!r} stands twice; remove one"
            seen.add(word.word)
    for word in (*source.ambiguous, *source.query_only):
        if word.word not in forms:
            yield f"{word.where}: {word.word!r} is no form; add it to a position"
    for word in (*source.lookalikes, *source.refused):
        if word.word in forms:
            yield f"{word.where}: {word.word!r} is a form too; remove it from one place"


def _relation_problems(source: Source) -> Iterator[str]:
    known = {row.id for row in source.positions}
    seen: dict[frozenset[str], str] = {}
    for relation in source.relations:
        for column, id_ in (("position", relation.position), ("other", relation.other)):
            if id_ not in known:
                yield f"{relation.where}: {column} {id_!r} is no position; correct the id"
        pair = frozenset((relation.position, relation.other))
        if len(pair) == 1:
            yield f"{relation.where}: {relation.position!r} is related to itself; remove the line"
        elif pair in seen:
            yield f"{relation.where}: the pair also stands at {seen[pair]}; remove one"
        seen.setdefault(pair, relation.where)


def _retired_problems(source: Source) -> Iterator[str]:
    live = {row.id for row in source.rows}
    successors: dict[str, str] = {}
    for item in source.retired:
        if item.id in live:
            yield f"{item.where}: {item.id!r} is a live id; remove the line or the position"
        if item.id in successors:
            yield f"{item.where}: {item.id!r} is retired twice; remove one line"
        successors.setdefault(item.id, item.successor)
    positions = {row.id for row in source.positions}
    for item in source.retired:
        if final(item.id, successors) not in positions:
            yield f"{item.where}: successor {item.successor!r} leads to no position; correct it"


def final(id_: str, successors: dict[str, str]) -> str:
    """Follow successors to the live id; a cycle ends where it closes."""
    seen: set[str] = set()
    while id_ in successors and id_ not in seen:
        seen.add(id_)
        id_ = successors[id_]
    return id_


def above(id_: str, by_id: Mapping[str, Row]) -> set[str]:
    """Return an id with those of all positions that are broader; cycles do no harm."""
    found: set[str] = set()
    queue = [id_]
    while queue:
        broader = queue.pop()
        if broader not in found:
            found.add(broader)
            queue.extend(by_id[broader].broader if broader in by_id else ())
    return found
