"""What a site's words are compared with: positions, and whatever queries are read with."""

from __future__ import annotations

from functools import cached_property

from enrich.taxonomy import Taxonomy
from search.intent.dictionaries import entries
from search.intent.reader import IntentReader, reader_of
from search.site.model import Meaning, spelling


class Known:
    """Looks words up in one taxonomy, without any site's rules."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Use a taxonomy; its reader is built when a word is no position."""
        self._taxonomy = taxonomy
        self._spelled: dict[str, tuple[str, ...]] = {}

    def form(self, word: str) -> str | None:
        """Return the form of a position that a word is, as the taxonomy writes it."""
        return word if word in self._taxonomy.forms else self._closed.get(word)

    def is_name(self, word: str) -> bool:
        """Tell whether a word is what a position is called, not one of its other names."""
        return word in self._names

    def meaning(self, word: str) -> Meaning | None:
        """Return what a word is read as; None where it is unknown or more than one part."""
        form = self.form(word)
        if form is not None:
            return Meaning(word, "position", form)
        found = self._reader.only(word)
        return None if found is None else Meaning(word, found.attribute, found.value)

    def position(self, word: str) -> str | None:
        """Return the one position that a word is a name of; None for several or a narrower one."""
        senses = self._taxonomy.senses(self.form(word) or "")
        return senses[0].position if [sense.kind for sense in senses] == ["same"] else None

    def names_of(self, position: str) -> tuple[str, ...]:
        """Return the words whose one position it is."""
        if position not in self._spelled:
            forms = dict.fromkeys(map(spelling, self._taxonomy.forms_of(position)))
            self._spelled[position] = tuple(one for one in forms if self.position(one) == position)
        return self._spelled[position]

    def refuses(self, word: str) -> bool:
        """Tell whether a word says no: 不要, 勿扰."""
        return word in self._negators

    @cached_property
    def _reader(self) -> IntentReader:
        return reader_of(self._taxonomy)

    @cached_property
    def _closed(self) -> dict[str, str]:
        return {spelling(form): form for form in sorted(self._taxonomy.forms) if " " in form}

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(spelling(one.name) for one in self._taxonomy.positions.values())

    @cached_property
    def _negators(self) -> frozenset[str]:
        return frozenset(word for word, entry in entries() if entry.negates)


_KNOWN: dict[str, Known] = {}


def known_in(taxonomy: Taxonomy) -> Known:
    """Return what looks words up in a taxonomy, made once a process."""
    return _KNOWN.setdefault(taxonomy.digest, Known(taxonomy))
