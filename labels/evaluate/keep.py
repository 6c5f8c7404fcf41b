"""Is anything lost but misleading positions? Terms that a post states, and what is stripped.

Pure: terms are taken from posts and enrichments, and scored against what a search returned.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from enrich.post import Enrichment, FieldName, Post
from enrich.tags import find_certificates
from enrich.text import normalize, normalize_query

WORD = "word"
CERTIFICATE = "certificate"
FIELDS: tuple[FieldName, ...] = ("title", "body")
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class Term:
    """A non-position term that a post states; kind: its attribute, certificate or word."""

    post: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """So many terms of a kind, and how many still return their post."""

    kept: int
    total: int

    @property
    def rate(self) -> float:
        """The share that is kept; 1 where there is none."""
        return self.kept / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class KeepReport:
    """The keep rate over all terms, by kind, and the terms that were lost."""

    overall: Kept
    by_kind: tuple[tuple[str, Kept], ...]
    lost: tuple[Term, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        rows = (("all", self.overall), *self.by_kind)
        return {
            "rates": {
                name: {"rate": round(kept.rate, 5), "kept": kept.kept, "total": kept.total}
                for name, kept in rows
            },
            "lost": [{"post": t.post, "kind": t.kind, "text": t.text} for t in self.lost],
        }


@dataclass(frozen=True, slots=True)
class StrippedReport:
    """Characters stripped a post (median, 95th percentile), their share, and by reason."""

    posts: int
    median: int
    p95: int
    share: float
    by_reason: tuple[tuple[str, int], ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "posts": self.posts,
            "median": self.median,
            "p95": self.p95,
            "share": round(self.share, 5),
            "by_reason": dict(self.by_reason),
        }


def terms(post: Post, enrichment: Enrichment, words: int, seed: int) -> list[Term]:
    """Return what a post states beside positions: marks, certificates, ``words`` random words.

    A mark or word that touches a position mention is no non-position term.
    """
    found: dict[tuple[str, str], None] = {}
    for attribute, marks in enrichment.tags.items():
        if attribute == "position":
            continue
        for mark in marks:
            text = normalize_query(mark.text)
            if text and not _touches(enrichment, mark.field, mark.start, mark.end):
                found[attribute, text] = None
    for name in FIELDS:
        for word in _certificates(post, enrichment, name):
            found[CERTIFICATE, word] = None
    pool = sorted({word for name in FIELDS for word in _words(post, enrichment, name)})
    # Seeded by the post as well, so that leaving one post out changes no other.
    chosen = random.Random(f"{seed}:{post.id}").sample(pool, min(words, len(pool)))  # noqa: S311
    for word in chosen:
        found[WORD, word] = None
    return [Term(post.id, kind, text) for kind, text in found]


def score(stated: Sequence[Term], returned: Mapping[str, Collection[str]]) -> KeepReport:
    """Score terms against the ids that a search for each term's text returned."""
    total: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    lost: list[Term] = []
    for term in stated:
        total[term.kind] += 1
        if term.post in returned.get(term.text, ()):
            kept[term.kind] += 1
        else:
            lost.append(term)
    return KeepReport(
        Kept(sum(kept.values()), sum(total.values())),
        tuple((kind, Kept(kept[kind], count)) for kind, count in sorted(total.items())),
        tuple(lost),
    )


def stripped(read: Iterable[tuple[Post, Enrichment]]) -> StrippedReport:
    """Count what was stripped, in characters of the originals."""
    each: list[int] = []
    written = 0
    reasons: defaultdict[str, int] = defaultdict(int)
    for post, enrichment in read:
        written += len(post.title) + len(post.body)
        each.append(sum(cut.end - cut.start for cut in enrichment.stripped))
        for cut in enrichment.stripped:
            reasons[cut.reason] += cut.end - cut.start
    each.sort()
    return StrippedReport(
        posts=len(each),
        median=_quantile(each, 0.5),
        p95=_quantile(each, 0.95),
        share=sum(each) / written if written else 0.0,
        by_reason=tuple(sorted(reasons.items(), key=lambda item: -item[1])),
    )


def _certificates(post: Post, enrichment: Enrichment, name: FieldName) -> Iterable[str]:
    """Yield the certificates that a field states and that touch no mention."""
    normalized = normalize(post.title if name == "title" else post.body)
    for item in find_certificates(normalized.text):
        if not _touches(enrichment, name, *normalized.span(item.start, item.end)):
            yield normalized.text[item.start : item.end]


def _words(post: Post, enrichment: Enrichment, name: FieldName) -> Iterable[str]:
    """Yield the segmented words of a field that touch no mention."""
    import rjieba

    normalized = normalize(post.title if name == "title" else post.body)
    at = 0
    for piece in rjieba.cut(normalized.text):
        start, at = at, at + len(piece)
        if _WORD.fullmatch(piece):
            first, last = normalized.span(start, at)
            if not _touches(enrichment, name, first, last):
                yield piece


def _touches(enrichment: Enrichment, name: FieldName, start: int, end: int) -> bool:
    return any(
        mention.field == name and mention.start < end and start < mention.end
        for mention in enrichment.mentions
    )


def _quantile(ordered: Sequence[int], share: float) -> int:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0
