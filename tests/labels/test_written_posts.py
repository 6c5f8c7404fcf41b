"""The judged posts of the project's own: every mark lies on its word, teachers are no measure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.taxonomy import Taxonomy
from labels.train.data import WRITTEN, read_gold

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "tests/data/posts_judged.jsonl"
KINDS = ("coop", "manage", "exp", "exclude", "career", "compare", "context", "bait", "other")
LABELS = {"H", "X", *(f"N:{kind}" for kind in KINDS)}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_there_are_enough_of_every_label() -> None:
    labels = [m["label"] for path in WRITTEN for row in rows(path) for m in row["mentions"]]
    assert sum(len(rows(path)) for path in WRITTEN) > 2000
    for label in LABELS:
        assert labels.count(label) > 200, label


@pytest.mark.parametrize("path", [*WRITTEN, MEASURED], ids=lambda path: path.stem)
def test_every_mark_lies_on_its_word(path: Path) -> None:
    examples = read_gold([path])
    found = rows(path)
    assert [one.id for one in examples] == [row["id"] for row in found]
    assert all(one.authored for one in examples)
    for row in found:
        assert row["hired"], row["id"]
        for mention in row["mentions"]:
            assert mention["label"] in LABELS, row["id"]
            stretch = row[mention["field"]][mention["start"] : mention["end"]]
            assert stretch == mention["text"], row["id"]
        assert set(row["bad_tags"]) <= set(row["tags"]), row["id"]


def test_every_word_that_the_lexicon_knew_is_judged() -> None:
    """New names of the taxonomy may match more; few may."""
    lexicon = Lexicon(Taxonomy.load())
    every = missed = 0
    for row in (row for path in (*WRITTEN, MEASURED) for row in rows(path)):
        for field in ("title", "body"):
            marks = [(m["start"], m["end"]) for m in row["mentions"] if m["field"] == field]
            reading = read(row[field], lexicon)
            starts, ends = reading.normalized.starts, reading.normalized.ends
            for match in reading.matches:
                low, high = starts[match.start], ends[match.end - 1]
                every += 1
                missed += not any(start < high and low < end for start, end in marks)
    assert every > 10_000
    assert missed <= every / 100


def test_no_author_and_no_post_both_teaches_and_measures() -> None:
    taught = read_gold(WRITTEN)
    measured = read_gold([MEASURED])
    assert {one.group for one in taught}.isdisjoint(one.group for one in measured)
    assert {one.body.text for one in taught}.isdisjoint(one.body.text for one in measured)
    ids = [one.id for one in (*taught, *measured)]
    assert len(ids) == len(set(ids))
