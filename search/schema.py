"""The mapping and settings of an index generation on Elasticsearch: one typed schema, strict.

Sections by consumer: ``match`` is what queries read, ``filter`` what filters read, ``display`` the
post as given and ``debug`` why it was read so. ``plain`` is the original text as a stream, for
comparison only: nothing of it stands in ``match``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from enrich.post import AttributeName, digest

FORMAT = 3
"""Grows with every change of the schema; an index of another format needs a new generation."""
META = "hirelens"
"""The key of our own part of ``_meta``."""
CLAUSE_GAP = 100
"""Positions between two clauses: no phrase crosses them."""
VECTOR_OPTIONS: Mapping[str, Any] = {"type": "hnsw", "m": 16, "ef_construction": 100}
"""How vectors are indexed; chosen by measurement (docs/knn.md)."""

VECTOR_SEARCH: Mapping[str, Any] = {
    "hnsw_filter_heuristic": "fanout",
    "hnsw_enable_early_termination": False,
}
"""How the graph is walked. By default a filter that has to do with the query, such as a category,
loses a tenth of the neighbours (docs/knn.md). Servers before 9.3 do not know both."""

_TEXT = {
    "type": "text",
    "analyzer": "whitespace",
    "index_options": "positions",
    "norms": True,
    "position_increment_gap": CLAUSE_GAP,
}
# A longer value cannot be indexed at all: a term holds at most 32,766 bytes.
_KEYWORD = {"type": "keyword", "ignore_above": 8191}
_STORED = {"type": "keyword", "index": False, "doc_values": False}
_OPAQUE = {"type": "object", "enabled": False}
_NUMBERS = {
    "salary_min": "double",
    "salary_max": "double",
    "age_min": "integer",
    "age_max": "integer",
    "education": "integer",
    "experience": "integer",
}
_WORDS = ("city", "category", "company", "job_type", "benefit", "gender")


def vector_name(space: str) -> str:
    """Return the name of the vectors' field: it holds the space, so that no other can land."""
    return f"vector_{digest([space])[:12]}"


def vector_field(space: str) -> str:
    """Return the full path of the vectors' field."""
    return f"match.{vector_name(space)}"


def mapping(
    space: str, length: int | None = None, options: Mapping[str, Any] = VECTOR_OPTIONS
) -> dict[str, Any]:
    """Return the mapping of a generation.

    Args:
        space: the vector space.
        length: numbers of a vector; None: the first vector fixes it.
        options: how vectors are indexed.
    """
    vector: dict[str, Any] = {
        "type": "dense_vector",
        "index": True,
        "similarity": "cosine",
        "index_options": dict(options),
    }
    if length is not None:
        vector["dims"] = length
    match = {
        **dict.fromkeys(("text_words", "text_chars", "offer_words", "offer_chars"), _TEXT),
        "positions": _KEYWORD,
        "named": _KEYWORD,
        "denied": _KEYWORD,
        "tags": {"properties": dict.fromkeys(get_args(AttributeName), _KEYWORD)},
        vector_name(space): vector,
    }
    return {
        "dynamic": "strict",
        "_meta": {
            META: {"format": FORMAT, "vector_space": space, "vector_field": vector_field(space)}
        },
        "properties": {
            "id": _KEYWORD,
            "version": {"type": "long"},
            "state": _KEYWORD,
            "recipe": _KEYWORD,
            "digest": _STORED,
            "match": {"properties": match},
            "plain": {"properties": {"text": _TEXT, "title": _TEXT}},
            "filter": {
                "properties": {
                    **dict.fromkeys(_WORDS, _KEYWORD),
                    **{name: {"type": kind} for name, kind in _NUMBERS.items()},
                    "updated_at": {"type": "date", "format": "strict_date_optional_time"},
                }
            },
            "display": _OPAQUE,
            "debug": _OPAQUE,
        },
    }


def settings(shards: int, replicas: int) -> dict[str, Any]:
    """Return the settings of a generation.

    The refresh interval is stated: a shard without one does not refresh while nobody searches.
    """
    return {
        "index": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "1s",
            "max_result_window": 10_000,
            "dense_vector": dict(VECTOR_SEARCH),
            "mapping": {"total_fields": {"limit": 100}},
        }
    }
