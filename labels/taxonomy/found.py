"""Names of positions that the model found in posts and that no form covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from enrich.bundle import Bundle
from enrich.lexicon import Lexicon
from enrich.names.merge import name_calibration, with_names
from enrich.reading import Reading, read
from enrich.reality import Judged, decide, judge
from enrich.tags.tables import Finder
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query

CONTEXTS = 3
_CONTEXT = 12
_BATCH = 64


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name: in how many posts it stands, how many of them hire for it, and where."""

    word: str
    posts: int
    hired: int
    contexts: tuple[str, ...]


@dataclass
class _Seen:
    posts: set[str] = field(default_factory=set)
    hired: set[str] = field(default_factory=set)
    contexts: list[str] = field(default_factory=list)


def found_names(
    posts: Iterable[tuple[str, str, str]],
    bundle: Bundle,
    taxonomy: Taxonomy,
    refused: Iterable[str] = (),
    *,
    at_least: int = 5,
) -> list[FoundName]:
    """Return the names found in posts (id, title, body), the most frequent first.

    Args:
        posts: the posts to read, one time.
        bundle: a model with a head for unknown names.
        taxonomy: whose forms and look-alikes are taken as known.
        refused: words that were looked at before and are no positions; no name holds one.
        at_least: in how many posts a name stands.
    """
    lexicon = Lexicon(taxonomy)
    known = Finder(dict.fromkeys(map(normalize_query, refused), ""))
    seen: dict[str, _Seen] = {}
    rest = iter(posts)
    while chunk := list(islice(rest, _BATCH)):
        pairs = [(read(title, lexicon), read(body, lexicon)) for _, title, body in chunk]
        for post, pair, judged in zip(chunk, pairs, judge(bundle, pairs), strict=True):
            for word, is_hired, around in _names(bundle, lexicon, pair, judged):
                if not known.longest(word):
                    _note(seen.setdefault(word, _Seen()), post[0], around, is_hired=is_hired)
    found = [
        FoundName(word, len(item.posts), len(item.hired), tuple(item.contexts))
        for word, item in seen.items()
        if len(item.posts) >= at_least
    ]
    return sorted(found, key=lambda name: (-name.posts, name.word))


def _names(
    bundle: Bundle, lexicon: Lexicon, pair: tuple[Reading, Reading], judged: Judged
) -> Iterator[tuple[str, bool, str]]:
    """Yield the names of a post that are judged to be positions, whether hired, and where."""
    calibration = name_calibration(bundle.calibration, bundle.names)
    sides: tuple[Literal["title", "body"], ...] = ("title", "body")
    for side, reading in zip(sides, pair, strict=True):
        known = decide(reading.spans, [None] * len(reading.spans), calibration)
        text = reading.normalized.text
        for form, span in with_names(side, reading, known, judged.names, lexicon, calibration):
            if not form and span.label != "X":
                around = text[max(0, span.start - _CONTEXT) : span.end + _CONTEXT]
                yield text[span.start : span.end], span.label == "H", " ".join(around.split())


def _note(item: _Seen, post: str, around: str, *, is_hired: bool) -> None:
    if post not in item.posts and len(item.contexts) < CONTEXTS:
        item.contexts.append(around)
    item.posts.add(post)
    if is_hired:
        item.hired.add(post)
