"""Giving up conditions until something answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.conditions import Held
from search.index import Phrase
from search.intent.model import Attribute, Intent
from search.needs import Asked
from search.query import Part
from search.relax import relaxed
from search.rule import RELAX_ORDER
from search.understanding import MOST_STEPS, Need, Understanding

POSITION = Part("服务员", Phrase(("服",), "offer"), "服务员", ("waiter",), (), "position")


def need(attribute: Attribute, text: str, *, negated: bool = False) -> Need:
    intent = Intent(text, attribute, text, "test", negated=negated)
    held = Held("benefit", (text,))
    asks = Asked(refused=(held,)) if negated else Asked(((held,),))
    return Need(attribute, (intent,), "filter", asks)


def asking(*needs: Need, parts: tuple[Part, ...] = (POSITION,)) -> Understanding:
    return Understanding("", parts, needs=needs)


def texts(understanding: Understanding) -> set[str]:
    """What is still asked beside positions."""
    return {n.intents[0].text for n in understanding.needs} | {
        part.text for part in understanding.parts if part.attribute != "position"
    }


def given_up(understanding: Understanding | None) -> list[str]:
    assert understanding is not None
    return [text for one in understanding.relaxed for text in one.texts]


def test_the_order_names_every_attribute_once_and_no_position() -> None:
    assert len(set(RELAX_ORDER)) == len(RELAX_ORDER)
    assert "position" not in RELAX_ORDER
    assert RELAX_ORDER[0] == "benefit"
    assert RELAX_ORDER[-1] == "location"


def test_the_least_important_goes_first() -> None:
    whole = asking(need("location", "北京"), need("benefit", "包住"), need("salary", "4000"))
    found = relaxed(whole, lambda one: len(one.needs) < 3)
    assert given_up(found) == ["包住"]


def test_a_place_is_widened_to_its_city_before_it_is_given_up() -> None:
    intent = Intent("朝阳区", "location", "朝阳区", "test")
    near, far = Held("tag:location", ("朝阳区",)), Held("tag:location", ("北京",))
    asks = Asked(((near,),), wider=((far,),), around=("北京市",))
    whole = asking(Need("location", (intent,), "filter", asks), need("benefit", "包住"))

    def holds(one: Understanding, condition: Held) -> bool:
        found = one.conditions()
        return found is not None and (condition,) in found.must

    found = relaxed(whole, lambda one: holds(one, far))
    assert found is not None
    assert [(one.texts, one.instead) for one in found.relaxed] == [(("朝阳区",), ("北京市",))]
    assert holds(found, Held("benefit", ("包住",)))
    gone = relaxed(whole, lambda one: not (holds(one, near) or holds(one, far)))
    assert gone is not None
    assert [(one.texts, one.instead) for one in gone.relaxed] == [(("朝阳区",), ())]


def test_what_need_not_have_been_given_up_is_taken_back() -> None:
    whole = asking(need("location", "北京"), need("benefit", "包住"), need("salary", "4000"))
    found = relaxed(whole, lambda one: "北京" not in texts(one))
    assert given_up(found) == ["北京"]


def test_of_one_attribute_the_last_goes_first() -> None:
    whole = asking(need("benefit", "双休"), need("benefit", "包住"))
    assert given_up(relaxed(whole, lambda one: len(one.needs) < 2)) == ["包住"]


def test_nothing_helps_where_the_position_has_no_post() -> None:
    asks: list[Understanding] = []
    whole = asking(need("benefit", "包住"), need("location", "北京"))
    assert relaxed(whole, lambda one: bool(asks.append(one))) is None
    assert all(one.parts == (POSITION,) for one in asks)
    assert len(asks) == 2


def test_a_refusal_is_never_given_up() -> None:
    whole = asking(need("job_type", "夜班", negated=True), need("benefit", "包住"))
    assert [step.given_up.texts for step in whole.steps()] == [("包住",)]


def test_something_is_always_asked() -> None:
    whole = asking(need("benefit", "包住"), need("location", "北京"), parts=())

    def answers(one: Understanding) -> bool:
        assert not one.is_empty
        return False

    assert relaxed(whole, answers) is None
    words = Part("宇航", Phrase(("宇", "航")))
    assert relaxed(asking(parts=(words,)), answers) is None


def test_of_conditions_alone_each_may_be_the_one_that_stays() -> None:
    whole = asking(
        *(need("location", "云南"), need("job_type", "夫妻工"), need("benefit", "包住")), parts=()
    )
    found = relaxed(whole, lambda one: texts(one) <= {"包住"})
    assert set(given_up(found)) == {"云南", "夫妻工"}
    both = relaxed(whole, lambda one: texts(one) <= {"包住", "夫妻工"})
    assert given_up(both) == ["云南"]


def test_words_that_hold_a_position_ask_for_it_in_the_end() -> None:
    field = Part("服务员专业", Phrase(("服",)), instead=POSITION)
    found = relaxed(asking(parts=(field,)), lambda one: one.parts == (POSITION,))
    assert given_up(found) == ["服务员专业"]


def test_the_words_of_a_query_as_they_stand_are_never_given_up() -> None:
    words = Part("宇航", Phrase(("宇", "航")))
    literal = Understanding("", (POSITION, words), literal=True)
    assert literal.steps() == ()


attributes = st.sampled_from(RELAX_ORDER)


@given(st.lists(attributes, max_size=30), st.sets(st.integers(0, 29)))
def test_few_questions_find_the_least(wanted: list[Attribute], impossible: set[int]) -> None:
    """Posts fulfil all but some needs: just these are given up, by few questions."""
    whole = asking(*(need(name, str(number)) for number, name in enumerate(wanted)))
    wrong = {str(number) for number in impossible if number < len(wanted)}
    questions = 0

    def answers(one: Understanding) -> bool:
        nonlocal questions
        questions += 1
        return not wrong & texts(one)

    if not wrong:
        return
    found = relaxed(whole, answers)
    away = set(given_up(found))
    assert wrong <= away
    if len(wanted) <= MOST_STEPS:
        assert away == wrong
    else:
        # Of long queries whole attributes are given up.
        assert {wanted[int(text)] for text in away} == {wanted[int(text)] for text in wrong}
    assert questions <= 2 * min(len(wanted), MOST_STEPS)


@pytest.mark.parametrize("name", RELAX_ORDER)
def test_each_attribute_can_be_given_up(name: Attribute) -> None:
    assert given_up(relaxed(asking(need(name, "x")), lambda one: not one.needs)) == ["x"]
