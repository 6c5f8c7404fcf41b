"""put --wait where workers index: what it waits for, and what it tells."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from verbs_support import ok, write_lines

from enrich.post import Post
from hirelens import awaiting
from hirelens.awaiting import Awaited
from worker import deadletters, schema
from worker.engine import create_engine, writing
from worker.posts import WriteResult, write
from worker.tables import outbox

Call = Callable[..., Result]


@pytest.fixture
def engine(home: Path) -> Iterator[sa.Engine]:
    home.mkdir()
    made = create_engine(home / "posts.db")
    schema.upgrade(made)
    yield made
    made.dispose()


def put(engine: sa.Engine, *posts: tuple[str, str]) -> list[WriteResult]:
    with writing(engine) as session:
        return [write(session, Post(id=id_, title=title)) for id_, title in posts]


def settle(engine: sa.Engine, *ids: str) -> None:
    with writing(engine) as session:
        session.execute(sa.delete(outbox).where(outbox.c.post_id.in_(ids)))


def bury(engine: sa.Engine, result: WriteResult) -> None:
    settle(engine, result.id)
    with writing(engine) as session:
        deadletters.bury(session, result.id, result.revision, kind="lost", error="x", attempts=5)


def wait(
    awaited: Awaited, monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], object]
) -> tuple[int, list[float]]:
    """Wait, doing one step in each pause; returns the answer and the pauses."""
    pauses: list[float] = []
    todo = list(steps)

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        todo.pop(0)()

    monkeypatch.setattr(awaiting.time, "sleep", sleep)
    answer = awaited.wait()
    assert todo == []
    return answer, pauses


def test_only_its_own_posts_are_waited_for(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, ("other", "x"))
    awaited = Awaited(engine)
    awaited.add(put(engine, ("a", "x"), ("b", "x"), ("c", "x")))
    answer, _ = wait(
        awaited, monkeypatch, lambda: settle(engine, "a"), lambda: settle(engine, "b", "c")
    )
    assert (answer, len(awaited)) == (0, 3)


def test_a_newer_write_of_somebody_else_is_not_waited_for(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    awaited = Awaited(engine)
    awaited.add(put(engine, ("a", "x")))
    answer, _ = wait(awaited, monkeypatch, lambda: None, lambda: put(engine, ("a", "newer")))
    assert answer == 0


def test_what_an_interrupted_command_wrote_is_waited_for_again(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, ("a", "x"), ("b", "x"))
    settle(engine, "b")
    awaited = Awaited(engine)
    again = put(engine, ("a", "x"), ("b", "x"))
    assert [result.outcome for result in again] == ["unchanged", "unchanged"]
    awaited.add(again)
    assert len(awaited) == 1
    assert wait(awaited, monkeypatch, lambda: settle(engine, "a"))[0] == 0


def test_posts_that_became_dead_letters_are_counted(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (earlier,) = put(engine, ("c", "x"))
    bury(engine, earlier)
    awaited = Awaited(engine)
    results = put(engine, ("a", "x"), ("b", "x"), ("c", "y"))
    awaited.add(results)
    answer, _ = wait(
        awaited,
        monkeypatch,
        lambda: bury(engine, results[0]),
        lambda: settle(engine, "b", "c"),
    )
    assert answer == 1


def test_many_posts_are_looked_at_in_chunks_and_ever_less_often(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(awaiting, "CHUNK", 2)
    awaited = Awaited(engine)
    awaited.add(put(engine, *((f"p{n}", "x") for n in range(5))))
    sizes: list[int] = []
    look = Awaited._waiting
    monkeypatch.setattr(
        Awaited, "_waiting", lambda self, ids: sizes.append(len(ids)) or look(self, ids)
    )
    idle: list[Any] = [lambda: None] * 9
    _, pauses = wait(
        awaited, monkeypatch, *idle, lambda: settle(engine, *(f"p{n}" for n in range(5)))
    )
    assert max(sizes) == 2
    assert len(sizes) == len(pauses) + 3
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (awaiting.FIRST_PAUSE_S, awaiting.MAX_PAUSE_S)


def test_put_waits_and_tells_what_workers_gave_up(
    call: Call, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRELENS_BROKER_URL", "amqp://guest@localhost//")
    put(engine, ("other", "never indexed"))
    bad = write_lines(tmp_path / "bad.jsonl", [{"id": "a", "title": "bad"}])
    timer = threading.Timer(1.0, lambda: bury(engine, WriteResult("a", 1, "written")))
    timer.start()
    result = call("put", bad, "--wait", "--json")
    timer.join()
    assert result.exit_code == 1
    assert '"given_up":1' in result.stdout
    good = write_lines(tmp_path / "good.jsonl", [{"id": "b", "title": "good"}])
    timer = threading.Timer(0.5, lambda: settle(engine, "b"))
    timer.start()
    assert ok(call("put", good, "--wait")).stdout == "1 written\n"
    timer.join()
    assert "on their way" in ok(call("put", good)).stdout
