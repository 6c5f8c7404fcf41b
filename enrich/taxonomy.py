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

FORMAT = 2
"""Version of the artefact's layout; another one is refused."""

SenseKind = Literal["same", "narrower"]
RelationKind = Literal["assistant-of", "senior-of", "near"]
Role = Literal["assistant-of", "assisted-by", "senior-of", "junior-of", "near"]

_INVERSE: Mapping[RelationKind, Role] = {
    "assistant-of": "assisted-by",
    "senior-of": "junior-of",
    "near": "near",
}


class TaxonomyError(ValueError):
    """A taxonomy artefact cannot be read; says which file and the remedy."""


@dataclass(frozen=True, slots=True)
class Category:
    """A sector (``parent`` is empty) or a group of positions (``parent`` is its sector)."""

    id: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Position:
    """One position, the group it stands in and the ids of the positions it is a kind of."""

    id: str
    name: str
    group: str
    broader: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sense:
    """What a form names: the position itself, or something narrower that has no entry."""

    position: str
    kind: SenseKind


@dataclass(frozen=True, slots=True)
class Related:
    """What one position is to another: 理发助理 is ``assistant-of`` 理发师."""

    role: Role
    other: str


@dataclass(frozen=True)
class Taxonomy:
    """Positions in a tree of sectors and groups, and their surface forms.

    All forms are in normalised spelling.
    ``ambiguous`` forms are positions only in context; ``query_only`` ones are typed by people who
    look for a position, but are a skill or a field of work in posts (java, 产品): they have senses
    and the lexicon does not find them; ``lookalikes`` hold a form as part of other words.
    ``retired`` leads from each id that is no position any more to the one that took over.
    """

    digest: str
    categories: Mapping[str, Category]
    positions: Mapping[str, Position]
    forms: Mapping[str, tuple[Sense, ...]]
    relations: tuple[tuple[str, RelationKind, str], ...]
    retired: Mapping[str, str]
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
        positions: dict[str, Position] = {}
        forms: dict[str, tuple[Sense, ...]] = {}
        for id_, name, group, broader, same, narrower in data["positions"]:
            positions[id_] = Position(id_, name, group, tuple(broader))
            # One tuple serves all forms of a position: loading is quick.
            forms.update(dict.fromkeys(same, (Sense(id_, "same"),)))
            forms.update(dict.fromkeys(narrower, (Sense(id_, "narrower"),)))
        for form, senses in data["shared"].items():
            forms[form] = tuple(Sense(id_, kind) for id_, kind in senses)
        return cls(
            digest,
            MappingProxyType({row[0]: Category(*row) for row in data["categories"]}),
            MappingProxyType(positions),
            MappingProxyType(forms),
            tuple(map(tuple, data["relations"])),
            MappingProxyType(data["retired"]),
            frozenset(data["lookalikes"]),
            frozenset(data["ambiguous"]),
            frozenset(data["query_only"]),
        )

    def position(self, id_: str) -> Position:
        """Return a position, for a retired id its successor.

        Raises:
            KeyError: there never was such a position.
        """
        return self.positions[self.current(id_)]

    def current(self, id_: str) -> str:
        """Return the successor of a retired id, any other id as it is."""
        return self.retired.get(id_, id_)

    def former(self, id_: str) -> tuple[str, ...]:
        """Return the retired ids that lead to a position: older documents still carry them."""
        return self._former.get(id_, ())

    def path(self, id_: str) -> tuple[Category, Category]:
        """Return the sector and the group that a position stands in.

        Raises:
            KeyError: there never was such a position.
        """
        group = self.categories[self.position(id_).group]
        return self.categories[group.parent], group

    def related(self, id_: str) -> tuple[Related, ...]:
        """Return what a position is to others, both directions of every relation."""
        return self._related.get(id_, ())

    def senses(self, form: str) -> tuple[Sense, ...]:
        """Return what a form (in normalised spelling) names; nothing for an unknown one."""
        return self.forms.get(form, ())

    def ancestors(self, id_: str) -> tuple[str, ...]:
        """Return the ids of all broader positions, nearest first."""
        found: dict[str, None] = {}
        queue = list(self.position(id_).broader)
        for broader in queue:
            if broader not in found:
                found[broader] = None
                queue.extend(self.positions[broader].broader)
        return tuple(found)

    def descendants(self, id_: str) -> frozenset[str]:
        """Return the ids of all positions that are a kind of this one, itself left out."""
        return self._descendants.get(self.current(id_), frozenset())

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

    @cached_property
    def _descendants(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for id_ in self.positions:
            for above in self.ancestors(id_):
                found.setdefault(above, set()).add(id_)
        return {id_: frozenset(below) for id_, below in found.items()}

    @cached_property
    def _former(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for old, current in self.retired.items():
            found.setdefault(current, []).append(old)
        return {id_: tuple(olds) for id_, olds in found.items()}

    @cached_property
    def _related(self) -> dict[str, tuple[Related, ...]]:
        found: dict[str, list[Related]] = {}
        for position, kind, other in self.relations:
            found.setdefault(position, []).append(Related(kind, other))
            found.setdefault(other, []).append(Related(_INVERSE[kind], position))
        return {id_: tuple(related) for id_, related in found.items()}


def digest_of(raw: bytes) -> str:
    """Return the digest of an uncompressed artefact."""
    return hashlib.sha256(raw).hexdigest()[:16]
