"""Invariant 7: what was stripped cannot move the vector, wherever in the post it stands."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.text import GAP
from enrich.towers.text import MAX_CLAUSES, Reads, vector_text
from labels.train.data import Example
from tests.enrich.bait_support import (
    REAL,
    WRITTEN,
    baited,
    cosine,
    enriched,
    generated,
    judged,
    strips,
)

LEAST = 0.999
ENDS = (",", "。", "!", "\n", ";", ":", "(", ")")

said = st.sampled_from(
    ["招收银员", "包吃住", "月薪4,500", "早晚班轮换", "8:30到17:30", "会用电脑 会打字", "1", "c++"]
)
field = st.lists(st.tuples(said, st.sampled_from(ENDS)), max_size=MAX_CLAUSES + 4)
cut = st.sampled_from(
    [GAP, f"不如做{GAP}", f"比{GAP}强多了", f"{GAP}和{GAP}不用来", f"做过{GAP}的"]
)


def written(parts: Sequence[tuple[str, str]]) -> str:
    return "".join(said + end for said, end in parts)


@settings(deadline=None, max_examples=300)
@given(field, field, cut, st.sampled_from(ENDS), st.data())
def test_the_text_of_the_vector_is_that_of_a_post_without_the_clause(
    title: list[tuple[str, str]],
    body: list[tuple[str, str]],
    bait: str,
    end: str,
    data: st.DataObject,
) -> None:
    """All forms of reading; the number of clauses and the first sentence stay what they were."""
    fields = [title, body]
    chosen = data.draw(st.integers(0, 1))
    at = data.draw(st.integers(0, len(fields[chosen])))
    before = [written(parts) for parts in fields]
    after = list(before)
    after[chosen] = written(fields[chosen][:at]) + bait + end + written(fields[chosen][at:])
    for reads in get_args(Reads):
        assert vector_text(*after, reads) == vector_text(*before, reads)


@pytest.mark.parametrize(
    ("title", "body", "hired", "text"),
    [
        ("招送餐员", f"{GAP}不如送餐员,一单六块五", ("送餐员", "送餐员"), "招送餐员,一单六块五"),
        (f"{GAP}不如送餐员", "一单六块五", ("送餐员",), "不如送餐员,一单六块五"),
        ("", f"{GAP}不如送餐员,送餐员比{GAP}强", ("送餐员",), "不如送餐员"),
        (f"招收银员 不招{GAP}", "包吃住", ("收银员",), "招收银员,包吃住"),
        (f"java 开发 非{GAP} 勿扰", "", (), "java 开发 勿扰"),
        (f"不招{GAP}", "", (), ""),
    ],
)
def test_words_beside_what_was_cut_stay_where_they_alone_name_what_is_hired(
    title: str, body: str, hired: tuple[str, ...], text: str
) -> None:
    assert vector_text(title, body, "lead", hired) == text


def from_templates() -> list[Example]:
    return generated(120, 7)


def real() -> list[Example]:
    return _judged((REAL,))


def hand_written() -> list[Example]:
    return _judged(WRITTEN)


def _judged(paths: Sequence[Path]) -> list[Example]:
    missing = [path for path in paths if not path.is_file()]
    if missing:
        pytest.skip(f"{missing[0]} is missing: judged posts are no part of the project")
    return judged(paths, 80, 7)


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("posts", [from_templates, real, hand_written])
def test_a_stripped_clause_does_not_move_the_vector_wherever_it_stands(
    posts: Callable[[], list[Example]],
) -> None:
    cases = list(baited(posts(), 7))
    random.Random(7).shuffle(cases)
    befores = enriched([case.before for case in cases])
    afters = enriched([case.after for case in cases])
    found = [
        (case, cosine(before, after))
        for case, before, after in zip(cases, befores, afters, strict=True)
        if strips(before, after)
    ]
    moved = [(case.place, case.clause, moved) for case, moved in found if moved < LEAST]
    assert not moved
    # Clauses that the model does not strip are the gates' (labels/evaluate/gates.py).
    assert len(found) >= 0.5 * len(cases)
    assert {case.place for case, _ in found} >= {"body start", "body between", "title end"}
