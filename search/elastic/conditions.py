"""Filters as Elasticsearch is asked for them: terms, ranges and phrases, nothing parsed: pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any, assert_never

from search.conditions import ID, AnyOf, Bound, Condition, Held, Says, Unstated
from search.index import Filters

Clause = dict[str, Any]
NOTHING: Clause = {"match_none": {}}
CHARS = {
    "text": "match.text_chars",
    "offer": "match.offer_chars",
    "plain": "plain.text",
    "title": "plain.title",
}
"""The field of each stream's character tokens."""


def conditions(filters: Filters | None) -> list[Clause]:
    """Return the hard conditions: open posts only, and those of the filters."""
    found = [term("state", "open")]
    return found if filters is None else found + wanted(filters)


def wanted(filters: Filters) -> list[Clause]:
    """Return the conditions of the filters alone."""
    found: list[Clause] = []
    for name in ("city", "category", "company", "job_type"):
        value = getattr(filters, name)
        if value is not None:
            found.append(term(f"filter.{name}", value))
    found += [term("filter.benefit", value) for value in filters.benefit]
    if filters.salary_at_least is not None:
        found.append(_pays(filters.salary_at_least, None))
    found += [any_of(group) for group in filters.must]
    if filters.must_not:
        found.append({"bool": {"must_not": [_condition(one) for one in filters.must_not]}})
    return found


def any_of(group: AnyOf) -> Clause:
    """Return what holds where one of the conditions does."""
    ways = [_condition(one) for one in group]
    return ways[0] if len(ways) == 1 else _either(ways)


def term(field: str, value: str) -> Clause:
    """Return what holds where a field has exactly this value."""
    return {"term": {field: {"value": value}}}


def phrase(tokens: Sequence[str], stream: str) -> Clause:
    """Return what holds where a stream has these tokens one behind the other."""
    return {"match_phrase": {CHARS[stream]: {"query": " ".join(tokens)}}} if tokens else NOTHING


def _condition(one: Condition) -> Clause:
    match one:
        case Held(field, values):
            return {"terms": {_path(field): list(values)}} if values else NOTHING
        case Bound("pay", at_least, at_most):
            return _pays(at_least, at_most)
        case Bound(field, at_least, at_most):
            return _range(field, at_least, at_most)
        case Unstated("pay"):
            return {"bool": {"must_not": [_exists("salary_min"), _exists("salary_max")]}}
        case Unstated(field):
            return {"bool": {"must_not": [_exists(field)]}}
        case Says(tokens, stream):
            return phrase(tokens, stream)
        case _:
            assert_never(one)


def _pays(at_least: float | None, at_most: float | None) -> Clause:
    """The upper end counts, the lower one where there is no upper."""
    if at_least is not None and not at_least < math.inf:
        return NOTHING  # JSON has no such number, nor one that is not a number
    low = {
        "bool": {
            "must_not": [_exists("salary_max")],
            "filter": [_range("salary_min", at_least, at_most)],
        }
    }
    return _either([_range("salary_max", at_least, at_most), low])


def _either(ways: list[Clause]) -> Clause:
    return {"bool": {"should": ways, "minimum_should_match": 1}} if ways else NOTHING


def _range(field: str, at_least: float | None, at_most: float | None) -> Clause:
    ends: Clause = {}
    if at_least is not None:
        ends["gte"] = max(at_least, -sys.float_info.max)
    if at_most is not None:
        ends["lte"] = at_most
    return {"range": {_path(field): ends}} if ends else _exists(field)


def _exists(field: str) -> Clause:
    return {"exists": {"field": _path(field)}}


def _path(field: str) -> str:
    if field == ID:
        return ID
    if field == "position":
        return "match.positions"
    if field in {"named", "denied"}:
        return f"match.{field}"
    if field.startswith("tag:"):
        return f"match.tags.{field.removeprefix('tag:')}"
    return f"filter.{field}"
