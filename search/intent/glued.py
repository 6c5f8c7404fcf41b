"""Amounts, ages and years side by side without a blank: 800050岁, 一天两百1年, cnc6000."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from enrich.text import Normalized

_AGED = r"(?:1[6-9]|[2-6]\d)(?:[-~到至][2-6]\d)?周?岁"
_YEARS = r"年(?:以上|工作|相关|从业)*(?:以上|经验|工龄|驾龄)"
_GLUED = re.compile(
    r"(?<![a-z0-9.-])\d{1,3}(?:\.\d+)?(?:-\d+(?:\.\d+)?)?[kw](?=[a-z]{2}|[abc]\d)"
    rf"|(?<![0-9.])\d{{3,5}}(?={_AGED})|(?:时薪|小时|工价)\d\d(?={_AGED})|(?:一天|日薪)\d\d0(?=[1-9]年)"
    r"|(?<![0-9.])\d{2,3}00(?=[1-9](?:[-~到至]\d{1,2})?年|1[2-9]薪|(?!rmb|k[gmw]|[mc]m|ml|cc)[a-z]{2})"
    r"|(?<![0-9.])\d00(?=[1-9][-~到至]\d{1,2}年)|\d\d0(?=4s店|(?:8|1[0-2])个?小时)|\d00(?=万[科达豪宁象])"
    rf"|(?<![a-z])(?!iso|gb|win)[a-z+#]{{2,}}(?={_AGED}|\d{{1,2}}(?:[-~到至]\d{{1,2}})?年|\d{{2,3}}00(?!\d)|\d+(?:\.\d)?k|\d{{2,5}}(?:/|元|块|一天|以上))"
    rf"|[百千万][一二三四五六七八九]??(?=[一二三四五六七八]?十[一二三四五六七八九]?[多几来]?岁|{_AGED})"
    rf"|[千百万](?=[一二两三四五六七八九十]{_YEARS}|[1-9](?:[-~到至]\d{{1,2}})?年)|[千百](?=万[科达豪宁象])"
)
"""What the next figure is no part of: 1.5w|java, 8000|50岁, cnc|6000, 八千|六十岁."""


def apart(normalized: Normalized) -> Normalized:
    """Set a blank between an amount and Latin letters: 1.5wjava is written 1.5w java as well."""
    at = [match.end() for match in _GLUED.finditer(normalized.text)]
    borders = [0, *at, len(normalized.text)]
    starts, ends = normalized.starts, normalized.ends
    return Normalized(
        normalized.original,
        " ".join(normalized.text[low:high] for low, high in pairwise(borders)),
        tuple(starts[number] for number in _with_blanks(len(starts), at)),
        tuple(ends[number] for number in _with_blanks(len(ends), at)),
    )


def _with_blanks(length: int, at: Sequence[int]) -> list[int]:
    """Return which character each one of the text with blanks stems from."""
    return sorted([*range(length), *at])
