"""The mapping: strict, typed, the vectors' field named by its space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args

from enrich.post import AttributeName
from search.index import FilterSection, MatchSection
from search.schema import CLAUSE_GAP, META, mapping, settings, vector_field, vector_name

SPACE = "space-1"


def leaves(properties: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in properties.items():
        if "properties" in field:
            yield from leaves(field["properties"], f"{path}{name}.")
        else:
            yield path + name, field


def test_nothing_is_added_by_a_document() -> None:
    made = mapping(SPACE)
    assert made["dynamic"] == "strict"
    for name, field in made["properties"].items():
        assert "dynamic" not in field, name  # inherited
    for name in ("display", "debug"):
        assert made["properties"][name] == {"type": "object", "enabled": False}


def test_every_stream_is_made_of_tokens_that_are_ours() -> None:
    texts = {p: f for p, f in leaves(mapping(SPACE)["properties"]) if f["type"] == "text"}
    assert sorted(texts) == [
        "match.offer_chars",
        "match.offer_words",
        "match.text_chars",
        "match.text_words",
        "plain.text",
        "plain.title",
    ]
    for field in texts.values():
        assert field["analyzer"] == "whitespace"
        assert field["index_options"] == "positions"
        assert field["position_increment_gap"] == CLAUSE_GAP >= 100


def test_the_original_text_stands_in_no_match_field() -> None:
    match = mapping(SPACE)["properties"]["match"]["properties"]
    plain = {"plain_chars", "title_chars"}
    assert set(match) == {f.name for f in fields(MatchSection)} - plain - {"vector"} | {
        vector_name(SPACE)
    }


def test_every_filter_and_every_attribute_has_a_field() -> None:
    made = mapping(SPACE)["properties"]
    assert set(made["filter"]["properties"]) == {f.name for f in fields(FilterSection)}
    tags = made["match"]["properties"]["tags"]["properties"]
    assert set(tags) == set(get_args(AttributeName))


def test_another_space_is_another_field() -> None:
    assert vector_name(SPACE) != vector_name("space-2")
    assert vector_field(SPACE) == f"match.{vector_name(SPACE)}"
    assert vector_name("space-2") not in mapping(SPACE)["properties"]["match"]["properties"]
    ours = mapping(SPACE)["_meta"][META]
    assert (ours["vector_space"], ours["vector_field"]) == (SPACE, vector_field(SPACE))


def test_the_length_is_stated_where_it_is_known() -> None:
    def vector(length: int | None) -> dict[str, Any]:
        made = mapping(SPACE, length)["properties"]["match"]["properties"]
        return dict(made[vector_name(SPACE)])

    assert "dims" not in vector(None)
    assert vector(384)["dims"] == 384
    assert vector(384)["similarity"] == "cosine"
    assert vector(384)["index_options"]["type"]


def test_settings_state_what_would_else_depend_on_the_server() -> None:
    made = settings(3, 2)["index"]
    assert (made["number_of_shards"], made["number_of_replicas"]) == (3, 2)
    assert made["refresh_interval"] == "1s"
    assert made["max_result_window"] == 10_000
    assert made["dense_vector"]["hnsw_filter_heuristic"] == "fanout"
