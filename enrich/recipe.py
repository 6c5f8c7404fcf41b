"""The recipe: an immutable value that names everything an enrichment depends on."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from enrich.post import digest


@dataclass(frozen=True, slots=True)
class Recipe:
    """Digests of the four parts; only ``vector_space`` gates kNN.

    ``reality``: weights, number format, thresholds. ``taxonomy``: the compiled artefact.
    ``rules``: the code and dictionaries of this room. ``vector_space``: what vectors mean.
    """

    reality: str
    taxonomy: str
    rules: str
    vector_space: str

    @property
    def digest(self) -> str:
        """The digest that is stamped in every document."""
        return digest(asdict(self))


@cache
def rules_digest() -> str:
    """Digest the sources and dictionaries of this room, so that no change can be forgotten."""
    room = Path(__file__).parent
    total = hashlib.sha256()
    for path in sorted(p for suffix in ("*.py", "*.tsv") for p in room.rglob(suffix)):
        total.update(path.relative_to(room).as_posix().encode() + path.read_bytes())
    return total.hexdigest()[:16]
