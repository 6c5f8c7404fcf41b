"""What is denied denies more, and what is stated stays."""

from __future__ import annotations

import pytest
from search_support import mark

from search.denied import DENIABLE, denied
from search.needs import FULFILLED, KINDS


def of(*says: str) -> set[str]:
    """Return what is denied where a leading minus denies; 工 makes a kind of work of it."""
    marks = [mark(one, one.strip("-"), "-" if one.startswith("-") else "+") for one in says]
    offers = [one for one in marks if "工" not in one.text]
    return set(denied({"benefit": offers, "job_type": [m for m in marks if m not in offers]}))


@pytest.mark.parametrize(
    ("says", "not_there", "there"),
    [
        (["-包住"], {"包住", "包吃住"}, {"包吃"}),
        (["-包吃住"], {"包住", "包吃", "包吃住"}, set()),
        (["-包吃住", "包住"], {"包吃", "包吃住"}, {"包住"}),
        (["-包吃住", "包吃"], {"包住", "包吃住"}, {"包吃"}),
        (["-五险一金"], {"五险一金", "六险一金", "五险", "社保", "公积金"}, set()),
        (["-五险一金", "社保"], {"五险一金", "公积金"}, {"社保", "五险"}),
        (["-公积金", "五险"], {"公积金", "五险一金"}, {"五险", "社保"}),
        (["-短期工", "-短期"], {"短期", "寒假工", "暑假工", "临时工"}, {"兼职"}),
        (["-短期", "寒假工"], {"临时工", "暑假工"}, {"寒假工", "假期工", "短期"}),
        (["-学生工"], {"学生工", "寒假工", "假期工"}, {"短期", "兼职"}),
        (["-倒班"], {"倒班", "两班倒"}, set()),
        (["-日结", "日结"], set(), {"日结"}),
        (["双休", "学徒工"], set(), {"双休", "学徒工", "单休"}),
    ],
)
def test_what_a_denial_takes_along(says: list[str], not_there: set[str], there: set[str]) -> None:
    found = of(*says)
    assert not_there <= found
    assert not there & found


def test_all_that_can_be_asked_can_be_denied_by_its_own_name() -> None:
    for asked in (*FULFILLED, *KINDS):
        assert asked in of(f"-{asked}")


def test_other_attributes_deny_nothing() -> None:
    assert DENIABLE == ("benefit", "job_type")
    assert denied({"gender": [mark("不要女", "female", "-")]}) == ()
