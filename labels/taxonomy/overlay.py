"""A site's own changes to the taxonomy, kept in a folder beside the shipped files.

An overlay is a folder of the same files, all optional: its positions, relations and words are
added to the shipped ones. What it changes in shipped rows stands in ``changes.tsv`` (``action``,
``id``, ``value``): ``rename`` (the new name; the old one stays a form), ``add`` and
``add-narrower`` (a form), ``remove`` (a form), ``move`` (the new group), ``merge`` (the successor
takes the forms and the id) and ``retire`` (the successor takes the id, the forms go).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from enrich.taxonomy import SenseKind
from enrich.text import normalize_query
from labels.taxonomy.loader import DATA, form_of, load
from labels.taxonomy.rules import final
from labels.taxonomy.source import Change, Form, Retired, Row, Source, Word
from labels.taxonomy.succession import hand_on

Rows = dict[str, Row]


def load_with(overlay: Path | None, folder: Path = DATA) -> Source:
    """Read the data files of a folder and, where given, an overlay on top of them."""
    base = load(folder)
    if overlay is None:
        return base
    site = load(overlay)
    if site == Source():
        empty = f"{overlay}: changes nothing; write changes.tsv or positions/NAME.tsv in it"
        site = Source(problems=(empty,))
    return apply(base, site)


def apply(base: Source, overlay: Source) -> Source:
    """Return the source that an overlay makes of another one."""
    problems = [*base.problems, *overlay.problems]
    if base.changes:
        problems.append("changes.tsv: only an overlay has one; edit the positions themselves")
    rows = {row.id: row for row in base.rows}
    for row in overlay.rows:
        if row.id in rows:
            problems.append(
                f"{row.where}: id {row.id!r} is already at {rows[row.id].where}; "
                "change it by lines in changes.tsv"
            )
        rows.setdefault(row.id, row)
    gone = {item.id: item for item in (*base.retired, *overlay.retired)}
    earlier = set(gone)
    for change in overlay.changes:
        _ACTIONS[change.action](rows, change, gone, problems)
    merged = _shared(tuple(rows.values()), overlay)
    forms = {form.spelling for row in merged for form in row.forms}
    return hand_on(
        Source(
            rows=merged,
            relations=base.relations + overlay.relations,
            retired=(
                *base.retired,
                *overlay.retired,
                *(item for id_, item in gone.items() if id_ not in earlier),
            ),
            ambiguous=_only(base.ambiguous, forms) + overlay.ambiguous,
            lookalikes=_only(base.lookalikes, forms, inside=False) + overlay.lookalikes,
            query_only=_only(base.query_only, forms) + overlay.query_only,
            refused=_only(base.refused, forms, inside=False) + overlay.refused,
            problems=tuple(problems),
        ),
        {id_: item.successor for id_, item in gone.items()},
    )


def _shared(rows: tuple[Row, ...], overlay: Source) -> tuple[Row, ...]:
    """Let a form that the overlay writes with ``&`` stand at the shipped positions too."""
    added = {
        normalize_query(change.value.removeprefix("&"))
        for change in overlay.changes
        if change.value.startswith("&")
    }
    added |= {form.spelling for row in overlay.rows for form in row.forms if form.shared}
    return tuple(
        replace(
            row,
            forms=tuple(
                replace(form, shared=form.shared or form.spelling in added) for form in row.forms
            ),
        )
        for row in rows
    )


def _only(words: tuple[Word, ...], forms: set[str], *, inside: bool = True) -> tuple[Word, ...]:
    """Keep the shipped words that still are forms (or, of look-alikes, still are none)."""
    return tuple(word for word in words if (word.word in forms) is inside)


def _row(
    rows: Rows, change: Change, id_: str, gone: dict[str, Retired], problems: list[str]
) -> Row | None:
    row = rows.get(id_)
    if row is not None and not row.is_category:
        return row
    if id_ in gone:
        heir = final(id_, {old: item.successor for old, item in gone.items()})
        problems.append(
            f"{change.where}: {id_!r} is retired ({gone[id_].where}); write its successor {heir!r}"
        )
    else:
        problems.append(f"{change.where}: {id_!r} is no position; correct the id")
    return None


def _rename(rows: Rows, change: Change, gone: dict[str, Retired], problems: list[str]) -> None:
    name = change.value.removeprefix("&")
    if (category := rows.get(change.id)) and category.is_category:
        rows[category.id] = replace(category, name=name)
    elif row := _row(rows, change, change.id, gone, problems):
        form = form_of(change.value, "same", change.where, problems)
        rows[row.id] = replace(row, name=name, forms=(form, *_others(row, form.spelling)))


def _add(rows: Rows, change: Change, gone: dict[str, Retired], problems: list[str]) -> None:
    if row := _row(rows, change, change.id, gone, problems):
        kind: SenseKind = "narrower" if change.action == "add-narrower" else "same"
        form = form_of(change.value, kind, change.where, problems)
        if kind == "narrower" and form.spelling == normalize_query(row.name):
            problems.append(
                f"{change.where}: {change.value!r} is the name; rename the position first"
            )
        rows[row.id] = replace(row, forms=(*_others(row, form.spelling), form))


def _remove(rows: Rows, change: Change, gone: dict[str, Retired], problems: list[str]) -> None:
    if not (row := _row(rows, change, change.id, gone, problems)):
        return
    spelling = normalize_query(change.value.removeprefix("&"))
    if spelling == normalize_query(row.name):
        problems.append(f"{change.where}: {change.value!r} is the name; rename the position first")
    elif all(form.spelling != spelling for form in row.forms):
        problems.append(f"{change.where}: {change.id!r} has no form {change.value!r}; correct it")
    else:
        rows[row.id] = replace(row, forms=_others(row, spelling))


def _move(rows: Rows, change: Change, gone: dict[str, Retired], problems: list[str]) -> None:
    if not (row := _row(rows, change, change.id, gone, problems)):
        return
    group = rows.get(change.value)
    if group is None or not group.is_category or not group.group:
        known = "no group" if group else "unknown"
        problems.append(f"{change.where}: group {change.value!r} is {known}; name a group's id")
    else:
        rows[row.id] = replace(row, group=group.id)


def _merge(rows: Rows, change: Change, gone: dict[str, Retired], problems: list[str]) -> None:
    row = _row(rows, change, change.id, gone, problems)
    successor = _row(rows, change, change.value, gone, problems)
    if not row or not successor:
        return
    if row is successor:
        problems.append(f"{change.where}: {row.id!r} is its own successor; name another")
        return
    if change.action == "merge":
        own = {form.spelling for form in successor.forms}
        taken = tuple(form for form in row.forms if form.spelling not in own)
        rows[successor.id] = replace(successor, forms=successor.forms + taken)
    del rows[row.id]
    gone[row.id] = Retired(change.where, row.id, successor.id)


def _others(row: Row, spelling: str) -> tuple[Form, ...]:
    return tuple(form for form in row.forms if form.spelling != spelling)


_ACTIONS: dict[str, Callable[[Rows, Change, dict[str, Retired], list[str]], None]] = {
    "rename": _rename,
    "add": _add,
    "add-narrower": _add,
    "remove": _remove,
    "move": _move,
    "merge": _merge,
    "retire": _merge,
}
