"""Slips of the keyboard: a character that sounds alike, two exchanged, one doubled, all Latin."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from labels.queries.words import pool

_SHORTEST = 3


def slipped(word: str, rng: random.Random) -> str:
    """Return a word with one slip; a short word is left as it is."""
    if len(word) < _SHORTEST:
        return word
    at = rng.randrange(1, len(word))
    kind = rng.random()
    if kind < 0.15:
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    if kind < 0.25:
        return word[:at] + word[at] + word[at:]
    others = [char for char in _alike().get(_sound(word[at]), ()) if char != word[at]]
    return word[:at] + rng.choice(others) + word[at + 1 :] if others else word


def typed(word: str, rng: random.Random) -> str:
    """Return a word as typed where the keyboard stayed in Latin: baoan, for some bao an."""
    from pypinyin import lazy_pinyin

    sounds = lazy_pinyin(word)
    return (" " if rng.random() < 0.1 else "").join(sounds)


@cache
def _alike() -> Mapping[str, tuple[str, ...]]:
    """Return common characters by their sound."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    common = "".join("".join(pool(name)) for name in ("goods", "things", "objects", "brand chars"))
    for char in sorted(set(common)):
        found[_sound(char)].append(char)
    return {sound: tuple(chars) for sound, chars in found.items() if sound}


@cache
def _sound(char: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return lazy_pinyin(char, style=Style.NORMAL)[0] if "\u3400" <= char <= "\u9fff" else ""
