"""Finding a site's own words in a query, as readings that the best path chooses among."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from enrich.borders import is_cut_out, stands_alone
from search.intent.model import Candidate
from search.site.model import COMPANY, STOP, SYNONYM, SiteRules

WEIGHT = 1.05
"""Just above what the dictionaries give: a longer known name still wins (急诊科医生 over 急)."""


class SiteWords:
    """The words of a site's rules, found in one pass."""

    def __init__(self, rules: SiteRules) -> None:
        """Build the automaton; a millisecond for a thousand words."""
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

        self._found: dict[str, Candidate] = {}
        for word, one in rules.synonyms.items():
            forms = rules.company_names(str(one.value)) if one.attribute == "company" else ()
            self._found[word] = Candidate(
                0, 0, one.attribute, one.value, SYNONYM, WEIGHT, forms=forms
            )
        for word in sorted(rules.stop_words):
            self._found[word] = Candidate(0, 0, "generic", word, STOP, WEIGHT)
        for word, name in rules.companies.items():
            forms = rules.company_names(name)
            self._found[word] = Candidate(0, 0, "company", name, COMPANY, WEIGHT, forms=forms)
        self._words = list(self._found)
        self._automaton = AhoCorasick(
            self._words,
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )

    def among(
        self, text: str, candidates: Sequence[Candidate], words: Sequence[tuple[int, int]]
    ) -> list[Candidate]:
        """Return the candidates, other readings of the site's own words replaced by the site's.

        Args:
            text: the normalised query.
            candidates: what the other steps propose.
            words: the text cut into words; a stop word is one or more whole ones.
        """
        own = list(self._own(text, words))
        spans = {(one.start, one.end) for one in own}
        return [one for one in candidates if (one.start, one.end) not in spans] + own

    def _own(self, text: str, words: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
        starts, ends = {start for start, _ in words}, {end for _, end in words}
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            one = self._found[self._words[index]]
            whole = one.source != STOP or (start in starts and end in ends)
            if whole and stands_alone(text, start, end) and not is_cut_out(text, start, end):
                yield replace(one, start=start, end=end)
