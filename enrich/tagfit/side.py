"""The post's side of the comparison with a tag: its position words and its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from enrich.lexicon import Lexicon
from enrich.post import AttributeName, Mark, Mention
from enrich.taxonomy import Sense, Taxonomy
from enrich.text import normalize_query

Marks = Mapping[AttributeName, Sequence[Mark]]

DECORATION = re.compile(r"(?:急?招聘?|诚聘|高薪|岗位?|若干名?|数名|\d+名)")
PIECES = re.compile(r"[/／|｜,，、;；#>\s+·]+")
"""What parts the pieces of a category path."""


@dataclass(frozen=True, slots=True)
class Named:
    """One position word of the post and how it was judged.

    ``positions``: ids of what it can name. ``hired``: probability, 0 to 1.
    """

    form: str
    positions: frozenset[str]
    title: bool
    hired: float
    label: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class PostSide:
    """What the clues of all tags of a post share; texts are normalised.

    ``offer``: title and body without what is not offered. ``category``: the positions that each
    piece of the category names. ``kinds``: kinds of employment that the text offers, ``denied``:
    those that it denies. ``tags``: how many tags of the poster name a position.
    """

    named: tuple[Named, ...]
    title: str
    body: str
    offer: str
    category: tuple[frozenset[str], ...]
    kinds: frozenset[str]
    denied: frozenset[str]
    tags: int


def named(mentions: Iterable[tuple[str, Mention]], taxonomy: Taxonomy) -> tuple[Named, ...]:
    """Return the position words of a post from its mentions with their forms ("": none)."""
    return tuple(
        Named(
            form or normalize_query(mention.text),
            frozenset(sense.position for sense in taxonomy.senses(form)),
            mention.field == "title",
            mention.score,
            mention.label,
            mention.reason,
        )
        for form, mention in mentions
    )


def post_side(
    words: Sequence[Named],
    texts: tuple[str, str, str],
    category: str | None,
    tags: Sequence[str],
    marks: Marks,
    taxonomy: Taxonomy,
) -> PostSide:
    """Return what all tags of a post are compared with.

    Args:
        words: the post's position words.
        texts: normalised title and body, and what both offer.
        category: as the poster chose it.
        tags: all tags of the poster.
        marks: the attributes that the text states.
        taxonomy: where positions stand.
    """
    pieces = (normalize_query(piece) for piece in PIECES.split(category or ""))
    kinds = marks.get("job_type", ())
    return PostSide(
        tuple(words),
        *texts,
        tuple(filter(None, (positions_of(piece, taxonomy) for piece in pieces))),
        frozenset(str(mark.value) for mark in kinds if mark.polarity != "-"),
        frozenset(str(mark.value) for mark in kinds if mark.polarity == "-"),
        sum(bool(positions_of(normalize_query(tag), taxonomy)) for tag in tags),
    )


def plain(tag: str) -> str:
    """Return a tag in normalised spelling without what decorates it: 厨师 of 急招厨师."""
    form = normalize_query(tag)
    return DECORATION.sub("", form) or form


def head_of(tag: str, taxonomy: Taxonomy, lexicon: Lexicon) -> str | None:
    """Return the form in a tag that says which position it names; None where it names none.

    That is the whole tag, without what decorates it, or a form at its end: 师傅 in 雕花师傅.
    """
    form = normalize_query(tag)
    for whole in (form, plain(tag)):
        if taxonomy.senses(whole):
            return None if whole in taxonomy.query_only else whole
    last = [match for match in lexicon.find(form) if match.end == len(form)]
    return last[0].form if last else None


def senses_of(form: str, taxonomy: Taxonomy) -> tuple[Sense, ...]:
    """Return what a form names, as it stands or without what decorates it."""
    return taxonomy.senses(form) or taxonomy.senses(DECORATION.sub("", form))


def positions_of(form: str, taxonomy: Taxonomy) -> frozenset[str]:
    """Return the ids of what a form names, decorated or not; nothing for fields of work."""
    if form in taxonomy.query_only:
        return frozenset()
    return frozenset(sense.position for sense in senses_of(form, taxonomy))
