"""What the taxonomy's data files hold, line by line, before it is compiled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from enrich.taxonomy import RelationKind, SenseKind

Action = Literal["rename", "add", "add-narrower", "remove", "move", "merge", "retire"]


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling (normalised) that a row lists; ``shared`` ones may stand at other rows too."""

    spelling: str
    kind: SenseKind
    shared: bool = False
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sector file: a sector, a group or a position."""

    where: str
    id: str
    name: str
    group: str
    broader: tuple[str, ...]
    forms: tuple[Form, ...]
    flags: frozenset[str]

    @property
    def is_category(self) -> bool:
        """Tell whether the row only orders the tree: a sector or a group."""
        return "category" in self.flags


@dataclass(frozen=True, slots=True)
class RelationRow:
    """One line of a relations file."""

    where: str
    position: str
    kind: RelationKind
    other: str


@dataclass(frozen=True, slots=True)
class Retired:
    """An id that was a position once, and the one that took over."""

    where: str
    id: str
    successor: str


@dataclass(frozen=True, slots=True)
class Word:
    """One line of a word list: the word and why it is there."""

    where: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an overlay's ``changes.tsv``."""

    where: str
    action: Action
    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """All data files of a folder as read, together with what is wrong in single lines."""

    rows: tuple[Row, ...] = ()
    relations: tuple[RelationRow, ...] = ()
    retired: tuple[Retired, ...] = ()
    ambiguous: tuple[Word, ...] = ()
    lookalikes: tuple[Word, ...] = ()
    query_only: tuple[Word, ...] = ()
    refused: tuple[Word, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def positions(self) -> tuple[Row, ...]:
        """The rows that are positions."""
        return tuple(row for row in self.rows if not row.is_category)


class SourceError(ValueError):
    """The data files hold problems; carries all of them."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Show the first few, keep all."""
        super().__init__("\n".join((*problems[:20], f"({len(problems)} problems)")))
        self.problems = problems
