"""Certificates: the usual name, the polarity, and words that are no certificate."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.tags.certificates import find_certificates
from enrich.text import normalize_query

PIECES = ["有", "c1", "驾照", "证", "券", "、", "cpa", "英语四级", " ", "。"]


def certificates(text: str) -> list[tuple[object, str]]:
    return [(item.value, item.polarity) for item in find_certificates(normalize_query(text))]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("持健康证上岗", [("健康证", "+")]),
        ("有低压电工证、叉车证", [("低压电工证", "+"), ("叉车证", "+")]),
        ("会开车，C1驾照", [("C1驾驶证", "+")]),
        ("驾照要B2以上", [("驾驶证", "+"), ("B2驾驶证", "+")]),
        ("有教师资格证者优先", [("教师资格证", "prefer")]),
        ("无需健康证", [("健康证", "-")]),
        ("不要求叉车证", [("叉车证", "-")]),
        ("叉车证不做要求", [("叉车证", "-")]),
        ("持有二级建造师", [("二级建造师", "+")]),
        ("有CPA证书优先", [("注册会计师", "prefer")]),
        ("英语CET-4以上", [("英语四级", "+")]),
    ],
)
def test_certificates(text: str, stated: list[tuple[str, str]]) -> None:
    assert certificates(text) == stated


@pytest.mark.parametrize(
    "text",
    [
        "招二级建造师一名",  # the post itself
        "教师资格证培训讲师",  # a course
        "带身份证面试",
        "拍c照片",
        "按cpa结算",
        "pmps",
        "住B2栋，包吃",
    ],
)
def test_what_is_no_certificate(text: str) -> None:
    assert certificates(text) == []


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.sampled_from(["有", "c1", "驾照", "证", "券", "、", "cpa", "英语四级", " ", "。"]))
)
def test_statements_are_ordered_and_apart(pieces: list[str]) -> None:
    text = normalize_query("".join(pieces))
    found = find_certificates(text)
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
