"""Numbers as job posts write them: 4500, 4,500, 8k, 1.2万, 两千五, 一万二, 七八千, 三五百."""

from __future__ import annotations

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "半": 0.5,
    "〇": 0,
}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10000, "k": 1000, "w": 10000}

AMOUNT = (
    r"(?:(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)"
    r"|(?<![\d.a-z])(?<!\d,)\d{1,7}(?:\.\d{1,3})?(?!\d)(?:\s?(?:[kw](?![a-z])|[千万百](?:[1-9](?![\d.]))?))?"
    r"|(?<![零一二两三四五六七八九十百千万几数好])[一二两三四五六七八九十百]"
    r"(?:(?!一[个天月小晚日年单件场次台位班节周])[零一二两三四五六七八九十百千万]){0,7})"
)
"""Source of a regular expression for one amount; ``parse_amount`` reads what it matches."""

# 2.18-35岁: a number right after the point of a list number is a number of its own.
START = r"(?:(?<![\d.])|(?<=[\s,。;:]\d\.)|(?<=^\d\.))"
"""Source of a regular expression for a place where a number may begin."""

INTEGER = rf"(?:{START}\d{{1,3}}(?![\d.])|[一二两三四五六七八九十]{{1,3}})"
"""Source of a regular expression for a small number, of years of age or service."""

_ARABIC = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s?([kw千万百]?)([1-9]?)$")
_SPOKEN_RANGE = re.compile(r"([一二两三四五六七八九])([一二两三四五六七八九])(?=[十百千万])")


def parse_amount(text: str) -> tuple[float, float, float] | None:
    """Read an amount.

    Returns:
        Lowest, highest and the scale that was written (1 where none was), or None.
    """
    arabic = _ARABIC.match(text)
    if arabic:
        return _arabic(*arabic.groups())
    spoken = _SPOKEN_RANGE.search(text)
    if spoken:
        low = parse_chinese(text[: spoken.start(2)] + text[spoken.end(2) :])
        high = parse_chinese(text[: spoken.start(1)] + text[spoken.start(2) :])
    elif re.fullmatch(r"[一二两三四五六七八九]{2}", text):
        low, high = float(_DIGITS[text[0]]), float(_DIGITS[text[1]])
    else:
        low = high = parse_chinese(text)
    if low is None or high is None or low > high:
        return None
    return low, high, float(max((_SCALES[c] for c in text if c in _SCALES), default=1))


def parse_chinese(text: str) -> float | None:
    """Read one Chinese numeral; 两千五 is 2500, 一万二 12000, 二百五 250."""
    total = section = 0.0
    digit: float | None = None
    last_scale = 1.0
    for char in text:
        if char in _DIGITS:
            if digit:
                return None
            digit = float(_DIGITS[char])
            if digit == 0:
                last_scale = 10.0
        elif char == "万":
            total += (section + (digit or 0.0)) * 10000
            section, digit, last_scale = 0.0, None, 10000.0
        elif char in _SCALES:
            section += (1.0 if digit is None else digit) * _SCALES[char]
            digit, last_scale = None, float(_SCALES[char])
        else:
            return None
    # A last digit without a scale counts in tenths of the scale before it.
    tail = (digit or 0.0) * (last_scale / 10 if last_scale > 10 else 1.0)
    return total + section + tail if text else None


def parse_integer(text: str) -> int | None:
    """Read a small whole number in either script."""
    if text.isascii() and text.isdigit():
        return int(text)
    value = parse_chinese(text)
    return int(value) if value is not None and value == int(value) else None


def tidy(value: float | None) -> int | float | None:
    """Return whole numbers as integers, others with at most four places."""
    if value is None:
        return None
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def _arabic(number: str, scale: str, tail: str) -> tuple[float, float, float]:
    factor = float(_SCALES.get(scale, 1))
    value = float(number.replace(",", "")) * factor
    if tail:
        value += int(tail) * factor / 10
    return value, value, factor
