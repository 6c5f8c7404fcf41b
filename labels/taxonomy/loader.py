"""Loading the taxonomy's data files; every problem is told with its file and line.

A folder holds ``positions/<sector>.tsv``, ``relations/<sector>.tsv`` and the lists
``ambiguous.tsv``, ``lookalikes.tsv``, ``query_only.tsv``, ``refused.tsv`` (candidates that were
looked at and are no positions) and ``retired.tsv``; an overlay may also hold ``changes.tsv``.
Lists inside a cell are separated by ``|``. A row flagged ``category`` is a sector (no group) or a
group (its group is the sector) and has no forms. The name of a position is one of its forms. A
form written with a leading ``&`` may stand at several positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from enrich.taxonomy import RelationKind, SenseKind
from enrich.text import normalize_query
from labels.taxonomy.source import Action, Change, Form, RelationRow, Retired, Row, Source, Word

DATA = Path(__file__).parent / "data"
COLUMNS = ("id", "name", "group", "broader", "same", "narrower", "flags")
RELATION_COLUMNS = ("position", "kind", "other")
RETIRED_COLUMNS = ("id", "successor", "reason")
WORD_COLUMNS = ("word", "reason")
CHANGE_COLUMNS = ("action", "id", "value")
FLAGS = frozenset({"category", "generic"})

_FOLDERS = ("positions", "relations")
_LISTS = ("ambiguous", "lookalikes", "query_only", "refused", "retired", "changes")
_LAYOUT = (
    "name it positions/NAME.tsv, relations/NAME.tsv or one of "
    f"{', '.join(f'{name}.tsv' for name in _LISTS)}"
)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PUNCTUATION = re.compile(r"[^\w+#./ ]")


def load(folder: Path = DATA) -> Source:
    """Read all data files of a folder; never raises for what stands in them."""
    folder = folder.resolve()  # "." has no name to tell
    problems = list(_strangers(folder))
    rows = [
        row
        for path in sorted((folder / "positions").glob("*.tsv"))
        for row in _rows(path, problems)
    ]
    relations = [
        relation
        for path in sorted((folder / "relations").glob("*.tsv"))
        for relation in _relations(path, problems)
    ]
    return Source(
        rows=tuple(rows),
        relations=tuple(relations),
        retired=tuple(_retired(folder / "retired.tsv", problems)),
        ambiguous=tuple(_words(folder / "ambiguous.tsv", problems)),
        lookalikes=tuple(_words(folder / "lookalikes.tsv", problems)),
        query_only=tuple(_words(folder / "query_only.tsv", problems)),
        refused=tuple(_words(folder / "refused.tsv", problems)),
        changes=tuple(_changes(folder / "changes.tsv", problems)),
        problems=tuple(problems),
    )


def _strangers(folder: Path) -> Iterator[str]:
    """Tell the tables of a folder that have a wrong name or place and would not be read."""
    lists = {folder / f"{name}.tsv" for name in _LISTS}
    for path in sorted({*folder.glob("*.[tc]sv"), *folder.glob("*/*.[tc]sv")} - lists):
        if path.parent.name not in _FOLDERS or path.suffix != ".tsv":
            yield f"{_told(path)}: is not read; {_LAYOUT}"


def _told(path: Path) -> str:
    """Return the path from the data folder on: a site's files are not taken for shipped ones."""
    inside = path.parents[1] if path.parent.name in _FOLDERS else path.parent
    return path.relative_to(inside.parent).as_posix()


