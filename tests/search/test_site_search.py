"""Answers under a site's rules, on both back ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from search_support import SPACE, TAXONOMY, enrich
from site_support import rules

from enrich.post import Post
from enrich.tags import find_marks
from enrich.text import normalize
from search.document import build
from search.intent.reader import reader_of
from search.interpreter import Knowledge
from search.rewrite.rewriter import PositionRewriter
from search.service import Searcher
from search.site.model import SiteRules
from tests.contract.conftest import Opener

POSTS = (
    Post(id="waiter", title="招聘服务员", body="包吃住", company="宏远精密制造有限公司"),
    Post(id="rider", title="招骑手", body="电子厂旁", company="别家公司"),
    Post(id="accountant", title="招会计", body="双休", company="宏远厂"),
)
Ask = Callable[..., list[str]]


@pytest.fixture
def ask(tmp_path: Path, opener: Opener) -> Ask:
    """Search by the rules of files; ids of the hits, then ``-`` and what was given up for them."""
    index = opener(tmp_path, SPACE)
    index.write(
        [
            build(
                post,
                enrich(post, {}, dict(find_marks("body", normalize(post.body)))),
                1,
                TAXONOMY,
            )
            for post in POSTS
        ]
    )
    reader, rewriter = reader_of(TAXONOMY), PositionRewriter(TAXONOMY, judged={})

    def found(query: str, channel: str = "text", **files: str) -> list[str]:
        site = rules(tmp_path / "site", **files) if files else SiteRules.none()
        known = Knowledge(reader.with_site(site), rewriter.with_site(site), site)
        answer = Searcher(index, TAXONOMY, knowledge=lambda: known).search(query, channel)  # type: ignore[arg-type]
        given_up = [f"-{text}" for one in answer.understanding.relaxed for text in one.texts]
        return sorted(hit.id for hit in answer.hits) + given_up

    return found


def test_a_synonym_finds_what_it_means(ask: Ask) -> None:
    synonyms = "端盘小弟 服务员\n大肉 包吃住\n流水线厂 电子厂"
    for channel in ("text", "intent"):
        assert ask("端盘小弟", channel, synonyms=synonyms) == ["waiter"]
    assert ask("大肉", synonyms=synonyms) == ["waiter"]
    # No post holds the site's own word for a kind of place.
    assert ask("流水线厂", synonyms=synonyms) == ["rider"]


def test_a_stop_word_need_not_stand_in_the_post(ask: Ask) -> None:
    assert ask("极速达 会计", stop_words="求职信息") == ["accountant", "-极速达"]
    assert ask("极速达 会计", stop_words="极速达") == ["accountant"]


def test_every_name_of_an_employer_finds_posts_under_each(ask: Ask) -> None:
    companies = "宏远精密 宏远精密制造有限公司|宏远厂"
    for name in ("宏远精密", "宏远厂", "宏远精密制造有限公司"):
        assert ask(name, companies=companies) == ["accountant", "waiter"]


def test_a_forced_rewrite_is_asked_whatever_else_there_is(ask: Ask) -> None:
    many = "\n".join(f"骑手 土名{number:02} forced same" for number in range(30))
    assert ask("骑手", rewrites=f"{many}\n骑手 会计 forced related") == ["accountant", "rider"]


@pytest.mark.parametrize("kind", ["same", "narrower", "related"])
def test_a_forced_rewrite_finds_posts_under_other_names(ask: Ask, kind: str) -> None:
    # The post says 骑手, another name of the same position.
    rewrites = f"会计 送餐员 forced {kind}"
    assert ask("会计", "all", rewrites=rewrites) == ["accountant", "rider"]
    if kind == "same":
        assert ask("杂工", "all", rewrites="杂工 送餐员 forced") == ["rider"]


def test_a_forced_rewrite_finds_and_a_blocked_one_does_not(ask: Ask) -> None:
    assert ask("骑手") == ["rider"]
    for name in ("骑手", "送餐员"):
        assert ask(name, rewrites="骑手 会计 forced related") == ["accountant", "rider"]
    assert ask("会计", rewrites="骑手 会计 forced related") == ["accountant"]
    assert ask("杂工", rewrites="杂工 服务员 forced\n杂工 骑手 blocked") == ["waiter"]
