"""Blocked and forced rewrites: by position where two positions are named, else by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from search.site.files import Problem
from search.site.known import Known
from search.site.lines import Lines, Rewrite
from search.site.model import Forced, Meaning, Pair


class Keys:
    """Finds what a name is compared by: the position that it is a name of, else itself."""

    def __init__(self, known: Known, synonyms: Mapping[str, Meaning]) -> None:
        """Use a taxonomy and the site's own names of its positions."""
        self._known = known
        self._synonyms = synonyms

    def key(self, word: str) -> str:
        """Return the key of a name."""
        meaning = self._synonyms.get(word)
        word = meaning.text if meaning else word
        position = self._known.position(word)
        return f"position:{position}" if position else word

    def pair(self, rewrite: Rewrite) -> Pair:
        """Return what a rewrite is about; two names of one position stay names."""
        keys = self.key(rewrite.query), self.key(rewrite.candidate)
        return keys if keys[0] != keys[1] else (rewrite.query, rewrite.candidate)


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
            meaning = synonyms.get(word)
            position = known.position(meaning.text if meaning else word)
            if position:
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
        if one.query == one.candidate:
            yield row.problem("candidate", "is the query itself", "name another, or remove it")
            continue
        if one.candidate in stop_words:
            problem = f"{one.candidate!r} is a stop word ({stop_words[one.candidate]})"
            yield row.problem("candidate", problem, "remove one of the two lines")
        for word, other in ((one.query, one.candidate), (one.candidate, one.query)):
            synonym = synonyms.get(word)
            if synonym and synonym.meaning == other and not one.forced:
                problem = f"blocks {word!r}, which is read as {other!r} ({synonym.row.place})"
                yield row.problem("candidate", problem, "remove one of the two lines")
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


def _action(rewrite: Rewrite) -> str:
    return "forced" if rewrite.forced else "blocked"
