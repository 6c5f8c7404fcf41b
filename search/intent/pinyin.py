"""How characters sound, without tones and with the usual confusions folded: zh/z, in/ing, n/l."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

_READINGS = 2
"""Readings of one character that are looked at; the rest are rare."""
_MOST = 12
"""Keys of one word; words with many readings each are cut off here."""
_CONFUSED = frozenset({"fh", "hf", "bp", "pb", "dt", "td", "gk", "kg", "jq", "qj", "rl", "lr"})
"""First letters that stand for one another in dialects and on the keyboard."""
_TELLING = 3
"""Letters of a syllable that one letter more or less leaves recognisable: shi and di are not."""


@lru_cache(maxsize=20000)
def syllables(char: str) -> tuple[str, ...]:
    """Return the readings of a character, the commonest first; none for other signs."""
    from pypinyin import Style, pinyin

    if not "\u3400" <= char <= "\u9fff":
        return ()
    return tuple(pinyin(char, style=Style.NORMAL, heteronym=True)[0][:_READINGS])


@lru_cache(maxsize=4000)
def folded(syllable: str) -> str:
    """Fold what many speakers do not tell apart."""
    for long, short in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(long):
            syllable = short + syllable[2:]
    if syllable.endswith(("ang", "eng", "ing")):
        syllable = syllable[:-1]
    return "l" + syllable[1:] if syllable.startswith("n") else syllable


@lru_cache(maxsize=20000)
def sounds(char: str) -> frozenset[str]:
    """Return the folded readings of a character."""
    return frozenset(map(folded, syllables(char)))


@lru_cache(maxsize=4000)
def _toned(char: str) -> frozenset[str]:
    from pypinyin import Style, pinyin

    return frozenset(pinyin(char, style=Style.TONE3, heteronym=True)[0][:_READINGS])


def same(one: str, other: str) -> bool:
    """Tell whether two characters share a reading, its tone included."""
    return not _toned(one).isdisjoint(_toned(other))


@lru_cache(maxsize=4000)
def _usual(char: str) -> str:
    from pypinyin import Style, pinyin

    return str(pinyin(char, style=Style.TONE3, heteronym=True)[0][0])


def exactly(one: str, other: str) -> bool:
    """Tell whether two characters sound the same by their usual readings, tones included."""
    return _usual(one) == _usual(other)


def usually(one: str, other: str) -> bool:
    """Tell whether two characters sound alike by their usual readings, tones left aside."""
    first, second = syllables(one)[:1], syllables(other)[:1]
    return bool(first and second) and folded(first[0]) == folded(second[0])


def keys(word: str) -> frozenset[tuple[str, ...]]:
    """Return what a word may sound like; none where a character has no reading."""
    readings = [sorted(sounds(char)) for char in word]
    if not all(readings):
        return frozenset()
    return frozenset(key for key, _ in zip(product(*readings), range(_MOST), strict=False))


def alike(one: str, other: str) -> bool:
    """Tell whether two characters sound the same or nearly so (fan and han, lan and lian)."""
    return any(
        first == second or _nearly(first, second)
        for first in sounds(one)
        for second in sounds(other)
    )


def written(text: str) -> tuple[str, ...]:
    """Return what a text sounds like by the commonest readings; empty where one has none."""
    readings = [syllables(char)[:1] for char in text]
    return tuple(folded(reading[0]) for reading in readings) if all(readings) else ()


def typed(word: str) -> str:
    """Return a Chinese word as one types it, its characters read as in this word."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(word))


def _nearly(first: str, second: str) -> bool:
    if min(len(first), len(second)) < _TELLING:
        return False
    if len(first) == len(second):
        return first[1:] == second[1:] and first[0] + second[0] in _CONFUSED
    short, long = sorted((first, second), key=len)
    return len(long) - len(short) == 1 and any(
        long[:at] + long[at + 1 :] == short for at in range(1, len(long))
    )
