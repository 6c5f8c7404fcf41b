"""Which poster tags and categories are rejected, and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.fit import BEYOND_PAY, DENIED, NOT_HIRED, OTHER_REST, REQUIRED, Fits, reject
from enrich.lexicon import Lexicon
from enrich.post import HiredPosition, Post
from enrich.tagfit.side import head_of
from enrich.tags import find_marks
from enrich.taxonomy import Taxonomy
from enrich.text import normalize

TAXONOMY = Taxonomy.from_mapping(
    {
        "categories": [["s", "行业", ""], ["g", "组", "s"]],
        "positions": [
            ["staff", "员工", "g", [], ["员工"], []],
            ["waiter", "服务员", "g", ["staff"], ["服务员", "跑堂"], []],
            ["hall-waiter", "大堂服务员", "g", ["waiter"], ["大堂服务员"], []],
            ["rider", "骑手", "g", [], ["骑手"], []],
            ["design", "设计", "g", [], ["设计"], []],
            ["trainee", "学徒", "g", [], ["学徒"], []],
        ],
        "shared": {},
        "relations": [],
        "retired": {},
        "lookalikes": [],
        "ambiguous": [],
        "query_only": ["设计"],
    },
    "test",
)
WAITER = HiredPosition(id="waiter", name="服务员", score=1.0)
LEXICON = Lexicon(TAXONOMY)


def never(tag: str) -> bool | None:
    """Judge as if no tag of a position fitted."""
    return None if head_of(tag, TAXONOMY, LEXICON) is None else False


def always(_: str) -> bool | None:
    """Judge as if every tag fitted."""
    return True


def judge(
    body: str,
    tags: list[str],
    category: str | None = None,
    hired: tuple[HiredPosition, ...] = (WAITER,),
    fits: Fits = always,
) -> tuple[list[tuple[str, str]], str | None]:
    post = Post(id="1", title="", body=body or "。", tags=tuple(tags), category=category)
    rejected, accepted = reject(post, hired, TAXONOMY, find_marks("body", normalize(body)), fits)
    return [(item.tag, item.reason) for item in rejected], accepted


@pytest.mark.parametrize(
    ("tag", "kept"),
    [("骑手", False), ("急招骑手", False), ("外星人", True), ("设计", True), ("", True)],
)
def test_what_names_a_position_is_rejected_where_it_does_not_fit(tag: str, kept: bool) -> None:
    assert judge("招服务员", [tag], fits=never)[0] == ([] if kept else [(tag, NOT_HIRED)])
    assert judge("招服务员", [tag], fits=always)[0] == []


def test_a_category_stays_where_no_position_was_found() -> None:
    assert judge("招人", [], "骑手", hired=()) == ([], "骑手")


@pytest.mark.parametrize(
    ("body", "tag", "reason"),
    [
        ("不包吃住，自己租房", "包吃住", DENIED),
        ("包吃不包住", "包吃住", DENIED),
        ("包吃包住", "包吃住", None),
        ("什么也没说", "包吃住", None),
        ("不上夜班", "夜班", DENIED),
        ("单休，晚上九点下班", "双休", OTHER_REST),
        ("双休", "双休", None),
        ("双休", "单休", OTHER_REST),
        ("要两年以上工作经验", "不限经验", REQUIRED),
        ("有经验者优先，生手可教", "不限经验", None),
        ("底薪3000-4000元/月", "月入10000", BEYOND_PAY),
        ("底薪3000+提成", "月入10000", None),
        ("工资4000-5000元/月", "月薪5000", None),
        ("150一天", "月入10000", None),
        ("不收学徒", "学徒", DENIED),
    ],
)
def test_contradictions(body: str, tag: str, reason: str | None) -> None:
    assert judge(body, [tag])[0] == ([(tag, reason)] if reason else [])


@pytest.mark.parametrize(
    ("category", "accepted"),
    [
        ("餐饮/服务员", True),
        ("餐饮/骑手", False),
        ("物流", True),
        ("骑手/服务员", True),
        (None, None),
    ],
)
def test_categories(category: str | None, accepted: bool | None) -> None:
    rejected, kept = judge("招服务员", [], category)
    assert kept == (category if accepted else None)
    assert rejected == ([(category, NOT_HIRED)] if accepted is False else [])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=12), max_size=5), st.text(max_size=20), st.text(max_size=60))
def test_only_own_tags_are_rejected(tags: list[str], category: str, body: str) -> None:
    rejected, accepted = judge(body, tags, category)
    assert {tag for tag, _ in rejected} <= {*tags, category}
    assert (accepted is None) == any(
        tag == category for tag, _ in rejected[-1:]
    ) or accepted == category
