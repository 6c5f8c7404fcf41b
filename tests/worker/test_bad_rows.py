"""What one row, one slow post or one odd error does to its neighbours: nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import insert, update

from enrich.post import Post
from search.index import ACTIVATIONS, Document, Outcome, WriteOutcome
from tests.worker.fakes import FakeEnricher, FakeIndex, FakeRecipe, post, put
from worker import deadletters, outbox, posts, recipes
from worker.claim import claim
from worker.engine import reading, writing
from worker.explain import explain
from worker.tables import activations
from worker.tables import outbox as rows
from worker.tables import posts as table


def raw(
    engine: sa.Engine, id_: str, payload: str, *, revision: int = 1, deleted: bool = False
) -> None:
    """A row as another system writes it, past every check of ours."""
    statement = "INSERT INTO posts (id, revision, payload, deleted) VALUES (:i, :r, :p, :d)"
    with engine.begin() as connection:
        connection.execute(
            sa.text(statement), {"i": id_, "r": revision, "p": payload, "d": deleted}
        )
        connection.execute(insert(rows).values(post_id=id_, revision=revision))


def letters(engine: sa.Engine) -> dict[str, str]:
    with reading(engine) as session:
        return {letter.post_id: letter.error for letter in deadletters.find(session)}


@pytest.mark.parametrize(
    ("payload", "deleted", "says"),
    [
        ('{"title": "x", "salary": ' + "9" * 5000 + "}", False, "payload"),
        ("[" * 20 + "]" * 20, False, "no JSON object"),
        ('{"title": 5}', False, "title"),
    ],
    ids=["long number", "list", "no text"],
)
def test_a_row_that_is_no_post_stops_no_other(
    engine: sa.Engine, index: FakeIndex, run: Any, payload: str, deleted: bool, says: str
) -> None:
    raw(engine, "bad", payload, deleted=deleted)
    put(engine, *(post(f"p{n}") for n in range(5)))
    assert run().dead == 1
    assert sorted(index.stored) == [f"p{n}" for n in range(5)]
    assert says in letters(engine)["bad"]


def test_a_row_whose_columns_are_impossible_stops_no_other(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    raw(engine, "job 17", "{}", deleted=True)
    raw(engine, "p-", "{}", revision=-1, deleted=True)
    put(engine, post())
    assert run().dead == 2
    assert sorted(index.stored) == ["p1"]
    assert letters(engine).keys() == {"job 17", "p-"}


def test_a_deeply_nested_row_stops_no_other(engine: sa.Engine, index: FakeIndex, run: Any) -> None:
    deep = '{"title": "x", "more": ' + "[" * 5000 + "]" * 5000 + "}"
    try:
        raw(engine, "deep", deep)
    except sa.exc.DBAPIError:
        pytest.skip("this database refuses such a row by itself")
    put(engine, post())
    assert run().dead == 1
    assert sorted(index.stored) == ["p1"]


def test_a_row_that_is_no_post_can_be_written_shown_and_closed(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    raw(engine, "p1", '{"title": 5}')
    raw(engine, "p2", "[]")
    with reading(engine) as session:
        assert explain(session, "p1").post == {"title": 5}
        assert explain(session, "p2").post == {"payload": "[]"}
    put(engine, post("p1", title="good now", revision=2))
    with writing(engine) as session:
        assert posts.delete(session, "p2").revision == 2
    run()
    assert {d.id: d.state for d in index.stored.values()} == {"p1": "open", "p2": "closed"}


class Slow(BaseException):
    """What a soft time limit raises."""


def test_a_slow_post_is_left_alone_and_given_up(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, *(post(f"p{n}", title="slow" if n == 3 else f"{n}") for n in range(8)))

    def slow(batch: Sequence[Post]) -> None:
        if any(p.title == "slow" for p in batch):
            raise Slow

    enricher = FakeEnricher(before=slow)
    for _ in range(40):
        with suppress(Slow):
            run(enricher=enricher, max_rows=8, wait=False)
    assert sorted(index.stored) == [f"p{n}" for n in range(8) if n != 3]
    assert "Slow" in letters(engine)["p3"]


class Failing(FakeIndex):
    """An index that fails for one post, in a way that nobody has foreseen."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.told = told

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        if any(document.id == "p2" for document in documents):
            raise RuntimeError(self.told)
        return super().write(documents)


def test_an_unforeseen_error_of_the_index_stops_one_post_only(engine: sa.Engine, run: Any) -> None:
    index = Failing("无法写入\x00 \ud800")
    put(engine, *(post(f"p{n}", title=f"{n}") for n in range(4)))
    for _ in range(40):
        with suppress(RuntimeError):
            run(index=index, wait=False)
    assert sorted(index.stored) == ["p0", "p1", "p3"]
    assert "无法写入" in letters(engine)["p2"]


def test_an_error_text_of_any_kind_can_be_kept(engine: sa.Engine, run: Any) -> None:
    class Odd(FakeEnricher):
        def infer(self, posts: Sequence[Post]) -> Any:  # noqa: ARG002
            raise ValueError("坏\x00\ud800" + "长" * 5000)

    put(engine, post())
    assert run(enricher=Odd()).dead == 1
    assert letters(engine)["p1"].startswith("ValueError: 坏")


def test_repairs_that_are_used_up_end_for_one_post_only(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1", revision=1), post("p2", title="other"))
    run()
    with writing(engine) as session:
        session.execute(update(activations).values(number=ACTIVATIONS - 1))
        session.execute(
            update(table).where(table.c.id == "p1").values(payload={"title": "same revision"})
        )
        outbox.put(session, "p1", 1, "live")
    index.answers["p1"] = [Outcome.CONFLICT]
    put(engine, post("p2", title="newer"))
    report = run()
    assert (report.dead, report.indexed) == (1, 1)
    assert "higher revision" in letters(engine)["p1"]


def test_an_often_written_post_keeps_its_place(engine: sa.Engine) -> None:
    put(engine, post("hot", title="0"))
    put(engine, *(post(f"p{n}") for n in range(50)))
    for n in range(1, 20):
        put(engine, post("hot", title=str(n)))
    with writing(engine) as session:
        assert [item.post_id for item in claim(session, batch=1, lease_seconds=60).items] == ["hot"]


def test_a_write_during_the_lease_is_asked_for_anew(engine: sa.Engine) -> None:
    put(engine, post("p1", title="0"))
    with writing(engine) as session:
        first = claim(session, batch=1, lease_seconds=60).items[0]
        session.execute(update(rows).values(asked_at=5))
    put(engine, post("p1", title="1"))
    with writing(engine) as session:
        (again,) = claim(session, batch=1, lease_seconds=60).items
    assert again.revision == first.revision + 1
    assert again.asked_at > 5


def test_an_activation_between_claim_and_settling_is_not_missed(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post())
    run()
    put(engine, post(title="newer"))
    enricher = FakeEnricher()

    def activate(_batch: Sequence[Post]) -> None:
        enricher.before = None
        with writing(engine) as session:
            recipes.activate(session, "recipe-b", ask=False)

    enricher.before = activate
    with pytest.raises(recipes.RecipeMismatch):
        run(enricher=enricher)
    with reading(engine) as session:
        assert outbox.waiting(session) == {"waiting": 1, "leased": 0}
    assert run(enricher=FakeEnricher(FakeRecipe("recipe-b")), reactivate=False).indexed == 1
    assert index.stored["p1"].recipe == "recipe-b"
