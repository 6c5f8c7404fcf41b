"""Names, relations, verdicts, and how scores combine."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.taxonomy import Taxonomy
from search.intent.reader import reader_of
from search.rewrite import verdicts
from search.rewrite.combine import ACCEPT, CEILING, PRIORS, Fit, combined, shared_characters
from search.rewrite.naming import Name, Namer
from search.rewrite.relations import WORDS, Relation, Relations
from search.rewrite.taxonomy_source import fit_of
from search.site.model import spelling


@cache
def namer() -> Namer:
    return Namer(Taxonomy.load(), reader_of(Taxonomy.load()))


@pytest.mark.parametrize(
    ("text", "core", "extra"),
    [
        ("高级Java工程师", "java工程师", set()),
        ("商店店员", "店员", {"商店"}),
        ("药店店员", "药店店员", set()),
        ("高级女装销售", "销售", {"女装"}),
        ("咖啡机维修", "维修", {"咖啡机"}),
        ("急招 服务员", "服务员", set()),
        ("蓝色幻想", "蓝色幻想", set()),
    ],
)
def test_a_name_has_a_core_and_what_narrows_it(text: str, core: str, extra: set[str]) -> None:
    found = namer().read(text)
    assert (found.core, set(found.extra)) == (core, extra)


def test_a_list_names_either_position() -> None:
    assert set(namer().read("服务员/保安").positions) == {"waiter", "security-guard"}
    assert namer().read("不要销售").positions == ()


@given(st.text(alphabet="服务员店长高级 /java、急招0", max_size=12))
def test_any_text_can_be_read(text: str) -> None:
    found = namer().read(text)
    assert found.text == spelling(text)
    assert bool(found.core) == bool(found.text)
    assert found.places <= found.extra


@cache
def relations() -> Relations:
    taxonomy = Taxonomy.load()
    return Relations(taxonomy, verdicts.shipped())


@pytest.mark.parametrize(
    ("query", "candidate", "relation"),
    [
        ("服务员", "餐厅服务员", Relation.SAME),
        ("英语老师", "初中英语老师", Relation.KIND),
        ("初中英语老师", "英语老师", Relation.BROADER),
        ("理发师", "理发助理", Relation.ASSISTANT),
        ("理发助理", "理发师", Relation.ASSISTED),
        ("理发师", "发廊店长", Relation.SENIOR),
        ("发廊店长", "理发师", Relation.JUNIOR),
        ("服务员", "传菜员", Relation.NEAR),
        ("药店店员", "店员", Relation.GENERIC),
        ("川菜厨师", "湘菜厨师", Relation.REFUSED),
        ("英语老师", "日语老师", Relation.SIBLING),
        ("服务员", "火锅店服务员", Relation.KIND),
        ("火锅店服务员", "服务员", Relation.SPECIAL),
        ("服务员", "洗碗工", Relation.SECTOR),
        ("服务员", "焊工", Relation.FAR),
    ],
)
def test_relations_are_told_as_seen_from_the_query(
    query: str, candidate: str, relation: Relation
) -> None:
    found = relations().between(namer().read(query), namer().read(candidate))
    assert found is not None
    assert found[0] is relation


def test_verdicts_name_positions_that_there_are() -> None:
    positions = Taxonomy.load().positions
    pairs = verdicts.shipped()
    assert pairs
    assert [id_ for pair in pairs for id_ in pair if id_ not in positions] == []
    assert all(one != other for one, other in pairs)
    assert len({pair for pair, good in pairs.items() if not good}) > 1000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\tb\trefuse\n", "x:1: is no header"),
        ("query\tcandidate\tverdict\na\tb\n", "x:2: write two ids"),
        ("query\tcandidate\tverdict\na\tb\tmaybe\n", "x:2: write two ids"),
        ("query\tcandidate\tverdict\na\tb\taccept\n# \nb\ta\trefuse\n", "x:4: contradicts"),
    ],
)
def test_a_bad_verdict_is_told_by_line(text: str, problem: str) -> None:
    with pytest.raises(verdicts.VerdictError, match=problem):
        verdicts.read(text, "x")


def test_a_verdict_may_hold_one_way_only(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.tsv"
    path.write_text("query\tcandidate\tverdict\na\tb\taccept-this\nb\ta\trefuse-this\n", "utf-8")
    assert dict(verdicts.load(path)) == {("a", "b"): True, ("b", "a"): False}


def test_every_relation_has_a_prior_and_words() -> None:
    assert set(PRIORS) == set(WORDS) == set(Relation)


shares = st.floats(0, 1)


@given(st.sampled_from([None, *Relation]), st.sampled_from(list(Fit)), shares, shares, shares)
def test_a_score_is_a_share_and_grows_with_each_voice(
    relation: Relation | None, fit: Fit, low: float, high: float, shared: float
) -> None:
    low, high = sorted((low, high))
    scores = [combined(relation, fit, near=near, shared=shared) for near in (low, high)]
    clicked = combined(relation, fit, near=low, clicked=high, shared=shared)
    assert 0 <= scores[0] <= scores[1] <= 1
    assert scores[0] <= clicked <= 1
    assert combined(relation, fit, shared=low) <= combined(relation, fit, shared=high)


@given(st.sampled_from([r for r in Relation if PRIORS[r].refused]), st.sampled_from(list(Fit)))
def test_what_is_refused_stays_refused_whatever_others_say(relation: Relation, fit: Fit) -> None:
    assert combined(relation, fit, near=1.0, clicked=1.0, shared=1.0) <= CEILING < ACCEPT


def test_less_agreement_of_the_rest_scores_less() -> None:
    for relation, low in itertools.product((Relation.SAME, Relation.KIND), (Fit.LESS, Fit.OTHER)):
        assert combined(relation, low) < combined(relation, Fit.MORE)
        assert combined(relation, Fit.MORE) < combined(relation, Fit.EQUAL)


def test_characters_in_common() -> None:
    assert shared_characters("服务员", "服务员") == 1
    assert shared_characters("服务员", "焊工") == 0
    assert 0 < shared_characters("物流专员", "物流文员") < 1
    assert shared_characters("", "焊工") == 0


def test_words_that_the_other_name_says_too_are_no_more() -> None:
    query = Name("生鲜理货员", "生鲜理货员", ("fresh-clerk",))
    assert fit_of(query, Name("生鲜上货员", "上货员", ("stocker",), extra=frozenset({"生鲜"}))) is (
        Fit.EQUAL
    )
    assert fit_of(query, Name("x", "x", extra=frozenset({"女装"}))) is Fit.MORE
    other = Name("男装", "x", extra=frozenset({"男装"}))
    assert fit_of(Name("女装", "x", extra=frozenset({"女装"})), other) is Fit.OTHER
    assert fit_of(other, Name("y", "y")) is Fit.LESS
