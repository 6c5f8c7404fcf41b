"""Every augmenter does to text, spans and labels what it declares, and nothing else."""

import random
import time
from functools import cache
from pathlib import Path

import pytest
from augment_support import HIRED, build, posts, training_posts
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.encoder import CLASSES
from labels.augment import AugmentConfig, RecipeError, Words, augment
from labels.augment.base import PostAugmenter
from labels.augment.edits import Phrase, body_of, title_of
from labels.augment.flow import augmenters
from labels.augment.recipe import FIRST, SECOND
from labels.train.data import Example

NAMES = FIRST + SECOND
CAREER = CLASSES.index("N:career")
CHECKED = settings(deadline=None, max_examples=60)
ANY = st.one_of(posts, st.sampled_from(training_posts()))


@cache
def all_words() -> Words:
    return Words(training_posts())


def made(name: str, seed: int) -> PostAugmenter:
    config = AugmentConfig()
    return augmenters(training_posts(), all_words(), config, random.Random(seed))[name]


def names(classes: tuple[int, ...]) -> list[str]:
    return [CLASSES[c] if c >= 0 else "?" for c in classes]


def gaps(field: Phrase) -> list[str]:
    edges = [0, *(place for span in field.spans for place in span), len(field.text)]
    return [field.text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize("name", NAMES)
@CHECKED
@given(example=ANY, seed=st.integers(0, 10**6))
def test_every_span_is_in_order_and_cuts_out_text(name: str, example: Example, seed: int) -> None:
    after = made(name, seed).augment([example])[0]
    assert len(after.classes) == len(after.title.spans) + len(after.body.spans)
    for field in (after.title, after.body):
        places = [0, *(place for span in field.spans for place in span), len(field.text)]
        assert places == sorted(places)
        assert all(start < end for start, end in field.spans)
    assert (after.id, after.group) == (example.id, example.group)


@pytest.mark.parametrize("name", NAMES)
@CHECKED
@given(example=ANY, seed=st.integers(0, 10**6))
def test_a_seed_decides_everything(name: str, example: Example, seed: int) -> None:
    first, second = (made(name, seed).augment([example])[0] for _ in range(2))
    assert first == second


def of_kind(kind: str) -> list[str]:
    return [name for name in NAMES if made(name, 1).effect.kind == kind]


@pytest.mark.parametrize("name", of_kind("insert"))
@CHECKED
@given(example=ANY, seed=st.integers(0, 10**6))
def test_an_insertion_leaves_all_else(name: str, example: Example, seed: int) -> None:
    augmenter = made(name, seed)
    after = augmenter.augment([example])[0]
    changed = 0
    hired = {w for w, label in example_words(example) if label == HIRED}
    for old, new in ((title_of(example), title_of(after)), (body_of(example), body_of(after))):
        added = len(new.spans) - len(old.spans)
        if new == old:
            continue
        changed += 1
        # Some cut gives back the old field: text, spans and classes.
        at = next(
            at for at in range(len(old.spans) + 1)
            if new.words[:at] + new.words[at + added:] == old.words
            and new.classes[:at] + new.classes[at + added:] == old.classes
            and is_insertion(old, new, at, added)
        )  # fmt: skip
        for word, label in zip(
            new.words[at : at + added], new.classes[at : at + added], strict=True
        ):
            assert CLASSES[label] in augmenter.effect.adds
            # What is put in as hired is hired here, by this name or another; nothing else is.
            if label == HIRED:
                assert word in hired or any(all_words().kin(word, h) for h in hired)
            elif label == CAREER:  # a rung is of the hired position's own kind
                assert not any(word in h or h in word for h in hired)
            else:
                assert not any(all_words().kin(word, h) for h in hired)
    assert changed <= 1


def example_words(example: Example) -> list[tuple[str, int]]:
    words = title_of(example).words + body_of(example).words
    return list(zip(words, example.classes, strict=True))


def is_insertion(old: Phrase, new: Phrase, at: int, added: int) -> bool:
    """Tell whether taking one stretch with mentions ``at`` to ``at + added`` out gives ``old``."""
    length = len(new.text) - len(old.text)
    first, last = new.spans[at][0], new.spans[at + added - 1][1]
    for start in range(max(0, last - length), first + 1):
        kept = new.text[:start] + new.text[start + length :]
        moved = [
            (s, e) if e <= start else (s - length, e - length)
            for s, e in new.spans[:at] + new.spans[at + added :]
        ]
        if kept == old.text and tuple(moved) == old.spans:
            return True
    return False


@pytest.mark.parametrize("name", of_kind("reword"))
@CHECKED
@given(example=ANY, seed=st.integers(0, 10**6))
def test_rewording_leaves_classes_and_what_lies_between(
    name: str, example: Example, seed: int
) -> None:
    augmenter = made(name, seed)
    after = augmenter.augment([example])[0]
    assert after.classes == example.classes
    fields = ((title_of(example), title_of(after)), (body_of(example), body_of(after)))
    new: dict[str, set[str]] = {}
    for old, now in fields:
        assert gaps(old) == gaps(now)
        for before, word, label in zip(old.words, now.words, names(old.classes), strict=True):
            new.setdefault(before, set()).add(word)
            assert word == before or label in augmenter.effect.rewords
    assert all(len(found) == 1 for found in new.values())  # the same one everywhere


@pytest.mark.parametrize("name", of_kind("retitle"))
@CHECKED
@given(example=ANY, seed=st.integers(0, 10**6))
def test_a_new_title_is_another_posts_and_the_body_stays(
    name: str, example: Example, seed: int
) -> None:
    augmenter = made(name, seed)
    after = augmenter.augment([example])[0]
    assert body_of(after) == body_of(example)
    if after != example:
        donor = next(e for e in training_posts() if e.title == after.title)
        expected = [augmenter.effect.label_after(n) for n in names(title_of(donor).classes)]
        assert names(title_of(after).classes) == expected
        hired = {w for w, label in example_words(example) if label == HIRED}
        bait = "N:bait" in names(title_of(after).classes)
        assert hired.isdisjoint(title_of(after).words) or not bait


@pytest.mark.parametrize("name", of_kind("respell"))
@CHECKED
@given(example=ANY, seed=st.integers(0, 10**6))
def test_another_spelling_leaves_every_mention_with_its_class(
    name: str, example: Example, seed: int
) -> None:
    after = made(name, seed).augment([example])[0]
    assert after.classes == example.classes
    assert len(after.title.spans) == len(example.title.spans)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "traditional"])
