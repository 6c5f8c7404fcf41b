"""What a candidate's position is to the query's, as the taxonomy has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from enrich.taxonomy import Role, Taxonomy
from search.rewrite.naming import Name


class Relation(StrEnum):
    """What a candidate's position is to the query's; the closest first."""

    SAME = "same"
    KIND = "kind"
    ASSISTANT = "assistant"
    NEAR = "near"
    SPECIAL = "special"
    BROADER = "broader"
    GENERIC = "generic"
    SENIOR = "senior"
    JUNIOR = "junior"
    ASSISTED = "assisted"
    SIBLING = "sibling"
    GROUP = "group"
    SECTOR = "sector"
    FAR = "far"
    REFUSED = "refused"


WORDS: Mapping[Relation, str] = MappingProxyType(
    {
        Relation.SAME: "another name of {}",
        Relation.KIND: "a kind of {}",
        Relation.ASSISTANT: "assistant of {}",
        Relation.NEAR: "near {}",
        Relation.SPECIAL: "what {} is a kind of",
        Relation.BROADER: "broader than {}",
        Relation.GENERIC: "only a rank or a general word beside {}",
        Relation.SENIOR: "senior of {}",
        Relation.JUNIOR: "junior of {}",
        Relation.ASSISTED: "assisted by {}",
        Relation.SIBLING: "another kind of what {} is",
        Relation.GROUP: "another position in the group of {}",
        Relation.SECTOR: "another position in the sector of {}",
        Relation.FAR: "far from {}",
        Relation.REFUSED: "never taken for {}",
    }
)
"""How each is told; the name of the query's position is put in."""

# From what the query's position is to the other one.
_ROLES: Mapping[Role, Relation] = MappingProxyType(
    {
        "near": Relation.NEAR,
        "assisted-by": Relation.ASSISTANT,
        "junior-of": Relation.SENIOR,
        "senior-of": Relation.JUNIOR,
        "assistant-of": Relation.ASSISTED,
    }
)
_ORDER = {relation: number for number, relation in enumerate(Relation)}
_GENERIC = "cat-generic"

Pair = tuple[str, str]


class Relations:
    """Tells relations of one taxonomy."""

    def __init__(self, taxonomy: Taxonomy, verdicts: Mapping[Pair, bool] | None = None) -> None:
        """Use a taxonomy.

        Args:
            taxonomy: the positions and their relations.
            verdicts: pairs of ids (query, candidate) that were judged: whether one may stand for
                the other; they win over the taxonomy's relations other than same and kind.
        """
        self._taxonomy = taxonomy
        self._verdicts = verdicts or {}

    def between(self, query: Name, candidate: Name) -> tuple[Relation, str, str] | None:
        """Return the closest relation with the query's and the candidate's id; None if unknown."""
        found = [
            (
                self._of(one, other, narrowed=(one in query.wider, other in candidate.wider)),
                one,
                other,
            )
            for one in query.positions + query.wider
            for other in candidate.positions + candidate.wider
        ]
        return min(found, key=lambda item: _ORDER[item[0]], default=None)

    def _of(self, query: str, candidate: str, *, narrowed: tuple[bool, bool]) -> Relation:
        """Return what a position is to another; ``narrowed``: a kind of it without an entry."""
        of_query, of_candidate = narrowed
        if query == candidate:
            if not of_query:
                return Relation.KIND if of_candidate else Relation.SAME
            return Relation.SIBLING if of_candidate else Relation.SPECIAL
        if candidate in self._taxonomy.descendants(query):
            return Relation.SIBLING if of_query else Relation.KIND
        verdict = self._verdicts.get((query, candidate))
        if verdict is not None:
            return Relation.NEAR if verdict else Relation.REFUSED
        roles = [
            _ROLES[one.role] for one in self._taxonomy.related(query) if one.other == candidate
        ]
        closest = min(roles, key=_ORDER.__getitem__, default=Relation.FAR)
        if closest is Relation.NEAR and self._generic(candidate) and not self._generic(query):
            return Relation.GENERIC
        return closest if roles else self._distant(query, candidate)

    def _distant(self, query: str, candidate: str) -> Relation:
        taxonomy = self._taxonomy
        above = taxonomy.ancestors(query)
        if candidate in above:
            return Relation.GENERIC if self._generic(candidate) else Relation.BROADER
        if self._own(above) & self._own(taxonomy.ancestors(candidate)):
            return Relation.SIBLING
        sector, group = taxonomy.path(query)
        other_sector, other_group = taxonomy.path(candidate)
        if group == other_group:
            return Relation.GROUP
        return Relation.SECTOR if sector == other_sector else Relation.FAR

    def _own(self, ids: Iterable[str]) -> set[str]:
        """Leave out what says nothing of the trade: 工程师, 助理."""
        return {id_ for id_ in ids if not self._generic(id_)}

    def _generic(self, id_: str) -> bool:
        return self._taxonomy.path(id_)[0].id == _GENERIC
