"""Blocked and forced rewrites: by position where two positions are named, else by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from search.site.files import Problem
from search.site.known import Known
from search.site.lines import Lines, Rewrite, Synonym
from search.site.model import Forced, Meaning, Pair


class Keys:
    """Finds what a name is compared by: the position that it is a name of, else itself."""

    def __init__(self, known: Known, synonyms: Mapping[str, Meaning]) -> None:
        """Use a taxonomy and the site's own names of its positions."""
        self._known = known
        self._synonyms = synonyms

    def name(self, word: str) -> str:
        """Return what a synonym means, any other name itself."""
        meaning = self._synonyms.get(word)
        return meaning.text if meaning else word

    def position(self, word: str) -> str | None:
        """Return the one position that a name is one of, if any."""
        return self._known.position(self.name(word))

    def pair(self, rewrite: Rewrite) -> Pair:
        """Return what a rewrite is about; two names of one position stay names."""
        query, candidate = self.name(rewrite.query), self.name(rewrite.candidate)
        keys = self._key(query), self._key(candidate)
        return keys if keys[0] != keys[1] else (query, candidate)

    def _key(self, name: str) -> str:
        position = self._known.position(name)
        return f"position:{position}" if position else name


def compiled(
    rewrites: Iterable[Rewrite], known: Known, synonyms: Mapping[str, Meaning]
) -> tuple[frozenset[Pair], dict[str, tuple[Forced, ...]], dict[str, str]]:
    """Return the blocked pairs, the forced candidates by query, and the key of every name."""
    keys = Keys(known, synonyms)
    blocked: set[Pair] = set()
    forced: dict[str, tuple[Forced, ...]] = {}
    names: dict[str, str] = {}
    for one in rewrites:
        query, candidate = keys.pair(one)
        if one.forced:
            forced[query] = (*forced.get(query, ()), Forced(one.candidate, one.kind))
        else:
            blocked.add((query, candidate))
        for word in (one.query, one.candidate):
            if position := keys.position(word):
                names |= dict.fromkeys(known.names_of(position), f"position:{position}")
    return frozenset(blocked), forced, names


def check_rewrites(lines: Lines, known: Known, found: Mapping[str, Meaning]) -> Iterator[Problem]:
    """Tell of pairs that contradict each other, stand twice, or change nothing."""
    keys = Keys(known, found)
    stop_words = {one.word: one.row.place for one in lines.stop_words}
    synonyms = {one.word: one for one in lines.synonyms}
    first: dict[Pair, Rewrite] = {}
    for one in lines.rewrites:
        row, pair = one.row, keys.pair(one)
        if keys.name(one.query) == keys.name(one.candidate):
            yield _of_itself(one, synonyms)
            continue
        for column, word in (("query", one.query), ("candidate", one.candidate)):
            if word in stop_words:
                problem = f"{word!r} is a stop word ({stop_words[word]})"
                yield row.problem(column, problem, "remove one of the two lines")
        earlier = first.setdefault(pair, one)
        if earlier is one:
            continue
        if earlier.forced != one.forced:
            problem = f"is {_action(one)}, and {_action(earlier)} at {earlier.row.place}"
            if (earlier.query, earlier.candidate) != (one.query, one.candidate):
                problem += f" as {earlier.query} -> {earlier.candidate}, of the same positions"
            yield row.problem("action", problem, "remove one of the two lines")
        else:
            problem = f"the pair stands at {earlier.row.place} already"
            yield row.problem("candidate", problem, "remove one of the two lines")


def _of_itself(one: Rewrite, synonyms: Mapping[str, Synonym]) -> Problem:
    """Tell of a pair whose names mean the same; a synonym is rewritten to its meaning anyway."""
    for word in (one.candidate, one.query):
        if one.query != one.candidate and word in synonyms:
            synonym = synonyms[word]
            problem = f"{word!r} is read as {synonym.meaning!r} ({synonym.row.place})"
            remedy = "remove one of the two lines: both names are one"
            return one.row.problem("candidate", problem, remedy)
    return one.row.problem("candidate", "is the query itself", "name another, or remove it")


def _action(rewrite: Rewrite) -> str:
    return "forced" if rewrite.forced else "blocked"
