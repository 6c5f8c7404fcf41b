from __future__ import annotations

from collections import Counter

import pytest

from enrich.post import Post
from hirelens.demo.data import QUERIES, Truth, load_posts, load_truth

KINDS = {
    "honest",
    *(
        f"N:{reason}"
        for reason in [
            "coop",
            "manage",
            "exp",
            "exclude",
            "career",
            "compare",
            "context",
            "bait",
            "other",
        ]
    ),
}


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return [Post.from_mapping(raw) for raw in load_posts()]


@pytest.fixture(scope="module")
def truth() -> dict[str, Truth]:
    return load_truth()


def test_posts_are_many_unique_and_of_the_promised_length(posts: list[Post]) -> None:
    assert len(posts) >= 200
    assert len({post.id for post in posts}) == len(posts)
    assert len({(post.title, post.body) for post in posts}) == len(posts)
    assert [post.id for post in posts if not 40 <= len(post.body) <= 300] == []


def test_posts_hold_contract_fields_only(posts: list[Post]) -> None:
    assert [post.id for post in posts if post.extra] == []


def test_every_field_of_display_is_filled(posts: list[Post]) -> None:
    bare = [
        post.id
        for post in posts
        if not (post.title and post.category and post.tags and post.city and post.salary)
    ]
    assert bare == []


def test_truth_covers_every_post(posts: list[Post], truth: dict[str, Truth]) -> None:
    assert set(truth) == {post.id for post in posts}
    assert {entry.kind for entry in truth.values()} == KINDS
    assert all(entry.right <= set(QUERIES) for entry in truth.values())


def test_only_posts_that_hire_nobody_lack_positions(truth: dict[str, Truth]) -> None:
    idle = [entry for entry in truth.values() if not entry.hired]
    assert idle
    assert {entry.kind for entry in idle} == {"N:other"}
    assert not any(entry.right for entry in idle)


def test_honest_and_misleading_posts_are_balanced(truth: dict[str, Truth]) -> None:
    honest = Counter(entry.kind == "honest" for entry in truth.values())
    assert honest[True] >= 110
    assert honest[False] >= 100


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_has_right_and_misleading_posts(
    query: str, posts: list[Post], truth: dict[str, Truth]
) -> None:
    right = [post for post in posts if query in truth[post.id].right]
    holding = [post for post in posts if query in post.title + post.body]
    misleading = [post for post in holding if query not in truth[post.id].right]
    assert len(right) >= 4
    assert len(misleading) >= 5
    assert len({truth[post.id].kind for post in misleading}) >= 5
    assert any(post not in holding for post in right), "no right post needs a synonym"
    assert all(truth[post.id].kind == "honest" for post in right)
