"""Co-clicks: the rule on generated clicks, and the file."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from enrich.taxonomy import Taxonomy
from search.rewrite.clicks import (
    FORMAT,
    ClickTable,
    ClickTableError,
    CoClick,
    Rule,
    co_clicks,
    load,
    write,
)
from search.rewrite.model import Source, Sources
from search.rewrite.rewriter import PositionRewriter

HEAD = f"{FORMAT}\nquery\tother\tshared\tquery_posts\tother_posts\n"


def generated(seed: int = 1) -> Iterator[tuple[str, str]]:
    """Yield clicks: searchers of one trade, under two names, and of another; some go astray."""
    rng = random.Random(seed)
    trades = {"hair": ("理发师", "剪头小哥"), "guard": ("保安", "看大门师傅")}
    for trade, names in trades.items():
        for name in names:
            for _ in range(300):
                astray = rng.random() < 0.02
                shown = rng.choice(sorted(trades)) if astray else trade
                yield name, f"{shown}-{rng.randrange(40)}"


def test_names_of_one_trade_share_clicks_and_other_trades_do_not() -> None:
    table = ClickTable(co_clicks(generated()))
    near = table.overlap("理发师", "剪头小哥")
    assert near is not None
    assert near > 0.8
    assert table.overlap("剪头小哥", "理发师") == near
    assert table.overlap("理发师", "保安") is None
    assert [name for name, _ in table.near("保安")] == ["看大门师傅"]


def test_the_same_clicks_in_another_order_give_the_same_table() -> None:
    clicks = list(generated())
    assert co_clicks(reversed(clicks)) == co_clicks(clicks)
    assert co_clicks(clicks + clicks[:50]) == co_clicks(clicks)


@pytest.mark.parametrize(
    ("pair", "passes"),
    [
        (CoClick("a", "b", 3, 5, 9), True),
        (CoClick("a", "b", 2, 5, 5), False),  # too few in common
        (CoClick("a", "b", 3, 4, 5), False),  # too few of one
        (CoClick("a", "b", 3, 50, 50), False),  # too little of each
    ],
)
def test_the_rule_needs_overlap_and_clicks(pair: CoClick, passes: bool) -> None:
    assert pair.passes(Rule(overlap=0.2, shared=3, posts=5)) is passes
    assert bool(ClickTable([pair])) is passes


def test_a_post_that_everybody_clicks_says_nothing() -> None:
    crowd = [(f"q{n}", f"{post}") for n in range(201) for post in range(5)]
    assert co_clicks(crowd) == ()
    assert len(co_clicks(crowd[: 200 * 5])) == 200 * 199 / 2


@pytest.mark.parametrize("name", ["clicks.tsv", "clicks.tsv.gz"])
def test_a_written_table_is_read_again(tmp_path: Path, name: str) -> None:
    path, again = tmp_path / name, tmp_path / f"again-{name}"
    pairs = co_clicks(generated())
    write(path, pairs)
    write(again, pairs)
    assert path.read_bytes() == again.read_bytes()
    table = load(path)
    assert table.overlap("理发师", "剪头小哥") == ClickTable(pairs).overlap("理发师", "剪头小哥")
    assert load(path, Rule(overlap=1.0)).overlap("理发师", "剪头小哥") is None


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("", 1, "its format"),
        ("# hirelens co-clicks 2\n", 1, "its format"),
        (f"{FORMAT}\nquery\tother\n", 2, "its columns"),
        (f"{HEAD}a\tb\t3\t5\n", 3, "has 4 columns"),
        (f"{HEAD}a\tb\t3\t5\t5\n\nb\ta\t3\t5\t5\n", 5, "stands twice"),
        (f"{HEAD}a\t a\t3\t5\t5\n", 3, "no two queries"),
        (f"{HEAD}a\tb\t-3\t5\t5\n", 3, "field 'shared'"),
        (f"{HEAD}a\tb\t3\t5\t5.0\n", 3, "field 'other_posts'"),
        (f"{HEAD}a\tb\t6\t5\t7\n", 3, "more than a query's posts"),
    ],
)
def test_a_bad_line_is_told_by_number(tmp_path: Path, text: str, place: int, problem: str) -> None:
    path = tmp_path / "clicks.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(ClickTableError) as caught:
        load(path)
    assert f"{path}:{place}:" in str(caught.value)
    assert problem in str(caught.value)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "clicks.tsv.gz"
    path.write_bytes(gzip.compress(HEAD.encode())[:-9])
    with pytest.raises(ClickTableError, match="cannot be read"):
        load(path)


@cache
def rewriter() -> PositionRewriter:
    return PositionRewriter(Taxonomy.load(), clicks=ClickTable(co_clicks(generated())))


def test_clicks_bring_names_that_the_taxonomy_lacks() -> None:
    found = {one.text: one for one in rewriter().rewrite("保安").expansions}
    assert found["看大门师傅"].source in {Source.CLICKS, Source.TAXONOMY}
    assert "clicks" in found["看大门师傅"].why
    without = rewriter().with_sources(Sources().without("clicks"))
    assert "clicks" not in without.judge("保安", "看大门师傅").why


def test_clicks_raise_a_score_but_never_what_the_taxonomy_refuses() -> None:
    pairs = [CoClick("英语老师", "日语老师", 50, 50, 50), CoClick("保安", "蓝色幻想", 50, 50, 50)]
    clicked = PositionRewriter(Taxonomy.load(), clicks=ClickTable(pairs))
    bare = clicked.with_sources(Sources().without("clicks"))
    assert clicked.judge("英语老师", "日语老师").score > bare.judge("英语老师", "日语老师").score
    assert not clicked.judge("英语老师", "日语老师").accept
    assert "日语老师" not in {one.text for one in clicked.rewrite("英语老师").expansions}
    assert clicked.judge("保安", "蓝色幻想").accept
    assert clicked.judge("保安", "蓝色幻想").source is Source.CLICKS
    assert not bare.judge("保安", "蓝色幻想").accept
