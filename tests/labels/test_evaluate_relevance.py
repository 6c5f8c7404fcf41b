"""Figures of graded posts: the shared scorer's own, and what they are made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from relevance_support import generated, ranked

from labels.evaluate.relevance import (
    GradedPost,
    GradedQuery,
    RelevanceError,
    counts,
    figures,
    reached,
    read_graded,
    score,
)
from search.runs import write_trec

SHARED = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[3] / "shared"))
NAMES = {
    "ndcg@10": "ndcg@10",
    "map": "map",
    "recall": "recall@10",
    "recall_without": "recall@10 without",
    "recall_with": "recall@10 with",
    "bait": "bait above",
}


def _written(path: Path, queries: list[GradedQuery]) -> Path:
    rows = []
    for one in queries:
        also = [{"query": q, "post": p, "grade": g} for q, p, g in one.also]
        rows.append(asdict(one) | {"also": also})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.parametrize(("seed", "noise"), [(1, 0.5), (2, 1.5), (3, 5.0)])
def test_the_figures_are_the_shared_scorers(tmp_path: Path, seed: int, noise: float) -> None:
    scorer = SHARED / "eval" / "score_relevance.py"
    if not scorer.is_file():
        pytest.skip(f"{scorer} is missing: the shared scorer is not at hand")
    queries = generated(seed)
    rankings = ranked(queries, seed, noise)
    run = tmp_path / "run.trec"
    write_trec(run, [(q.query, [(p, 1.0) for p in rankings[q.id]]) for q in queries])
    gold = _written(tmp_path / "gold.jsonl", queries)
    done = subprocess.run(
        [sys.executable, scorer, gold, run], capture_output=True, text=True, check=True
    )
    theirs = {line[:18].strip(): line[18:].strip() for line in done.stdout.splitlines()}
    found = figures(score(read_graded(gold), rankings))
    assert theirs == {NAMES[name]: f"{e.value:.4f}" for name, e in found.items() if e}


def test_a_post_outside_the_group_is_passed_over() -> None:
    right = GradedPost("a", "招聘", "", 2, False)
    bait = GradedPost("b", "招聘", "", 0, True)
    one = GradedQuery("q", "g", "学徒", (right, bait))
    (row,) = score([one], {"q": ["x1", "x2", "a", "b"]})
    assert (row.ndcg, row.average_precision) == (1.0, 1.0)
    assert row.recall_without == (1.0, 1.0)
    assert row.bait == (0.0, 1.0)


def test_neither_returned_is_half_a_bait() -> None:
    right = GradedPost("a", "招聘", "", 2, False)
    bait = GradedPost("b", "招聘", "", 0, True)
    one = GradedQuery("q", "g", "学徒", (right, bait))
    assert score([one], {})[0].bait == (0.5, 1.0)
    assert score([one], {"q": ["b"]})[0].bait == (1.0, 1.0)


def test_reached_counts_the_places_of_everybody() -> None:
    posts = (GradedPost("a", "", "", 2, False), GradedPost("b", "", "", 2, True))
    one = GradedQuery("q", "g", "学徒", posts)
    found = reached([one], {"q": ["x", "b", "y", "a"]}, 2)
    assert found["all"].tolist() == [[1, 2]]
    assert found["without"].tolist() == [[0, 1]]
    assert reached([one], {"q": ["x", "b", "y", "a"]}, 4)["all"].tolist() == [[2, 2]]


def test_counts_add_up_to_the_figures() -> None:
    queries = generated(4)
    rows = score(queries, ranked(queries, 4, 1.0))
    for name, found in figures(rows).items():
        made = counts(rows)[name]
        assert found is not None
        assert found.value == pytest.approx(made[:, 0].sum() / made[:, 1].sum())
        assert found.low <= found.value <= found.high


def test_a_malformed_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "graded.jsonl"
    path.write_text('{"id": "a", "group": "g", "query": "学徒"}\n', "utf-8")
    with pytest.raises(RelevanceError, match=r"graded\.jsonl:1: no query with graded posts"):
        read_graded(path)
    with pytest.raises(RelevanceError, match="does not exist"):
        read_graded(tmp_path / "none.jsonl")
