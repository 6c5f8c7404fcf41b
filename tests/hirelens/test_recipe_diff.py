"""For which words a post is found under one of two recipes only, and why: pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from enrich.post import Enrichment, Mention, Post
from enrich.taxonomy import Position, Sense, Taxonomy
from hirelens.recipe_diff import Change, Reading, Why, answers, by_word, changes, spellings
from hirelens.recipe_views import change_line, show_diff

POST = Post(id="p1", title="招领班", body="服*务*员不如领班，会计也行")


def taxonomy(**forms: str) -> Taxonomy:
    """A taxonomy of three positions; the waiter is the foreman's broader one."""
    positions = {
        "waiter": Position("waiter", "服务员", "g", ()),
        "foreman": Position("foreman", "领班", "g", ("waiter",)),
        "java": Position("java", "Java工程师", "g", ()),
    }
    known = {"服务员": "waiter", "领班": "foreman", "java工程师": "java", **forms}
    return Taxonomy(
        digest="t",
        categories={},
        positions=MappingProxyType(positions),
        forms={form: (Sense(id_, "same"),) for form, id_ in known.items()},
        relations=(),
        retired={},
        lookalikes=frozenset(),
        ambiguous=frozenset(),
        query_only=frozenset(),
    )


def mention(text: str, label: Any, score: float, position: str = "", **more: Any) -> Mention:
    field = "body" if text in POST.body else "title"
    start = (POST.body if field == "body" else POST.title).index(text)
    return Mention(field=field, start=start, end=start + len(text), text=text, position=position,
                   label=label, score=score, **more)  # fmt: skip


def reading(*mentions: Mention, known: Taxonomy | None = None) -> Reading:
    enrichment = Enrichment.model_construct(mentions=mentions)
    return Reading(enrichment, known or taxonomy())


FOREMAN = Mention(field="title", start=1, end=3, text="领班", position="foreman", label="H",
                  score=0.9)  # fmt: skip
WAITER = mention("服*务*员", "H", 0.6, "waiter")
COMPARED = mention("服*务*员", "N", 0.2, "waiter", reason="N:compare")


def test_a_post_answers_its_hired_words_their_positions_and_broader_ones() -> None:
    assert set(answers(reading(FOREMAN, COMPARED))) == {"领班", "服务员"}
    assert set(answers(reading(WAITER))) == {"服务员"}
    assert set(answers(reading(COMPARED))) == set()
    own = mention("领班", "H", 0.7, "java")
    assert set(answers(reading(own, known=taxonomy(领班="java")))) == {"领班", "java工程师"}


def test_the_best_mention_speaks_for_a_word() -> None:
    assert answers(reading(WAITER, FOREMAN))["服务员"] == FOREMAN


def test_a_word_that_is_lost_is_told_with_both_verdicts() -> None:
    (change,) = changes(POST, reading(WAITER), reading(COMPARED))
    clause = "服*务*员不如领班"
    assert change == Change(
        word="服务员",
        id="p1",
        appears=False,
        before=Why("H", 0.6, "服*务*员", clause),
        after=Why("N:compare", 0.2, "服*务*员", clause),
    )
    assert list(changes(POST, reading(WAITER), reading(WAITER))) == []


def test_a_word_that_only_one_recipe_knows() -> None:
    found = mention("会计", "H", 0.8, "accountant")
    (change,) = changes(POST, reading(), reading(found))
    assert (change.word, change.appears) == ("会计", True)
    assert change.before == Why("-", None, "", "")
    assert change.after.clause == "会计也行"
    assert change_line(change) == "p1  - -> H 0.80  “会计也行”"


def test_changes_are_gathered_by_word_the_greatest_first() -> None:
    lost = list(changes(POST, reading(FOREMAN, WAITER), reading()))
    more = list(changes(POST.model_copy(update={"id": "p2"}), reading(), reading(WAITER)))
    groups = by_word(lost + more)
    assert [(g.word, len(g.appear), len(g.disappear)) for g in groups] == [
        ("服务员", 1, 1),
        ("领班", 0, 1),
    ]
    assert [g.word for g in by_word(lost + more, "服務員")] == ["服务员"]
    assert by_word(lost, "司机") == []
    data = groups[0].to_mapping()
    assert data["appear"][0]["id"] == "p2"
    assert data["disappear"][0]["before"]["label"] == "H"


def test_spellings_are_the_word_and_what_stands_below_it() -> None:
    assert set(spellings("服务员", taxonomy())) == {"服务员", "领班"}
    assert set(spellings("服务员", taxonomy(), taxonomy(侍应="waiter"))) == {
        "服务员",
        "领班",
        "侍应",
    }
    assert set(spellings("司機", taxonomy())) == {"司機", "司机"}


def test_many_words_are_shortened_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    many = [
        Change(f"词{n:03}", f"p{k}", appears=True, before=Why("-", None, "", ""),
               after=Why("H", 0.5, "x", "y" * 100))
        for n in range(50)
        for k in range(5)
    ]  # fmt: skip
    show_diff(by_word(many), 10, 5)
    shown = capsys.readouterr().out
    assert "5 of 10 posts change, for 50 words (the first 40; --json prints all)" in shown
    assert "… and 2 more" in shown
    assert "y" * 61 not in shown
