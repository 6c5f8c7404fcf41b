"""Matches of a pattern that may overlap: 学历不限 and 不限经验 both stand in 学历不限经验不限."""

from __future__ import annotations

import re
from collections.abc import Iterator


def overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the match that begins at each character where one does."""
    match = pattern.search(text)
    while match:
        yield match
        match = pattern.search(text, match.start() + 1)
