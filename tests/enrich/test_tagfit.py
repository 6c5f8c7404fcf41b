"""Poster tags that name a position, judged by the shipped weights and taxonomy."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrich.lexicon import Lexicon
from enrich.post import FieldName, Mention
from enrich.tagfit.clues import NAMES, clues
from enrich.tagfit.judge import (
    BIAS,
    THRESHOLD,
    TagJudge,
    Weights,
    WeightsError,
    load_weights,
    save_weights,
)
from enrich.tagfit.side import PostSide, head_of, named, plain, post_side
from enrich.tags import find_marks
from enrich.taxonomy import Taxonomy
from enrich.text import normalize

TAXONOMY = Taxonomy.load()
LEXICON = Lexicon(TAXONOMY)
JUDGE = TagJudge(TAXONOMY, LEXICON, load_weights())


def side(
    title: str,
    body: str,
    verdicts: dict[str, str],
    tags: tuple[str, ...] = (),
    category: str | None = None,
) -> PostSide:
    """A post whose words are judged as ``verdicts`` says (H, X or a reason)."""
    mentions = []
    texts: list[tuple[FieldName, str]] = [("title", title), ("body", body)]
    for field, text in texts:
        for match in LEXICON.find(text):
            verdict = verdicts[match.form]
            mention = Mention(
                field=field, start=match.start, end=match.end, text=match.form, position="",
                label="N" if verdict[:2] == "N:" else verdict,  # type: ignore[arg-type]
                reason=verdict if verdict[:2] == "N:" else None,
                score=0.97 if verdict == "H" else 0.03,
            )  # fmt: skip
            mentions.append((match.form, mention))
    offer = f"{title}\n{body}"
    for form, verdict in verdicts.items():
        offer = offer if verdict == "H" else offer.replace(form, "…")
    words = named(mentions, TAXONOMY)
    marks = find_marks("body", normalize(body))
    return post_side(words, (title, body, offer), category, tags, marks, TAXONOMY)


def told(tag: str, post: PostSide) -> dict[str, float]:
    head = head_of(tag, TAXONOMY, LEXICON)
    assert head is not None
    return dict(zip(NAMES, clues(tag, head, post, TAXONOMY), strict=True))


COMPARED = side("招送餐员", "服务员不如送餐员，包吃住", {"送餐员": "H", "服务员": "N:compare"})
LURED = side("仓管员", "打电话推荐贷款，提成高，仓管员", {"仓管员": "N:bait"})


@pytest.mark.parametrize(
    ("post", "tag", "fits"),
    [
        (COMPARED, "送餐员", True),
        (COMPARED, "急招送餐员", True),
        (COMPARED, "服务员", False),
        (COMPARED, "会计", False),
        (LURED, "仓管员", False),
        (LURED, "仓库管理员", False),
        (COMPARED, "包吃住", None),
        (COMPARED, "", None),
    ],
)
def test_a_tag_fits_what_is_hired(post: PostSide, tag: str, fits: bool | None) -> None:
    assert JUDGE.fits(tag, post) is fits


def test_a_tag_names_a_position_by_its_whole_or_its_end() -> None:
    heads = [head_of(tag, TAXONOMY, LEXICON) for tag in ("急招厨师", "雕花师傅", "双休", "java")]
    assert heads == ["厨师", "师傅", None, None]
    assert plain("急招厨师3名") == "厨师"
    assert plain("诚聘") == "诚聘"


def test_clues_tell_how_a_word_stands_to_the_tag() -> None:
    found = told("服务员", COMPARED)
    assert (found["exact_hired"], found["exact_refused"]) == (0.03, 0.97)
    assert (found["exact_compare"], found["exact_bait"]) == (1, 0)
    assert (found["in_body"], found["in_title"], found["in_offer"]) == (1, 0, 0)
    assert (found["best_hired"], found["none_hired"], found["silent"]) == (0.97, 0, 0)
    other = told("会计", COMPARED)
    assert (other["silent"], other["exact_hired"], other["no_word"]) == (1, 0, 0)
    assert told("仓管员", LURED)["bait_none_hired"] == 1


def test_a_word_that_holds_the_tag_and_one_that_is_held_differ() -> None:
    post = side("招奶茶店员", "", {"奶茶店员": "H"})
    assert told("店员", post)["holds_hired"] == 0.97
    assert told("店员", post)["held_hired"] == 0
    assert told("急招奶茶店员", post)["exact_hired"] == 0.97


@pytest.mark.parametrize(
    ("body", "denied"),
    [("不招学徒，要熟手", 1), ("学徒勿扰", 1), ("收学徒", 0), ("不压工资，学徒可来", 0)],
)
def test_a_denial_stands_beside_the_word(body: str, denied: int) -> None:
    assert told("学徒", side("", body, {"学徒": "X"}))["denied"] == denied


def test_the_posters_other_choices_are_clues() -> None:
    post = side("招厨师", "收暑假工", {"厨师": "H", "暑假工": "H"}, ("厨师", "暑假工"), "餐饮/厨师")
    assert (told("厨师", post)["category_same"], told("会计", post)["category_other"]) == (1, 1)
    assert told("暑假工", post)["kind_offered"] == 1
    assert told("厨师", post)["tags"] == pytest.approx(0.4)


def test_clues_lie_between_nothing_and_one() -> None:
    for post in (COMPARED, LURED, side("", "", {})):
        for tag in ("服务员", "A1司机", "急招厨师"):
            assert all(0 <= value <= 1 for value in told(tag, post).values())


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    weights = Weights({name: i / 8 for i, name in enumerate(NAMES)}, -1.5, 0.25)
    save_weights(tmp_path / "w.tsv", weights)
    assert load_weights(tmp_path / "w.tsv") == weights
    none = [0.0] * len(NAMES)
    assert weights.refused(none) == pytest.approx(0.18242552)
    assert weights.refused([1.0] * len(NAMES)) == pytest.approx(1.0)


def test_weights_of_other_clues_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.tsv"
    path.write_text(f"{BIAS}\t0\n{THRESHOLD}\t0.5\nold\t1\n", "utf-8")
    with pytest.raises(WeightsError, match=r"w\.tsv: .* is unknown or missing; train again"):
        load_weights(path)
