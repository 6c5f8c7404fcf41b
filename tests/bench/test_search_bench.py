"""The search bench: what it computes of its spans is right, and a tiny run of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

import bench.searching
from bench.search_figures import Asked, Times, step_table, table
from bench.search_queries import SHARES, from_file, queries
from bench.search_watch import STEPS, Span, WatchedPlace, steps
from enrich.taxonomy import Taxonomy
from search.embedded import EmbeddedIndex
from search.index import Document, FilterSection, MatchSection
from search.tokens import char_stream


def test_steps_cover_the_whole_search() -> None:
    spans = [
        Span("text", 1.0, 3.0, 0.5),
        Span("encoding", 1.0, 2.0, 1.0),
        Span("vector", 2.0, 5.0, 2.0),
        Span("documents", 6.0, 7.0, 0.1),
        Span("documents", 7.0, 8.0, 0.1),
    ]
    found = steps(spans, 0.0, 9.0, 1.7)
    assert list(found) == list(STEPS)
    assert found["understanding"] == pytest.approx((1.0, 0.5))  # up to the first span
    assert found["fuse"] == pytest.approx((2.0, 1.0))  # from 5 to 6, from 8 to 9
    assert found["documents"] == (2.0, 0.2)
    assert found["text"] == (2.0, 0.5)
    assert found["intent"] == (0.0, 0.0)
    assert steps([], 0.0, 9.0, 8.0)["understanding"] == pytest.approx((9.0, 8.0))


def test_percentiles_are_in_milliseconds_by_nearest_rank() -> None:
    some = [Asked("a" if n % 2 else "b", "q", n / 1000, n / 2000, n % 3) for n in range(1, 101)]
    times = Times.of(some)
    assert (times.p50, times.p90, times.p99) == (50.0, 90.0, 99.0)
    assert (times.cpu_p50, times.cpu_p99) == (25.0, 49.5)
    lines = table({"run": some, "other": some[:1]}).splitlines()
    assert lines[2] == "| run | all kinds | 100 | 50.0 | 90.0 | 99.0 | 25.0 | 49.5 | 33 |"
    assert [line.split(" | ")[1] for line in lines[3:5]] == ["a", "b"]
    assert len(lines) == 6
    step = Asked("a", "q", 1.0, 1.0, 1, {"text": (0.002, 0.001)})
    told = step_table([step], [step]).splitlines()[-1]
    assert told == "| text | 2.0 | 2.0 | 1.0 | 1.0 | 2.0 | 2.0 | 1.0 | 1.0 |"


def test_queries_are_different_and_the_same_for_a_seed() -> None:
    taxonomy = Taxonomy.load()
    found = queries(200, 5, taxonomy)
    assert found == queries(200, 5, taxonomy)
    assert len({query for _, query in found}) == 200
    assert {kind for kind, _ in found} == set(SHARES)
    assert found != queries(200, 6, taxonomy)


def test_queries_of_a_file_count_once(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text("服务员\n\n 会计 \n服务员\n", "utf-8")
    assert from_file(path) == [("file", "服务员"), ("file", "会计")]
    path.write_text("\n", "utf-8")
    with pytest.raises(SystemExit, match="holds no query"):
        from_file(path)


@pytest.mark.model
@pytest.mark.slow
def test_a_tiny_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = WatchedPlace.of(tmp_path, 1)
    encode = place.enricher.encode_query
    index = EmbeddedIndex(tmp_path / "index.db", place.vector_space)
    jobs = ("服务员", "会计", "保安", "司机")
    for number, job in enumerate(jobs):
        text = char_stream(f"招{job}")
        match = MatchSection(*[text] * 6, (), {}, encode(job))
        section = FilterSection(city="武汉")
        shown = {"title": job, "body": job}
        index.write([Document(f"{number}", 1, "open", "r", "d", match, section, shown, {})])
    asked = tmp_path / "queries.txt"
    asked.write_text("\n".join(jobs), "utf-8")
    told = tmp_path / "told.json"
    given = argparse.Namespace(queries=asked, count=4, seed=1, json=told)
    assert bench.searching.measure(place, given) in (0, 1)
    place.close()
    out = capsys.readouterr().out
    assert out.startswith("4 open posts, 4 queries")
    assert "against text alone" in out
    runs = json.loads(told.read_text("utf-8"))["runs"]
    cold, warm = (runs[f"all, {name}"] for name in ("cold", "warm"))
    assert all(one["steps"]["encoding"][0] > 0 == other["steps"]["encoding"][0]
               for one, other in zip(cold, warm, strict=True))  # fmt: skip
    assert all(one["hits"] and one["steps"]["vector"][0] > 0 for one in cold)
    assert not any(one["trouble"] for one in cold)


def test_a_home_of_another_space_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    EmbeddedIndex(tmp_path / "index.db", "old")
    monkeypatch.setattr(WatchedPlace, "vector_space", "new")
    with pytest.raises(SystemExit, match=r"vectors of old, its model gives new.*reenrich"):
        WatchedPlace.of(tmp_path, 1).check()
