"""Slips of the keyboard: unknown text that sounds or looks like one known word (服物员, 仓管圆)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from search.intent import pinyin
from search.intent.dictionaries import data_rows
from search.intent.model import Attribute, Candidate, How, Repair, Value
from search.intent.path import UNKNOWN

SOURCE = "edit distance"
LONGEST = 6
"""Characters of a word that is repaired; longer ones hold shorter ones that are known."""
NAME = 3
_PAIR = 2
_SHORTEST = {"pinyin": 2, "characters": 3}
_ENDINGS = frozenset("员工师")
_LAST = ("司机", "师傅", "经理", "老师", "教练", "主管", "助理", "阿姨", "顾问", "专员")
"""Ends of words whose last character is often not typed: 叉车司."""
_TYPED = re.compile(r"(?<![a-z0-9])[a-z]{4,24}(?![a-z0-9])")
_WEIGHT = {"pinyin": 0.88, "characters": 0.84, "typed pinyin": 0.9}


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a slip may mean; ``rank`` 0 is a position's own name, 1 another of its names.

    ``NAME``: an employer's or a place's, repaired only where it sounds or looks the same.
    """

    text: str
    attribute: Attribute
    value: Value
    rank: int


class SlipIndex:
    """Known words by sound and by what is left when one character is taken out."""

    def __init__(self, words: Iterable[Word]) -> None:
        """Build the index once; a second or so for the names of some thousand positions."""
        self._sound: defaultdict[tuple[str, ...], list[Word]] = defaultdict(list)
        self._short: defaultdict[str, list[Word]] = defaultdict(list)
        self._whole: dict[str, Word] = {}
        self._typed: dict[str, Word] = {}
        self._cut_off: dict[str, Word] = {}
        for word in sorted(words, key=lambda word: (word.rank, len(word.text), word.text)):
            for key in pinyin.keys(word.text):
                self._sound[key].append(word)
            if len(word.text) >= _SHORTEST["characters"] and word.rank < NAME:
                for rest in _without_one(word.text):
                    self._short[rest].append(word)
            self._whole.setdefault(word.text, word)
            if len(word.text) > _SHORTEST["characters"] and word.text.endswith(_LAST):
                self._cut_off.setdefault(word.text[:-1], word)
            if word.rank == 0 or len(word.text) * 3 <= len(pinyin.typed(word.text)):
                self._typed.setdefault(pinyin.typed(word.text), word)

    def repairs(
        self, text: str, path: Sequence[Candidate], cut: Callable[[str], Iterable[str]]
    ) -> Iterator[Candidate]:
        """Yield repaired readings of stretches of whole words that hold something unknown.

        Args:
            text: the normalised query.
            path: how it is read without repairs.
            cut: cuts unknown text into words; a slip breaks a word into single characters.
        """
        runs = _unknown_runs(path)
        cuts = sorted(
            [(item.start, item.end) for item in path if item.source != UNKNOWN]
            + [word for run in runs for word in _words(text, run, cut)]
        )
        single = {start for start, end in cuts if end - start == 1}
        # 请杂工 is no 勤杂工: a character that says something itself is no slip.
        known = {item.start for item in path if item.source != UNKNOWN and item.length == 1}
        single -= known
        for start, end in _windows(runs, cuts):
            # Two characters are little: they must be all that is unknown there.
            if end - start > _PAIR or (start, end) in runs:
                yield from self._read(text, start, end, single)
        for start, end in runs:
            if end - start == 2 * _PAIR:
                yield from self._both(text, start, end, single)
        for match in _TYPED.finditer(text):
            meant = self._typed.get(match[0])
            if meant:
                yield _made(match.start(), match.end(), match[0], meant, "typed pinyin", 0)

    def _both(self, text: str, start: int, end: int, single: set[int]) -> Iterator[Candidate]:
        """Yield two words of two characters where both are slips: 月搜|深证."""
        halves = (start, start + _PAIR), (start + _PAIR, end)
        found = [list(self._read(text, *half, single)) for half in halves]
        if all(found):
            yield from (item for items in found for item in items)

    def _read(self, text: str, start: int, end: int, single: set[int]) -> Iterator[Candidate]:
        written = text[start:end]
        if not all("\u3400" <= char <= "\u9fff" for char in written):
            return
        by_sound = [
            (changed, word)
            for word in self._sound.get(pinyin.written(written), ())
            if 0 < (changed := _changed(written, word.text)) <= max(1, len(written) // 2)
            and _breaks(written, word, start, single)
        ]
        if by_sound:
            changed, meant = min(by_sound, key=lambda item: (item[0], _order(item[1])))
            yield _made(start, end, written, meant, "pinyin", changed)
            return
        looks = [
            word
            for at, char in enumerate(written)
            for other in _looks().get(char, "")
            if (word := self._whole.get(written[:at] + other + written[at + 1 :]))
            and (len(written) > _PAIR or word.rank == 0)
        ]
        if looks:
            yield _made(start, end, written, min(looks, key=_order), "characters", 1)
            return
        if len(written) < _SHORTEST["characters"] or single.isdisjoint(range(start, end)):
            return
        if end - 1 in single and (cut := self._cut_off.get(written)):
            yield _made(start, end, written, cut, "characters", 1)
            return
        if written[:-1] in self._whole or written[1:] in self._whole:
            # 保安|远 and 到岗|保安: a known word and a character of something else.
            return
        rests = {written, *_without_one(written)}
        near = {
            word
            for rest in rests
            for word in (*self._short.get(rest, ()), *filter(None, [self._whole.get(rest)]))
            if _is_slip(written, word.text, start, single)
        }
        if near:
            yield _made(start, end, written, min(near, key=_order), "characters", 1)


@cache
def _looks() -> Mapping[str, str]:
    """Return the characters that each character is taken for by its looks."""
    found: defaultdict[str, str] = defaultdict(str)
    for row in data_rows("lookalikes.tsv"):
        one, other = tuple(row["pair"])
        found[one] += other
        found[other] += one
    return found


def _words(
    text: str, run: tuple[int, int], cut: Callable[[str], Iterable[str]]
) -> Iterator[tuple[int, int]]:
    at = run[0]
    for word in cut(text[slice(*run)]):
        yield at, at + len(word)
        at += len(word)


def _unknown_runs(path: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Return the stretches of neighbouring parts that nothing explains."""
    runs: list[tuple[int, int]] = []
    for item in path:
        if item.source != UNKNOWN:
            continue
        if runs and runs[-1][1] == item.start:
            runs[-1] = (runs[-1][0], item.end)
        else:
            runs.append((item.start, item.end))
    return runs


def _windows(
    runs: Sequence[tuple[int, int]], cuts: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield stretches of whole words, not too long, that share a character with a run."""
    for first, (start, _) in enumerate(cuts):
        end = start
        for low, high in cuts[first:]:
            if low != end or high - start > LONGEST:
                break
            end = high
            if end - start >= _PAIR and any(start < b and a < end for a, b in runs):
                yield start, end


def _made(start: int, end: int, written: str, meant: Word, how: How, changed: int) -> Candidate:
    weight = _WEIGHT[how] - 0.02 * changed
    repair = Repair(written, meant.text, how)
    return Candidate(start, end, meant.attribute, meant.value, SOURCE, weight, repair)


def _order(word: Word) -> tuple[int, int, str]:
    return word.rank, len(word.text), word.text


def _changed(written: str, word: str) -> int:
    return sum(a != b for a, b in zip(written, word, strict=True))


def _breaks(written: str, word: Word, start: int, single: set[int]) -> bool:
    """Tell whether each replaced character is no word's part.

    收银圆 is cut into 收 and the word 银圆. Such a character may sound exactly the same, in a
    position's own name or where the word left something over that no word ends with. Where all
    characters are parts of words (财物, 瑜珈|老师), tones must agree by the usual readings.
    """
    pairs = zip(written, word.text, strict=True)
    changed = [(at, a, b) for at, (a, b) in enumerate(pairs) if a != b]
    if single.isdisjoint(range(start, start + len(written))):
        return (len(written) > _PAIR or word.rank == 0) and all(
            pinyin.exactly(a, b) for _, a, b in changed
        )
    if word.rank >= NAME and not all(pinyin.usually(a, b) for _, a, b in changed):
        return False
    stray = start in single and written[0] not in _ENDINGS
    return all(
        start + at in single or ((stray or word.rank == 0) and pinyin.same(a, b))
        for at, a, b in changed
    )


def _without_one(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _is_slip(written: str, word: str, start: int, single: set[int]) -> bool:
    """Tell whether ``written`` is ``word`` with one slip that no other word explains.

    Two characters exchanged, one doubled, one left out inside of four or more, or one replaced by
    a character that is no word's part and sounds nearly the same.
    """
    if len(written) == len(word):
        places = [at for at, (a, b) in enumerate(zip(written, word, strict=True)) if a != b]
        if len(places) == 2:
            first, second = places
            return (
                second == first + 1
                and written[first] == word[second]
                and written[second] == word[first]
            )
        if len(places) != 1 or start + places[0] not in single:
            return False
        return pinyin.alike(written[places[0]], word[places[0]])
    if len(written) == len(word) + 1:
        return any(
            written[at] == written[at + 1] and written[:at] + written[at + 1 :] == word
            for at in range(len(word))
        )
    inside = (word[:at] + word[at + 1 :] for at in range(1, len(word) - 1))
    return len(word) > _SHORTEST["characters"] and written in inside
