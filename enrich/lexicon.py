"""Finding the forms of positions in normalised text: longest match, left to right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from enrich.borders import is_cut_out, is_ideograph, stands_alone
from enrich.taxonomy import Taxonomy

_AFTER_WORK = frozenset("作程具艺序厂业种资龄伤")

_AFTER_NAME = frozenset("都也要来收招有可优急不就最")
"""What may follow a name that ends in 的 (看大门的也要); other words make it an attribute."""


@dataclass(frozen=True, slots=True)
class Match:
    """A form found at ``[start, end)`` of normalised text."""

    start: int
    end: int
    form: str


Candidate = tuple[int, int, bool, str]
"""Start, negative length (so that the longest sorts first), whether it is a form, the word."""


class Lexicon:
    """An Aho-Corasick automaton over the forms and look-alikes of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Build the automaton; tens of milliseconds for a few thousand forms."""
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

        self._forms = taxonomy.forms.keys() - taxonomy.query_only
        self._words = sorted(self._forms | taxonomy.lookalikes)
        # The contiguous automaton builds five times faster than the DFA and scans as fast.
        self._automaton = AhoCorasick(
            self._words,
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )

    def find(self, text: str) -> list[Match]:
        """Return the forms in normalised text, in order and without overlap.

        The leftmost wins, of those the longest. A look-alike takes its characters and is not
        returned; nor is a form whose characters belong to other words (``_is_part``).
        """
        return [match for match, is_form in _leftmost(self._candidates(text), text) if is_form]

    def lookalikes(self, text: str) -> list[Match]:
        """Return what only looks like a form: never a position (X), for whoever blanks those.

        That is the listed look-alikes and the forms cut out of words (安装工 in 安装工作).
        """
        candidates = self._candidates(text)
        scanned = list(_leftmost(candidates, text))
        apart = [match for match, is_form in scanned if not is_form]
        taken = {place for match, _ in scanned for place in range(match.start, match.end)}
        for start, minus, is_form, word in candidates:
            places = range(start, start - minus)
            if is_form and taken.isdisjoint(places) and _is_part(text, start, start - minus):
                apart.append(Match(start, start - minus, word))
                taken.update(places)
        return sorted(apart, key=lambda match: match.start)

    def _candidates(self, text: str) -> list[Candidate]:
        """Return everything that stands alone, the leftmost first, of those the longest."""
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return sorted(
            (start, start - end, self._words[word] in self._forms, self._words[word])
            for word, start, end in found
            if stands_alone(text, start, end)
        )


def _leftmost(candidates: list[Candidate], text: str) -> Iterator[tuple[Match, bool]]:
    """Yield the candidates that overlap none before them, and whether each is a form."""
    free = 0
    for start, minus, is_form, word in candidates:
        end = start - minus
        if start >= free and not (is_form and _is_part(text, start, end)):
            free = end
            yield Match(start, end, word), is_form


def _is_part(text: str, start: int, end: int) -> bool:
    """Tell whether a form's characters belong to other words."""
    return _begins_work(text, end) or _is_attribute(text, end) or is_cut_out(text, start, end)


def _is_attribute(text: str, end: int) -> bool:
    """Tell whether a last 的 joins a form to the noun behind it: 送外卖的司机, 收钱的软件."""
    following = text[end : end + 1]
    return text[end - 1] == "的" and is_ideograph(following) and following not in _AFTER_NAME


def _begins_work(text: str, end: int) -> bool:
    """Tell whether a last 工 belongs to the next word: 安装工作, 水电工程, 打包工具."""
    return text[end - 1] == "工" and text[end : end + 1] in _AFTER_WORK
