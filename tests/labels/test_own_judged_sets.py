"""The judged pairs and queries of our own are well formed and keep their halves apart."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[1] / "data"
HALVES = {"look", "blind"}
ATTRIBUTES = {
    "position",
    "company",
    "workplace",
    "location",
    "salary",
    "age",
    "gender",
    "education",
    "experience",
    "job_type",
    "benefit",
    "generic",
}
LEVELS = {"none", "primary", "junior", "secondary", "college", "bachelor", "master", "doctor"}
UNITS = {"month", "day", "hour", "week", "year", "time", "piece", "open"}
RANGES = {"salary", "age", "experience"}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, Any]]:
    return rows("rewrites_judged.jsonl")


@pytest.fixture(scope="module")
def queries() -> list[dict[str, Any]]:
    return rows("queries_fresh.jsonl")


@pytest.fixture(scope="module")
def blind() -> list[dict[str, Any]]:
    return rows("queries_blind.jsonl")


def test_pairs_have_their_fields(pairs: list[dict[str, Any]]) -> None:
    assert len(pairs) >= 1400
    for at, row in enumerate(pairs, 1):
        assert set(row) == {"query", "candidate", "label", "half"}, f"line {at}"
        assert row["label"] in (0, 1, 2), f"line {at}"
        assert row["half"] in HALVES, f"line {at}"
        assert row["query"].strip(), f"line {at}"
        assert row["candidate"].strip(), f"line {at}"
        assert row["query"] != row["candidate"], f"line {at}"


def test_no_pair_stands_twice(pairs: list[dict[str, Any]]) -> None:
    count = Counter((row["query"], row["candidate"]) for row in pairs)
    assert [pair for pair, times in count.items() if times > 1] == []


def test_no_query_and_no_turned_pair_stands_in_both_halves(pairs: list[dict[str, Any]]) -> None:
    halves: dict[str, set[str]] = {}
    for row in pairs:
        halves.setdefault(row["query"], set()).add(row["half"])
    assert [query for query, found in halves.items() if len(found) > 1] == []
    half = {(row["query"], row["candidate"]): row["half"] for row in pairs}
    turned = [(q, c) for q, c in half if half.get((c, q), half[q, c]) != half[q, c]]
    assert turned == []


def test_most_pairs_are_wrong_and_both_halves_have_all_labels(pairs: list[dict[str, Any]]) -> None:
    assert sum(row["label"] == 0 for row in pairs) >= 0.55 * len(pairs)
    assert {(row["half"], row["label"]) for row in pairs} == {
        (half, label) for half in HALVES for label in (0, 1, 2)
    }
    assert 0.6 < sum(row["half"] == "look" for row in pairs) / len(pairs) < 0.8


def test_texts_joined_are_the_query(queries: list[dict[str, Any]]) -> None:
    for at, row in enumerate(queries, 1):
        joined = "".join(intent["text"] for intent in row["intents"])
        assert joined == "".join(row["query"].split()), f"line {at}"


def test_no_query_stands_twice(queries: list[dict[str, Any]]) -> None:
    count = Counter("".join(row["query"].split()) for row in queries)
    assert [query for query, times in count.items() if times > 1] == []
    assert 0.4 < sum(row["half"] == "look" for row in queries) / len(queries) < 0.6


def test_intents_have_their_fields(queries: list[dict[str, Any]]) -> None:
    assert len(queries) >= 400
    for at, row in enumerate(queries, 1):
        assert set(row) == {"query", "intents", "half"}, f"line {at}"
        assert row["half"] in HALVES, f"line {at}"
        check_intents(row, at)


def test_the_blind_queries_are_well_formed(blind: list[dict[str, Any]]) -> None:
    assert len(blind) >= 220
    assert len({"".join(row["query"].split()) for row in blind}) == len(blind)
    for at, row in enumerate(blind, 1):
        assert set(row) == {"query", "intents"}, f"line {at}"
        joined = "".join(intent["text"] for intent in row["intents"])
        assert joined == "".join(row["query"].split()), f"line {at}"
        check_intents(row, at)


@pytest.mark.parametrize(
    ("name", "queries", "look"), [("queries_r3.jsonl", 360, 180), ("queries_r4.jsonl", 264, 184)]
)
def test_queries_in_halves_are_well_formed(name: str, queries: int, look: int) -> None:
    found = rows(name)
    assert len(found) == len({"".join(row["query"].split()) for row in found}) == queries
    assert sum(row["half"] == "look" for row in found) == look
    for at, row in enumerate(found, 1):
        assert set(row) == {"query", "intents", "half"}, f"line {at}"
        assert row["half"] in HALVES, f"line {at}"
        joined = "".join(intent["text"] for intent in row["intents"])
        assert joined == "".join(row["query"].split()), f"line {at}"
        check_intents(row, at)


def check_intents(row: dict[str, Any], at: int) -> None:
    """Fail with the line number where an intent lacks a field or has a value of a wrong shape."""
    for intent in row["intents"]:
        attribute = intent["attribute"]
        assert attribute in ATTRIBUTES, f"line {at}"
        wanted = {"text", "attribute"} | ({"value"} if attribute != "generic" else set())
        assert set(intent) - {"negated"} == wanted, f"line {at}"
        assert intent.get("negated", True) is True, f"line {at}"
        assert valid(attribute, intent.get("value")), f"line {at}: {intent}"


def valid(attribute: str, value: Any) -> bool:
    """Whether `value` has the shape that docs/intent.md gives to `attribute`."""
    if attribute == "generic":
        return value is None
    if attribute == "gender":
        return value in {"female", "male", "any"}
    if attribute == "education":
        return value["level"] in LEVELS and set(value) <= {"level", "min", "max"}
    if attribute in RANGES:
        low, high = value["min"], value["max"]
        ordered = low is None or high is None or 0 <= low <= high
        fields = {"min", "max"} | ({"unit"} if attribute == "salary" else set())
        known = attribute != "salary" or value["unit"] in UNITS
        return ordered and known and set(value) == fields
    return isinstance(value, str) and bool(value.strip())


def test_every_attribute_is_asked_for_often(queries: list[dict[str, Any]]) -> None:
    asked = Counter(
        attribute
        for row in queries
        for attribute in {intent["attribute"] for intent in row["intents"]}
    )
    least = {"company": 70, "location": 120, "job_type": 80, "benefit": 80, "workplace": 60}
    for attribute in ATTRIBUTES - {"generic"}:
        assert asked[attribute] >= least.get(attribute, 50), attribute
