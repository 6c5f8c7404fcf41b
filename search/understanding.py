"""One query, understood: its intents, what becomes of each, its rewrites. Nothing else decides.

Channels turn an ``Understanding`` into what they ask the index, people see it in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from search.conditions import AnyOf, Boost, Condition, Held
from search.index import FilterQuery, Filters, Query
from search.intent.model import Attribute, Intent
from search.needs import Asked
from search.query import Part, intent_query, text_query
from search.rewrite.model import Rewritten
from search.rule import RELAX_ORDER, Use

MOST_STEPS = 12
"""Single conditions that are given up one by one; of longer queries whole attributes are."""


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

    def wider(self) -> Need:
        """Return the need of the wider places."""
        return replace(self, asked=Asked(self.asked.wider))

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
class GivenUp:
    """What was given up for lack of answers; ``instead``: the wider places that are asked now."""

    attribute: Attribute
    texts: tuple[str, ...]
    instead: tuple[str, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        found: dict[str, Any] = {"attribute": self.attribute, "texts": list(self.texts)}
        return found | ({"instead": list(self.instead)} if self.instead else {})


@dataclass(frozen=True, slots=True)
class Step:
    """What is given up at once, by number; needs that are ``widened`` ask for wider places."""

    given_up: GivenUp
    needs: frozenset[int] = frozenset()
    parts: frozenset[int] = frozenset()
    widened: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Understanding:
    """A query with all that was understood and decided.

    ``parts``: words and positions that must match. ``meaning``: what the vector is made of,
    ``stands_for``: attributes whose conditions it asks itself.
    ``hints``: words that only add to the score.
    ``relaxed``: what was given up. ``literal``: nothing is, the words are taken as they stand.
    """

    query: str
    parts: tuple[Part, ...] = ()
    intents: tuple[Intent, ...] = ()
    needs: tuple[Need, ...] = ()
    rewrites: tuple[Rewritten, ...] = ()
    hints: tuple[AnyOf, ...] = ()
    meaning: str = ""
    stands_for: tuple[Attribute, ...] = ()
    boost: float = 0.0
    relaxed: tuple[GivenUp, ...] = ()
    literal: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is asked at all."""
        return not self.parts and not any(need.filters for need in self.needs)

    @property
    def positions(self) -> tuple[str, ...]:
        """The positions that must match, by their ids."""
        return tuple(dict.fromkeys(id_ for part in self.parts for id_ in part.positions))

    @property
    def drawn_to(self) -> tuple[str, ...]:
        """The positions whose names draw the vector; a literal query is nothing but its words."""
        return () if self.literal else self.positions

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

    def near_conditions(self, explicit: Filters | None = None) -> Filters | None:
        """Return the filters of the vector channel: all but those that the vector itself asks.

        A post that names an asked position without hiring for it is refused, however near it is,
        and so is one that denies what is asked: 不包住. Not where two positions or kinds of work
        are asked: it may be right for the other one.
        """
        found = self.near().conditions(explicit)
        refused: list[Condition] = []
        if len([part for part in self.parts if part.positions]) == 1:
            refused.append(Held("named", self.positions))
        if wanted := tuple(self._stood_for()):
            refused.append(Held("denied", wanted))
        if not refused:
            return found
        given = found or Filters()
        return replace(given, must_not=(*given.must_not, *refused))

    def _stood_for(self) -> Iterator[str]:
        """Yield the values that the vector asks itself instead of conditions."""
        for attribute in self.stands_for:
            asked = (n for n in self.needs if n.attribute == attribute and n.use != "ignore")
            found = {str(one.value) for need in asked for one in need.intents if not one.negated}
            if attribute != "job_type" or len(found) == 1:
                yield from sorted(found)

    def near(self) -> Understanding:
        """Return the same without the conditions that the vector itself asks."""
        kept = (n for n in self.needs if n.refuses or n.attribute not in self.stands_for)
        return replace(self, needs=tuple(kept))

    def refusals(self) -> Understanding:
        """Return the same with nothing asked but what it refuses."""
        return replace(self, needs=tuple(need for need in self.needs if need.refuses))

    def text(self) -> Query | None:
        """Return what the text channel asks; None where nothing is asked."""
        if not self.parts:
            return None if self.is_empty else FilterQuery(self.boosts)
        return text_query(self.parts, self.boosts, either=not self.literal)

    def intent(self) -> Query | None:
        """Return what the intent channel asks; None where it knows no position and no filter."""
        if not self.parts:
            return self.text()
        return intent_query(self.parts, self.boosts, either=not self.literal)

    def steps(self) -> tuple[Step, ...]:
        """Return what can be given up, first to last; without all of it nothing may be asked."""
        if self.literal:
            return ()
        order: list[Step] = []
        for attribute in RELAX_ORDER:
            needs = [
                number
                for number, need in enumerate(self.needs)
                if need.attribute == attribute and need.filters and not need.refuses
            ]
            parts = [n for n, part in enumerate(self.parts) if part.attribute == attribute]
            # What stands last in the query is given up first.
            order += [self._widened(n) for n in reversed(needs) if self.needs[n].asked.wider]
            order += [self._step(attribute, frozenset({n}), frozenset()) for n in reversed(needs)]
            order += [self._step(attribute, frozenset(), frozenset({n})) for n in reversed(parts)]
        if len(order) > MOST_STEPS:
            order = [self._joined(a, order) for a in dict.fromkeys(_attributes(order))]
        return tuple(order)

    def without(self, steps: Sequence[Step]) -> Understanding:
        """Return the same with some things given up; refusals and positions stay."""
        needs = frozenset[int]().union(*(step.needs for step in steps))
        parts = frozenset[int]().union(*(step.parts for step in steps))
        widened = frozenset[int]().union(*(step.widened for step in steps))
        # Words that hold a position (会计报表) ask for that in the end.
        kept = (part.instead if n in parts else part for n, part in enumerate(self.parts))
        told = (step.given_up for step in steps if not step.widened or step.widened - needs)
        return replace(
            self,
            parts=tuple(dict.fromkeys(part for part in kept if part is not None)),
            needs=tuple(
                need.wider() if n in widened else need
                for n, need in enumerate(self.needs)
                if n not in needs
            ),
            relaxed=(*self.relaxed, *told),
        )

    def _widened(self, number: int) -> Step:
        need = self.needs[number]
        texts = tuple(intent.text for intent in need.intents)
        given_up = GivenUp(need.attribute, texts, need.asked.around)
        return Step(given_up, widened=frozenset({number}))

    def _step(self, attribute: Attribute, needs: frozenset[int], parts: frozenset[int]) -> Step:
        texts = [intent.text for n in sorted(needs) for intent in self.needs[n].intents]
        texts += [self.parts[n].text for n in sorted(parts)]
        return Step(GivenUp(attribute, tuple(texts)), needs, parts)

    def _joined(self, attribute: Attribute, steps: Sequence[Step]) -> Step:
        some = [step for step in steps if step.given_up.attribute == attribute]
        needs = frozenset[int]().union(*(step.needs for step in some))
        return self._step(attribute, needs, frozenset[int]().union(*(s.parts for s in some)))

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
            "relaxed": [one.to_mapping() for one in self.relaxed],
        }
        if explain:
            found["rewrites"] = [one.to_mapping() for one in self.rewrites]
            found["meaning"] = self.meaning
        return found


def _attributes(steps: Iterable[Step]) -> Iterator[Attribute]:
    return (step.given_up.attribute for step in steps)
