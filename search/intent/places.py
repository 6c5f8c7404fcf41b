"""Places in a query that no dictionary lists by themselves: streets, towns, roads, stations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from enrich.tags import streets
from enrich.tags.places import find_places
from enrich.tags.spans import Found
from search.intent.dictionaries import GENERIC
from search.intent.model import Candidate

STREETS, ROADS = "dictionary:streets", "rule:places"
_LONGEST = 6
_LINE = re.compile(
    r"(?:地铁)?\d{1,2}号线|[\u4e00-\u9fff]{2}(?:高铁站|火车站|机场)|(?:高铁|火车|[东西南北])站(?![长员台])"
)
_TOWN = re.compile(
    r"(?<![^\s,、/])[\u4e00-\u9fff]{2,4}(?:大道|大街|路|街道|广场|大厦|工业园区?|科技园区?|产业园区?|软件园|开发区|新村|社区|古镇|机场|火车站|高铁站)"
)

_SPEAKS = re.compile(r"(?:会[说讲]?|[懂讲说])$")
_SPEECH = re.compile(r"(?:方言|口音|话(?![务剧费])|语(?![文言音数种]))")
_FOOD = re.compile(r"(?:菜系|菜(?![市场鸟农园地贩品单])|小吃|口味|风味|料理|特产)")


def find_speech_and_food(text: str, named: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield what is only named after a place: 会四川话 and 四川菜 are asked for anywhere."""
    for place in named:
        start = place.start
        if behind := _SPEECH.match(text, place.end):
            if before := _SPEAKS.search(text, 0, start):
                start = before.start()
            source = GENERIC
        elif behind := _FOOD.match(text, place.end):
            source = ROADS
        else:
            continue
        end = behind.end()
        yield Candidate(start, end, "generic", text[start:end], source, 1.1)


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
    for match in re.finditer(r"\S+", text):
        start = match.start()
        for length in range(min(_LONGEST, len(match[0])), 1, -1):
            stem = text[start : start + length]
            if stem in _stems():
                yield Candidate(start, start + length, "location", stem, STREETS, 0.7)
                break
    for match in _LINE.finditer(text):
        yield Candidate(*match.span(), "location", match[0], ROADS, 0.9)
    for match in _TOWN.finditer(text):
        yield Candidate(*match.span(), "location", match[0], ROADS, 0.72)


def find_roads(text: str) -> Iterator[Candidate]:
    """Yield roads, stations and parks as posts write them."""
    for item in find_places(text):
        yield Candidate(item.start, item.end, "location", text[item.start : item.end], ROADS, 0.85)


def is_stem(word: str) -> bool:
    """Tell whether a word is the name of a street or town without its ending."""
    return word in _stems()


@cache
def _stems() -> frozenset[str]:
    return frozenset(streets.load().within)
