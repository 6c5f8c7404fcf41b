"""Documents: sections, filter fields, digest."""

from __future__ import annotations

from typing import Any

import pytest
from search_support import TAXONOMY, enrich, mark

from enrich.post import Post, RejectedTag
from search.document import build, tombstone
from search.facets import city_key, filter_keys, monthly
from search.index import Filters

POST = Post(
    id="1",
    title="招服务员",
    body="不如送餐员，负责会计报表",
    city="北京市-朝阳区",
    category="餐饮",
    tags=("急聘",),
)
LABELS = {"送餐员": "N", "会计": "X"}


def test_streams_hold_what_each_may_show() -> None:
    match = build(POST, enrich(POST, LABELS), 1, TAXONOMY).match
    assert match is not None
    assert "送 餐 员" not in match.text_chars
    assert "会 计" in match.text_chars
    assert "会 计" not in match.offer_chars
    assert "送 餐 员" in match.plain_chars
    assert match.title_chars == "招 服 务 员"
    assert match.positions == ("catering", "waiter")


def test_what_is_named_and_not_hired_for_is_told() -> None:
    """Also where it is no position at all, not what is wider or narrower than what is hired for."""
    assert named(POST, LABELS) == ("accountant", "rider")
    both = Post(id="1", title="招服务员", body="传菜服务员不如服务员，骑手、送餐员")
    assert named(both, {"传菜服务员": "N", "骑手": "N"}) == ()
    assert named(both, {"传菜服务员": "N", "骑手": "N", "送餐员": "N"}) == ("rider",)
    assert named(Post(id="1", title="比服务员轻松"), {"服务员": "N"}) == ("waiter",)


def named(post: Post, labels: dict[str, str]) -> tuple[str, ...]:
    match = build(post, enrich(post, labels), 1, TAXONOMY).match
    assert match is not None
    return match.named


def test_what_a_post_says_it_has_not_is_told_unless_it_says_so_elsewhere() -> None:
    tags = {
        "benefit": [mark("不包住", "包住", "-"), mark("包吃", "包吃"), mark("不包吃", "包吃", "-")],
        "job_type": [mark("不招学徒", "学徒", "-"), mark("日结", "日结", "prefer")],
        "gender": [mark("不限女", "female", "-")],
    }
    match = build(POST, enrich(POST, {}, tags), 1, TAXONOMY).match
    assert match is not None
    assert match.denied == ("包住", "包吃住", "学徒")


def test_a_document_without_any_is_as_it_was_before_they_were_told() -> None:
    post = POST.model_copy(update={"body": "包住"})
    plain = build(post, enrich(post, {}), 1, TAXONOMY)
    assert plain.match is not None
    assert plain.match.named == ()
    assert plain.digest == "507d2f06667aa1f0"


def test_a_lookalike_stays_in_the_text_and_leaves_the_offer() -> None:
    post = Post(id="1", title="招骑手", body="给会计师事务所送餐")
    match = build(post, enrich(post), 1, TAXONOMY).match
    assert match is not None
    assert "会 计 师 事 务 所" in match.text_chars
    assert "会 计" not in match.offer_chars
    assert "送 餐" in match.offer_chars


def test_display_is_the_post_and_debug_says_why() -> None:
    document = build(POST, enrich(POST, LABELS), 7, TAXONOMY)
    assert document.display == POST.to_mapping()
    assert document.debug is not None
    assert document.debug["version"] == 7
    assert [m["label"] for m in document.debug["mentions"]] == ["H", "N", "X"]


def test_digest_follows_content_not_the_last_bits_of_floats() -> None:
    first = build(POST, enrich(POST, LABELS), 1, TAXONOMY)
    other = enrich(POST, LABELS)
    moved = other.model_copy(update={"vector": tuple(x + 1e-7 for x in other.vector)})
    assert build(POST, moved, 2, TAXONOMY).digest == first.digest
    assert build(POST, enrich(POST), 1, TAXONOMY).digest != first.digest
    changed = POST.model_copy(update={"company": "某店"})
    assert build(changed, enrich(changed, LABELS), 1, TAXONOMY).digest != first.digest


def test_a_closed_post_is_a_tombstone() -> None:
    closed = POST.model_copy(update={"deleted": True})
    document = build(closed, enrich(closed), 3, TAXONOMY)
    assert document == tombstone("1", 3, "recipe-1")
    assert document.match is document.display is document.filter is document.debug is None


def test_filter_fields_come_from_marks() -> None:
    tags: Any = {
        "salary": [mark("200/天", {"min": 200, "max": 300, "unit": "day"})],
        "benefit": [mark("包吃", "包吃"), mark("不包住", "包住", "-")],
        "education": [mark("大专", "college"), mark("本科", "bachelor", "prefer")],
        "experience": [mark("一年以上", {"min": 12, "max": None})],
        "age": [mark("18-45岁", {"min": 18, "max": 45})],
        "gender": [mark("男", "male"), mark("女", "female")],
        "job_type": [mark("夜班", None)],
    }
    document = build(POST, enrich(POST, LABELS, tags), 1, TAXONOMY)
    found = document.filter
    assert found is not None
    assert document.match is not None
    assert (found.salary_min, found.salary_max) == (4400, 6600)
    assert found.benefit == document.match.tags["benefit"] == ("包吃",)
    assert (found.education, found.experience, found.gender) == (4, 12, "any")
    assert (found.age_min, found.age_max) == (18, 45)
    assert found.job_type == ("夜班",)
    assert found.city == "北京"


def test_the_places_of_the_city_field_are_stated() -> None:
    stated: Any = {"location": [mark("望京", "望京")]}
    match = build(POST, enrich(POST, LABELS, stated), 1, TAXONOMY).match
    assert match is not None
    assert match.tags["location"] == ("望京", "北京市", "朝阳区")


def test_what_the_poster_ticked_counts_unless_the_text_does_not_bear_it_out() -> None:
    post = POST.model_copy(update={"tags": ("包吃住", "双休", "长白班", "急聘")})
    reading = enrich(post, LABELS).model_copy(
        update={
            "rejected_tags": (RejectedTag(tag="双休", reason="the post states other days off"),)
        }
    )
    found = build(post, reading, 1, TAXONOMY).filter
    assert found is not None
    assert found.benefit == ("包吃住",)
    assert found.job_type == ("白班",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"min": 20, "max": None, "unit": "hour"}, (3520, None)),
        ({"min": 120000, "max": 240000, "unit": "year"}, (10000, 20000)),
        ({"min": 1, "max": 1, "unit": "piece"}, None),
        ({"min": None, "max": None, "unit": "open"}, None),
    ],
)
def test_pay_is_compared_by_the_month(value: dict[str, Any], expected: object) -> None:
    assert monthly(value) == expected


def test_filters_are_spelt_like_the_index() -> None:
    assert city_key("北京市") == city_key("北京·海淀") == "北京"
    assert city_key("  ") is None
    assert filter_keys(Filters(company="ＡＢＣ", city="上海市")) == Filters(
        company="abc", city="上海"
    )


def test_the_salary_field_beats_the_text() -> None:
    tags: Any = {"salary": [mark("200/天", {"min": 200, "max": 300, "unit": "day"})]}
    post = POST.model_copy(update={"salary": "5000-6000元/月"})
    found = build(post, enrich(post, LABELS, tags), 1, TAXONOMY).filter
    assert found is not None
    assert (found.salary_min, found.salary_max) == (5000, 6000)
