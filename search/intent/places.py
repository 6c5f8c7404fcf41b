"""Places in a query that no dictionary lists by themselves: streets, towns, roads, stations."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from functools import cache

from enrich.tags import streets
from enrich.tags.places import find_places
from enrich.tags.spans import Found
from search.intent.dictionaries import SKILL, SPEAKS
from search.intent.model import Candidate

STREETS, ROADS = "dictionary:streets", "rule:places"
_LONGEST = 6
_LINE = re.compile(
    r"(?:地铁)?\d{1,2}号线|(?:(?![招找个在到去有想做的近离])[\u4e00-\u9fff]){2}(?:高铁站|火车站|机场)|(?:高铁|火车|[东西南北])站(?![长员台])"
)
_TOWN = re.compile(
    r"(?<![^\s,、/])[\u4e00-\u9fff]{2,4}(?:大道|大街|路|街道|广场|大厦|工业园区?|科技园区?|产业园区?|软件园|开发区|新村|社区|古镇|机场|火车站|高铁站)"
)

_ROAD = re.compile("[东西南北中]?(?:路(?![演桥政由])|大道|大街)")
"""Behind a place these make a street's name: 南京路."""
_ASKING = re.compile("[招找]")
_AMOUNT = re.compile("[一二两三四五六七八九十百千万]+")
_BEHIND = re.compile(r"方言|口音|[话语](?:好|流利)?|菜系?")
_BORDER = re.compile(r"$|[\s的、,/和或]")


def find_speech_and_food(
    text: str, named: Iterable[Candidate], starts: Container[int]
) -> Iterator[Candidate]:
    """Yield what is only named after a place: 会四川话 and 四川菜 are asked for anywhere.

    Args:
        text: the normalised query.
        named: places in it.
        starts: where known words begin; elsewhere 香港话 is no word of 香港话题.
    """
    for place in named:
        behind = _BEHIND.match(text, place.end)
        if behind is None:
            continue
        end = behind.end()
        if not (_BORDER.match(text, end) or end in starts):
            continue
        food = behind[0].startswith("菜")
        before = "" if food else text[: place.start]
        said = max((len(verb) for verb in SPEAKS if before.endswith(verb)), default=0)
        start = place.start - said
        yield Candidate(start, end, "generic", text[start:end], ROADS if food else SKILL, 1.1)


def find_streets(text: str, named: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield streets and towns: with their suffix, right behind a named place, or as a token."""
    for item in streets.full_names(text):
        yield Candidate(
            item.start, item.end, "location", text[item.start : item.end], STREETS, 0.97
        )
    places = [Found(place.start, place.end, None) for place in named]
    for item in streets.stems_behind(text, places):
        yield Candidate(
            item.start, item.end, "location", text[item.start : item.end], STREETS, 0.93
        )
    for place in places:
        if behind := _ROAD.match(text, place.end):
            yield _street(text, place.start, behind.end(), 0.95)
    yield from _at_ends(text)
    for match in _LINE.finditer(text):
        yield Candidate(*match.span(), "location", match[0], ROADS, 0.9)
    for match in _TOWN.finditer(text):
        if _ASKING.search(match[0]):
            continue
        yield Candidate(*match.span(), "location", match[0], ROADS, 0.72)


def _at_ends(text: str) -> Iterator[Candidate]:
    """Yield streets and towns that begin a token."""
    for match in re.finditer(r"\S+", text):
        start = match.start()
        for length in range(min(_LONGEST, len(match[0])), 1, -1):
            stem = text[start : start + length]
            if stem in _stems() and not _AMOUNT.fullmatch(stem):
                yield Candidate(start, start + length, "location", stem, STREETS, 0.7)
                break


def find_last_towns(text: str, found: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield streets and towns that end a token right behind what is asked for: 电子厂|梅李.

    They count little: only where nothing else is known.

    Args:
        text: the normalised query.
        found: what is known in it.
    """
    behind = {item.end for item in found if item.attribute != "generic"}
    for match in re.finditer(r"\S+", text):
        for length in (3, 2):
            start, stem = match.end() - length, match[0][-length:]
            if start in behind and stem in _stems() and not _AMOUNT.fullmatch(stem):
                yield _street(text, start, match.end(), 0.3)


def _street(text: str, start: int, end: int, weight: float) -> Candidate:
    return Candidate(start, end, "location", text[start:end], STREETS, weight)


def find_roads(text: str) -> Iterator[Candidate]:
    """Yield roads, stations and parks as posts write them."""
    for item in find_places(text):
        if _ASKING.search(text, item.start, item.end):
            continue  # 现在招|社区
        yield Candidate(item.start, item.end, "location", text[item.start : item.end], ROADS, 0.85)


def is_stem(word: str) -> bool:
    """Tell whether a word is the name of a street or town without its ending."""
    return word in _stems()


@cache
def _stems() -> frozenset[str]:
    return frozenset(streets.load().within)
