"""Judged pairs of positions: which relation of the taxonomy does not make an expansion, or does.

``data/verdicts.tsv`` holds ``query candidate verdict``: ids of positions and one of ``refuse`` and
``accept`` (both directions), ``refuse-this`` and ``accept-this`` (only from query to candidate).
The file is query-side: it changes no document and no recipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

FILE = "verdicts.tsv"
HEADER = ("query", "candidate", "verdict")
_VERDICTS = {"refuse": (False, True), "accept": (True, True)} | {
    "refuse-this": (False, False),
    "accept-this": (True, False),
}
Pair = tuple[str, str]


class VerdictError(ValueError):
    """The file of verdicts is malformed; names line and remedy."""


@cache
def shipped() -> Mapping[Pair, bool]:
    """Return the verdicts that ship with the package."""
    text = resources.files("search.rewrite").joinpath("data", FILE).read_text("utf-8")
    return read(text, FILE)


def load(path: Path) -> Mapping[Pair, bool]:
    """Return the verdicts of a file.

    Raises:
        VerdictError: a line is malformed, or two disagree.
    """
    return read(path.read_text("utf-8"), str(path))


def read(text: str, source: str) -> Mapping[Pair, bool]:
    """Return the verdicts of a text by (query, candidate); ``source`` is for messages.

    Raises:
        VerdictError: a line is malformed, or two disagree.
    """
    found: dict[Pair, bool] = {}
    header = False
    for number, line in enumerate(text.splitlines(), start=1):
        cells = tuple(line.split("\t"))
        if not line.strip() or line.startswith("#"):
            continue
        if not header:
            if cells != HEADER:
                raise VerdictError(f"{source}:{number}: is no header; write: {' '.join(HEADER)}")
            header = True
            continue
        if len(cells) != len(HEADER) or cells[2] not in _VERDICTS:
            known = ", ".join(_VERDICTS)
            raise VerdictError(f"{source}:{number}: write two ids and one of {known}, tabs between")
        one, other, word = cells
        verdict, both = _VERDICTS[word]
        for pair in ((one, other), (other, one))[: 1 + both]:
            if found.setdefault(pair, verdict) is not verdict:
                raise VerdictError(f"{source}:{number}: contradicts a line before; keep one")
    return MappingProxyType(found)
