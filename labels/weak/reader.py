"""Posts and judged rows read for labelling functions; spans lead back to the original text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from enrich.lexicon import Lexicon
from enrich.post import Post
from enrich.reading import read
from enrich.taxonomy import Taxonomy
from enrich.text import Normalized, normalize, normalize_query
from labels.weak.kinship import Kinship
from labels.weak.seen import Field, SeenPost
from labels.weak.votes import UNDECIDED


class GoldError(ValueError):
    """A judged file is malformed; the message names file, line and remedy."""


FIELDS: tuple[Field, ...] = ("title", "body")


@dataclass(frozen=True, slots=True)
class Span:
    """A mention in the original text, in characters of its field."""

    field: Field
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """A post as seen, with the original span of each of its mentions, in the same order."""

    texts: Mapping[Field, Normalized]
    seen: SeenPost
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class JudgedPost:
    """A judged post: ``labels`` belong to the mentions of ``read``; ``group`` is its employer."""

    id: str
    group: str
    read: Read
    labels: tuple[str, ...]


class Reader:
    """Reads posts with one taxonomy."""

    def __init__(self, taxonomy: Taxonomy | None = None) -> None:
        """Take a taxonomy, the shipped one by default; its lexicon is built on first use."""
        self.taxonomy = Taxonomy.load() if taxonomy is None else taxonomy
        self.kinship = Kinship(self.taxonomy)
        self._lexicon: Lexicon | None = None

    def read(self, post: Post) -> Read:
        """Read a post; its mentions are those that the lexicon finds."""
        if self._lexicon is None:
            self._lexicon = Lexicon(self.taxonomy)
        originals: dict[Field, str] = {"title": post.title, "body": post.body}
        texts: dict[Field, Normalized] = {}
        found: list[tuple[Field, int, int]] = []
        for name, original in originals.items():
            reading = read(original, self._lexicon)
            texts[name] = reading.normalized
            found += [(name, match.start, match.end) for match in reading.matches]
        return self._read(originals, texts, found, post.category, post.tags)

    def read_judged(self, row: Mapping[str, Any], place: str) -> JudgedPost:
        """Read a row of a judged set; its mentions are the judged ones, without overlaps.

        Raises:
            GoldError: the row is no judged post; ``place`` is named.
        """
        try:
            return self._judged(row)
        except (KeyError, TypeError, ValueError) as error:
            raise GoldError(
                f"{place}: no judged post ({error!r}); write id, title, body and mentions with "
                "field, start, end and label"
            ) from None

    def _judged(self, row: Mapping[str, Any]) -> JudgedPost:
        originals: dict[Field, str] = {name: str(row[name]) for name in FIELDS}
        texts: dict[Field, Normalized] = {name: normalize(t) for name, t in originals.items()}
        found: list[tuple[Field, int, int]] = []
        labels: list[str] = []
        for name in FIELDS:
            free = 0
            own = (m for m in row["mentions"] if m["field"] == name)
            for mention in sorted(own, key=lambda m: int(m["start"])):
                start, end = texts[name].inner(mention["start"], mention["end"])
                if start >= end or start < free:
                    continue
                free = end
                found.append((name, start, end))
                labels.append(str(mention.get("label", UNDECIDED)))
        seen = self._read(originals, texts, found, row.get("category"), row.get("tags") or ())
        id_ = str(row["id"])
        return JudgedPost(id_, str(row.get("company") or id_), seen, tuple(labels))

    def _read(
        self,
        originals: Mapping[Field, str],
        texts: Mapping[Field, Normalized],
        found: list[tuple[Field, int, int]],
        category: str | None,
        tags: Iterable[str],
    ) -> Read:
        seen = SeenPost(
            {name: text.text for name, text in texts.items()},
            found,
            self.kinship,
            normalize_query(category or ""),
            [normalize_query(str(tag)) for tag in tags],
        )
        spans = []
        for name, first, last in found:
            start, end = texts[name].span(first, last)
            spans.append(Span(name, start, end, originals[name][start:end]))
        return Read(texts, seen, tuple(spans))
