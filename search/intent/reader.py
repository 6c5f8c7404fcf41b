"""Understanding queries: each step proposes readings, the best path through them is the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import pairwise

from enrich.reading import read
from enrich.taxonomy import Taxonomy
from enrich.text import Normalized, normalize
from search.intent import finish
from search.intent.activities import find_activities
from search.intent.background import find_background
from search.intent.employers import EmployerNames
from search.intent.glued import apart
from search.intent.joining import joined
from search.intent.model import Candidate, Intent, Understood
from search.intent.names import Named, Names
from search.intent.offers import find_companies, find_glued_companies, find_kinds, find_offers
from search.intent.path import UNKNOWN, best_path
from search.intent.pay import find_pay
from search.intent.people import find_people
from search.intent.places import find_last_towns, find_roads, find_speech_and_food, find_streets
from search.intent.repairable import Slips
from search.intent.tagger import shipped
from search.intent.vocabulary import PLATFORMS, POSITION, Vocabulary
from search.query import MAX_QUERY
from search.site.model import SiteRules
from search.site.words import SiteWords
from search.tokens import lexicon_of, word_cutter

Rule = Callable[[str], Iterator[Candidate]]
RULES: Mapping[str, Rule] = {
    "salary": find_pay,
    "people": find_people,
    "background": find_background,
    "benefits": find_offers,
    "roads": find_roads,
    "companies": find_companies,
}
"""The rules that read text alone, by the names under which they are left out."""
STEPS = (
    *RULES,
    *(
        "activities",
        "workplaces",
        "employers",
        "streets",
        "dictionaries",
        "slips",
        "tagger",
        "context",
    ),
)
"""The steps that can be left out, to see what each of them brings."""

Tagger = Callable[[str, Sequence[Candidate]], Iterable[Candidate]]
"""A learned tagger: from the text and the path so far to readings of what is still unknown."""

_TOKENS = re.compile(r"(?<!\S)([\u2e80-\U0010ffff]{2,}) (?=([\u2e80-\U0010ffff]{2,})(?!\S))")
_CLOSE = re.compile(r"(?<=[!-~]) (?=[^\x00-\x7f])|(?<=[^\x00-\x7f]) (?=[!-~])")


class IntentReader:
    """Reads queries with one taxonomy; build it once for many queries."""

    def __init__(
        self, taxonomy: Taxonomy, *, tagger: Tagger | None = None, site: SiteRules | None = None
    ) -> None:
        """Build the vocabulary; slips are indexed when the first one may have been met.

        Args:
            taxonomy: what positions there are.
            tagger: reads what the other steps leave unknown.
            site: a site's own synonyms, stop words and employers.
        """
        self._without: frozenset[str] = frozenset()
        self._names = Names(taxonomy)
        self._lexicon = lexicon_of(taxonomy)
        self._cutter = word_cutter(taxonomy)
        self._vocabulary = Vocabulary(taxonomy)
        self._employers = EmployerNames(self._vocabulary.known, self._names)
        self._slips = Slips(self._vocabulary, self._names)
        self._tagger = tagger
        self._site = SiteWords(site) if site else None

    def with_site(self, site: SiteRules) -> IntentReader:
        """Return a reader with a site's rules that shares all the rest: milliseconds."""
        other = copy(self)
        other._site = SiteWords(site) if site else None
        return other

    def only(self, word: str) -> Candidate | None:
        """Return what a normalised word is read as, by itself and as one part; else None."""
        bare = self.leaving_out(*self._without, "slips", "context")
        bare._tagger = bare._site = None
        path = bare._path(word)
        one = path[0] if len(path) == 1 else None
        known = one is not None and one.attribute != "generic" and one.length == len(word)
        return one if known else None

    def leaving_out(self, *steps: str) -> IntentReader:
        """Return a reader of the same taxonomy without some of ``STEPS``.

        Raises:
            ValueError: there is no such step.
        """
        if unknown := set(steps).difference(STEPS):
            raise ValueError(f"there is no step {min(unknown)!r}; steps are {', '.join(STEPS)}")
        other = copy(self)
        other._without = frozenset(steps)
        return other

    def understand(self, query: str) -> Understood:
        """Return the parts of a query with what each asks for; works on any text.

        What lies beyond ``MAX_QUERY`` characters is one part without an intent.
        """
        head, tail = query[:MAX_QUERY], query[MAX_QUERY:]
        normalized = apart(_closed(self._read(head)))
        text = normalized.text
        path = finish.turned(text, self._path(text))
        away = finish.negated(text, path)
        parts = finish.refused(text, path, away)
        path = [item for item, _ in parts]
        starts = [normalized.starts[item.start] for item in path]
        borders = [0, *starts[1:], len(head)]
        intents: list[Intent] = []
        for number, (low, high) in enumerate(pairwise(borders)):
            written = "".join(head[low:high].split())
            if written and path:
                intents.append(self._intent(path, number, written, away=parts[number][1]))
        rest = "".join((tail if path else query).split())
        if rest:
            intents.append(Intent(rest, "generic", None, UNKNOWN))
        return Understood(query, tuple(intents))

    def warm(self) -> None:
        """Build what is otherwise built when it is first needed."""
        _ = self._slips.index
        self.understand("北京朝阳区望京服务员4000以上")

    def _read(self, head: str) -> Normalized:
        """Normalise and join 服 务 员 and 手机 维修, but not two positions apart: 客服 行政."""
        joined, plain = read(head, self._lexicon).normalized, normalize(head)
        kept = set(joined.starts)
        dropped = {at for at, start in enumerate(plain.starts) if start not in kept}
        for match in _TOKENS.finditer(plain.text):
            if match[1] in PLATFORMS or self._names.separate(match[1], match[2]):
                dropped.discard(match.end(1))
            elif self._names.knows(match[1] + match[2]):
                dropped.add(match.end(1))
        return plain.without(dropped)

    def _path(self, text: str) -> list[Candidate]:
        words = list(self._words(text))
        candidates = list(self._candidates(text, words))
        if self._site is not None:
            candidates = self._site.among(text, candidates, words)
        path = list(best_path(text, candidates, words))
        if "slips" not in self._without and any(item.source == UNKNOWN for item in path):
            path = self._repaired(text, path, candidates, words)
        if self._tagger is not None and "tagger" not in self._without:
            path = list(best_path(text, [*path, *self._tagger(text, path)], words))
        if "context" not in self._without:
            path = joined(text, path, words, self._names)
        return finish.asides(text, finish.people(text, path))

    def _repaired(
        self,
        text: str,
        path: list[Candidate],
        candidates: list[Candidate],
        words: Sequence[tuple[int, int]],
    ) -> list[Candidate]:
        """Repair slips; once more where the first ones leave others alone: 包吃主|普公."""
        for _ in range(2):
            repaired = list(self._slips.index.repairs(text, path, self._cut))
            if not repaired:
                break
            candidates = [*candidates, *repaired]
            path = list(best_path(text, candidates, words))
        return path

    def _candidates(self, text: str, words: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
        read = [
            item for name, rule in RULES.items() if name not in self._without for item in rule(text)
        ]
        yield from read
        if "activities" not in self._without:
            yield from find_activities(text, self._names, self._vocabulary.known)
        if "workplaces" not in self._without:
            yield from find_kinds(text, words)
        found = list(self._vocabulary.find(text))
        if "employers" not in self._without:
            places = [item for item in found if item.attribute == "workplace"]
            yield from self._employers.find(text, words, places)
        if "dictionaries" in self._without:
            found = [item for item in found if item.source == POSITION]
        yield from found
        if "companies" not in self._without:
            yield from find_glued_companies(text, [*read, *found])
        places = [item for item in found if item.attribute == "location"]
        yield from find_speech_and_food(text, places, {item.start for item in found})
        if "streets" not in self._without:
            yield from find_streets(text, places)
            yield from find_last_towns(text, [*read, *found])

    def _words(self, text: str) -> Iterator[tuple[int, int]]:
        """Cut the text into words, runs of Latin and digits whole."""
        for match in re.finditer(r"[a-z0-9+#.]+|[\u2e80-\U0010ffff]+|\S", text):
            at = match.start()
            for word in self._cut(match[0]):
                yield at, at + len(word)
                at += len(word)

    def _cut(self, run: str) -> Sequence[str]:
        """Cut a run of one script into words."""
        return self._cutter.words(list(run)) if run >= "\u2e80" else [run]

    def _intent(
        self, path: Sequence[Candidate], number: int, written: str, *, away: bool
    ) -> Intent:
        item = path[number]
        if item.attribute != "position":
            value = None if item.attribute == "generic" else item.value
            return Intent(
                *(written, item.attribute, value, item.source, item.forms),
                negated=away,
                repair=item.repair,
            )
        named = self._named(path, number, written, away=away)
        return Intent(
            written,
            "position",
            named.value,
            item.source,
            named.forms,
            named.positions,
            named.wider,
            away,
            item.repair,
        )

    def _named(self, path: Sequence[Candidate], number: int, written: str, *, away: bool) -> Named:
        form = finish.in_place(path, number, self._names)
        repair = path[number].repair
        bare = str(path[number].value)
        return self._names.of(form, repair.meant if repair else bare if away else written, bare)


def _closed(normalized: Normalized) -> Normalized:
    """Drop blanks between Latin and Chinese: java 开发 is written java开发 as well."""
    return normalized.without({match.start() for match in _CLOSE.finditer(normalized.text)})


_READERS: dict[str, IntentReader] = {}


def reader_of(taxonomy: Taxonomy) -> IntentReader:
    """Return the reader of a taxonomy with the shipped tagger, built once a process."""
    if taxonomy.digest not in _READERS:
        _READERS[taxonomy.digest] = IntentReader(taxonomy, tagger=shipped())
    return _READERS[taxonomy.digest]
