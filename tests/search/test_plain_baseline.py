"""The plain and title channels are the baselines of the judged sets, exactly."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from search_support import SPACE, TAXONOMY, enrich

from enrich.post import Post
from labels.evaluate.pairs import judged_pairs, judged_words, score
from search.document import build
from search.embedded import EmbeddedIndex
from search.service import Searcher

SHARED = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[2].parent / "shared"))
GOLD = SHARED / "data" / "gold"


@pytest.mark.skipif(not GOLD.exists(), reason=f"{GOLD} is not here")
@pytest.mark.parametrize("name", ["dev", "challenge"])
def test_plain_equals_the_raw_line(tmp_path: Path, name: str) -> None:
    with (GOLD / f"{name}.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    posts = [Post(id=row["id"], title=row["title"], body=row["body"]) for row in rows]
    index = EmbeddedIndex(tmp_path / "index.db", SPACE)
    index.write([build(post, enrich(post), 1, TAXONOMY) for post in posts])
    searcher = Searcher(index, TAXONOMY)
    pairs = judged_pairs(rows)
    returned = {
        (word, id_)
        for word in judged_words(pairs)
        for id_, _ in searcher.ranking(word, "plain", rewrite=False)
    }
    # Every judged pair and no other judged one: words found elsewhere are unjudged.
    assert pairs.keys() <= returned
    ours = score(pairs, returned).to_mapping()
    raw = score(pairs, pairs.keys()).to_mapping()
    assert {**ours, "unjudged": 0} == raw
