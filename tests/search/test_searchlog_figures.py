"""Figures by bucket and channel, counted by hand and against a second way of counting."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from searchlog_support import IN_ANY_TIME, record, shown

from search.searchlog.exposition import exposition
from search.searchlog.figures import ANSWER, Row, figures, quantile
from search.searchlog.model import ChannelAnswer, SearchRecord

NAMES = ("text", "intent", "vector")


def run(channel: str, hits: int, milliseconds: float | None = 1.0, **given: Any) -> ChannelAnswer:
    return ChannelAnswer(channel=channel, hits=hits, total=hits, milliseconds=milliseconds, **given)


def rows(*records: SearchRecord) -> dict[tuple[str, str], Row]:
    return {(row.bucket, row.channel): row for row in figures(records)}


def test_counted_by_hand() -> None:
    found = rows(
        record(
            returned=3,
            shown=(shown(1, "text", "vector"), shown(2, "vector"), shown(3, "text")),
            channels=(run("text", 2, 4.0), run("vector", 9, 20.0)),
            milliseconds=30.0,
        ),
        record(
            returned=1,
            shown=(shown(1, "vector"),),
            channels=(run("text", 0, 2.0), run("vector", 1, 40.0)),
            milliseconds=50.0,
        ),
        record(
            returned=0,
            total=0,
            shown=(),
            channels=(run("text", 0, 3.0), run("vector", 0, None, trouble="no encoder")),
            milliseconds=10.0,
        ),
    )
    assert found["", "text"] == Row("", "text", 3, 2 / 3, 0.0, 3.0, 4.0, 4, 2 / 4, 1 / 4)
    # Where it failed it did not find nothing.
    assert found["", "vector"] == Row("", "vector", 3, 0.0, 1 / 3, 20.0, 40.0, 4, 3 / 4, 2 / 4)
    assert found["", ANSWER] == Row("", ANSWER, 3, 1 / 3, 1 / 3, 30.0, 50.0, 4, None, None)


def test_buckets_stand_apart_in_order_the_answer_first() -> None:
    channels = (run("vector", 1), run("text", 1))
    found = figures([record(bucket=name, channels=channels) for name in ("b", "", "a", "b")])
    assert [(row.bucket, row.channel, row.searches) for row in found] == [
        (bucket, channel, 2 if bucket == "b" else 1)
        for bucket in ("", "a", "b")
        for channel in (ANSWER, "text", "vector")
    ]


def test_nothing_gives_no_rows() -> None:
    assert figures([]) == []
    assert exposition([]).count("# TYPE") == 7


@pytest.mark.parametrize(
    ("times", "share", "value"),
    [([], 0.5, None), ([7.0], 0.5, 7.0), ([7.0], 0.95, 7.0), ([1.0, 2.0], 0.5, 1.0),
     ([3.0, 1.0, 2.0], 0.5, 2.0), (list(map(float, range(1, 101))), 0.95, 95.0),
     ([1.0, 2.0], 0.0, 1.0), ([1.0, 2.0], 1.0, 2.0)],
)  # fmt: skip
def test_quantiles(times: list[float], share: float, value: float | None) -> None:
    assert quantile(times, share) == value


POSTS = st.lists(st.sets(st.sampled_from(NAMES), min_size=1), max_size=5)
ANSWERS = st.lists(st.tuples(POSTS, st.sampled_from(("", "a"))), max_size=8)


@IN_ANY_TIME
@given(ANSWERS)
def test_shares_are_those_of_counting_posts(answers: list[tuple[list[set[str]], str]]) -> None:
    records = [
        record(
            n,
            bucket=bucket,
            returned=len(posts),
            shown=tuple(shown(rank, *sorted(names)) for rank, names in enumerate(posts, 1)),
            channels=tuple(run(name, sum(name in names for names in posts)) for name in NAMES),
        )
        for n, (posts, bucket) in enumerate(answers)
    ]
    for row in figures(records):
        posts = [names for found, bucket in answers if bucket == row.bucket for names in found]
        assert row.shown == len(posts)
        if row.channel == ANSWER:
            continue
        if posts:
            assert row.share == sum(row.channel in names for names in posts) / len(posts)
            assert row.exclusive == posts.count({row.channel}) / len(posts)
        else:
            assert (row.share, row.exclusive, row.empty) == (None, None, 1.0)


def test_prometheus_reads_what_is_printed() -> None:
    nasty = 'a"b\\c\nd'
    made = figures([record(bucket=nasty, channels=(run("text", 1, 8.0), run("vector", 0, None)))])
    samples = {
        (sample.name, sample.labels["channel"], sample.labels.get("quantile")): sample.value
        for family in text_string_to_metric_families(exposition(made))
        for sample in family.samples
        if sample.labels["bucket"] == nasty
    }
    assert samples["hirelens_search_answers", "text", None] == 1
    assert samples["hirelens_search_empty_ratio", "vector", None] == 1
    assert samples["hirelens_search_shown_ratio", "text", None] == 1
    assert samples["hirelens_search_exclusive_ratio", "text", None] == 1
    assert samples["hirelens_search_seconds", "text", "0.95"] == 0.008
    assert ("hirelens_search_seconds", "vector", "0.5") not in samples
    assert ("hirelens_search_shown_ratio", ANSWER, None) not in samples
