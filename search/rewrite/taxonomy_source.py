"""The taxonomy as a source of rewrites: what names are to each other, what a name expands to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from enrich.taxonomy import Taxonomy
from search.rewrite.combine import Fit
from search.rewrite.model import Kind
from search.rewrite.naming import Name, Namer
from search.rewrite.relations import WORDS, Pair, Relation, Relations

_LEARNER = re.compile(r"(?:学徒工?|徒弟|助理|助手|小工|实习生|练习生|学员)$")
"""Who learns a position or helps in it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a candidate is to a query; ``relation`` None: one of them is no known position."""

    relation: Relation | None
    fit: Fit
    why: str = ""

    @property
    def kind(self) -> Kind:
        """What the candidate is, as others see it."""
        if self.relation in {Relation.SAME, Relation.KIND}:
            same = self.relation is Relation.SAME and self.fit is not Fit.MORE
            return Kind.SAME if same else Kind.NARROWER
        return Kind.RELATED


@dataclass(frozen=True, slots=True)
class Offer:
    """A name that the taxonomy offers for a query, and the ids that it stands for."""

    text: str
    finding: Finding
    positions: tuple[str, ...]


class TaxonomySource:
    """Tells what the taxonomy knows of pairs and names."""

    def __init__(
        self, taxonomy: Taxonomy, namer: Namer, verdicts: Mapping[Pair, bool] | None = None
    ) -> None:
        """Use a taxonomy, the reader of names and the judged pairs of positions."""
        self._taxonomy = taxonomy
        self._namer = namer
        self._verdicts = dict(verdicts or {})
        self._relations = Relations(taxonomy, self._verdicts)

    def compare(self, query: Name, candidate: Name) -> Finding:
        """Return what a candidate is to a query."""
        if query.text == candidate.text:
            return Finding(Relation.SAME, Fit.EQUAL, "the same words")
        fit = fit_of(query, candidate)
        found = self._relations.between(query, candidate)
        if found is None:
            return Finding(None, fit)
        relation, one, _ = found
        if relation in _ABOVE and candidate.places and fit is not Fit.EQUAL:
            # 商店店员 for 药店店员: 店员 of another place.
            relation = Relation.SIBLING
        if relation not in _DECIDED and self._learns(query, candidate):
            relation = Relation.ASSISTANT
        name = self._taxonomy.position(one).name
        return Finding(relation, fit, WORDS[relation].format(name))

    def offers(self, query: Name) -> Iterator[Offer]:
        """Yield what a name expands to: its other names, then narrower and related positions."""
        for id_ in query.positions:
            for form in self._taxonomy.forms_of(id_):
                candidate = self._namer.read(form)
                if id_ in candidate.positions:
                    yield Offer(form, self.compare(query, candidate), (id_,))
        for id_ in dict.fromkeys(self._others(query)):
            name = self._taxonomy.position(id_).name
            yield Offer(name, self.compare(query, self._namer.read(name)), (id_,))

    def _others(self, query: Name) -> Iterator[str]:
        """Yield the ids of the positions that may be narrower or related."""
        for id_ in query.positions:
            yield from sorted(self._taxonomy.descendants(id_))
        for id_ in query.positions + query.wider:
            yield from (one.other for one in self._taxonomy.related(id_))
            yield from sorted(other for one, other in self._verdicts if one == id_)

    def _learns(self, query: Name, candidate: Name) -> bool:
        """Tell whether the candidate learns or assists what the query names: 凉菜学徒."""
        bare = _LEARNER.sub("", candidate.text)
        if bare == candidate.text or len(bare) < 2 or _LEARNER.search(query.text):
            return False
        relation = self._relations.between(query, self._namer.read(bare))
        return relation is not None and relation[0] in {Relation.SAME, Relation.KIND}


_ABOVE = frozenset({Relation.BROADER, Relation.GENERIC})
_DECIDED = frozenset(
    {Relation.SAME, Relation.KIND, Relation.ASSISTANT, Relation.NEAR, Relation.REFUSED}
)


def fit_of(query: Name, candidate: Name) -> Fit:
    """Return how the words that narrow two names agree; what the other name says too is no more."""
    more = any(word not in query.text for word in candidate.extra)
    less = any(word not in candidate.text for word in query.extra)
    if more and less:
        return Fit.OTHER
    return Fit.MORE if more else Fit.LESS if less else Fit.EQUAL
