"""Places: what a name may mean, how each is written, and what lies in it.

A place is its path from the province down: (江苏省, 苏州市, 昆山市); below that a town or an area.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, cached_property

from enrich.tags import streets
from enrich.tags.streets import SUFFIXES
from enrich.tags.tables import forms, rows
from search.regions import REGIONS

Place = tuple[str, ...]

_TWO = ("新区", "地区", "林区", "特区")
_ONE = frozenset("省市区县盟旗")
_COUNTY = 3
"""Depth of a county in a city."""
_SHORTEST = 2


def lies_in(place: Place, other: Place) -> bool:
    """Tell whether a place is another one or lies in it."""
    return place[: len(other)] == other


class Divisions:
    """Looks names up in the dictionaries of places; build it once for many queries."""

    def __init__(self) -> None:
        """Read the register down to the county, and the areas of cities."""
        self._known = forms("places.tsv", "form", "use")
        self._rows: dict[Place, Mapping[str, str]] = {}
        inside: defaultdict[Place, dict[Place, None]] = defaultdict(dict)
        for row in rows("streets.tsv"):
            county = _path(row["province"], row["city"], row["district"])
            self._rows[county] = row
            for depth in range(1, len(county) + 1):
                inside[county[: depth - 1]][county[:depth]] = None
        self._inside = {place: tuple(found) for place, found in inside.items()}
        self._provinces: frozenset[str] = frozenset()
        self._provinces = frozenset(self._bare(place) for place in self._inside[()])
        named: defaultdict[str, dict[Place, None]] = defaultdict(dict)
        for places in self._inside.values():
            for place in places:
                for name in self._written(place):
                    named[name][place] = None
        self._named = {name: tuple(sorted(places)) for name, places in named.items()}

    def find(self, name: str) -> tuple[Place, ...]:
        """Return the places that a name may mean, none where it is in no dictionary.

        A division comes before an area of a city, that before a town.
        """
        found = set(self._named.get(name, ()))
        found.update(place for member in REGIONS.get(name, ()) for place in self._named[member])
        found.update(self._nicknames.get(name, ()))
        if not found:
            found.update(self._areas.get(name, ()))
        if not found:
            stem = _stem(name)
            found.update((*place, stem) for place in self._towns(stem))
        return tuple(sorted(found))

    def names(self, places: tuple[Place, ...], *, every: bool = False) -> tuple[str, ...]:
        """Return the names of places and of what lies in them.

        Args:
            places: what one name of a query means.
            every: also names that mean other places too; right where the place around is asked
                for as well.
        """
        own = dict.fromkeys(name for place in places for name in self._written(place))
        below = (name for place in places for name in self._names_below(place))
        return tuple(own | dict.fromkeys(n for n in below if every or self._only_in(n, places)))

    def city_of(self, place: Place) -> Place:
        """Return the city that a place lies in; a city, a province or a region is returned."""
        return place[: 1 if place[:1] in self._municipal else 2]

    def cities(self, places: tuple[Place, ...]) -> tuple[str, ...]:
        """Return those names down to the county that no other city or province bears."""
        every = (
            name
            for place in places
            if self._is_division(place)
            for one in (place, *self._below(place))
            for name in self._written(one)
        )
        return tuple(dict.fromkeys(name for name in every if self._no_other_city(name, places)))

    def _written(self, place: Place) -> tuple[str, ...]:
        """Return how a place is written: in full, and without the word for its kind."""
        full = place[-1]
        if not self._is_division(place):
            return (full, *(full + suffix for suffix in SUFFIXES.values()))
        bare = self._bare(place)
        return (full,) if bare == full else (full, bare)

    def _bare(self, place: Place) -> str:
        full = place[-1]
        if "自治" in full:
            cuts = range(len(full) - 1, 1, -1)
            bare = next((full[:cut] for cut in cuts if full[:cut] in self._known), full)
        elif full.endswith(_TWO):
            bare = full[:-2] if full[:-2] != _bare_city(place) else full
        else:
            bare = full[:-1] if full[-1] in _ONE else full
        # 河南 is the province, not the county 河南蒙古族自治县.
        other = len(place) > 1 and bare in self._provinces
        return full if other or len(bare) < _SHORTEST or bare not in self._known else bare

    def _is_division(self, place: Place) -> bool:
        return place in self._rows or place in self._inside

    def _below(self, place: Place) -> Iterator[Place]:
        for one in self._inside.get(place, ()):
            yield one
            yield from self._below(one)

    def _names_below(self, place: Place) -> Iterator[str]:
        for one in self._below(place):
            yield from self._written(one)
        if len(place) > 1 or place in self._rows or place in self._municipal:
            # Of a whole province the counties are enough.
            for one in (place, *self._below(place)):
                yield from self._town_names(one)
                yield from self._areas_in.get(one, ())

    def _town_names(self, place: Place) -> Iterator[str]:
        row = self._rows.get(place, {})
        for column, suffix in SUFFIXES.items():
            for stem in streets.cell(row.get(column, streets.NONE)):
                if stem in streets.load().within:
                    yield stem
                    yield stem + suffix
        yield from streets.cell(row.get("other", streets.NONE))

    def _towns(self, stem: str) -> tuple[Place, ...]:
        return tuple(_path(*above) for above in streets.load().within.get(stem, ()))

    def _only_in(self, name: str, places: tuple[Place, ...]) -> bool:
        meant = self.find(name)
        return all(any(lies_in(one, place) for place in places) for one in meant)

    def _no_other_city(self, name: str, places: tuple[Place, ...]) -> bool:
        return all(
            any(lies_in(one, place) for place in places)
            for one in self._named.get(name, ())
            if len(one) < _COUNTY
        )

    @cached_property
    def _municipal(self) -> frozenset[Place]:
        return frozenset(place for place in self._inside[()] if place[0].endswith("市"))

    @cached_property
    def _nicknames(self) -> dict[str, tuple[Place, ...]]:
        return {
            row["form"]: tuple(
                place for city in row["city"].split("|") for place in self._city(city)
            )
            for row in rows("areas.tsv")
            if row["kind"] == "nickname"
        }

    @cached_property
    def _areas(self) -> dict[str, tuple[Place, ...]]:
        found: dict[str, tuple[Place, ...]] = {}
        for row in rows("areas.tsv"):
            if row["kind"] != "area" or row["city"] == streets.NONE:
                continue
            above = [place for city in row["city"].split("|") for place in self._city(city)]
            districts = set(streets.cell(row["district"]))
            counties = [
                one
                for place in above
                for one in self._inside.get(place, ())
                if one[-1] in districts
            ]
            found[row["form"]] = tuple((*place, row["form"]) for place in counties or above)
        return found

    @cached_property
    def _areas_in(self) -> dict[Place, list[str]]:
        found: defaultdict[Place, list[str]] = defaultdict(list)
        for name, places in self._areas.items():
            for place in places:
                found[place[:-1]].append(name)
        return dict(found)

    def _city(self, name: str) -> list[Place]:
        """Return the city of a name; a county where no city has it."""
        found = self._named.get(name, ())
        least = min((len(place) for place in found), default=0)
        return [place for place in found if len(place) == least]


def _path(province: str, city: str, county: str) -> Place:
    """Return the path; a city that is its own province or county stands once."""
    return tuple(dict.fromkeys((province, city, county)))


def _bare_city(place: Place) -> str:
    return place[-2].removesuffix("市") if len(place) > 1 else ""


def _stem(name: str) -> str:
    for suffix in SUFFIXES.values():
        if name.endswith(suffix) and len(name) - len(suffix) >= _SHORTEST:
            return name.removesuffix(suffix)
    return name


@cache
def divisions() -> Divisions:
    """Return the divisions, built once a process."""
    return Divisions()
