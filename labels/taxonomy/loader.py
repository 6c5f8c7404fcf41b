"""Loading the taxonomy's data files; every problem is told with its file and line.

A sector file has the columns ``id, name, parents, same, narrower, flags``; lists are separated
by ``|``. A row flagged ``category`` only orders the tree and has no forms. The name of a position
is one of its forms. A form written with a leading ``&`` may stand at several positions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from enrich.taxonomy import SenseKind
from enrich.text import normalize_query

DATA = Path(__file__).parent / "data"
AMBIGUOUS = "ambiguous.tsv"
LOOKALIKES = "lookalikes.tsv"
QUERY_ONLY = "query_only.tsv"
WORD_LISTS = frozenset({AMBIGUOUS, LOOKALIKES, QUERY_ONLY})
COLUMNS = ("id", "name", "parents", "same", "narrower", "flags")
FLAGS = frozenset({"category", "generic"})

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PUNCTUATION = re.compile(r"[^\w+#./ ]")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sector file."""

    where: str
    sector: str
    id: str
    name: str
    parents: tuple[str, ...]
    forms: tuple[tuple[str, SenseKind, bool], ...]  # spelling, kind, may be shared
    flags: frozenset[str]

    @property
    def is_category(self) -> bool:
        """Tell whether the row only orders the tree."""
        return "category" in self.flags


@dataclass(frozen=True, slots=True)
class Word:
    """One line of a word list: the word and why it is there."""

    where: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """All data files as read, together with what is wrong in them."""

    rows: tuple[Row, ...]
    ambiguous: tuple[Word, ...]
    lookalikes: tuple[Word, ...]
    query_only: tuple[Word, ...]
    problems: tuple[str, ...]


class SourceError(ValueError):
    """The data files hold problems; carries all of them."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Show the first few, keep all."""
        super().__init__("\n".join((*problems[:20], f"({len(problems)} problems)")))
        self.problems = problems


def load(folder: Path = DATA) -> Source:
    """Read all data files of a folder; never raises for what stands in them."""
    problems: list[str] = []
    rows: list[Row] = []
    for path in sorted(folder.glob("*.tsv")):
        if path.name not in WORD_LISTS:
            rows.extend(_rows(path, problems))
    ambiguous = tuple(_words(folder / AMBIGUOUS, problems))
    lookalikes = tuple(_words(folder / LOOKALIKES, problems))
    query_only = tuple(_words(folder / QUERY_ONLY, problems))
    if not rows:
        problems.append(f"{folder}: holds no sector file; add one with a header line")
    return Source(tuple(rows), ambiguous, lookalikes, query_only, tuple(problems))


def _lines(path: Path, columns: int, problems: list[str]) -> Iterator[tuple[str, list[str]]]:
    if not path.exists():
        problems.append(f"{path.name}: is missing; create it with a header line")
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines[1:], start=2):
        where = f"{path.name}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != columns:
            problems.append(f"{where}: has {len(cells)} columns; write {columns}, tabs between")
            continue
        yield where, cells


def _rows(path: Path, problems: list[str]) -> Iterator[Row]:
    for where, cells in _lines(path, len(COLUMNS), problems):
        id_, name, parents, same, narrower, flags = cells
        flag_set = frozenset(_items(flags, where, "flags", problems))
        problems.extend(
            f"{where}: flag {flag!r} is unknown; use {', '.join(sorted(FLAGS))}"
            for flag in sorted(flag_set - FLAGS)
        )
        if not _ID.fullmatch(id_):
            problems.append(f"{where}: id {id_!r} is no slug; write a-z, 0-9 and single hyphens")
        if not name:
            problems.append(f"{where}: name is empty; write the usual name")
        is_category = "category" in flag_set
        if is_category and (same or narrower):
            problems.append(f"{where}: a category has forms; move them to a position")
        forms: list[tuple[str, SenseKind, bool]] = []
        if not is_category:
            cells_of: tuple[tuple[SenseKind, list[str]], ...] = (
                ("same", [name, *_items(same, where, "same", problems)]),
                ("narrower", _items(narrower, where, "narrower", problems)),
            )
            forms = [
                (_form(item, where, problems), kind, item.startswith("&"))
                for kind, items in cells_of
                for item in items
                if item
            ]
        yield Row(
            where,
            path.stem,
            id_,
            name.removeprefix("&"),
            tuple(_items(parents, where, "parents", problems)),
            tuple(forms),
            flag_set,
        )


def _words(path: Path, problems: list[str]) -> Iterator[Word]:
    for where, (word, reason) in _lines(path, 2, problems):
        if not reason:
            problems.append(f"{where}: reason is empty; say why {word!r} is listed")
        yield Word(where, _form(word, where, problems), reason)


def _items(cell: str, where: str, column: str, problems: list[str]) -> list[str]:
    if not cell:
        return []
    items = [item.strip() for item in cell.split("|")]
    if not all(items):
        problems.append(f"{where}: {column} has an empty entry; remove the extra |")
    return [item for item in items if item]


def _form(item: str, where: str, problems: list[str]) -> str:
    spelling = normalize_query(item.removeprefix("&"))
    if not spelling:
        problems.append(f"{where}: form {item!r} is empty once normalised; remove it")
    elif _PUNCTUATION.search(spelling):
        problems.append(
            f"{where}: form {item!r} holds punctuation; no form crosses a clause border"
        )
    return spelling
