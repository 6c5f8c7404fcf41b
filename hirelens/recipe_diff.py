"""For which words posts appear and disappear under another recipe, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from enrich.post import Enrichment, Mention, Post
from enrich.text import normalize_query
from hirelens.evidence import clause_of, undecorated

if TYPE_CHECKING:
    from enrich.taxonomy import Taxonomy

UNNAMED = "-"
"""The label where a recipe finds no such word in the post at all."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one recipe reads in a post."""

    enrichment: Enrichment
    taxonomy: Taxonomy


@dataclass(frozen=True, slots=True)
class Why:
    """The verdict behind an answer: label or reason, score, and the clause that says so."""

    label: str
    score: float | None
    text: str
    clause: str


@dataclass(frozen=True, slots=True)
class Change:
    """One post that answers a word under one of the two recipes only."""

    word: str
    id: str
    appears: bool
    before: Why
    after: Why


@dataclass(frozen=True, slots=True)
class WordChange:
    """All posts that change for one word."""

    word: str
    appear: tuple[Change, ...]
    disappear: tuple[Change, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "word": self.word,
            "appear": [_mapping(change) for change in self.appear],
            "disappear": [_mapping(change) for change in self.disappear],
        }


def changes(post: Post, before: Reading, after: Reading) -> Iterator[Change]:
    """Yield the words for which a post is found under one of two recipes only."""
    old, new = answers(before), answers(after)
    for word in sorted(old.keys() ^ new.keys()):
        appears = word in new
        mention = (new if appears else old)[word]
        hired = _why(post, mention)
        other = _why_not(post, mention, before if appears else after)
        first, second = (other, hired) if appears else (hired, other)
        yield Change(word, post.id, appears, first, second)


def answers(reading: Reading) -> dict[str, Mention]:
    """Return the words that a post answers, each with its best hired mention.

    Those are the mentions as they stand, the names of their positions and of broader ones.
    """
    found: dict[str, Mention] = {}
    hired = [m for m in reading.enrichment.mentions if m.label == "H"]
    for mention in sorted(hired, key=lambda m: -m.score):
        for word in _words(mention, reading.taxonomy):
            found.setdefault(word, mention)
    return found


def by_word(found: Iterable[Change], word: str | None = None) -> list[WordChange]:
    """Gather changes by word, those with most posts first; ``word``: only this one."""
    groups: dict[str, list[Change]] = {}
    for change in found:
        groups.setdefault(change.word, []).append(change)
    wanted = None if word is None else normalize_query(word)
    gathered = [
        WordChange(
            name,
            tuple(c for c in group if c.appears),
            tuple(c for c in group if not c.appears),
        )
        for name, group in groups.items()
        if wanted is None or name == wanted
    ]
    return sorted(gathered, key=lambda g: (-len(g.appear) - len(g.disappear), g.word))


def spellings(word: str, *taxonomies: Taxonomy) -> tuple[str, ...]:
    """Return the words in whose presence a post may change for a word: it, and forms below it."""
    normal = normalize_query(word)
    found = {word, normal}
    for taxonomy in taxonomies:
        for sense in taxonomy.senses(normal):
            for id_ in (sense.position, *taxonomy.descendants(sense.position)):
                found.update(taxonomy.forms_of(id_))
    return tuple(sorted(found))


def _words(mention: Mention, taxonomy: Taxonomy) -> Iterator[str]:
    form = undecorated(mention.text)
    yield form
    positions = [sense.position for sense in taxonomy.senses(form)] or [mention.position]
    for id_ in positions:
        if taxonomy.current(id_) in taxonomy.positions:
            for named in (id_, *taxonomy.ancestors(id_)):
                yield normalize_query(taxonomy.position(named).name)


def _why(post: Post, mention: Mention) -> Why:
    text = post.title if mention.field == "title" else post.body
    label = mention.label if mention.label == "H" else mention.reason or mention.label
    return Why(label, mention.score, mention.text, clause_of(text, mention.start))


def _why_not(post: Post, hired: Mention, reading: Reading) -> Why:
    """Say what the other recipe makes of the place where one finds a hired word."""
    for mention in reading.enrichment.mentions:
        same_field = mention.field == hired.field
        if same_field and mention.start < hired.end and hired.start < mention.end:
            return _why(post, mention)
    return Why(UNNAMED, None, "", "")


def _mapping(change: Change) -> Mapping[str, Any]:
    return {"id": change.id, "before": asdict(change.before), "after": asdict(change.after)}
