"""Names composed of a deciding part and a head: 英语 or 日语, with 老师 or 翻译.

Two names with the same head and other deciding parts are two jobs, however alike they look; two
spellings of one part or of one head are one job.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from enrich.text import normalize_query

DATA = Path(__file__).parent / "data"


class SlotError(ValueError):
    """A file of slots is wrong; the message names the file, the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Composed:
    """One job: its names, and which deciding part of which family stands before which head."""

    family: str
    value: str
    head: str
    names: tuple[str, ...]


def composed(folder: Path = DATA) -> tuple[Composed, ...]:
    """Return every composition of ``slots.tsv`` and ``heads.tsv``, names normalised.

    Raises:
        SlotError: a line is malformed, or a family stands in one of the files only.
    """
    values = _read(folder / "slots.tsv")
    heads = _read(folder / "heads.tsv")
    for family in sorted(values.keys() ^ heads.keys()):
        raise SlotError(f"{folder}: family {family!r} needs a line in slots.tsv and in heads.tsv")
    found = []
    for family, groups in values.items():
        for head in heads[family]:
            for pattern in head:
                if pattern.count("{}") != 1:
                    raise SlotError(
                        f"{folder / 'heads.tsv'}: {pattern!r} of {family!r} needs one {{}}"
                    )
            for value in groups:
                names = (pattern.replace("{}", v) for v in value for pattern in head)
                unique = dict.fromkeys(normalize_query(name) for name in names)
                found.append(Composed(family, value[0], head[0], tuple(unique)))
    return tuple(found)


def _read(path: Path) -> dict[str, list[list[str]]]:
    """Return for each family its groups of spellings."""
    found: dict[str, list[list[str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), start=1):
            if number == 1:
                continue
            if len(row) != 2 or not all(row):
                raise SlotError(f"{path}:{number}: write a family, a tab, and its groups")
            if row[0] in found:
                raise SlotError(f"{path}:{number}: {row[0]!r} stands twice; join the lines")
            found[row[0]] = [group.split("|") for group in row[1].split()]
    return found
