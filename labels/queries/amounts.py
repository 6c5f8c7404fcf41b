"""Pay, ages, schooling, experience and people, in the many ways that seekers write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from labels.queries.words import pool

_NUMERALS = "零一二三四五六七八九十"


def salary(rng: random.Random) -> str:
    """Return what somebody wants to be paid: 4000以上, 8-12k, 200一天, 月入过万, 高薪."""
    kind = rng.random()
    if kind < 0.32:
        yuan = rng.randrange(20, 300) * 100 if rng.random() < 0.8 else rng.randrange(2, 30) * 500
        return rng.choice(pool("pay leads")) + _written(yuan, rng) + rng.choice(pool("pay tails"))
    if kind < 0.52:
        low = rng.randrange(3, 25)
        return rng.choice(pool("pay ranges")).format(l=low, h=low + rng.randrange(1, 8))
    if kind < 0.75:
        return rng.choice(pool("pay by time")).format(
            d=rng.randrange(8, 60) * 10, h=rng.randrange(12, 80)
        )
    return rng.choice(pool("pay phrases"))


def age(rng: random.Random) -> str:
    """Return an age or a range: 40岁以上, 18-45岁, 五十多岁, 大龄."""
    low = rng.randrange(16, 66)
    kind = rng.random()
    if kind < 0.65:
        number = _numeral(low) if rng.random() < 0.12 else str(low)
        return number + (rng.choice(pool("age tails")) or "岁")
    if kind < 0.85:
        return f"{low}-{low + rng.randrange(5, 30)}{rng.choice(('岁', '周岁', '岁之间'))}"
    return rng.choice(pool("age phrases"))


def gender(rng: random.Random) -> str:
    """Return who is meant: 女, 男女不限, 宝妈."""
    return rng.choice(pool("people"))


def education(rng: random.Random) -> str:
    """Return a level of schooling: 大专以上, 学历不限."""
    if rng.random() < 0.22:
        return rng.choice(pool("level phrases"))
    return rng.choice(pool("levels")) + rng.choice(pool("level tails"))


def experience(rng: random.Random) -> str:
    """Return how much experience: 无经验, 3年, 1-3年经验, 应届生."""
    years = rng.randrange(1, 11)
    kind = rng.random()
    if kind < 0.4:
        return (_numeral(years) if rng.random() < 0.2 else str(years)) + rng.choice(
            pool("year tails")
        )
    if kind < 0.5:
        return f"{years}-{years + rng.randrange(1, 5)}年{rng.choice(('', '经验'))}"
    return rng.choice(pool("experience phrases"))


AMOUNTS: Mapping[str, Callable[[random.Random], str]] = {
    "salary": salary,
    "age": age,
    "gender": gender,
    "education": education,
    "experience": experience,
}
"""What has no dictionary, by attribute."""


def _written(yuan: int, rng: random.Random) -> str:
    if yuan % 1000 == 0 and rng.random() < 0.35:
        thousands = yuan // 1000
        return rng.choice((f"{thousands}k", f"{thousands}千", f"{_numeral(thousands)}千"))
    return str(yuan)


def _numeral(number: int) -> str:
    """Return a number under 100 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")
