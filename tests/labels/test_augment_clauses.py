"""The templates of clauses: enough, varied, and naming no position outside their slots."""

import random
import re

import pytest
from augment_support import HIRED, build

from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.text import normalize_query
from labels.augment import Words
from labels.augment.clauses import CLASS_OF, compose, templates
from labels.augment.spelling import Decorate, Homophones, Traditional, slips
from labels.augment.words import shipped
from labels.evaluate.gate_posts import CLAUSES, duties
from labels.train.data import Example

BAIT = ("compare", "exclude", "exp", "coop", "career")
SLOT = re.compile(r"\{\w+\}")
RIDER = build(
    [("招", None), ("送餐员", HIRED)],
    [("每天跑单,", None), ("送餐员", HIRED), ("自由,负责取餐送餐", None)],
)


@pytest.mark.parametrize("kind", BAIT)
def test_there_are_templates_enough_and_no_two_are_equal(kind: str) -> None:
    assert len(set(templates(kind))) == len(templates(kind)) >= 25
    assert len(templates(kind + "+")) >= 10
    assert all("{h}" in template for template in templates(kind + "+"))


def test_no_template_names_a_position_outside_its_slots() -> None:
    lexicon = Lexicon(shipped())
    kinds = (*CLASS_OF, *(kind + "+" for kind in BAIT))
    texts = [t for kind in kinds for t in templates(kind)]
    texts += [t for kind in BAIT for t in templates(kind, CLAUSES)]
    texts += duties().values()
    found = {text: lexicon.find(SLOT.sub("#", text)) for text in texts}
    assert {text: [m.form for m in ms] for text, ms in found.items() if ms} == {}


def test_gates_ask_with_other_clauses_than_training_uses() -> None:
    trained = {t for kind in CLASS_OF for t in templates(kind)}
    assert trained.isdisjoint(t for kind in BAIT for t in templates(kind, CLAUSES))


@pytest.mark.parametrize("kind", BAIT)
def test_an_honest_twin_names_the_hired_job_and_bait_another(kind: str) -> None:
    words = Words([RIDER, build([("保安", HIRED)], []), build([("会计", HIRED)], [])])
    twin = compose(kind, RIDER, words, random.Random(1), honest=1.0)
    bait = [compose(kind, RIDER, words, random.Random(seed)) for seed in range(20)]
    assert twin is not None
    assert ("送餐员", HIRED) in zip(twin.words, twin.classes, strict=True)
    named = [zip(p.words, p.classes, strict=True) for p in bait if p is not None]
    assert named
    assert all((word == "送餐员") == (label == HIRED) for pairs in named for word, label in pairs)


def test_nothing_is_composed_where_nobody_knows_what_is_hired() -> None:
    unknown = build([("招人", None)], [("包吃住", None)])
    assert compose("exclude", unknown, Words([RIDER]), random.Random(1)) is None
    known = Example("a", "a", unknown.title, unknown.body, (), hired=("送餐员",))
    pool = Words([build([("会计", HIRED)], [])])
    clauses = [compose("exclude", known, pool, random.Random(seed)) for seed in range(20)]
    assert any(clause is not None and set(clause.words) == {"会计"} for clause in clauses)


def test_traditional_characters_are_undone_by_normalising() -> None:
    example = build([("招服务员", None)], [("送餐员", HIRED), ("门口对单,联系电话", None)])
    raw = Traditional(random.Random(1), raw=True).apply(example)
    assert raw.title.text == "招服務員"
    assert raw.body.spans == example.body.spans
    assert Traditional(random.Random(1)).apply(example) == example


def test_slips_change_words_but_no_part_of_another_word() -> None:
    assert all(word != slip and normalize_query(slip) == slip for word, slip in slips().items())
    example = build([("招聘", None), ("保安", HIRED)], [("电工", 1), ("程公司", None)])
    after = Homophones(random.Random(1), 1.0).apply(example)
    assert after.title.text == "招骋保按"
    assert after.body == example.body


@pytest.mark.parametrize("seed", range(25))
def test_indexing_finds_a_decorated_word_where_its_span_is(seed: int) -> None:
    raw = Decorate(random.Random(seed), raw=True).apply(
        build([("招", None), ("送餐员", HIRED)], [("每天跑单,包住", None)])
    )
    assert raw.title.text != "招送餐员"
    found = read(raw.title.text, Lexicon(shipped()))
    assert [match.form for match in found.matches] == ["送餐员"]
    assert [found.normalized.span(*span) for span in found.spans] == list(raw.title.spans)
