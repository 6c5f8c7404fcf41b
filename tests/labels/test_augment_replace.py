"""Whose words are replaced or exchanged, and with which."""

import random

import pytest
from augment_support import HIRED, build, training_posts
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.encoder import CLASSES
from labels.augment import Words
from labels.augment.replace import ReplaceNamed
from labels.augment.swaps import exchanged, rehired
from labels.augment.titles import Donors
from labels.augment.words import position_words
from labels.train.data import Example

COMPARE, NOTHING, BAIT = (CLASSES.index(name) for name in ("N:compare", "X", "N:bait"))
WORDS = Words(training_posts())


def rider() -> Example:
    return build(
        [("招", None), ("送餐员", HIRED)],
        [("服务员", COMPARE), ("不如", None), ("送餐员", HIRED), (",", None),
         ("服务员", COMPARE), ("来,", None), ("销售", NOTHING), ("部", None)],
    )  # fmt: skip


def test_the_pool_holds_positions_only() -> None:
    assert position_words([rider()]) == ["服务员", "送餐员"]


@settings(deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["会计", "保洁员", "送餐", "骑手", "外卖员", "销售"]))
def test_only_named_words_change_and_never_to_what_touches_a_hired_one(
    seed: int, word: str
) -> None:
    pool = Words([build([(word, COMPARE)], [])])
    after = ReplaceNamed(pool, random.Random(seed), 1.0).apply(rider())
    words = [after.body.text[s:e] for s, e in after.body.spans]
    # 送餐 and 骑手 name the hired job, 销售 stands in the post: any of them could change a label.
    expected = word if word in {"会计", "保洁员"} else "服务员"
    assert words == [expected, "送餐员", expected, "销售"]
    assert (after.classes, after.title) == (rider().classes, rider().title)


def test_a_word_hired_elsewhere_in_the_post_stays() -> None:
    example = build([("服务员", HIRED)], [("服务员", COMPARE)])
    assert ReplaceNamed(WORDS, random.Random(1), 1.0).apply(example) == example


def test_exchanging_changes_title_and_body_alike() -> None:
    found = exchanged(rider(), WORDS, random.Random(1))
    assert found is not None
    after, old, new = found
    assert (old, new) == ("送餐员", "服务员")
    assert after.title.text == "招服务员"
    assert after.body.text == "送餐员不如服务员,送餐员来,销售部"
    assert after.classes == rider().classes
    assert after.hired == ("服务员",)


@pytest.mark.parametrize(
    "example",
    [
        build([("送餐员", HIRED), ("、", None), ("保安", HIRED)], [("服务员", COMPARE)]),
        build([("送餐员", HIRED)], [("外卖员", COMPARE)]),
        build([("送餐员", HIRED)], [("服务员", COMPARE), ("服务员领班", None)]),
        build([("送餐员", HIRED)], [("服务员", COMPARE), ("服务员", NOTHING)]),
    ],
    ids=["two are hired", "both name the same", "part of another word", "not always compared"],
)
def test_an_exchange_that_could_break_a_label_is_left(example: Example) -> None:
    assert exchanged(example, WORDS, random.Random(1)) is None


def test_another_position_takes_every_place_of_the_hired_one() -> None:
    found = rehired(rider(), WORDS, random.Random(1))
    assert found is not None
    after, new = found
    assert after.title.text == f"招{new}"
    assert after.body.text == f"服务员不如{new},服务员来,销售部"
    assert not WORDS.kin(new, "送餐员")


def test_names_of_one_position_are_kin_and_other_heads_are_not() -> None:
    assert WORDS.kin("外卖员", "送餐员")
    assert WORDS.kin("司机", "货车司机")
    assert WORDS.kin("数据分析人员", "数据分析师")
    assert not WORDS.kin("服务员", "送餐员")
    assert not WORDS.kin("前端工程师", "测试工程师")


def test_strangers_are_no_kin_of_what_the_judge_calls_hired() -> None:
    example = Example("a", "a", rider().title, rider().body, rider().classes, hired=("会计",))
    for seed in range(30):
        drawn = WORDS.strangers(example, 3, random.Random(seed))
        assert len(set(drawn)) == 3
        assert not {"会计", "送餐员", "服务员"} & set(drawn)


def test_ranks_are_never_drawn_and_bait_keywords_are_of_another_group() -> None:
    pool = Words(
        [build([(w, HIRED) for w in ("工程师", "实习生", "行政文员", "洗碗工", "电工")], [])]
    )
    clerk = build([("招", None), ("文员", HIRED)], [])
    drawn = {w for seed in range(40) for w in pool.strangers(clerk, 1, random.Random(seed))}
    assert drawn == {"洗碗工", "电工"}
    cook = build([("招", None), ("切配", HIRED)], [])
    near = {w for seed in range(40) for w in pool.strangers(cook, 1, random.Random(seed))}
    apart = {
        w for seed in range(40) for w in pool.strangers(cook, 1, random.Random(seed), apart=True)
    }
    assert near - apart == {"洗碗工"}


def test_a_title_of_the_own_sector_or_over_a_short_body_is_no_bait() -> None:
    worker, developer = (
        next(e for e in training_posts() if e.id == job) for job in ("普工", "前端工程师")
    )
    donors = Donors([developer], WORDS)
    after = donors.bait(worker, random.Random(1))
    assert after is not None
    assert (after.title, after.classes[0]) == (developer.title, BAIT)
    assert donors.bait(rider(), random.Random(1)) is None
    assert Donors([worker], WORDS).bait(worker, random.Random(1)) is None


def test_a_title_for_the_same_position_is_honest() -> None:
    other = build([("急聘", None), ("外卖员", HIRED)], [("包住", None)])
    after = Donors([other], WORDS).honest(rider(), random.Random(1))
    assert after is not None
    assert (after.title, after.classes) == (other.title, rider().classes)
    waiter = build([("急聘", None), ("服务员", HIRED)], [("包住", None)])
    assert Donors([waiter], WORDS).honest(rider(), random.Random(1)) is None
