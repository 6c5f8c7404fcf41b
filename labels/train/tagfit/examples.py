"""Judged posts as rows of clues, one a tag that names a position."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enrich.bundle import Calibration
from enrich.lexicon import Lexicon
from enrich.post import FieldName, Mark, Mention
from enrich.reading import Reading, read
from enrich.reality import decide
from enrich.strip import LabelledSpan, strip
from enrich.tagfit.clues import clues
from enrich.tagfit.side import (
    PIECES,
    Marks,
    PostSide,
    head_of,
    named,
    plain,
    positions_of,
    post_side,
)
from enrich.tags.dictionary import find_job_types
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from labels.train.data import GoldError
from labels.train.tagfit.noise import Errors, Judgement, verdicts

_AUTHORED = re.compile(r"([a-z]{2})\d{3}")
_FIELDS: tuple[FieldName, FieldName] = ("title", "body")


@dataclass(frozen=True, slots=True)
class TagRow:
    """One tag of one post with its clues; ``bad``: the post does not hire for it.

    ``foreign``: it stems from another post of another group, so it is bad.
    """

    post: str
    author: str
    tag: str
    clues: tuple[float, ...]
    bad: bool
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class TaggedPost:
    """A judged post as it is read; ``judged`` follows title mentions, then body mentions."""

    id: str
    author: str
    title: Reading
    body: Reading
    judged: tuple[Judgement, ...]
    category: str | None
    tags: tuple[str, ...]
    bad: frozenset[str]
    kinds: tuple[Mark, ...]


def read_tagged(paths: Iterable[Path], lexicon: Lexicon) -> list[TaggedPost]:
    """Read judged JSONL files with ``tags`` and ``bad_tags``; posts without tags are left out.

    Raises:
        GoldError: a line is no such post.
    """
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if row["tags"]:
                    found.append(_tagged(row, lexicon))
            except (KeyError, TypeError, ValueError) as error:
                raise GoldError(f"{path}:{number}: no post with bad_tags ({error!r})") from None
    return found


def rows(
    posts: Sequence[TaggedPost],
    taxonomy: Taxonomy,
    lexicon: Lexicon,
    calibration: Calibration,
    errors: Errors,
    seed: int,
) -> list[TagRow]:
    """Return the tags that name a position, under verdicts with errors of that share.

    Every post has a foreign tag besides.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret
    heads = {tag: head_of(tag, taxonomy, lexicon) for post in posts for tag in post.tags}
    pool = sorted({(tag, head) for tag, head in heads.items() if head is not None})
    found = []
    for post in posts:
        side = _side(post, taxonomy, calibration, errors, rng)
        for tag in dict.fromkeys(post.tags):
            head = heads[tag]
            if head is not None:
                told = clues(tag, head, side, taxonomy)
                found.append(TagRow(post.id, post.author, tag, told, tag in post.bad))
        tag, other = rng.choice(pool) if pool else ("", "")
        if other and _is_foreign(tag, other, post, heads, taxonomy):
            told = clues(tag, other, side, taxonomy)
            found.append(TagRow(post.id, post.author, tag, told, bad=True, foreign=True))
    return found


def _is_foreign(
    tag: str,
    head: str,
    post: TaggedPost,
    heads: Mapping[str, str | None],
    taxonomy: Taxonomy,
) -> bool:
    """Tell whether a tag is of no group that the post's words or tags are of, nor spelled there."""
    own = {item.form for item in post.judged} | {heads[tag] or tag for tag in post.tags}
    own |= {normalize_query(piece) for piece in PIECES.split(post.category or "")}
    groups = {taxonomy.position(id_).group for form in own for id_ in positions_of(form, taxonomy)}
    theirs = {taxonomy.position(id_).group for id_ in positions_of(head, taxonomy)}
    texts = f"{post.title.normalized.text}\n{post.body.normalized.text}"
    return bool(theirs) and not groups & theirs and plain(tag) not in texts


def _tagged(row: dict[str, Any], lexicon: Lexicon) -> TaggedPost:
    title, body = read(row["title"], lexicon), read(row["body"], lexicon)
    judged = tuple(
        Judgement(
            match.form,
            _label(row["mentions"], field, reading, match.start, match.end),
            field == "title",
        )
        for field, reading in zip(_FIELDS, (title, body), strict=True)
        for match in reading.matches
    )
    author = _AUTHORED.match(row["id"])
    return TaggedPost(
        row["id"],
        str(row.get("author") or (author[1] if author else row["id"])),
        title,
        body,
        judged,
        row.get("category"),
        tuple(row["tags"]),
        frozenset(row["bad_tags"]),
        tuple(
            Mark(field=field, start=f.start, end=f.end, text="", polarity=f.polarity,
                 value=str(f.value))
            for field, reading in zip(_FIELDS, (title, body), strict=True)
            for f in find_job_types(reading.normalized.text)
        ),
    )  # fmt: skip


def _label(
    mentions: Sequence[dict[str, Any]], field: str, reading: Reading, start: int, end: int
) -> str:
    """Return the judged label of a match, X where no judged mention meets it."""
    first, last = reading.normalized.span(start, end)
    met = [m for m in mentions if m["field"] == field and m["start"] < last and first < m["end"]]
    exact = [m["label"] for m in met if (m["start"], m["end"]) == (first, last)]
    labels = exact or [m["label"] for m in met]
    return "H" if "H" in labels else next((str(n) for n in labels if n[0] == "N"), "X")


def _side(
    post: TaggedPost,
    taxonomy: Taxonomy,
    calibration: Calibration,
    errors: Errors,
    rng: random.Random,
) -> PostSide:
    found = verdicts(post.judged, errors, calibration.threshold, rng)
    cut = len(post.title.matches)
    parts = ((post.title, found[:cut]), (post.body, found[cut:]))
    labels = [decide(reading.spans, some, calibration) for reading, some in parts]
    mentions = [
        (match.form, _mention(field, match.form, label))
        for field, (reading, _), some in zip(_FIELDS, parts, labels, strict=True)
        for match, label in zip(reading.matches, some, strict=True)
    ]
    offers = [
        strip(reading.normalized.text, some).offer
        for (reading, _), some in zip(parts, labels, strict=True)
    ]
    texts = (post.title.normalized.text, post.body.normalized.text, "\n".join(offers))
    marks: Marks = {"job_type": post.kinds}
    return post_side(named(mentions, taxonomy), texts, post.category, post.tags, marks, taxonomy)


def _mention(field: FieldName, form: str, label: LabelledSpan) -> Mention:
    return Mention(
        field=field, start=label.start, end=label.end, text=form, position="",
        label=label.label, reason=label.reason, score=label.score,
    )  # fmt: skip
