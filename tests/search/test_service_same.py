"""Understood queries find the same on both back ends: random posts, random queries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import SPACE, TAXONOMY, enrich, vector
from services.elastic import Elasticsearch
from services.fixtures import fresh

from enrich.post import Post
from enrich.tags import find_marks
from enrich.text import normalize
from search.document import build
from search.embedded import EmbeddedIndex
from search.index import Document, Filters, Index
from search.intent.reader import reader_of
from search.interpreter import Knowledge
from search.rewrite.model import Expansion, Kind, Rewritten, Source
from search.rule import Rule
from search.service import Searcher
from tests.contract.conftest import elastic_opener

pytestmark = pytest.mark.service
POSTS = 120
JOBS = ("服务员", "服务生", "骑手", "会计", "java开发工程师", "传菜服务员")
CITIES = (None, "北京", "北京市-朝阳区", "上海", "苏州-昆山市", "广东省东莞市")
SALARIES = (None, "3000-4500元/月", "5000元/月", "200元/天", "面议")
SAID = (
    *("包吃住", "包住", "双休", "五险一金", "日结", "夜班", "兼职", "全职", "限女性", "男女不限"),
    *("18-45岁", "大专以上学历", "三年以上经验", "无经验可", "火锅店", "海底捞招人", "望京附近"),
)


class Rewriter:
    """Gives every name another one."""

    def rewrite(self, text: str) -> Rewritten:
        other = Expansion("骑手" if text != "骑手" else "会计", 0.9, Kind.RELATED, Source.CLICKS)
        return Rewritten(text, None, (), (other,))


def random_document(chance: random.Random, number: int) -> Document:
    post = Post(
        id=f"{number:03}",
        title=f"招{chance.choice(JOBS)}",
        body="，".join(chance.sample(SAID, k=chance.randint(0, 4))),
        city=chance.choice(CITIES),
        salary=chance.choice(SALARIES),
        company=chance.choice((None, "海底捞", "某店")),
        tags=tuple(chance.sample(("包吃住", "周结", "长白班"), k=chance.randint(0, 1))),
    )
    reading = enrich(post, tags=dict(find_marks("body", normalize(post.body))))
    return build(post, reading, 1, TAXONOMY)


@pytest.fixture(scope="module")
def pair(
    elasticsearch: Elasticsearch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Index, Index]]:
    chance = random.Random(20261130)
    documents = [random_document(chance, number) for number in range(POSTS)]
    embedded = EmbeddedIndex(tmp_path_factory.mktemp("same") / "i.db", SPACE)
    prefix = fresh(elasticsearch)
    opened = elastic_opener(elasticsearch.url, lambda: prefix)
    elastic = next(opened)(Path("same"), SPACE)
    for index in (embedded, elastic):
        index.write(documents)
    yield embedded, elastic
    next(opened, None)
    elasticsearch.remove(prefix)


pieces = st.sampled_from(
    [
        *(*JOBS, "火锅店", "海底捞", "望京", "北京", "朝阳区", "昆山", "江浙沪", "附近", "某某路"),
        *("4000以上", "200一天", "女", "45岁", "大专", "无经验", "3年经验", "c1", "区块链"),
        *("包吃住", "包住", "双休", "五险一金", "日结", "夜班", "兼职", "全职", "长白班"),
        *("不要夜班", "不要骑手", "非中介", "不要女"),
    ]
)
queries = st.lists(pieces, min_size=1, max_size=5).map(" ".join)
rules = st.sampled_from(
    [
        Rule(),
        Rule(location="boost", benefit="boost", salary="boost"),
        Rule(workplace="filter", company="text", related=0),
    ]
)
given_filters = st.none() | st.builds(
    Filters, city=st.sampled_from((None, "北京", "上海")), salary_at_least=st.none() | st.just(4000)
)


@settings(deadline=None, max_examples=150)
@given(queries, rules, given_filters, st.sampled_from(("text", "intent", "all")))
def test_answers_are_the_same(
    pair: tuple[Index, Index], query: str, rule: Rule, given: Filters | None, channel: str
) -> None:
    knowledge = Knowledge(reader_of(TAXONOMY), Rewriter())
    ours, theirs = (
        Searcher(*(index, TAXONOMY, vector, SPACE), rule=rule, knowledge=lambda: knowledge).search(
            query, channel, given, POSTS
        )  # type: ignore[arg-type]
        for index in pair
    )
    assert ours.understanding == theirs.understanding
    assert ours.total == theirs.total
    # Scores differ in their last digits, and with them who leads a fold.
    assert {id_ for hit in ours.hits for id_ in (hit.id, *hit.folded)} == {
        id_ for hit in theirs.hits for id_ in (hit.id, *hit.folded)
    }
    if channel == "all":
        assert ours.hits or given is not None


@settings(deadline=None, max_examples=60)
@given(queries, st.sampled_from(("text", "intent")))
def test_what_is_found_fulfils_what_was_not_given_up(
    pair: tuple[Index, Index], query: str, channel: str
) -> None:
    """Asked again with what is left, the same is found, and nothing is given up any more."""
    for index in pair:
        searcher = Searcher(index, TAXONOMY)
        found = searcher.search(query, channel, limit=POSTS)  # type: ignore[arg-type]
        left = found.understanding
        asked = left.text() if channel == "text" else left.intent()
        if asked is None:
            continue
        page = index.query(asked, left.conditions(), POSTS)
        assert [hit.id for hit in page.hits] == [hit.id for hit in found.hits]
        assert page.total == found.total
