"""Finding the forms of positions in normalised text: longest match, left to right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from enrich.taxonomy import Taxonomy

_FIRST_IDEOGRAPHIC = "\u2e80"
"""Below it stand Latin, Greek and the like, which are written in runs; Chinese is not."""


@dataclass(frozen=True, slots=True)
class Match:
    """A form found at ``[start, end)`` of normalised text."""

    start: int
    end: int
    form: str


class Lexicon:
    """An Aho-Corasick automaton over the forms and look-alikes of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Build the automaton; tens of milliseconds for a few thousand forms."""
        import ahocorasick

        automaton: Any = ahocorasick.Automaton()
        forms = taxonomy.forms.keys() - taxonomy.query_only
        for word in sorted(forms | taxonomy.lookalikes):
            automaton.add_word(word, (len(word), word in forms, word))
        if len(automaton):
            automaton.make_automaton()
        self._automaton = automaton

    def find(self, text: str) -> list[Match]:
        """Return the forms in normalised text, in order and without overlap.

        The leftmost wins, of those the longest. A look-alike takes its characters and is not
        returned; a Latin form is found only where no Latin letter or digit continues it.
        """
        return [match for match, is_form in self._scan(text) if is_form]

    def lookalikes(self, text: str) -> list[Match]:
        """Return the look-alikes in normalised text: X by definition, for whoever blanks those."""
        return [match for match, is_form in self._scan(text) if not is_form]

    def _scan(self, text: str) -> Iterator[tuple[Match, bool]]:
        if not len(self._automaton):
            return
        candidates = [
            (last - length + 1, -length, is_form, word)
            for last, (length, is_form, word) in self._automaton.iter(text)
            if _stands_alone(text, last - length + 1, last + 1)
        ]
        candidates.sort()
        free = 0
        for start, minus, is_form, word in candidates:
            if start >= free:
                free = start - minus
                yield Match(start, free, word), is_form


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether neither end of ``[start, end)`` cuts a run of Latin letters or digits."""
    if start and (_in_run(text[start]) or text[start] == ".") and _in_run(text[start - 1]):
        return False
    return not (end < len(text) and _in_run(text[end - 1]) and _in_run(text[end]))


def _in_run(char: str) -> bool:
    return char < _FIRST_IDEOGRAPHIC and char.isalnum()
