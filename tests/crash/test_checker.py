"""The checker itself: a right state is right, and every wrong one is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from enrich.post import Post
from search.index import Document, document_version
from tests.crash.checker import NO_ERROR, Letter, Row, Seen, check
from tests.crash.encoder import document_of, vector_of
from tests.crash.history import Write

ACTIVATION = 1


def written(number: int, id_: str, revision: int, body: str, **more: Any) -> Write:
    given: dict[str, Any] = {"writer": 0, "way": "sql", "kind": "edit", "salary": "5000元/月"}
    return Write(
        number=number, id=id_, revision=revision, title="招聘电工", body=body, **{**given, **more}
    )


HISTORY = [
    written(0, "edited", 1, "旧"),
    written(1, "edited", 2, "新"),
    written(2, "closed", 1, "在招"),
    written(3, "closed", 2, "在招", deleted=True, kind="close"),
    written(4, "deadly", 1, "可读"),
    written(5, "deadly", 2, "炸", fate="lost"),
    written(6, "bad", 1, "", kind="refused"),
]
DONE = frozenset(range(len(HISTORY)))
BY_KEY = {(w.id, w.revision): w for w in HISTORY}


def indexed(id_: str, revision: int) -> Document:
    post = Post.from_mapping(BY_KEY[id_, revision].payload())
    return document_of(post, document_version(revision, ACTIVATION))


def right() -> Seen:
    newest = {"edited": 2, "closed": 2, "deadly": 2}
    return Seen(
        posts={
            id_: Row(rev, BY_KEY[id_, rev].deleted, BY_KEY[id_, rev].payload())
            for id_, rev in newest.items()
        },
        documents={
            "edited": indexed("edited", 2),
            "closed": indexed("closed", 2),
            "deadly": indexed("deadly", 1),
        },
        found={"text": frozenset({"edited", "deadly"})},
        letters=[Letter("deadly", 2, "lost")],
        waiting={"outbox": 0},
        rejects=["bad"],
    )


def with_document(id_: str, document: Document | None) -> Seen:
    seen = right()
    documents = {**seen.documents, id_: document}
    kept = {k: d for k, d in documents.items() if d is not None}
    found = frozenset(k for k, d in kept.items() if d.state == "open")
    return replace(seen, documents=kept, found={"text": found})


def with_match(id_: str, revision: int, **changes: Any) -> Seen:
    document = indexed(id_, revision)
    assert document.match is not None
    return with_document(id_, replace(document, match=replace(document.match, **changes)))


def counts(seen: Seen, done: frozenset[int] = DONE) -> Mapping[str, int]:
    return check(HISTORY, done, seen).counts


def test_a_right_state_has_no_violation() -> None:
    assert counts(right()) == {}


def test_what_was_not_acknowledged_may_be_missing_or_there() -> None:
    seen = right()
    posts = {k: row for k, row in seen.posts.items() if k != "edited"}
    without = replace(
        seen,
        posts=posts,
        documents={k: d for k, d in seen.documents.items() if k != "edited"},
        found={"text": frozenset({"deadly"})},
    )
    assert counts(without, DONE - {0, 1}) == {}
    assert counts(without, DONE - {1}) == {"lost": 1}
    assert counts(right(), DONE - {1, 3, 6}) == {}


@pytest.mark.parametrize(
    ("error", "violations"),
    [
        ("whatever held it alone died; last error: cannot be read", {}),
        (f"whatever held it alone died; last error: {NO_ERROR}", {"dead": 1}),
    ],
)
def test_a_kill_may_take_the_last_strike_of_a_post_that_fails(
    error: str, violations: dict[str, int]
) -> None:
    history = [replace(w, fate="error") if w.fate else w for w in HISTORY]
    seen = replace(right(), letters=[Letter("deadly", 2, "lost", error)])
    assert check(history, DONE, seen).counts == violations


WRONG = {
    "no document": (with_document("edited", None), {"lost": 1}),
    "no tombstone": (with_document("closed", None), {"lost": 1}),
    "an older document": (with_document("edited", indexed("edited", 1)), {"stale": 1}),
    "a closed post that is open": (
        with_document("closed", indexed("closed", 1)),
        {"stale": 1, "resurrected": 1},
    ),
    "a closed version that is open": (
        with_document(
            "closed", replace(indexed("closed", 1), version=document_version(2, ACTIVATION))
        ),
        {"resurrected": 2},
    ),
    "a later document than the database": (
        replace(
            right(), posts={**right().posts, "edited": Row(1, False, BY_KEY["edited", 1].payload())}
        ),
        {"ahead": 1, "lost": 1},
    ),
    "a document of no post": (
        with_document("stranger", replace(indexed("edited", 2), id="stranger")),
        {"ahead": 1},
    ),
    "another text's vector": (
        with_match("edited", 2, vector=vector_of("招聘电工", "旧")),
        {"vector": 1},
    ),
    "another text's streams": (with_match("edited", 2, text_chars="旧"), {"vector": 1}),
    "another content shown": (
        with_document("edited", replace(indexed("edited", 2), display={"id": "edited"})),
        {"content": 1},
    ),
    "another content stored": (
        replace(
            right(), posts={**right().posts, "edited": Row(2, False, BY_KEY["edited", 1].payload())}
        ),
        {"content": 1},
    ),
    "another recipe": (
        with_document("edited", replace(indexed("edited", 2), recipe="older")),
        {"stale": 1},
    ),
    "no dead letter": (replace(right(), letters=[]), {"dead": 1}),
    "a dead letter of the wrong kind": (
        replace(right(), letters=[Letter("deadly", 2, "error")]),
        {"dead": 1},
    ),
    "two dead letters": (replace(right(), letters=[Letter("deadly", 2, "lost")] * 2), {"dead": 1}),
    "a neighbour's dead letter": (
        replace(right(), letters=[*right().letters, Letter("edited", 2, "lost")]),
        {"dead": 1},
    ),
    "work that waits": (
        replace(right(), waiting={"outbox": 2, "hirelens.ingest": 1}),
        {"unsettled": 2},
    ),
    "a reject that nobody planted": (replace(right(), rejects=["bad", "edited"]), {"reject": 1}),
    "a reject kept twice": (replace(right(), rejects=["bad", "bad"]), {"reject": 1}),
    "a reject that was dropped": (replace(right(), rejects=[]), {"reject": 1}),
    "a version that fell": (replace(right(), went_back=["edited 8194 -> 4098"]), {"went back": 1}),
    "an open post that no query finds": (
        replace(right(), found={"text": frozenset({"deadly"})}),
        {"lost": 1},
    ),
    "a closed post that a query finds": (
        replace(right(), found={"text": frozenset({"edited", "deadly", "closed"})}),
        {"resurrected": 1},
    ),
}


@pytest.mark.parametrize(("seen", "violations"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_state_is_named(seen: Seen, violations: dict[str, int]) -> None:
    assert counts(seen) == violations


def test_the_report_names_the_post() -> None:
    report = check(HISTORY, DONE, with_document("edited", None))
    assert "edited" in str(report)
    assert report.posts == 3
