"""Queries that `bench/searching.py` asks, by kind, made of known words."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from enrich.taxonomy import Taxonomy
from labels.queries.generate import Generator
from labels.queries.words import pool, words_of

Kind = str
FILE = "file"
SHARES: Mapping[Kind, float] = {
    "position": 0.35,
    "place": 0.25,
    "wish": 0.2,
    "anything": 0.2,
}
"""A position alone; with a place; with a wish or two; whatever the tagger is trained on."""
_PAY = ("4000以上", "5000", "6000-8000", "月薪8000", "200一天", "3000左右")
_CITIES = (
    *("北京", "上海", "广州", "深圳", "武汉", "长沙", "成都", "杭州", "苏州", "东莞"),
    *("天津", "重庆", "西安", "郑州", "南京", "合肥", "青岛", "厦门", "佛山", "宁波"),
)
_USUAL = 0.7
"""Share of the positions that many seek; the others are any of the taxonomy's usual names."""
_BLANK = 0.5


def queries(count: int, seed: int, taxonomy: Taxonomy) -> list[tuple[Kind, str]]:
    """Return so many different queries with their kinds, mixed; equal seeds give equal queries."""
    rng = random.Random(seed)
    words = words_of(taxonomy)
    anything = Generator(words, seed)

    def position() -> str:
        return rng.choice(pool("common positions") if rng.random() < _USUAL else words.positions)

    def wish() -> str:
        kind = rng.random()
        return rng.choice(_PAY if kind < 0.4 else words.benefits if kind < 0.7 else words.job_types)

    def joined(*parts: str) -> str:
        return (" " if rng.random() < _BLANK else "").join(parts)

    def placed() -> str:
        place = rng.choice(_CITIES if rng.random() < 0.6 else words.places)
        return joined(place, position()) if rng.random() < 0.7 else joined(position(), place)

    def wished() -> str:
        more = (wish(),) if rng.random() < 0.3 else ()
        return joined(position(), wish(), *more)

    makers: Mapping[Kind, Callable[[], str]] = {
        "position": position,
        "place": placed,
        "wish": wished,
        "anything": lambda: next(anything.queries(1)).query,
    }
    found: dict[str, Kind] = {}
    while len(found) < count:
        (kind,) = rng.choices(list(SHARES), list(SHARES.values()))
        found.setdefault(makers[kind](), kind)
    return [(kind, query) for query, kind in found.items()]


def from_file(path: Path) -> list[tuple[Kind, str]]:
    """Return the queries of a file, one a line, each once.

    Raises:
        SystemExit: it holds none.
    """
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    found = [(FILE, line) for line in dict.fromkeys(lines) if line]
    if not found:
        raise SystemExit(f"{path}: holds no query; write one a line")
    return found
