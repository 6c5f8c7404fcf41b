"""From queries to what is asked: parts, conditions, rewrites, and what wins."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import TAXONOMY

from search.conditions import Bound, Condition, Held, Says, Unstated
from search.index import Alternative, Either, FilterQuery, Filters, TextQuery
from search.intent.model import Intent, Understood
from search.intent.reader import reader_of
from search.interpreter import Interpreter, Knowledge
from search.pieces import pieces_of
from search.query import QueryParser
from search.rewrite.model import Expansion, Kind, Rewritten, Source
from search.rule import Rule, Use, read_rule
from search.understanding import Understanding

PARSER = QueryParser(TAXONOMY)
READER = reader_of(TAXONOMY)
WAITER = ("waiter", "attendant")


class Rewriter:
    """Knows other words for 服务员, and what words mean that no taxonomy has."""

    def rewrite(self, text: str) -> Rewritten:
        if text == "服务员":
            found = (
                Expansion("服务生", 1.0, Kind.SAME, Source.TAXONOMY, ("waiter",)),
                Expansion("堂食小哥", 0.8, Kind.NARROWER, Source.ENCODER),
                Expansion("骑手", 0.85, Kind.RELATED, Source.CLICKS, ("rider",)),
            )
            return Rewritten(text, "服务员", ("waiter",), found)
        if text == "端碟子":
            return Rewritten(text, "服务员", ("waiter",), ())
        return Rewritten(text, None, (), ())


def read(query: str, given: Filters | None = None, **uses: Use) -> Understanding:
    rule = Rule(**uses)  # type: ignore[arg-type]
    return Interpreter(PARSER, Knowledge(READER, Rewriter()), rule).read(query, given)


def groups(understanding: Understanding) -> list[tuple[Condition, ...]]:
    found = understanding.conditions()
    return list(found.must) if found else []


def refused(understanding: Understanding) -> list[Condition]:
    found = understanding.conditions()
    return list(found.must_not) if found else []


def words(understanding: Understanding) -> list[tuple[str, str]]:
    return [(part.text, part.attribute) for part in understanding.parts]


def test_a_position_alone_is_one_part_with_lighter_words() -> None:
    found = read("服务员")
    (part,) = found.parts
    assert part.phrase.stream == "offer"
    assert part.phrase.positions == WAITER
    # 服务生 is the position itself; another position is asked by id; other names by their words.
    assert part.phrase.alternatives == (
        Alternative((Says(("堂", "食", "小", "哥"), "offer"),), 0.6),
        Alternative((Held("position", ("rider",)),), 0.3),
    )
    assert found.conditions() is None
    assert found.meaning == "服务员"


def test_without_rewriting_the_words_stand_as_ever() -> None:
    interpreter = Interpreter(PARSER, Knowledge(READER, Rewriter()))
    for query in ("服务员", "会计专业", "北京服务员 4000以上", "传菜服务员 包住", "不要夜班"):
        found = interpreter.literal(query)
        assert found.parts == PARSER.parse(query, rewrite=False)
        assert found.text() == TextQuery(tuple(part.phrase for part in found.parts))
        assert found.conditions(Filters(city="北京")) == Filters(city="北京")
        assert found.steps() == ()


def test_a_kind_of_expansion_can_be_left_out() -> None:
    rule = Rule(related=0, narrower=0)
    found = Interpreter(PARSER, Knowledge(READER, Rewriter()), rule).read("服务员")
    assert found.parts[0].phrase.alternatives == ()
    kept = Interpreter(PARSER, Knowledge(READER, Rewriter()), Rule(related=0)).read("服务员")
    assert [one.weight for one in kept.parts[0].phrase.alternatives] == [0.6]


def test_what_is_merely_near_is_neither_asked_nor_told() -> None:
    rule = Rule(related_from=0.9)
    found = Interpreter(PARSER, Knowledge(READER, Rewriter()), rule).read("服务员")
    assert [one.weight for one in found.parts[0].phrase.alternatives] == [0.6]
    assert [one.text for one in found.rewrites[0].expansions] == ["服务生", "堂食小哥"]


def test_positions_are_asked_by_id_in_the_intent_channel() -> None:
    asked = read("传菜服务员 4000以上").intent()
    assert isinstance(asked, TextQuery)
    assert asked.parts[0].positions == WAITER  # type: ignore[union-attr]
    assert asked.parts[0].tokens == ()  # type: ignore[union-attr]


def test_words_and_conditions_are_told_apart() -> None:
    found = read("北京朝阳区服务员4000以上包住")
    assert words(found) == [("服务员", "position")]
    attributes = [need.attribute for need in found.needs]
    assert sorted(attributes) == ["benefit", "location", "salary"]
    assert found.meaning == "服务员 包住"
    assert found.stands_for == ("job_type", "benefit")


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("会粤语", "会粤语"),
        ("会四川话的服务员", "会四川话 服务员"),
        ("普通话标准的服务员", "普通话标准 服务员"),
        ("会普通话服务员", "会普通话服务员"),
        ("C1驾照 服务员", "C1驾照 服务员"),
        ("Excel服务员", "Excel服务员"),
        ("Excel和PPT的服务员", "Excel PPT 服务员"),
        ("boss直聘 服务员", "服务员"),
        ("不用喝酒的服务员", "不用喝酒 服务员"),
        ("不用面试的服务员", "服务员"),
        ("没工作找服务员", "服务员"),
        ("无需驾照服务员", "无需驾照服务员"),
        ("北京招聘服务员", "服务员"),
        ("包住的服务员 4000以上", "包住 服务员"),
        ("不要夜班的服务员", "服务员"),
        ("招聘", "招聘"),
    ],
)
def test_a_vector_is_made_of_all_that_is_looked_for(query: str, meaning: str) -> None:
    assert read(query).meaning == meaning


@pytest.mark.parametrize(
    "query", ["不喝酒 服务员", "不用喝酒的服务员", "服务员 不用喝酒", "不需要喝酒的服务员"]
)
def test_what_is_negated_need_not_stand_in_a_post(query: str) -> None:
    found = read(query)
    assert words(found) == [("服务员", "position")]
    assert "喝酒" in found.meaning


def test_a_negation_alone_is_asked_as_it_stands() -> None:
    assert [text for text, _ in words(read("不喝酒"))] == ["不喝酒"]


def test_what_is_only_named_is_refused_where_one_position_is_asked() -> None:
    """Of 服务员 骑手 either answers, whatever else a post names."""
    one = read("服务员").near_conditions()
    assert one is not None
    assert one.must_not == (Held("named", WAITER),)
    assert read("服务员 骑手").near_conditions() is None


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("包住", ("包住",)),
        ("寒假工 包住", ("寒假工", "包住")),
        ("双休 包吃住", ("包吃住", "双休")),
        ("小时工 兼职 双休", ("双休",)),  # either kind of work will do
    ],
)
def test_what_denies_what_nearness_asks_is_refused(query: str, wanted: tuple[str, ...]) -> None:
    one = read(query).near_conditions()
    assert one is not None
    assert one.must_not == (Held("denied", wanted),)


def test_what_is_refused_or_not_asked_is_denied_by_nothing() -> None:
    refused = read("不要夜班").near_conditions()
    assert refused is not None
    assert not any(isinstance(c, Held) and c.field == "denied" for c in refused.must_not)
    assert read("包住", benefit="ignore").near_conditions() is None
    assert read("包住").refusals().near_conditions() is None


def test_a_literal_query_is_drawn_nowhere() -> None:
    assert read("服务员").drawn_to == WAITER
    literal = Interpreter(PARSER, Knowledge(READER, Rewriter())).literal("服务员")
    assert literal.positions == WAITER
    assert literal.drawn_to == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("服务员 4000以上", (Bound("pay", at_least=4000.0), Unstated("pay"))),
        ("服务员 200一天", (Bound("pay", at_least=4400.0), Unstated("pay"))),
        ("服务员 大专", (Bound("education", at_most=4), Unstated("education"))),
        ("服务员 学历不限", (Bound("education", at_most=0), Unstated("education"))),
        ("服务员 无经验", (Bound("experience", at_most=0), Unstated("experience"))),
        ("服务员 1-3年经验", (Bound("experience", at_most=36), Unstated("experience"))),
        ("服务员 女", (Held("gender", ("female", "any")), Unstated("gender"))),
        ("服务员 包住", (Held("benefit", ("包住", "包吃住")),)),
        # Posts state how they pay out as benefits, queries ask for it as a kind of work.
        ("服务员 日结", (Held("job_type", ("日结",)), Held("benefit", ("日结",)))),
    ],
)
def test_a_condition_lets_posts_through_that_state_nothing(query: str, expected: object) -> None:
    assert groups(read(query)) == [expected]


def test_an_age_must_lie_within_what_a_post_accepts() -> None:
    assert groups(read("服务员 45岁")) == [
        (Bound("age_max", at_least=45), Unstated("age_max")),
        (Bound("age_min", at_most=45), Unstated("age_min")),
    ]


def test_food_and_lodging_may_be_stated_apart() -> None:
    assert groups(read("服务员 包吃住")) == [
        (Held("benefit", ("包吃住", "包吃")),),
        (Held("benefit", ("包吃住", "包住")),),
    ]


def test_what_few_posts_state_is_asked_by_what_others_state() -> None:
    assert groups(read("服务员 全职")) == []
    (refusal,) = refused(read("服务员 全职"))
    assert isinstance(refusal, Held)
    assert "兼职" in refusal.values


def test_an_employer_is_the_company_or_stands_in_the_text() -> None:
    (group,) = groups(read("海底捞 服务员"))
    assert Held("company", ("海底捞",)) in group
    assert Says(("海", "底", "捞")) in group


def test_refusals() -> None:
    found = read("服务员 不要夜班 非中介 不要骑手")
    assert refused(found) == [
        Held("job_type", ("夜班",)),
        Held("benefit", ("夜班",)),
        Held("job_type", ("劳务派遣",)),
        Held("position", ("rider",)),
    ]
    assert words(found) == [("服务员", "position")]


def test_a_refusal_alone_asks_for_all_other_posts() -> None:
    found = read("不要骑手")
    assert isinstance(found.text(), FilterQuery)
    assert refused(found) == [Held("position", ("rider",))]


def test_a_kind_of_place_must_stand_in_the_text() -> None:
    found = read("火锅店服务员")
    assert words(found) == [("火锅店", "workplace"), ("服务员", "position")]
    assert found.parts[0].phrase.stream == "text"


@pytest.mark.parametrize("query", ["会计专业", "会计报表", "会计部"])
def test_a_field_of_work_stays_whole(query: str) -> None:
    (part,) = read(query).parts
    assert (part.text, part.attribute, part.phrase.stream) == (query, "generic", "text")
    assert part.instead is not None
    assert part.instead.positions == ("accountant",)


def test_talk_asks_nothing_and_certificates_only_add() -> None:
    found = read("急招骑手 C1 健康证")
    assert words(found) == [("骑手", "position")]
    tokens = [hint[0].tokens for hint in found.hints if isinstance(hint[0], Says)]
    assert tokens == [("c1",), ("健", "康", "证")]
    assert len(found.boosts) == 2


def test_unknown_words_must_stand_in_the_text() -> None:
    found = read("骑手 区块链")
    assert words(found) == [("骑手", "position"), ("区块链", "generic")]
    # Or they are an employer's name that no dictionary has.
    (other,) = found.parts[1].phrase.alternatives
    assert other.any_of == (Held("company", ("区块链",)),)


def test_unknown_words_may_be_known_to_the_rewriter() -> None:
    (part,) = read("端碟子 包住").parts
    assert (part.text, part.attribute, part.positions) == ("端碟子", "position", WAITER)
    assert part.phrase.stream == "text"


def test_conditions_alone_are_a_query() -> None:
    found = read("北京 包住")
    assert found.parts == ()
    assert found.text() == found.intent()
    assert isinstance(found.text(), FilterQuery)


def test_a_query_that_asks_nothing_is_read_by_its_words() -> None:
    found = read("附近")
    assert words(found) == [("附近", "generic")]


def test_of_several_positions_one_is_enough() -> None:
    found = read("服务员 骑手 区块链")
    for asked in (found.text(), found.intent()):
        assert isinstance(asked, TextQuery)
        either, words = asked.parts
        assert isinstance(either, Either)
        assert len(either.phrases) == 2
        assert not isinstance(words, Either)
    literal = Interpreter(PARSER, Knowledge(READER)).literal("服务员 骑手").text()
    assert isinstance(literal, TextQuery)
    assert len(literal.parts) == 2


def test_pieces_are_as_written_and_signs_only_part_them() -> None:
    intents = [
        Intent(text, "generic", None, "unknown") for text in ("reactnative", "，", "会", "计")
    ]
    found = pieces_of(" react  native，会计 ", intents)
    assert [(piece.written, piece.glued) for piece in found] == [
        ("react  native", False),
        ("会", False),
        ("计", True),
    ]


def test_what_is_given_beside_the_query_wins() -> None:
    given = Filters(city="上海", salary_at_least=9000, job_type="兼职")
    found = read("北京服务员4000以上全职包住", given)
    assert {need.attribute: need.use for need in found.needs} == {
        "location": "ignore",
        "salary": "ignore",
        "job_type": "ignore",
        "benefit": "filter",
    }
    conditions = found.conditions(given)
    assert conditions is not None
    assert (conditions.city, conditions.salary_at_least) == ("上海", 9000)
    assert len(conditions.must) == 1


def test_a_given_filter_leaves_refusals() -> None:
    found = read("服务员 不要夜班", Filters(job_type="兼职"))
    assert Held("job_type", ("夜班",)) in refused(found)


def test_a_position_in_its_place_is_rewritten_by_its_own_name() -> None:
    asked: list[str] = []

    class Listening(Rewriter):
        def rewrite(self, text: str) -> Rewritten:
            asked.append(text)
            return super().rewrite(text)

    class Placed:
        def understand(self, query: str) -> Understood:
            clerk = ("药店店员", "test", (), ("drugstore-clerk",))
            place = Intent("药店", "workplace", "药店", "test")
            return Understood(query, (place, Intent("店员", "position", *clerk)))

    found = Interpreter(PARSER, Knowledge(Placed(), Listening())).read("药店店员")
    assert asked == ["药店店员"]
    assert found.parts[1].phrase.tokens == ("店", "员")


def test_each_attribute_goes_by_the_rule() -> None:
    query = "服务员 包住"
    assert groups(read(query, benefit="boost")) == []
    boosted = read(query, benefit="boost")
    assert [boost.any_of for boost in boosted.boosts] == [(Held("benefit", ("包住", "包吃住")),)]
    assert words(read(query, benefit="text")) == [("服务员", "position"), ("包住", "benefit")]
    ignored = read(query, benefit="ignore")
    assert groups(ignored) == []
    assert words(ignored) == [("服务员", "position")]
    assert words(read("骑手 区块链", generic="ignore")) == [("骑手", "position")]
    assert read("骑手 区块链", generic="boost").hints == ((Says(("区", "块", "链")),),)
    assert groups(read("火锅店服务员", workplace="filter"))[0][0] == Held(
        "tag:workplace", ("火锅店",)
    )


def test_a_refusal_ignores_the_use_unless_that_is_ignore() -> None:
    for use in ("filter", "boost", "text"):
        assert refused(read("服务员 不要夜班", job_type=use)), use  # type: ignore[arg-type]
    assert not refused(read("服务员 不要夜班", job_type="ignore"))


def test_stated_pay_comes_before_silence() -> None:
    (boost,) = read("服务员 4000以上").boosts
    assert boost.any_of == (Bound("pay", at_least=4000.0),)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"location": "never"}, "location = 'never'"),
        ({"colour": "boost"}, "colour is no attribute"),
        ({"generic": "filter"}, "generic = 'filter'"),
        ({"boost": 0}, "boost = 0"),
        ({"same": 1}, "same = 1"),
    ],
)
def test_a_wrong_rule_is_named(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_rule(values)


pieces = st.sampled_from(
    [
        *(
            "服务员",
            "骑手",
            "会计",
            "专业",
            "报表",
            "4000以上",
            "200一天",
            "包吃住",
            "双休",
            "日结",
        ),
        *("北京", "朝阳区", "附近", "某某路", "海底捞", "火锅店", "女", "45岁", "大专以上", "3年"),
        *("不要", "非", "夜班", "全职", "c1", "急招", "java", "开发", " ", "，", "/", "😀", "０"),
    ]
)
given_filters = st.none() | st.builds(
    Filters,
    city=st.none() | st.sampled_from(["北京", "上海"]),
    job_type=st.none() | st.just("兼职"),
)
uses = st.sampled_from(["filter", "boost", "text", "ignore"])


@settings(deadline=None)
@given(
    st.lists(pieces, max_size=10).map("".join) | st.text(max_size=40),
    given_filters,
    uses,
)
def test_any_query_is_understood(query: str, given: Filters | None, use: Use) -> None:
    found = read(query, given, location=use, benefit=use, company=use)
    written = "".join(query.split())
    assert "".join(intent.text for intent in found.intents) == written
    json.dumps(found.to_mapping(explain=True))
    asked = found.text()
    assert found.is_empty == (asked is None)
    # Where a letter or digit is asked for, something is asked.
    assert found.is_empty <= (not PARSER.parse(query, rewrite=False))
    for steps in (found.steps()[:1], found.steps()):
        less = found.without(steps)
        assert not steps or len(less.relaxed) >= 1
        kept = list(dict.fromkeys(p for p in found.parts if p.attribute == "position"))
        assert [part for part in less.parts if part in kept] == kept