def _lines(
    path: Path, columns: tuple[str, ...], problems: list[str]
) -> Iterator[tuple[str, list[str]]]:
    if not path.exists():
        return
    name = _told(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{name}: is not UTF-8 ({error.reason}); convert it with iconv")
        return
    header, *lines = text.split("\n")
    if tuple(header.strip("\r").split("\t")) != columns:
        problems.append(f"{name}:1: header is {header!r}; write {' '.join(columns)}, tabbed")
        return
    for number, line in enumerate(lines, start=2):
        where = f"{name}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != len(columns):
            problems.append(
                f"{where}: has {len(cells)} columns; write {len(columns)}, tabs between"
            )
            continue
        yield where, cells


def _rows(path: Path, problems: list[str]) -> Iterator[Row]:
    for where, cells in _lines(path, COLUMNS, problems):
        id_, name, group, broader, same, narrower, flags = cells
        flag_set = frozenset(_items(flags, where, "flags", problems))
        problems.extend(
            f"{where}: flag {flag!r} is unknown; use {', '.join(sorted(FLAGS))}"
            for flag in sorted(flag_set - FLAGS)
        )
        _check_id(id_, where, problems)
        if not name:
            problems.append(f"{where}: name is empty; write the usual name")
        is_category = "category" in flag_set
        if is_category and (same or narrower or broader):
            problems.append(f"{where}: a category has forms or broader positions; remove them")
        forms = [] if is_category else _forms(where, name, same, narrower, problems)
        yield Row(
            where,
            id_,
            name.removeprefix("&"),
            group,
            tuple(_items(broader, where, "broader", problems)),
            tuple(forms),
            flag_set,
        )


def _forms(where: str, name: str, same: str, narrower: str, problems: list[str]) -> list[Form]:
    cells: tuple[tuple[SenseKind, list[str]], ...] = (
        ("same", [name, *_items(same, where, "same", problems)]),
        ("narrower", _items(narrower, where, "narrower", problems)),
    )
    return [form_of(item, kind, where, problems) for kind, items in cells for item in items if item]


def form_of(item: str, kind: SenseKind, where: str, problems: list[str]) -> Form:
    """Read one form as written in a cell, ``&`` in front where it may be shared."""
    spelling = _spelling(item.removeprefix("&"), where, problems)
    return Form(spelling, kind, item.startswith("&"), where)


def _relations(path: Path, problems: list[str]) -> Iterator[RelationRow]:
    for where, (position, kind, other) in _lines(path, RELATION_COLUMNS, problems):
        for known in get_args(RelationKind):
            if kind == known:
                yield RelationRow(where, position, known, other)
                break
        else:
            kinds = ", ".join(get_args(RelationKind))
            problems.append(f"{where}: kind {kind!r} is unknown; use {kinds}")


def _retired(path: Path, problems: list[str]) -> Iterator[Retired]:
    for where, (id_, successor, reason) in _lines(path, RETIRED_COLUMNS, problems):
        _check_id(id_, where, problems)
        if not reason:
            problems.append(f"{where}: reason is empty; say why {id_!r} was retired")
        yield Retired(where, id_, successor)


def _words(path: Path, problems: list[str]) -> Iterator[Word]:
    for where, (word, reason) in _lines(path, WORD_COLUMNS, problems):
        if not reason:
            problems.append(f"{where}: reason is empty; say why {word!r} is listed")
        yield Word(where, _spelling(word, where, problems), reason)


def _changes(path: Path, problems: list[str]) -> Iterator[Change]:
    for where, (action, id_, value) in _lines(path, CHANGE_COLUMNS, problems):
        if not value:
            problems.append(f"{where}: value is empty; write what {action} needs")
            continue
        if "|" in value:
            problems.append(f"{where}: value holds |; write one line for each form")
            continue
        for known in get_args(Action):
            if action == known:
                yield Change(where, known, id_, value)
                break
        else:
            problems.append(
                f"{where}: action {action!r} is unknown; use {', '.join(get_args(Action))}"
            )


def _check_id(id_: str, where: str, problems: list[str]) -> None:
    if not _ID.fullmatch(id_):
        problems.append(f"{where}: id {id_!r} is no slug; write a-z, 0-9 and single hyphens")


def _items(cell: str, where: str, column: str, problems: list[str]) -> list[str]:
    if not cell:
        return []
    items = [item.strip() for item in cell.split("|")]
    if not all(items):
        problems.append(f"{where}: {column} has an empty entry; remove the extra |")
    return [item for item in items if item]


def _spelling(item: str, where: str, problems: list[str]) -> str:
    spelling = normalize_query(item)
    if not spelling:
        problems.append(f"{where}: form {item!r} is empty once normalised; remove it")
    elif _PUNCTUATION.search(spelling):
        problems.append(
            f"{where}: form {item!r} holds punctuation; no form crosses a clause border"
        )
    elif len(spelling) < 2:
        problems.append(f"{where}: form {item!r} has one character; write at least two")
    return spelling
