"""Top-10 lists of the vector channel are unchanged by a bait clause that is stripped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from enrich.post import Enrichment, Post
from search.channels import Channel
from search.document import build
from search.embedded import EmbeddedIndex
from search.index import VectorQuery
from search.service import Searcher
from tests.enrich.bait_support import baited, enriched, enricher, generated, strips

pytestmark = [pytest.mark.model, pytest.mark.slow]
JUDGED = Path(__file__).parents[1] / "data" / "relevance_judged.jsonl"
BAITED = 60
DEEP = 30
EQUAL = 1e-5
"""Cosines closer than this may stand in either order: batches differ in the last bits."""


def crowd() -> list[Post]:
    """Posts of the project's own, of which nobody's grade is asked."""
    rows = map(json.loads, JUDGED.read_text("utf-8").splitlines())
    posts = [post for row in rows if row["half"] == "look" for post in row["posts"]]
    return [Post(id=one["id"], title=one["title"], body=one["body"]) for one in posts]


def test_top_ten_lists_stay_what_they_were(tmp_path: Path) -> None:
    cases = list(baited(generated(BAITED, 3), 3))
    befores, afters = (enriched([getattr(c, side) for c in cases]) for side in ("before", "after"))
    stripped = [
        (case, *pair) for case, *pair in zip(cases, befores, afters, strict=True) if strips(*pair)
    ]
    assert len(stripped) >= BAITED // 2
    others = crowd()
    reader = enricher()
    taxonomy, space = reader.taxonomy, reader.recipe.vector_space
    index = EmbeddedIndex(tmp_path / "i.db", space)
    index.write(
        [build(p, e, 1, taxonomy) for p, e in zip(others, enriched(others), strict=True)]
        + [build(case.before, before, 1, taxonomy) for case, before, _ in stripped]
    )
    searcher = Searcher(index, taxonomy, reader.encode_query, space)
    queries = sorted({name for case, before, after in stripped for name in _named(before, after)})
    assert len(queries) >= 20
    vectors = {query: reader.encode_query(query) for query in queries}
    was_near = {query: near(index, vectors[query], space) for query in queries}
    was = {query: top(searcher, query, "vector") for query in queries}
    index.write([build(case.after, after, 2, taxonomy) for case, _, after in stripped])
    baits = {case.after.id: _stripped_positions(after) for case, _, after in stripped}
    asked = {query: {one.position for one in taxonomy.senses(query)} for query in queries}
    assert set(baits) & {id_ for page in was.values() for id_, _ in page}
    for query in queries:
        assert _settled(near(index, vectors[query], space)) == _settled(was_near[query]), query
        now = top(searcher, query, "vector")
        # Who names a position only to mislead is refused to those who ask for it: bait can lose
        # a place by that, and nobody else's order changes.
        gone = {id_ for id_, _ in was[query]} - {id_ for id_, _ in now[:DEEP]}
        assert all(asked[query] & baits.get(id_, set()) for id_ in gone), (query, gone)
        left = [hit for hit in was[query] if hit[0] not in gone]
        assert _settled(now[:10]) == _settled(left[:10]), query
    searcher.close()


def near(index: EmbeddedIndex, vector: tuple[float, ...], space: str) -> list[tuple[str, float]]:
    """Return ids and cosines of the ten nearest, whatever is asked besides."""
    page = index.query(VectorQuery(vector, space, floor=-1.0), limit=10, documents=False)
    return [(hit.id, hit.score) for hit in page.hits]


def top(searcher: Searcher, query: str, channel: Channel) -> list[tuple[str, float]]:
    """Return ids and scores of the first places, more than a page."""
    return [(hit.id, hit.score) for hit in searcher.search(query, channel, limit=DEEP).hits]


def _settled(page: list[tuple[str, float]]) -> list[frozenset[str]]:
    """Return the ids in order, those of equal cosines together."""
    groups: list[set[str]] = []
    last = 2.0
    for id_, score in page:
        if last - score > EQUAL:
            groups.append(set())
        groups[-1].add(id_)
        last = score
    return [frozenset(group) for group in groups]


def _named(before: Enrichment, after: Enrichment) -> set[str]:
    """Return the words that the post names: what it hires for, and the bait."""
    return {mention.text for mention in (*before.mentions, *after.mentions)}


def _stripped_positions(after: Enrichment) -> set[str]:
    """Return what the post names for something else than what it hires for: 队长 is 领班 too."""
    return {mention.position for mention in after.mentions if mention.label in {"N", "X"}}
