"""Folding near-identical posts."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from search.fold import alike, fold, shingles

TEXT = "本店诚聘服务员数名，要求形象好气质佳，包吃包住，月薪四千起，有经验者优先，联系电话见下方"


def post(body: str, company: str | None = "某店", title: str = "招服务员") -> dict[str, object]:
    return {"title": title, "body": body, "company": company}


def test_nearly_equal_posts_of_one_company_are_one() -> None:
    posts = [post(TEXT), post("招电焊工，会看图纸"), post(TEXT.replace("数名", "三名")), post(TEXT)]
    assert fold(posts, 0.8) == [[0, 2, 3], [1]]
    assert fold(posts, 1.0) == [[0, 3], [1], [2]]
    assert fold(posts, 0) == [[0], [1], [2], [3]]


def test_punctuation_width_and_case_make_no_difference() -> None:
    other = f"【急】{TEXT.replace('，', ' ')}！".replace("【急】", "")
    assert fold([post(TEXT + "ktv"), post(other + "ＫＴＶ")], 1.0) == [[0, 1]]


def test_companies_stay_apart() -> None:
    assert fold([post(TEXT, "甲"), post(TEXT, "乙"), post(TEXT, None)], 0.8) == [[0], [1], [2]]
    assert fold([post(TEXT, None), post(TEXT, ""), post(TEXT, " ")], 0.8) == [[0, 1, 2]]


def test_one_text_around_several_jobs_is_several_posts() -> None:
    titles = ("招服务员", "收银员", "服务员若干", "")
    assert fold([post(TEXT * 3, title=title) for title in titles], 0.8) == [[0, 2], [1], [3]]


def test_posts_without_text_are_not_the_same() -> None:
    assert fold([post("", title=""), post("", title="")], 0.8) == [[0], [1]]
    assert fold([{}, {"title": None}], 0.8) == [[0], [1]]
    assert fold([post("", title="招"), post("", title="招")], 0.8) == [[0, 1]]


def test_the_first_of_the_best_group_takes_it() -> None:
    """Like both of two groups that are not alike enough themselves."""
    words = [f"词{n:03}" for n in range(40)]
    one, other = "".join(words[:36]), "".join(words[4:])
    between = "".join(words[2:38])
    posts = [post(text, title="") for text in (one, other, between)]
    least = alike(shingles(one), shingles(between)) - 0.01
    assert alike(shingles(one), shingles(other)) < least
    assert fold(posts, least) == [[0, 2], [1]]


letters = st.text("招服务员包吃住abc12 ，", max_size=40)


@given(letters, letters)
def test_alike_is_the_share_of_common_runs(one: str, other: str) -> None:
    def runs(text: str) -> set[str]:
        told = "".join(filter(str.isalnum, text)).ljust(3, "\0")
        return {told[n : n + 3] for n in range(len(told) - 2)} if told.strip("\0") else set()

    union = runs(one) | runs(other)
    expected = len(runs(one) & runs(other)) / len(union) if union else 0.0
    assert alike(shingles(one), shingles(other)) == expected


def test_sketches_miss_nothing_among_changed_copies() -> None:
    chance = random.Random(9)
    posts = []
    for _ in range(60):
        text = "".join(chr(0x4E00 + chance.randrange(2000)) for _ in range(200))
        posts += [post(text), post(text[:90] + "换了几个字" + text[95:])]
    assert fold(posts, 0.8) == [[n, n + 1] for n in range(0, 120, 2)]


@given(st.lists(st.builds(post, letters, st.sampled_from(("甲", None)))), st.floats(0.1, 1))
def test_every_post_is_in_one_group_and_the_best_leads(
    posts: list[dict[str, object]], least: float
) -> None:
    groups = fold(posts, least)
    assert sorted(number for group in groups for number in group) == list(range(len(posts)))
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    assert all(group == sorted(group) for group in groups)
