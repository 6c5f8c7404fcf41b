"""The kNN bench: what it computes of answers is right, and a tiny run of it on a real node."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from services import Elasticsearch

import bench.knn
from bench.knn_data import MissingVectorsError, Vectors
from bench.knn_figures import (
    Built,
    Row,
    Speed,
    costs,
    encoded,
    exact,
    nearest_share,
    passes,
    percentile,
    recall,
    table,
)
from bench.knn_vectors import pieces_of
from search.elastic.queries import NUM_CANDIDATES, OVERSAMPLE
from search.schema import VECTOR_OPTIONS, VECTOR_SEARCH

AXES = np.eye(4, dtype=np.float32)


def row(name: str, found: float, p50: float = 1.0) -> Row:
    return Row("es", "hnsw", 10, 100, None, name, found, found, found, Speed(p50, 2.0, 1.0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """1,000 clustered vectors of 16 numbers, 20 queries."""
    random = np.random.default_rng(1)
    centres = random.standard_normal((20, 16)) + 2  # no cosine is below the floor of queries
    spread = random.standard_normal((1000, 16)) * 0.3
    np.save(tmp_path / "vectors.npy", (centres[np.arange(1000) % 20] + spread).astype(np.float32))
    np.save(tmp_path / "queries.npy", centres.astype(np.float32))
    meta = [
        {
            "digest": f"{int(random.integers(2**32)):08x}",
            "city": "x" if at % 60 == 0 else "y" if at % 2 else "",
            "category": "rare" if at % 9 == 0 else "often",
        }
        for at in range(1000)
    ]
    (tmp_path / "meta.jsonl").write_text("".join(json.dumps(one) + "\n" for one in meta))
    return tmp_path


def test_a_vector_is_sent_as_big_endian_floats() -> None:
    raw = base64.b64decode(encoded(np.asarray([1.0, -0.5, 0.1], dtype=np.float32)))
    assert struct.unpack(">3f", raw) == pytest.approx((1.0, -0.5, 0.1))


def test_the_kth_best_cosine_is_the_bar_also_among_those_that_pass() -> None:
    query = np.asarray([[0.9, 0.5, 0.3, 0.1]], dtype=np.float32)
    assert exact(AXES, query, 2, None) == pytest.approx([0.5])
    passing = np.asarray([False, True, True, True])
    assert exact(AXES, query, 2, passing) == pytest.approx([0.3])
    with pytest.raises(ValueError, match="only 3 vectors pass"):
        exact(AXES, query, 4, passing)


def test_recall_counts_true_neighbours_once_by_their_own_cosine() -> None:
    query = np.asarray([[0.9, 0.5, 0.3, 0.1]] * 5, dtype=np.float32)
    bars = exact(AXES, query, 2, None)
    found = [[0, 1], [1, 0], [0, 2], [0, 0], []]
    assert recall(AXES, query, found, bars, 2) == [1.0, 1.0, 0.5, 0.5, 0.0]


def test_recall_takes_either_of_two_equal_neighbours_but_reads_no_further_than_k() -> None:
    vectors = np.asarray([[1, 0], [0.6, 0.8], [0.6, 0.8], [0, 1]], dtype=np.float32)
    query = np.asarray([[1, 0]] * 3, dtype=np.float32)
    bars = exact(vectors, query, 2, None)
    assert recall(vectors, query, [[0, 1], [0, 2], [3, 0, 1]], bars, 2) == [1.0, 1.0, 0.5]


def test_a_percentile_is_a_time_that_was_measured() -> None:
    times = [float(n) for n in range(1, 101)]
    assert (percentile(times, 50), percentile(times, 99)) == (50.0, 99.0)
    assert percentile([3.0, 1.0], 99) == 3.0


def test_a_filter_is_the_value_of_the_nearest_share() -> None:
    values = ["a"] * 50 + ["b"] * 12 + ["c"] * 2 + [""] * 36
    assert nearest_share(values, 0.1) == "b"
    assert nearest_share(values, 0.01) == "c"
    with pytest.raises(ValueError, match="no entry has a value"):
        nearest_share(["", ""], 0.1)


def test_every_filter_must_reach_the_bar() -> None:
    assert passes([row("all", 0.99), row("1 %", 1.0)], 0.99)
    assert not passes([row("all", 1.0), row("1 %", 0.9899)], 0.99)
    assert not passes([], 0.99)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_table_has_one_line_a_way_to_ask() -> None:
    lines = table([row("all", 1.0, 4.0), row("1 %", 0.5, 9.0)], 0.99).splitlines()
    assert len(lines) == 3
    assert cells(lines[2]) == [
        *("es hnsw", "10", "100", "", "1.0000", "0.5000", "no"),
        *("4.0", "9.0", "2.0", "1.0"),
    ]
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")


def test_costs_are_told_of_each_index() -> None:
    built = {"es hnsw": Built(10.0, 2.0, 5_000_000, 3_000_000, 1_000_000)}
    assert cells(costs(built, 1000).splitlines()[2]) == ["es hnsw", "100", "2", "5", "3", "1"]


def test_the_page_of_the_choice_names_what_the_product_does() -> None:
    page = (bench.knn.ROOT / "docs" / "knn.md").read_text("utf-8").split("## ")[0]
    options = f"`{VECTOR_OPTIONS['type']}`, m {VECTOR_OPTIONS['m']}, ef_construction "
    assert f"| {options}{VECTOR_OPTIONS['ef_construction']} |" in page
    assert f"| `num_candidates` | {NUM_CANDIDATES}, " in page
    assert f"| `rescore_vector` | {'none' if OVERSAMPLE is None else OVERSAMPLE} |" in page
    for name, value in VECTOR_SEARCH.items():
        assert f"`index.dense_vector.{name}` | `{str(value).lower()}` " in page


def test_a_post_is_cut_into_its_second_half_without_the_title() -> None:
    post = {"title": "ＡＢ", "body": "一二三四五六七八"}
    assert pieces_of(post, "whole") == ("ab", "一二三四五六七八")
    assert pieces_of(post, "0.5") == ("", "五六七八")
    assert pieces_of(post, "0.75") == ("", "七八")
    assert pieces_of({"title": "x", "body": None}, "whole") == ("x", "")


def test_filters_have_the_shares_that_their_names_say(folder: Path) -> None:
    vectors = Vectors.load(folder)
    shares = {one.name: vectors.share(one) for one in vectors.filters}
    assert shares["all"] == 1.0
    assert 0.07 < shares["10 %"] < 0.13
    assert 0.001 < shares["1 %"] < 0.03
    assert shares["category"] == pytest.approx(0.112)
    assert shares["city"] == pytest.approx(0.017)
    assert len(Vectors.load(folder, 300).fields["city"]) == 300


def test_missing_vectors_are_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(MissingVectorsError, match=r"vectors --posts FILE --out"):
        Vectors.load(tmp_path)


def test_without_vectors_the_bench_says_that_it_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["knn.py", "--vectors", str(tmp_path)])
    assert bench.knn.main() == 2
    assert capsys.readouterr().err.startswith("skipped: no vectors")


def test_a_tiny_run_measures_a_real_node_beside_faiss(
    folder: Path,
    elasticsearch: Elasticsearch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bench.knn, "DEPTHS", (10,))
    monkeypatch.setattr(bench.knn, "FILTERS", ("all", "category", "city"))
    monkeypatch.setattr(bench.knn, "ROUNDS", 1)
    out = folder / "figures.json"
    given = ["--vectors", str(folder), "--options", "hnsw 16/100", "--json", str(out)]
    monkeypatch.setattr("sys.argv", ["knn.py", *given, "--url", elasticsearch.url])
    assert bench.knn.main() == 0
    figures: dict[str, Any] = json.loads(out.read_text("utf-8"))
    found = {(r["engine"], r["index"]) for r in figures["rows"]}
    assert found == {
        ("faiss", "flat"),
        ("faiss", "hnsw 16/100"),
        ("es", "hnsw 16/100"),
        ("es", "hnsw 16/100 (server's walk)"),
    }
    flat = [r for r in figures["rows"] if r["index"] == "flat"]
    assert [r["recall"] for r in flat] == [1.0] * 3
    ours = [r for r in figures["product"]["rows"] if r["engine"] == "es"]
    assert [r["filter"] for r in ours] == ["all", "category", "city"]
    assert all(r["recall"] > 0.95 for r in ours)
    assert figures["built"]["es hnsw 16/100"]["hot"] >= 1000 * 16 * 4
    assert "Elasticsearch : faiss flat" in capsys.readouterr().out
    assert elasticsearch.request("GET", "/_cat/indices/hirelens-bench-*?format=json") == []
