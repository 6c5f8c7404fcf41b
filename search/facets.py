"""What filters read, worked out of a post and its marks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from enrich.post import Enrichment, Mark, Polarity, Post
from enrich.text import normalize, normalize_query
from search.index import Filters, FilterSection

EDUCATION_RANKS = {
    "none": 0,
    "primary": 1,
    "junior": 2,
    "secondary": 3,
    "college": 4,
    "bachelor": 5,
    "master": 6,
    "doctor": 7,
}
"""Rank of each education value; the lowest that a post accepts is indexed."""

# Yuan a month of one unit of pay: a month has 22 days of 8 hours, a year 12 months and 52 weeks.
MONTHLY = {"month": 1.0, "day": 22.0, "hour": 8 * 22.0, "week": 52 / 12, "year": 1 / 12}
_SEPARATORS = re.compile(r"[-—·/|,、\s]+")

Tags = Mapping[Any, Sequence[Mark]]


def facets(post: Post, enrichment: Enrichment) -> FilterSection:
    """Return the filter section; the post's own salary and city fields beat its text.

    What the poster ticked (``tags``) counts beside the text unless the text does not bear it out.
    """
    tags = stated_tags(enrichment)
    ticked = _ticked(post, enrichment)
    low, high = _salary(post, tags)
    ages = [mark.value for mark in _meant(tags, "age") if isinstance(mark.value, dict)]
    return FilterSection(
        city=city_key(post.city),
        category=key(enrichment.category),
        company=key(post.company),
        salary_min=low,
        salary_max=high,
        job_type=_both(tags, ticked, "job_type"),
        benefit=_both(tags, ticked, "benefit"),
        gender=_gender(words(tags, "gender")),
        age_min=_least(value.get("min") for value in ages),
        age_max=_most(value.get("max") for value in ages),
        education=_least(EDUCATION_RANKS.get(word) for word in words(tags, "education")),
        experience=_experience(tags),
        updated_at=post.updated_at.isoformat() if post.updated_at else None,
    )


def stated_tags(enrichment: Enrichment) -> Tags:
    """Return the marks that stand in what stays of the post: stripped text states nothing."""
    return {
        name: tuple(
            mark
            for mark in marks
            if not any(
                cut.field == mark.field and cut.start < mark.end and mark.start < cut.end
                for cut in enrichment.stripped
            )
        )
        for name, marks in enrichment.tags.items()
    }


def tag_values(tags: Tags, city: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return, for each attribute, the values that are stated or offered, as strings.

    Args:
        tags: the marks of the text.
        city: the post's city field: its places (北京-朝阳区) are stated like those of the text.
    """
    found = {str(name): words(tags, name) for name in sorted(tags)}
    if city:
        located = (*found.get("location", ()), *_places(city))
        found["location"] = tuple(dict.fromkeys(located))
    return {name: values for name, values in found.items() if values}


def city_key(city: str | None) -> str | None:
    """Return what cities are compared by: the first part, without 市 (北京市-朝阳区: 北京)."""
    first = _SEPARATORS.split(normalize_query(city or "").strip())[0]
    return (first.removesuffix("市") if len(first) > 2 else first) or None


def key(text: str | None) -> str | None:
    """Return what categories and companies are compared by."""
    return normalize_query(text or "") or None


def filter_keys(filters: Filters | None) -> Filters | None:
    """Return a user's filters in the spelling of the indexed ones."""
    if filters is None:
        return None
    return replace(
        filters,
        city=city_key(filters.city),
        category=key(filters.category),
        company=key(filters.company),
        job_type=key(filters.job_type),
        benefit=tuple(filter(None, map(key, filters.benefit))),
    )


def monthly(value: Mapping[str, Any]) -> tuple[float | None, float | None] | None:
    """Return a salary mark's value in yuan a month; None where its unit tells no month's pay."""
    factor = MONTHLY.get(str(value.get("unit")))
    if factor is None or (value.get("min") is None and value.get("max") is None):
        return None
    low, high = (
        round(value[end] * factor, 2) if value.get(end) is not None else None
        for end in ("min", "max")
    )
    return low, high


def _salary(post: Post, tags: Tags) -> tuple[float | None, float | None]:
    own = _marks(post.salary) if post.salary else {}
    for source in (own, tags):
        for mark in _meant(source, "salary"):
            pay = monthly(mark.value) if isinstance(mark.value, dict) else None
            if pay is not None:
                return pay
    return None, None


def _ticked(post: Post, enrichment: Enrichment) -> list[Tags]:
    refused = {rejected.tag for rejected in enrichment.rejected_tags}
    return [_marks(tag) for tag in post.tags if tag not in refused]


@lru_cache(maxsize=10_000)
def _marks(text: str) -> Tags:
    from enrich.tags import find_marks

    return find_marks("body", normalize(text))


@lru_cache(maxsize=10_000)
def _places(city: str) -> tuple[str, ...]:
    from enrich.tags.places import find_places

    return tuple(str(found.value) for found in find_places(normalize_query(city), city))


def _both(tags: Tags, ticked: Iterable[Tags], name: str) -> tuple[str, ...]:
    every = (*words(tags, name), *(word for more in ticked for word in words(more, name)))
    return tuple(dict.fromkeys(every))


def words(tags: Tags, name: str, polarity: Polarity = "+") -> tuple[str, ...]:
    """Return the values of an attribute that are stated, or denied, as strings, each once."""
    return tuple(dict.fromkeys(_word(mark) for mark in _meant(tags, name, polarity)))


def _meant(tags: Tags, name: str, polarity: Polarity = "+") -> list[Mark]:
    return [mark for mark in tags.get(name, ()) if mark.polarity == polarity]


def _word(mark: Mark) -> str:
    if isinstance(mark.value, dict):
        return json.dumps(mark.value, sort_keys=True, separators=(",", ":"))
    return mark.value if mark.value is not None else normalize_query(mark.text)


def _gender(found: Sequence[str]) -> str | None:
    if not found:
        return None
    return found[0] if len(set(found)) == 1 else "any"


def _experience(tags: Tags) -> int | None:
    values = [mark.value for mark in _meant(tags, "experience") if isinstance(mark.value, dict)]
    return _least(value.get("min") for value in values)


def _least(values: Iterable[Any]) -> int | None:
    return min((int(value) for value in values if value is not None), default=None)


def _most(values: Iterable[Any]) -> int | None:
    return max((int(value) for value in values if value is not None), default=None)
