"""The history is the same for the same seed, and holds what a crash run must meet."""

from __future__ import annotations

from collections import Counter

import pytest

from enrich.post import Post
from tests.crash.history import Write, of_writer, plan


@pytest.fixture(scope="module")
def history() -> list[Write]:
    return plan(7, 10_000)


def test_one_seed_gives_one_history() -> None:
    assert plan(3, 500) == plan(3, 500)
    assert plan(3, 500) != plan(4, 500)


def test_every_kind_and_every_way_is_used(history: list[Write]) -> None:
    kinds = Counter(w.kind for w in history)
    assert kinds.keys() == {"create", "edit", "salary", "close", "reopen", "refused"}
    assert min(Counter(w.way for w in history).values()) > 2000
    assert min(Counter(w.writer for w in history).values()) > 2000
    assert [w.number for w in history] == list(range(10_000))


def test_revisions_of_a_post_are_written_once_each(history: list[Write]) -> None:
    by_post: dict[str, list[int]] = {}
    for write in history:
        by_post.setdefault(write.id, []).append(write.revision)
    assert all(revs == list(range(1, len(revs) + 1)) for revs in by_post.values())
    writers = {w.id: {o.writer for o in history if o.id == w.id} for w in history[:200]}
    assert any(len(found) > 1 for found in writers.values()), "no post has two writers"


def test_a_salary_change_leaves_the_text_alone(history: list[Write]) -> None:
    last: dict[str, Write] = {}
    for write in history:
        before = last.get(write.id)
        if write.kind == "salary" and before is not None:
            assert (write.title, write.body) == (before.title, before.body)
            assert write.salary != before.salary
        last[write.id] = write


def test_the_doomed_are_one_in_five_hundred_and_end_so(history: list[Write]) -> None:
    last = {w.id: w for w in history}
    fates = Counter((w.fate, w.broken) for w in last.values() if w.fate and not w.deleted)
    assert fates["lost", False] == len(last) // 500
    assert fates["error", False] >= 2
    assert fates["error", True] >= 2
    doomed = {w.id for w in history if w.fate}
    healed = [id_ for id_ in doomed if last[id_].fate is None]
    assert healed, "no post is written anew after it could not be read"


def test_late_messages_are_older_ones_of_the_same_post(history: list[Write]) -> None:
    late = [w for w in history if w.late is not None]
    assert len(late) > 500
    for write in late:
        older = history[write.late or 0]
        assert (older.id, older.broken) == (write.id, False)
        assert older.revision < write.revision


def test_what_is_to_be_read_is_a_post(history: list[Write]) -> None:
    for write in history:
        if not write.broken and write.kind != "refused":
            post = Post.from_mapping(write.payload())
            assert (post.id, post.revision) == (write.id, write.revision)


def test_writers_share_the_history_among_them(history: list[Write]) -> None:
    parts = [of_writer(history, writer) for writer in range(3)]
    assert sum(map(len, parts)) == len(history)
