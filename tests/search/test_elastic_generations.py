"""Generations without a server: names, requests, what is wrong with a mapping."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from search.elastic.aliases import (
    first_aliases,
    next_name,
    promote_actions,
    standby_aliases,
    swap_actions,
)
from search.elastic.config import ElasticConfig
from search.elastic.described import Described, mapping_problems
from search.elastic.roles import Generation
from search.schema import FORMAT, mapping, vector_field, vector_name

CONFIG = ElasticConfig(("http://localhost:9200",), prefix="site")
DAY = date(2026, 2, 3)


def described(found: dict[str, Any], format_: int | None = FORMAT) -> Described:
    generation = Generation("site-posts-2026.02.03-1", "u", "space", vector_field("space"))
    return Described(generation, "standby", None, False, format_, 0, found)


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ([], "site-posts-2026.02.03-1"),
        (["site-posts-2026.02.02-7"], "site-posts-2026.02.03-1"),
        (["site-posts-2026.02.03-9", "site-posts-2026.02.03-10"], "site-posts-2026.02.03-11"),
        (["site-posts-2026.02.03-old", "other-2026.02.03-4"], "site-posts-2026.02.03-1"),
    ],
)
def test_names_are_dated_and_counted(taken: list[str], name: str) -> None:
    assert next_name(CONFIG, taken, DAY) == name


def test_a_switch_removes_every_role_that_must_be_there_and_gives_it_to_the_other() -> None:
    actions = swap_actions(CONFIG, "a", "b")
    held = {("a", "site-posts"), ("a", "site-posts-write"), ("b", "site-posts-standby")}
    for action in actions:
        ((kind, what),) = action.items()
        pair = (what["index"], what["alias"])
        if kind == "remove":
            assert what["must_exist"] is True
            held.remove(pair)
        else:
            held.add(pair)
    assert held == {("b", "site-posts"), ("b", "site-posts-write"), ("a", "site-posts-standby")}


def test_whatever_has_the_aliases_loses_them_to_a_standby_that_is_forced() -> None:
    actions = promote_actions(
        CONFIG, "b", {"a": ["site-posts"], "b": [], "c": ["site-posts-write"]}
    )
    removed = [(a["remove"]["index"], a["remove"]["alias"]) for a in actions if "remove" in a]
    added = [(a["add"]["index"], a["add"]["alias"]) for a in actions if "add" in a]
    assert removed == [
        ("a", "site-posts"),
        ("c", "site-posts-write"),
        ("b", "site-posts-standby"),
    ]
    assert added == [("b", "site-posts"), ("b", "site-posts-write")]


def test_no_alias_that_is_written_to_can_have_two_indices() -> None:
    for aliases in (first_aliases(CONFIG), standby_aliases(CONFIG)):
        written = {name: more for name, more in aliases.items() if name != CONFIG.read_alias}
        assert written
        assert all(more == {"is_write_index": True} for more in written.values())


def test_the_mapping_that_this_version_writes_has_no_problems() -> None:
    assert mapping_problems(described(mapping("space", 8)), 8) == ()
    # The length comes with the first vector, other keys of ours may stand in _meta.
    found = mapping("space", 8)
    found["_meta"]["hirelens"]["recipe"] = "abc"
    assert mapping_problems(described(found), None) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m["properties"].pop("state"), "state is missing"),
        (lambda m: m["properties"].update(more={"type": "text"}), "more is no field"),
        (lambda m: m.update(dynamic="true"), "dynamic is not strict"),
        (lambda m: m["properties"].update(version={"type": "keyword"}), "version"),
        (
            lambda m: m["properties"]["match"]["properties"]["text_words"].update(
                position_increment_gap=0
            ),
            "match.text_words.position_increment_gap is 0, not 100",
        ),
        (
            lambda m: m["properties"]["match"]["properties"][vector_name("space")][
                "index_options"
            ].update(m=4),
            "index_options",
        ),
        (
            lambda m: m["properties"]["match"]["properties"].update(
                {vector_name("other"): {"type": "dense_vector"}}
            ),
            "vectors of another space",
        ),
        (lambda m: m["_meta"]["hirelens"].update(vector_space="other"), "vector_space is not"),
    ],
)
def test_each_change_of_a_mapping_is_told(change: Any, told: str) -> None:
    found = copy.deepcopy(mapping("space", 8))
    change(found)
    assert any(told in problem for problem in mapping_problems(described(found), 8))


def test_an_index_of_another_format_is_told_and_nothing_else() -> None:
    (problem,) = mapping_problems(described(mapping("space", 8), format_=None), 8)
    assert "format is None" in problem
