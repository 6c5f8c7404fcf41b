"""Posts without the names of what they hire for, and where they stand among silent posts."""

from __future__ import annotations

from typing import Any

import pytest

from enrich.taxonomy import Taxonomy
from labels.evaluate.frequent import Among, among_first, as_counts, most_hired, positions_of
from labels.evaluate.nameless import nameless_posts, placed, silent

TAXONOMY = Taxonomy.load()


def _row(title: str, body: str, *mentions: tuple[str, str, str]) -> dict[str, Any]:
    text = {"title": title, "body": body}
    return {
        "id": "g1",
        "title": title,
        "body": body,
        "city": "长沙",
        "mentions": [
            {"field": field, "start": text[field].index(word), "text": word, "label": label}
            for field, word, label in mentions
        ],
    }


def test_every_name_of_what_is_hired_goes() -> None:
    row = _row(
        "急聘服务员",
        "饭店招餐厅服务员,不招保安。包吃住",
        ("title", "服务员", "H"),
        ("body", "餐厅服务员", "H"),
        ("body", "保安", "N:exclude"),
    )
    (found,) = nameless_posts([row], TAXONOMY)
    assert found.query == TAXONOMY.position(found.position).name == "服务员"
    assert "服务员" not in found.title + found.body
    assert "保安" in found.body
    told = found.to_row()
    assert (told["id"], told["city"]) == ("g1-nameless", "长沙")
    assert found.origin == "g1"


def test_the_title_decides_what_is_asked() -> None:
    row = _row(
        "招聘会计", "会计一名。另招保安,保安要高大", ("body", "保安", "H"), ("title", "会计", "H")
    )
    (found,) = nameless_posts([row], TAXONOMY)
    assert found.query == "会计"
    assert "保安" not in found.body


def test_what_hires_for_nothing_or_says_nothing_else_is_passed_over() -> None:
    bare = _row("会计", "", ("title", "会计", "H"))
    none = _row("招聘", "不要会计", ("body", "会计", "N:exclude"))
    assert nameless_posts([bare, none], TAXONOMY) == []


def test_silent_posts_hold_no_form() -> None:
    position = TAXONOMY.senses("服务员")[0].position
    texts = {"a": "招聘服务员", "b": "餐厅端菜", "c": "招餐厅服务员"}
    assert silent(texts, position, TAXONOMY) == {"b"}


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        ([("own", 3.0), ("a", 2.0), ("b", 1.0)], (True, 1.0)),
        ([("x", 9.0), ("a", 3.0), ("own", 2.0)], (True, 0.75)),  # x is none of those
        ([("a", 2.0), ("own", 2.0), ("b", 1.0)], (True, 0.875)),  # equal scores count half
        ([("a", 2.0), ("b", 1.0)], (False, 0.25)),  # not returned, as two others are not
        ([], (False, 0.5)),
    ],
)
def test_where_it_stands(ranking: list[tuple[str, float]], expected: tuple[bool, float]) -> None:
    assert placed(ranking, "own", {"a", "b", "c", "d"}) == expected


def test_the_sixty_first_is_not_found() -> None:
    others = {f"p{n}" for n in range(100)}
    before = [(f"p{n}", 200.0 - n) for n in range(60)]
    assert placed([*before[:59], ("own", 1.0)], "own", others)[0] is True
    assert placed([*before, ("own", 1.0)], "own", others)[0] is False
    assert placed([("own", 1.0)], "own", set()) == (True, 1.0)


def test_right_posts_among_the_first() -> None:
    waiter = TAXONOMY.senses("服务员")[0].position
    narrower = min(TAXONOMY.descendants(waiter))
    wanted = positions_of("服务员", TAXONOMY)
    hired = {"a": {waiter}, "b": {narrower}, "c": {"none"}, "d": set[str]()}
    assert among_first(["x", "a", "c", "b"], hired, wanted) == Among(2, 3)
    assert str(Among(2, 3)) == "2 of 3"
    assert str(Among(41, 60)) == "41"
    assert as_counts([Among(2, 3)]).tolist() == [[2, 60]]
    assert positions_of("这不是职位", TAXONOMY) == frozenset()


def test_the_most_hired_come_first() -> None:
    waiter, guard = (TAXONOMY.senses(name)[0].position for name in ("服务员", "保安"))
    found = most_hired([{guard}, {waiter}, {waiter, guard}, {waiter}], TAXONOMY, most=2)
    assert found == [TAXONOMY.position(waiter).name, TAXONOMY.position(guard).name]