def test_every_augmenter_changes_a_post_that_it_fits(name: str) -> None:
    example = build(
        [("急招", None), ("送餐员", HIRED)],
        [
            ("服务员", CLASSES.index("N:compare")),
            ("哪有这么自由,", None),
            ("送餐员", HIRED),
            ("每天跑单四十,负责把饭送到客人手里,下雨天有补贴,", None),
            ("会骑电动车就行,年龄放宽到五十,工资月结不拖欠,包住。", None),
        ],
    )
    assert any(made(name, seed).augment([example])[0] != example for seed in range(20))


def test_shares_hold_and_a_seed_decides_the_epoch() -> None:
    examples = training_posts() * 30
    config = AugmentConfig()
    one = augment(examples, config, random.Random(3), all_words())
    assert one == augment(examples, config, random.Random(3), all_words())
    assert one != augment(examples, config, random.Random(4), all_words())
    assert [e.id for e in one] == [e.id for e in examples]
    changed = sum(a != b for a, b in zip(examples, one, strict=True)) / len(examples)
    assert 0.4 < changed < 0.85
    nothing = AugmentConfig(**dict.fromkeys(NAMES, 0.0))
    assert augment(examples, nothing, random.Random(3), all_words()) == examples


@pytest.mark.parametrize(
    ("shares", "field"), [({"chain": 1.5}, "chain"), ({"bait_title": 0.9}, "bait_title")]
)
def test_impossible_shares_are_refused(shares: dict[str, float], field: str) -> None:
    with pytest.raises(RecipeError, match=field):
        AugmentConfig(**shares)


def test_the_documented_table_is_what_is_declared() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "augment.md").read_text("utf-8").splitlines()
    table = [[c.strip() for c in line.strip("|").split("|")] for line in lines if "| 1 |" in line
             or "| 2 |" in line]  # fmt: skip
    declared = []
    for name in NAMES:
        effect = made(name, 1).effect
        changes = ", ".join(f"{a} -> {b}" for a, b in effect.relabels.items())
        lists = (", ".join(sorted(labels)) for labels in (effect.adds, effect.rewords))
        declared.append([name, "1" if name in FIRST else "2", effect.kind, *lists, changes])
    assert table == declared


def test_an_epoch_takes_little_time() -> None:
    examples = training_posts() * 20
    began = time.process_time()
    augment(examples, AugmentConfig(), random.Random(1), all_words())
    assert len(examples) / (time.process_time() - began) > 300
