"""What counts as a non-position term of a post."""

from __future__ import annotations

from enrich.post import Enrichment, Mention, Post
from labels.evaluate.keep import CERTIFICATE, WORD, terms


def read(post: Post, *mentions: Mention) -> Enrichment:
    return Enrichment(
        id=post.id,
        positions=(),
        mentions=mentions,
        stripped=(),
        clean_title=post.title,
        clean_body=post.body,
        offer_title=post.title,
        offer_body=post.body,
        tags={},
        rejected_tags=(),
        category=None,
        vector=(),
        recipe="r",
        content_hash="h",
    )


def test_certificates_are_terms_and_words_are_drawn_by_seed() -> None:
    post = Post(id="p1", title="招月嫂", body="有健康证、C1驾照，持叉车证优先", revision=1)
    found = terms(post, read(post), words=3, seed=1)
    kinds = {term.text for term in found if term.kind == CERTIFICATE}
    assert kinds == {"健康证", "c1驾照", "叉车证"}
    assert len([term for term in found if term.kind == WORD]) == 3
    assert found == terms(post, read(post), words=3, seed=1)


def test_a_certificate_inside_a_mention_is_none() -> None:
    post = Post(id="p1", title="电工证培训员", body="", revision=1)
    mention = Mention(
        field="title", start=0, end=3, text="电工证", position="x", label="X", score=0
    )
    assert not [term for term in terms(post, read(post, mention), 0, 1) if term.kind == CERTIFICATE]
