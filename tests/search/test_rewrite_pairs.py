"""Verdicts on pairs of names with the shipped taxonomy alone, and the document's own pairs."""

from __future__ import annotations

from functools import cache

import pytest

from enrich.taxonomy import Taxonomy
from search.rewrite.combine import ACCEPT
from search.rewrite.model import Kind, Source, Sources
from search.rewrite.rewriter import Limits, PositionRewriter


@cache
def rewriter() -> PositionRewriter:
    return PositionRewriter(Taxonomy.load())


@pytest.mark.parametrize(
    ("query", "candidate"), [("理发师", "发型师"), ("理发师", "理发助理"), ("发型师", "理发师")]
)
def test_the_documents_good_pairs_are_accepted(query: str, candidate: str) -> None:
    found = rewriter().judge(query, candidate)
    assert found.accept
    assert found.source is Source.TAXONOMY


@pytest.mark.parametrize(
    ("query", "candidate"),
    [("英语老师", "日语老师"), ("英语老师", "法语老师"), ("药店店员", "商店店员")],
)
def test_the_documents_bad_pairs_are_refused_both_ways(query: str, candidate: str) -> None:
    assert not rewriter().judge(query, candidate).accept
    assert not rewriter().judge(candidate, query).accept


@pytest.mark.parametrize(
    ("query", "candidate", "accept"),
    [
        ("急招服务员", "服务员", True),
        ("服务员", "急招服务员", True),
        ("高级java工程师", "java开发", True),
        ("java开发", "高级java工程师", True),
        ("服物员", "餐厅服务员", True),
        ("服务员", "海底捞服务员", True),
        ("服务员", "火锅店服务员", True),
        ("凉菜师傅", "凉菜学徒", True),
        ("凉菜学徒", "凉菜师傅", False),
        ("服务员", "服务器运维", False),
        ("咖啡师", "咖啡机维修", False),
        ("咖啡师", "奶茶区域经理", False),
        ("店员", "店长", False),
        ("川菜厨师", "湘菜厨师", False),
        ("火车司机", "货车司机", False),
        ("女装销售", "男装销售", False),
        ("会计", "蓝色幻想", False),
    ],
)
def test_words_that_the_taxonomy_lacks_are_judged(query: str, candidate: str, accept: bool) -> None:
    found = rewriter().judge(query, candidate)
    assert found.accept is accept, found
    assert found.accept is (found.score >= ACCEPT)
    assert 0 <= found.score <= 1


def test_scores_fall_from_same_to_narrower_to_related_to_other_kinds() -> None:
    judge = rewriter().judge
    names = ("英文老师", "初中英语老师", "国际课程老师", "日语老师")
    scores = [judge("英语老师", name).score for name in names]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert judge("英语老师", "英语老师").score > scores[0]


def test_what_is_unknown_is_told() -> None:
    found = rewriter().judge("蓝色幻想", "时空穿越")
    assert found.source is None
    assert found.why == "nothing is known of the two"


def test_a_name_expands_to_its_other_names_kinds_and_what_is_near() -> None:
    found = rewriter().rewrite("英语老师")
    assert found.canonical == "英语老师"
    assert found.positions == ("english-teacher",)
    kinds = {one.text: one.kind for one in found.expansions}
    assert kinds["英语教师"] is Kind.SAME
    assert kinds["初中英语老师"] is Kind.NARROWER
    assert kinds["国际课程老师"] is Kind.RELATED
    assert "日语老师" not in kinds
    assert "英语老师" not in kinds
    assert all(one.score < 1 for one in found.expansions)
    assert [one.score for one in found.expansions] == sorted(
        (one.score for one in found.expansions), reverse=True
    )


def test_expansions_are_limited_by_kind_and_the_same_every_time() -> None:
    limits = Limits(same=3, narrower=2, related=1)
    few = PositionRewriter(Taxonomy.load(), limits=limits)
    found = few.rewrite("服务员")
    counts = {kind: sum(one.kind is kind for one in found.expansions) for kind in Kind}
    assert counts == {Kind.SAME: 3, Kind.NARROWER: 2, Kind.RELATED: 1}
    assert few.rewrite("服务员") == found
    same = [one.text for one in found.expansions if one.kind is Kind.SAME]
    assert not any("服务员" in name for name in same), "a search for 服务员 finds these anyway"


def test_a_text_without_a_position_expands_to_nothing() -> None:
    found = rewriter().rewrite("蓝色幻想")
    assert found.canonical is None
    assert found.positions == ()
    assert found.expansions == ()


def test_parts_of_a_query_are_rewritten_as_what_they_mean() -> None:
    parts = rewriter().rewrite_query("北京药店店员4000以上 不要销售")
    assert [(part.query, part.canonical) for part in parts] == [("药店店员", "药店店员")]
    parts = rewriter().rewrite_query("服物员 保安")
    assert [part.canonical for part in parts] == ["服务员", "保安"]
    assert parts[0].query == "服务员"


def test_without_the_taxonomy_it_says_nothing() -> None:
    blind = rewriter().with_sources(Sources().without("taxonomy"))
    assert blind.judge("理发师", "发型师").source is None
    assert blind.rewrite("理发师").expansions == ()
    assert rewriter().judge("理发师", "发型师").accept


def test_the_same_words_are_the_same_whatever_is_asked() -> None:
    blind = rewriter().with_sources(Sources(taxonomy=False, encoder=False, clicks=False))
    assert blind.judge("蓝色幻想", "蓝色幻想").accept


def test_an_unknown_source_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="use one of taxonomy, encoder, clicks"):
        Sources().without("editors")


def test_many_pairs_are_judged_as_one_by_one() -> None:
    pairs = [("理发师", "发型师"), ("英语老师", "日语老师"), ("理发师", "发型师")]
    found = rewriter().judge_all(iter(pairs))
    assert found == tuple(rewriter().judge(*pair) for pair in pairs)
