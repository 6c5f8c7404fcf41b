"""One query, understood: its intents, what becomes of each, its rewrites. Nothing else decides.

Channels turn an ``Understanding`` into what they ask the index, people see it in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from search.conditions import AnyOf, Boost, Condition
from search.index import FilterQuery, Filters, Query
from search.intent.model import Attribute, Intent
from search.needs import Asked
from search.query import Part, intent_query, text_query
from search.rewrite.model import Rewritten
from search.rule import RELAX_ORDER, Use

EITHER: Attribute = "position"
"""What stands for several positions among what was given up: any of them is enough then."""


@dataclass(frozen=True, slots=True)
class Need:
    """What parts of a query ask beside words and positions.

    ``use`` is ``ignore`` where nothing is asked; ``why`` says the reason.
    """

    attribute: Attribute
    intents: tuple[Intent, ...]
    use: Use
    asked: Asked

    @property
    def refuses(self) -> bool:
        """Tell whether it is a refusal, which is never given up."""
        return all(intent.negated for intent in self.intents)

    @property
    def filters(self) -> bool:
        """Tell whether posts must fulfil it."""
        return self.use == "filter" and bool(self.asked.groups or self.asked.refused)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        found: dict[str, Any] = {
            "attribute": self.attribute,
            "texts": [intent.text for intent in self.intents],
            "use": self.use,
        }
        if self.refuses:
            found["negated"] = True
        return found | ({"why": self.asked.why} if self.asked.why else {})


@dataclass(frozen=True, slots=True)
class Understanding:
    """A query with all that was understood and decided.

    ``parts``: words and positions that must match. ``meaning``: what the vector is made of.
    ``hints``: words that only add to the score. ``relaxed``: what was given up, nothing answering.
    """

    query: str
    intents: tuple[Intent, ...] = ()
    parts: tuple[Part, ...] = ()
    needs: tuple[Need, ...] = ()
    rewrites: tuple[Rewritten, ...] = ()
    hints: tuple[AnyOf, ...] = ()
    meaning: str = ""
    boost: float = 0.0
    relaxed: tuple[Attribute, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is asked at all."""
        return not self.parts and not any(need.filters for need in self.needs)

    @property
    def boosts(self) -> tuple[Boost, ...]:
        """What adds to the score: a post that states what is asked comes before a silent one."""
        wanted = [
            group for need in self.needs if need.use == "boost" for group in need.asked.groups
        ]
        stated = [
            group for need in self.needs if need.use == "filter" for group in need.asked.stated
        ]
        less = (*stated, *self.hints)
        found = [Boost(group, self.boost) for group in wanted]
        return (*found, *(Boost(group, self.boost / 4) for group in less))

    def conditions(self, explicit: Filters | None = None) -> Filters | None:
        """Return the filters of every channel: those that were given, and those understood."""
        must: list[AnyOf] = []
        must_not: list[Condition] = []
        for need in self.needs:
            if need.use == "filter":
                must += need.asked.groups
            if need.use != "ignore":
                must_not += need.asked.refused
        if not must and not must_not:
            return explicit
        given = explicit or Filters()
        return replace(given, must=(*given.must, *must), must_not=(*given.must_not, *must_not))

    def text(self) -> Query | None:
        """Return what the text channel asks; None where nothing is asked."""
        if not self.parts:
            return None if self.is_empty else FilterQuery(self.boosts)
        return text_query(self.parts, self.boosts, either=self._either)

    def intent(self) -> Query | None:
        """Return what the intent channel asks; None where it knows no position and no filter."""
        if not self.parts:
            return self.text()
        return intent_query(self.parts, self.boosts, either=self._either)

    @property
    def _either(self) -> bool:
        return EITHER in self.relaxed

    def steps(self) -> tuple[Attribute, ...]:
        """Return what can be given up, first to last; something is always still asked."""
        present = {need.attribute for need in self.needs if need.filters and not need.refuses}
        present |= {part.attribute for part in self.parts if part.attribute != EITHER}
        order = [name for name in RELAX_ORDER if name in present]
        if sum(part.attribute == EITHER for part in self.parts) > 1:
            order.append(EITHER)
        while order and self.without(order).is_empty:
            order.pop()
        return tuple(order)

    def without(self, attributes: Iterable[Attribute]) -> Understanding:
        """Return the same with some attributes given up; refusals and positions stay."""
        away = frozenset(attributes)
        if not away:
            return self
        # Words that hold a position (会计报表) ask for that in the end.
        kept = (part.instead if part.attribute in away - {EITHER} else part for part in self.parts)
        return replace(
            self,
            parts=tuple(dict.fromkeys(part for part in kept if part is not None)),
            needs=tuple(n for n in self.needs if n.refuses or n.attribute not in away),
            relaxed=tuple(name for name in (*RELAX_ORDER, EITHER) if name in away),
        )

    def to_mapping(self, *, explain: bool = False) -> dict[str, Any]:
        """Return the JSON form; ``explain`` adds the parts, and what found each intent."""
        found: dict[str, Any] = {
            "intents": [intent.to_mapping(explain=explain) for intent in self.intents],
            "needs": [need.to_mapping() for need in self.needs],
            "expansions": [
                {"of": one.query, **expansion.to_mapping()}
                for one in self.rewrites
                for expansion in one.expansions
            ],
            "relaxed": list(self.relaxed),
        }
        if explain:
            found["rewrites"] = [one.to_mapping() for one in self.rewrites]
            found["meaning"] = self.meaning
        return found
