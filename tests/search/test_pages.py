"""Pages of fused candidates: closed posts, folding, ranking, quotas, what fails on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from search.found import FoundBy
from search.fuse import Fused
from search.fusion import Fusion
from search.index import Document, Hit
from search.pages import Features, Pages, Shown
from search.rank import Candidate, Rank, Ranked, Ranker, RankPart
from search.understanding import Understanding

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ASKED = Understanding("服务员")
NO_QUOTA = Fusion(vector_least=0, vector_most=10)
TEXT = "本店诚聘服务员数名，要求形象好气质佳，包吃包住，月薪四千起，有经验者优先"


class Documents:
    """An index that only gives documents, and remembers which it was asked for."""

    def __init__(self, **posts: Mapping[str, Any] | None) -> None:
        self._posts = posts
        self.read: list[tuple[list[str], bool]] = []

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        self.read.append((list(ids), match))
        found = {}
        for id_ in ids:
            if id_ in self._posts:
                post = self._posts[id_]
                state: Any = "open" if post is not None else "closed"
                debug = {"mentions": []} if match else None
                display = None if post is None else dict(post)
                found[id_] = Document(id_, 1, state, "r", "d", None, None, display, debug)
        return found


def fused(*ids: str, channel: str = "text") -> list[Fused]:
    return [
        Fused(Hit(id_, 1 / (60 + n), {}, {}), (FoundBy(channel, n, 1.0),))
        for n, id_ in enumerate(ids, start=1)
    ]


def pages(
    index: Documents,
    fusion: Fusion = NO_QUOTA,
    rank: Rank | None = None,
    ranker: Ranker | None = None,
    features: Features | None = None,
) -> Pages:
    return Pages(index, fusion, rank or Rank(), ranker, features)  # type: ignore[arg-type]


def ids(page: Sequence[Shown]) -> list[str]:
    return [one.fused.hit.id for one in page]


def test_only_what_is_shown_is_read_as_a_whole() -> None:
    index = Documents(**{f"p{n}": {"title": f"岗位{n}"} for n in range(9)})
    page, notes = pages(index, rank=Rank(most=4)).page(
        fused(*(f"p{n}" for n in range(9))), ASKED, 2, NOW
    )
    assert ids(page) == ["p0", "p1"]
    assert notes == ()
    assert index.read == [(["p0", "p1", "p2", "p3"], False), (["p0", "p1"], True)]
    assert page[0].fused.hit.display == {"title": "岗位0"}
    assert page[0].fused.hit.debug == {"mentions": []}
    assert [part.name for part in page[0].ranked] == ["relevance", "freshness", "completeness"]


def test_what_stands_behind_the_fine_rank_keeps_its_order() -> None:
    posts = {f"p{n}": {"company": "甲" if n == 3 else None} for n in range(6)}
    page, _ = pages(Documents(**posts), rank=Rank(most=2, completeness=9)).page(
        fused(*posts), ASKED, 6, NOW
    )
    assert ids(page) == ["p0", "p1", "p2", "p3", "p4", "p5"]
    assert page[2].ranked == ()


def test_a_post_that_was_closed_a_moment_ago_is_not_shown() -> None:
    index = Documents(a={}, b=None, d={})
    page, _ = pages(index, rank=Rank(most=3)).page(fused("a", "b", "c", "d"), ASKED, 10, NOW)
    assert ids(page) == ["a", "d"]


def test_near_identical_posts_are_folded_and_named() -> None:
    same = {"title": "招服务员", "body": TEXT, "company": "某店"}
    index = Documents(a=same, b={"title": "招厨师"}, c=same, d=same)
    page, _ = pages(index).page(fused("a", "b", "c", "d"), ASKED, 2, NOW)
    assert [(one.fused.hit.id, one.folded) for one in page] == [("a", ("c", "d")), ("b", ())]
    page, _ = pages(index, Fusion(fold=0, vector_least=0)).page(
        fused("a", "b", "c", "d"), ASKED, 4, NOW
    )
    assert ids(page) == ["a", "b", "c", "d"]


def test_the_better_rank_leads_a_fold() -> None:
    old = {"title": "招服务员", "body": TEXT, "updated_at": "2020-01-01T00:00:00+00:00"}
    new = old | {"updated_at": "2026-11-30T00:00:00+00:00"}
    tied = [Fused(Hit(id_, 0.5, {}, {}), (FoundBy("text", 1, 1.0),)) for id_ in ("a", "b")]
    page, _ = pages(Documents(a=old, b=new)).page(tied, ASKED, 2, NOW)
    assert [(one.fused.hit.id, one.folded) for one in page] == [("b", ("a",))]


def test_quotas_hold_on_the_page() -> None:
    index = Documents(**{name: {"title": name} for name in ("a", "b", "c", "n")})
    found = [*fused("a", "b", "c"), *fused("n", channel="vector")[:1]]
    page, _ = pages(index, Fusion(page=2, vector_least=1, vector_most=2)).page(found, ASKED, 2, NOW)
    assert ids(page) == ["a", "n"]
    assert page[1].near_only


class Given:
    def __init__(self, values: Mapping[str, Mapping[str, float]] | Exception) -> None:
        self.values = values
        self.asked: list[str] = []

    def of(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
        self.asked += ids
        if isinstance(self.values, Exception):
            raise self.values
        return self.values


def test_given_features_order_by_their_weight() -> None:
    features = Given({"b": {"revenue": 1.0}})
    rank = Rank(features={"revenue": 0.5})
    page, _ = pages(Documents(a={}, b={}), rank=rank, features=features).page(
        fused("a", "b"), ASKED, 2, NOW
    )
    assert ids(page) == ["b", "a"]
    assert page[0].ranked[-1] == RankPart("revenue", 1.0, 0.5)
    assert features.asked == ["a", "b"]


def test_features_that_fail_are_left_out() -> None:
    made = pages(Documents(a={}, b={}), features=Given(RuntimeError("the shop is shut")))
    page, notes = made.page(fused("a", "b"), ASKED, 2, NOW)
    assert ids(page) == ["a", "b"]
    assert notes == ("features left out: the shop is shut",)
    made.close()


class Backwards:
    def rank(
        self, asked: Understanding, candidates: Sequence[Candidate], now: datetime
    ) -> list[Ranked]:
        assert (asked, now) == (ASKED, NOW)
        return [Ranked(one, float(n)) for n, one in enumerate(reversed(candidates))]


class Forgetful(Backwards):
    def rank(
        self, asked: Understanding, candidates: Sequence[Candidate], now: datetime
    ) -> list[Ranked]:
        return super().rank(asked, candidates, now)[1:]


class Broken:
    def rank(self, *_: object) -> list[Ranked]:
        raise ValueError("no such model")


def test_another_ranker_orders_the_page() -> None:
    page, notes = pages(Documents(a={}, b={}), ranker=Backwards()).page(
        fused("a", "b"), ASKED, 2, NOW
    )
    assert (ids(page), notes) == (["b", "a"], ())


@pytest.mark.parametrize(
    ("ranker", "says"), [(Forgetful(), "other posts"), (Broken(), "no such model")]
)
def test_a_ranker_that_fails_leaves_the_fused_order(ranker: Ranker, says: str) -> None:
    page, notes = pages(Documents(a={}, b={}), ranker=ranker).page(fused("a", "b"), ASKED, 2, NOW)
    assert ids(page) == ["a", "b"]
    assert says in notes[0]


def test_nothing_found_is_an_empty_page() -> None:
    index = Documents()
    assert pages(index).page([], ASKED, 10, NOW) == ((), ())
    assert index.read == []
