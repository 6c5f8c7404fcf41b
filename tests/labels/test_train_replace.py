import random

from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.windows import MarkedText
from labels.train.data import Example
from labels.train.replace import position_words, replace_named

COMPARE = 7


def rider() -> Example:
    title, body = "招送餐员", "服务员不如送餐员,服务员来,销售部"
    return Example(
        "a", "a", MarkedText(title, ((1, 4),)),
        MarkedText(body, ((0, 3), (5, 8), (9, 12), (14, 16))), (0, COMPARE, 0, COMPARE, 1),
    )  # fmt: skip


def test_the_pool_holds_positions_only() -> None:
    assert position_words([rider()]) == ["服务员", "送餐员"]


@settings(deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["厨师", "送餐", "保洁员", "销售"]))
def test_only_named_words_change_and_spans_follow(seed: int, word: str) -> None:
    before = rider()
    after = replace_named(before, [word], 1.0, random.Random(seed))
    assert after.classes == before.classes
    words = [after.body.text[s:e] for s, e in after.body.spans]
    # A word that touches a hired one or stands in the post could change a label: never taken.
    expected = word if word in {"厨师", "保洁员"} else "服务员"
    assert words == [expected, "送餐员", expected, "销售"]
    assert after.title == before.title


def test_a_word_hired_elsewhere_in_the_post_stays() -> None:
    example = Example(
        "a", "a", MarkedText("服务员", ((0, 3),)), MarkedText("服务员", ((0, 3),)), (0, COMPARE)
    )
    assert replace_named(example, ["厨师"], 1.0, random.Random(1)) == example
