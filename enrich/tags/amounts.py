"""Amounts that may be pay: one number or a range, with its currency word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from enrich.tags.numbers import AMOUNT, parse_amount

_RANGE = re.compile(
    rf"(?P<a>{AMOUNT})(?P<ya>\s?(?:元|块))?\s?(?:/月)?\s?(?:-|~|—|–|―|－|至|到|～){{1,2}}\s?(?P<b>{AMOUNT})"
)
_SINGLE = re.compile(rf"(?P<a>{AMOUNT})")
CURRENCY = re.compile(r"\s?(?:元|块钱?|圆|rmb|人民币|块)(?!材|头)")
_TENTH = re.compile(r"块([一二三四五六七八九1-9])(?![\d千百十])")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or range at ``[start, end)``; ``scale`` is 1 where none was written."""

    start: int
    end: int
    low: float
    high: float
    ranged: bool
    scale: float
    currency: bool


def find_amounts(text: str) -> list[Amount]:
    """Return the amounts of a normalised text from left to right, ranges as one."""
    amounts: list[Amount] = []
    taken_to = 0
    for single in _SINGLE.finditer(text):
        if single.start() < taken_to:
            continue
        match = _RANGE.match(text, single.start())
        amount = _range(text, match) if match else None
        if amount is None:
            amount = _one(text, single)
        if amount is not None:
            amounts.append(amount)
            taken_to = amount.end
    return amounts


def _range(text: str, match: re.Match[str]) -> Amount | None:
    low, high = parse_amount(match["a"]), parse_amount(match["b"])
    if low is None or high is None:
        return None
    first, second = low[0], high[1]
    # 4-5千, 1-1.5万: a bare number takes the scale of the other one.
    if low[2] < 100 and high[2] >= 100 and first * high[2] <= second * 1.0001:
        first *= high[2]
    # 5千-8: rare, but 8k-12 is written.
    elif high[2] < 100 and low[2] >= 1000 and second < 100:
        second *= low[2]
    # 月薪15000-300002、福利: the number of the next list item was glued on.
    if second > first * 12 and high[2] == 1 and text.startswith("、", match.end()):
        second //= 10
    if not 0 < first <= second or second > first * 12:
        return None
    currency = bool(match["ya"] or CURRENCY.match(text, match.end()))
    return Amount(match.start(), match.end(), first, second, True, max(low[2], high[2]), currency)


def _one(text: str, match: re.Match[str]) -> Amount | None:
    parsed = parse_amount(match["a"])
    if parsed is None or parsed[0] <= 0:
        return None
    low, high, scale = parsed
    end = match.end()
    currency = CURRENCY.match(text, end)
    if len(match["a"]) == 1 and not match["a"].isdigit() and not currency:
        return None
    # 两块五, 3块5: the tenth after the currency word.
    tenth = _TENTH.match(text, end)
    if tenth and low == high:
        add = (parse_amount(tenth[1]) or (0.0, 0.0, 1.0))[0] / 10
        return Amount(match.start(), tenth.end(), low + add, high + add, False, scale, True)
    return Amount(match.start(), end, low, high, low != high, scale, currency is not None)
