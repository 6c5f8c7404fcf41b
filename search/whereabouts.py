"""Where a query wants the work to be: its places as conditions on the places that posts state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from search.conditions import AnyOf, Condition, Held
from search.divisions import Divisions, Place, lies_in
from search.facets import city_key
from search.intent.model import Intent
from search.needs import Asked, says
from search.regions import VAGUE

_OUTSIDE = "lies outside the city that was given"


@dataclass(frozen=True, slots=True)
class _Named:
    """A place of the query: what it may mean, and what around it the query names too."""

    intent: Intent
    places: tuple[Place, ...]
    around: tuple[Place, ...] = ()


def located(
    intents: Sequence[Intent], divisions: Divisions, city: str | None = None
) -> list[tuple[tuple[Intent, ...], Asked]]:
    """Return what the places of a query ask.

    A place in another one narrows it (北京 朝阳区: the 朝阳区 of 北京); places beside each other
    are alternatives (北京 上海). What is in no register must stand in the post.

    Args:
        intents: the places that are wanted.
        divisions: what names mean.
        city: a city that was given beside the query; places outside of it ask nothing.

    Returns:
        The intents with what they ask together; those that ask nothing with the reason.
    """
    found: list[tuple[tuple[Intent, ...], Asked]] = []
    named: list[_Named] = []
    given = divisions.find(city) if city else ()
    for intent in intents:
        name = str(intent.value or intent.text)
        places = divisions.find(name)
        if places and given:
            inside = _in_any(places, given)
            if not inside:
                found.append(((intent,), Asked(why=_OUTSIDE)))
                continue
            places = inside
        if places:
            named.append(_Named(intent, places))
        elif name in VAGUE:
            found.append(((intent,), Asked(why="depends on where the seeker is")))
        else:
            words = dict.fromkeys((says(name), says(intent.text)))
            found.append(((intent,), Asked(((Held("tag:location", (name,)), *words),))))
    if named:
        asked = _asked(_narrowed(named), divisions)
        # What is last is given up first: the place that a register knows stays longest.
        found.insert(0, (tuple(one.intent for one in named), asked))
    return found


def elsewhere(intent: Intent, divisions: Divisions) -> Asked:
    """Return what the refusal of a place asks."""
    places = divisions.find(str(intent.value or intent.text))
    if not places:
        return Asked(why="the place is in no register")
    return Asked(refused=_in(places, divisions))


def _narrowed(named: Sequence[_Named]) -> list[_Named]:
    """Return the places that hold no other one of the query, each within those that hold it."""
    leaves: list[_Named] = []
    for number, one in enumerate(named):
        others = [other for at, other in enumerate(named) if at != number]
        if any(_lies_in_other(other.places, one.places) for other in others):
            continue
        places = one.places
        above: tuple[Place, ...] = ()
        for other in others:
            inside = _in_any(places, other.places)
            if inside and other.places != places:
                above, places = other.places, inside
        leaves.append(_Named(one.intent, places, above))
    return leaves


def _lies_in_other(places: Sequence[Place], others: Sequence[Place]) -> bool:
    """Tell whether a name means something that lies in another one, below it."""
    return any(
        lies_in(place, other) and len(place) > len(other) for place in places for other in others
    )


def _in_any(places: Sequence[Place], others: Sequence[Place]) -> tuple[Place, ...]:
    return tuple(place for place in places if any(lies_in(place, other) for other in others))


def _asked(leaves: Sequence[_Named], divisions: Divisions) -> Asked:
    """Return what the places ask, and the cities around them where they are smaller."""
    groups = _groups(leaves, divisions)
    places = {place for leaf in leaves for place in leaf.places}
    cities = tuple(sorted({divisions.city_of(place) for place in places}))
    if places == set(cities):
        return Asked(groups)
    names = tuple(city[-1] for city in cities)
    return Asked(groups, wider=(_in(cities, divisions),), around=names)


def _groups(leaves: Sequence[_Named], divisions: Divisions) -> tuple[AnyOf, ...]:
    own = [_in(leaf.places, divisions, every=bool(leaf.around)) for leaf in leaves]
    groups = [tuple(one for conditions in own for one in conditions)]
    if any(leaf.around for leaf in leaves):
        # Other places have such names, so that what lies around must be stated too.
        within = [_in(leaf.around or leaf.places, divisions) for leaf in leaves]
        groups.append(tuple(one for conditions in within for one in conditions))
    return tuple(groups)


@lru_cache(maxsize=1000)
def _in(
    places: tuple[Place, ...], divisions: Divisions, *, every: bool = False
) -> tuple[Condition, ...]:
    cities = dict.fromkeys(filter(None, map(city_key, divisions.cities(places))))
    stated = Held("tag:location", divisions.names(places, every=every))
    return (stated, Held("city", tuple(cities))) if cities else (stated,)
