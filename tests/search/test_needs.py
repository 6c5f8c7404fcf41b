"""What single intents ask of posts."""

from __future__ import annotations

import pytest

from search.conditions import Held, Says
from search.intent.model import Attribute, Intent
from search.needs import asked


def wanted(attribute: Attribute, value: str, text: str) -> set[Held | Says]:
    [group] = asked(Intent(text, attribute, value, "test")).groups
    return {one for one in group if isinstance(one, Held | Says)}


@pytest.mark.parametrize(
    ("attribute", "value", "text"),
    [
        ("job_type", "早八晚五", "朝八晚五"),
        ("job_type", "晚上", "傍晚"),
        ("job_type", "计件", "计件制"),
        ("benefit", "不出差", "无需出差"),
    ],
)
def test_what_posts_are_not_read_with_must_stand_in_their_text(
    attribute: Attribute, value: str, text: str
) -> None:
    assert wanted(attribute, value, text) == {Says(tuple(value)), Says(tuple(text))}


def test_what_posts_are_read_with_is_asked_as_such() -> None:
    assert wanted("job_type", "夜班", "上夜班") == {
        Held("job_type", ("夜班",)),
        Held("benefit", ("夜班",)),
    }
    assert wanted("benefit", "年终奖", "有年终奖") == {Held("benefit", ("年终奖",))}
