"""The compiled taxonomy: positions, their forms and their ancestors, loaded from one artefact."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

ARTEFACT = Path(__file__).parent / "artefacts" / "taxonomy.json.gz"
"""The taxonomy that ships with the package; ``labels.taxonomy.compile`` writes it."""

FORMAT = 1
"""Version of the artefact's layout; another one is refused."""

SenseKind = Literal["same", "narrower"]


class TaxonomyError(ValueError):
    """A taxonomy artefact cannot be read; says which file and the remedy."""


@dataclass(frozen=True, slots=True)
class Position:
    """One position; ``parents`` are ids of broader positions, categories left out."""

    id: str
    name: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a form names: the position itself, or something narrower that has no entry."""

    position: str
    kind: SenseKind


@dataclass(frozen=True)
class Taxonomy:
    """Positions and their surface forms, all forms in normalised spelling.

    ``ambiguous`` forms are positions only in context; ``query_only`` ones are typed by people who
    look for a position, but are a skill or a field of work in posts (java, 产品): they have senses
    and the lexicon does not find them; ``lookalikes`` hold a form as part of other words.
    """

    digest: str
    positions: Mapping[str, Position]
    forms: Mapping[str, tuple[Sense, ...]]
    lookalikes: frozenset[str]
    ambiguous: frozenset[str]
    query_only: frozenset[str]

    @classmethod
    def load(cls, path: Path | None = None) -> Taxonomy:
        """Load an artefact, the shipped one by default.

        Raises:
            TaxonomyError: the file is missing, damaged or of another format.
        """
        path = ARTEFACT if path is None else path
        try:
            return cls.from_bytes(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError) as error:
            raise TaxonomyError(f"{path}: cannot be read ({error}); compile it again") from None

    @classmethod
    def from_bytes(cls, raw: bytes) -> Taxonomy:
        """Read an uncompressed artefact.

        Raises:
            ValueError: it is no JSON or of another format.
        """
        data = json.loads(raw)
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"is not of format {FORMAT}")
        return cls.from_mapping(data, digest_of(raw))

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], digest: str) -> Taxonomy:
        """Build a taxonomy from the artefact's decoded JSON."""
        positions = {
            id_: Position(id_, name, tuple(parents)) for id_, name, parents in data["positions"]
        }
        same: dict[str, Sense] = {id_: Sense(id_, "same") for id_ in positions}
        narrower: dict[str, Sense] = {id_: Sense(id_, "narrower") for id_ in positions}
        forms = {
            form: tuple((same if kind == "same" else narrower)[id_] for id_, kind in senses)
            for form, senses in data["forms"].items()
        }
        return cls(
            digest,
            MappingProxyType(positions),
            MappingProxyType(forms),
            frozenset(data["lookalikes"]),
            frozenset(data["ambiguous"]),
            frozenset(data["query_only"]),
        )

    def position(self, id_: str) -> Position:
        """Return a position.

        Raises:
            KeyError: there is no such position.
        """
        return self.positions[id_]

    def senses(self, form: str) -> tuple[Sense, ...]:
        """Return what a form (in normalised spelling) names; nothing for an unknown one."""
        return self.forms.get(form, ())

    def ancestors(self, id_: str) -> tuple[str, ...]:
        """Return the ids of all broader positions, nearest first."""
        found: dict[str, None] = {}
        queue = list(self.positions[id_].parents)
        for parent in queue:
            if parent not in found:
                found[parent] = None
                queue.extend(self.positions[parent].parents)
        return tuple(found)

    def forms_of(self, id_: str) -> tuple[str, ...]:
        """Return all forms that name a position or something narrower without an entry."""
        return self._forms_of.get(id_, ())

    @cached_property
    def _forms_of(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for form, senses in self.forms.items():
            for sense in senses:
                found.setdefault(sense.position, []).append(form)
        return {id_: tuple(forms) for id_, forms in found.items()}


def digest_of(raw: bytes) -> str:
    """Return the digest of an uncompressed artefact."""
    return hashlib.sha256(raw).hexdigest()[:16]
