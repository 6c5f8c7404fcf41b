"""Names of employers that no list holds, by their characters: 旭泰精密, 沃野农业, 德顺祥招聘.

A name is told from other words by naive Bayes over single characters: how much more often each
stands in the names of the dictionary of employers than in the words of positions, offers and kinds
of work. It counts only before a trade, a kind of house or a word that says who hires.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from search.intent.dictionaries import EMPLOYERS, Entry, data_rows
from search.intent.model import Attribute, Candidate
from search.intent.names import Names
from search.intent.places import is_stem

SOURCE = "rule:employer name"
_WEIGHT, _HIRING_WEIGHT = 0.9, 0.8
_SHORTEST, _LONGEST = 2, 4
_LEAST = 1.3
"""Mean of the logarithms of how much more often the characters stand in names."""
_SEEN = 0.3
"""What a character that was never seen counts as."""
_FIRST = frozenset("招求聘找去在到进要想男女不非无有急的和做干")
"""Before a name these are words of their own."""
_HOMES = frozenset({"小区", "家园", "花园", "公馆", "公寓楼"})
"""Behind a name these say where: 枫林小区."""
_SITES = frozenset({"工地", "车间", "仓库", "写字楼", "市场", "码头", "厂区", "门店", "大厦"})
"""Behind a name these are no part of it."""
_GROWING = re.compile(
    r"工业园|制品|[厂店园城学局部类业系费证品]|师(?!傅)|员(?!工)|工(?![程艺人长段资作种])|(?:和|与|及|兼|/)"
)
"""Behind a trade these make another word of it: 电子厂, 汽车城, 教育局, 美容师."""


class EmployerNames:
    """Finds them; build it once from the words that are known."""

    def __init__(self, known: Mapping[str, Sequence[Entry]], names: Names) -> None:
        """Count the characters; some hundredths of a second.

        Args:
            known: every word of the vocabulary with what it is.
            names: the names of positions.
        """
        self._known, self._names = known, names
        rows = data_rows("employer_words.tsv")
        self._kinds = {row["word"]: row["kind"] for row in rows}
        trades = sorted(
            (word for word, kind in self._kinds.items() if kind != "hiring"), key=len, reverse=True
        )
        self._longest = max(map(len, self._kinds))
        inside: Counter[str] = Counter()
        outside: Counter[str] = Counter()
        for word, entries in known.items():
            kinds = {entry.attribute for entry in entries}
            if any(entry.source == EMPLOYERS for entry in entries):
                inside.update(_stem(word, trades))
            elif not kinds <= {"company", "location"}:
                outside.update(word)
        self._worth = _ratios(inside, outside)
        self._unseen = _ratio(0, sum(inside.values()), 0, sum(outside.values()))

    def score(self, lead: str) -> float:
        """Return how much a word looks like a name; above ``1.3`` it does."""
        return sum(self._worth.get(char, self._unseen) for char in lead) / len(lead)

    def find(
        self, text: str, words: Iterable[tuple[int, int]], places: Iterable[Candidate]
    ) -> Iterator[Candidate]:
        """Yield names before a trade or a kind of house, with it, and before who hires.

        Args:
            text: the normalised query.
            words: the text cut into words; a name begins with one.
            places: the kinds of place that were found in it.
        """
        begins = {start for start, _ in words}
        for start in range(_SHORTEST, len(text) - 1):
            for end in range(start + 2, min(start + self._longest, len(text)) + 1):
                kind = self._kinds.get(text[start:end])
                if kind == "hiring":
                    yield from self._named(text, start, start, begins, _HIRING_WEIGHT)
                elif kind and not _GROWING.match(text, end):
                    yield from self._named(text, start, end, begins, _WEIGHT)
        for place in places:
            if place.length >= _SHORTEST and text[place.start : place.end] not in _SITES:
                for found in self._named(text, place.start, place.end, begins, _WEIGHT):
                    if not is_stem(text[found.start : place.start]):
                        yield found

    def _named(
        self, text: str, border: int, end: int, begins: set[int], weight: float
    ) -> Iterator[Candidate]:
        """Yield the names that end at ``border``; what is read as one ends at ``end``."""
        for start in range(max(0, border - _LONGEST), border - _SHORTEST + 1):
            lead = text[start:border]
            if start in begins and self._is_name(lead):
                # 莉莉丝|游戏策划: a known employer, and a position that begins as a trade does.
                if lead in self._known and text[border:end] in self._kinds:
                    continue
                home = text[border:end] in _HOMES
                kind: Attribute = "location" if home else "company"
                yield Candidate(start, end, kind, text[start:end], SOURCE, weight)

    def _is_name(self, lead: str) -> bool:
        if lead[0] in _FIRST or not all("\u3400" <= char <= "\u9fff" for char in lead):
            return False
        if self._names.leads(lead) or self.score(lead) < _LEAST:
            return False
        pieces = (
            lead[low:high] for low in range(len(lead) - 1) for high in range(low + 2, len(lead) + 1)
        )
        return not any(
            entry.attribute != "company" for piece in pieces for entry in self._known.get(piece, ())
        )


def _stem(name: str, trades: Sequence[str]) -> str:
    """Return a name without the trade at its end."""
    ends = (trade for trade in trades if name.endswith(trade) and len(name) > len(trade) + 1)
    return name.removesuffix(next(ends, ""))


def _ratios(inside: Counter[str], outside: Counter[str]) -> dict[str, float]:
    names, others = sum(inside.values()), sum(outside.values())
    return {
        char: _ratio(inside[char], names, outside[char], others)
        for char in inside.keys() | outside.keys()
    }


def _ratio(one: int, ones: int, other: int, others: int) -> float:
    return math.log((one + _SEEN) / (ones + 1)) - math.log((other + _SEEN) / (others + 1))
