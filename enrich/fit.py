"""Poster tags and categories that the post does not bear out, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from enrich.post import HiredPosition, Mark, Post, RejectedTag
from enrich.tagfit.side import PIECES, Marks, senses_of
from enrich.tags import find_marks
from enrich.taxonomy import Taxonomy
from enrich.text import normalize, normalize_query

Fits = Callable[[str], bool | None]
"""Tells whether a tag that names a position fits the post; None where it names none."""

NOT_HIRED = "position not hired here"
DENIED = "the post denies it"
REQUIRED = "the post asks for experience"
OTHER_REST = "the post states other days off"
BEYOND_PAY = "far beyond the stated pay"

_PAY_SLACK = 1.6
"""A tag's pay may exceed the post's highest pay by this factor; posters round upwards."""

_RESTS = {"双休": ("单休",), "单休": ("双休",)}
_NO_EXPERIENCE = re.compile(r"经验不限|不限经验|无需经验|无经验|零基础|不要经验")


def reject(
    post: Post,
    positions: Sequence[HiredPosition],
    taxonomy: Taxonomy,
    marks: Marks,
    fits: Fits,
) -> tuple[tuple[RejectedTag, ...], str | None]:
    """Judge the tags and the category that the poster chose.

    A tag is rejected where ``fits`` says so, or it contradicts what the text states. The category
    is where every position that it names is foreign to the hired ones; it stays where none was
    found hired: nothing can be compared then.

    Returns:
        The rejected tags (the category among them, as its text) and the accepted category.
    """
    related = _related(positions, taxonomy)
    hired_names = _hired_names(positions, taxonomy)
    rejected = []
    for tag in post.tags:
        reason = NOT_HIRED if fits(tag) is False else _contradiction(tag, marks)
        if reason:
            rejected.append(RejectedTag(tag=tag, reason=reason))
    if post.category is None:
        return tuple(rejected), None
    if _category_fits(post.category, related, hired_names, taxonomy):
        return tuple(rejected), post.category
    rejected.append(RejectedTag(tag=post.category, reason=NOT_HIRED))
    return tuple(rejected), None


def _position_fits(
    form: str, related: frozenset[str], hired: frozenset[str], taxonomy: Taxonomy
) -> bool:
    """Tell whether a form names no position, or at least one that is hired."""
    senses = senses_of(form, taxonomy)
    if not senses or form in taxonomy.query_only or form in hired:
        return True
    return any(sense.position in related for sense in senses)


def _related(positions: Iterable[HiredPosition], taxonomy: Taxonomy) -> frozenset[str]:
    """Return the hired positions with everything above and below them."""
    hired = {item.id for item in positions if item.id in taxonomy.positions}
    above = {parent for id_ in hired for parent in taxonomy.ancestors(id_)}
    below = {child for id_ in hired for child in taxonomy.descendants(id_)}
    return frozenset(hired | above | below)


def _hired_names(positions: Iterable[HiredPosition], taxonomy: Taxonomy) -> frozenset[str]:
    """Return every form that names a hired position, as written in the post too."""
    names: set[str] = set()
    for item in positions:
        names.add(normalize_query(item.name))
        names.update(normalize_query(span.text) for span in item.evidence)
        names.update(taxonomy.forms_of(item.id))
    return frozenset(names)


def _category_fits(
    category: str, related: frozenset[str], hired: frozenset[str], taxonomy: Taxonomy
) -> bool:
    """Tell whether no piece of a category path names a position, or one does that is hired."""
    pieces = [normalize_query(piece) for piece in PIECES.split(category) if piece]
    named = [piece for piece in pieces if senses_of(piece, taxonomy)]
    if not related or not named:
        return True
    return any(_position_fits(piece, related, hired, taxonomy) for piece in named)


def _contradiction(tag: str, marks: Marks) -> str | None:
    form = normalize_query(tag)
    said = find_marks("title", normalize(tag))
    for name in ("benefit", "job_type"):
        for claim in said.get(name, ()):
            reason = _denied(claim, marks.get(name, ()))
            if reason:
                return reason
    if _NO_EXPERIENCE.search(form) and _asks_experience(marks.get("experience", ())):
        return REQUIRED
    return _pay(said.get("salary", ()), marks.get("salary", ()))


def _denied(claim: Mark, stated: Sequence[Mark]) -> str | None:
    if claim.polarity == "-":
        return None
    names = _parts(claim.value)
    denied = {part for mark in stated if mark.polarity == "-" for part in _parts(mark.value)}
    offered = {part for mark in stated if mark.polarity != "-" for part in _parts(mark.value)}
    if names & denied - offered:
        return DENIED
    others = {other for name in names for other in _RESTS.get(name, ())}
    if others & offered and not names & offered:
        return OTHER_REST
    return None


def _parts(value: object) -> set[str]:
    """Return what an offer consists of: who denies 包住 denies 包吃住 too."""
    return {"包吃", "包住"} if value == "包吃住" else {str(value)}


def _asks_experience(stated: Sequence[Mark]) -> bool:
    values = [mark.value for mark in stated if mark.polarity == "+"]
    asked = [v for v in values if isinstance(v, dict) and v.get("min") != 0]
    return bool(asked) and len(asked) == len(values)


def _pay(claims: Sequence[Mark], stated: Sequence[Mark]) -> str | None:
    """Compare only pay of the same unit; an open end above allows everything."""
    for claim in claims:
        unit, low, _ = _bounds(claim)
        known = [bounds for bounds in map(_bounds, stated) if bounds[0] == unit and unit != "open"]
        tops = [high for _, _, high in known]
        if low is None or not tops or any(high is None for high in tops):
            continue
        if low > _PAY_SLACK * max(high for high in tops if high is not None):
            return BEYOND_PAY
    return None


def _bounds(mark: Mark) -> tuple[str, float | None, float | None]:
    value = mark.value if isinstance(mark.value, dict) else {}
    return str(value.get("unit")), value.get("min"), value.get("max")
