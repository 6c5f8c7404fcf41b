"""Recipes, dead letters, explain and settings: what an operator touches."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import insert, select, update

from search.index import ACTIVATIONS, Outcome
from tests.worker.fakes import FakeEnricher, FakeIndex, FakeRecipe, post, put
from worker import deadletters, outbox, posts, recipes
from worker.checks import SettingsError, Timing
from worker.claim import claim
from worker.clock import now_ms
from worker.engine import reading, writing
from worker.explain import explain
from worker.tables import activations
from worker.tables import outbox as rows


def test_activating_the_active_recipe_changes_nothing(engine: sa.Engine, run: Any) -> None:
    put(engine, post())
    run()
    with writing(engine) as session:
        before = recipes.active(session)
        assert recipes.activate(session, "recipe-a") == before
        assert outbox.waiting(session)["waiting"] == 0


def test_another_recipe_asks_for_every_post_in_the_backfill(engine: sa.Engine, run: Any) -> None:
    put(engine, post("p1"), post("p2"))
    run()
    put(engine, post("p2", title="new"))
    with writing(engine) as session:
        assert recipes.activate(session, "recipe-b") == recipes.Activation(2, "recipe-b", 2)
        found = session.execute(select(rows.c.post_id, rows.c.revision, rows.c.lane)).all()
    assert sorted(map(tuple, found)) == [("p1", 1, 1), ("p2", 2, 0)]


def test_a_repair_keeps_the_recipe_and_never_takes_over_from_a_newer_one(
    engine: sa.Engine,
) -> None:
    with writing(engine) as session:
        first = recipes.activate(session, "a")
        assert recipes.repair(session, first) == recipes.Activation(2, "a", 1)
        assert recipes.repair(session, first) == recipes.Activation(2, "a", 1)
        newer = recipes.activate(session, "b")
        assert recipes.repair(session, first) == first
        assert recipes.active(session) == newer == recipes.Activation(3, "b", 3)


def test_activations_end_with_a_remedy(engine: sa.Engine) -> None:
    with writing(engine) as session:
        session.execute(
            insert(activations).values(
                number=ACTIVATIONS - 1, recipe="a", reason="recipe", activated_at=0
            )
        )
        with pytest.raises(recipes.ActivationsExhausted, match="build a new index"):
            recipes.activate(session, "b")


def test_a_new_model_infers_again(engine: sa.Engine, enricher: FakeEnricher, run: Any) -> None:
    put(engine, post())
    run()
    enricher.recipe = FakeRecipe("recipe-b", "reality-b")
    assert run().inferred == 1


def test_dead_letters_are_listed_closed_and_superseded(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"), post("p2"))
    index.answers = {"p1": [Outcome.PERMANENT], "p2": [Outcome.TOO_LARGE]}
    run()
    with writing(engine) as session:
        first, second = deadletters.find(session)
        assert deadletters.close(session, first.id).state == "closed"
        with pytest.raises(deadletters.UnknownDeadLetter, match="not open"):
            deadletters.replay(session, first.id)
        with pytest.raises(deadletters.UnknownDeadLetter):
            deadletters.show(session, 99)
    put(engine, post("p2", title="shorter"))
    with reading(engine) as session:
        assert deadletters.show(session, second.id).state == "superseded"
        assert deadletters.find(session) == []
        assert len(deadletters.find(session, state=None, post_id="p2")) == 1
    assert run().indexed == 1


def test_explain_tells_a_posts_whole_story(
    engine: sa.Engine, enricher: FakeEnricher, run: Any
) -> None:
    put(engine, post(salary="1"))
    run()
    put(engine, post(salary="2"))
    run()
    put(engine, post(title="bad"))
    enricher.poison = frozenset({"bad"})
    run(backoff_seconds=60)
    with reading(engine) as session:
        told = explain(session, "p1").to_mapping()
    assert told["revision"] == 3
    assert told["post"]["title"] == "bad"
    assert told["activation"] == {
        "number": 1,
        "recipe": "recipe-a",
        "since": 1,
        "pinned": False,
    }
    assert told["waiting"]["state"] == "delayed"
    assert "cannot read bad" in told["waiting"]["last_error"]
    assert [(e["event"], e["revision"]) for e in told["history"]] == [
        ("written", 1),
        ("indexed", 1),
        ("written", 2),
        ("indexed", 2),
        ("written", 3),
        ("failed", 3),
    ]
    assert told["history"][1]["detail"].startswith("infer,")
    assert told["history"][3]["detail"].startswith("metadata_only,")
    with reading(engine) as session, pytest.raises(posts.UnknownPost, match="nobody"):
        explain(session, "nobody")


def test_explain_names_the_state_of_a_lease(engine: sa.Engine) -> None:
    put(engine, post())
    states = []
    with writing(engine) as session:
        states.append(explain(session, "p1").waiting)
        claim(session, batch=1, lease_seconds=60)
        states.append(explain(session, "p1").waiting)
        session.execute(update(rows).values(lease_until=0))
        states.append(explain(session, "p1").waiting)
    assert [s["state"] for s in states if s] == ["due", "leased", "lease lost"]


@pytest.mark.parametrize(
    ("timing", "names"),
    [
        (Timing(0, 300, 1), "batch is 0"),
        (Timing(5000, 9000, 1), "batch is 5000"),
        (Timing(32, 10, 1), "raise lease_s or lower batch"),
        (Timing(32, 300, -1), "backoff_s"),
    ],
)
def test_a_timing_that_cannot_work_is_refused(timing: Timing, names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        timing.check()


def test_drain_refuses_a_wrong_timing_before_it_claims(engine: sa.Engine, run: Any) -> None:
    put(engine, post())
    with pytest.raises(SettingsError):
        run(batch=100, lease_seconds=5)
    with reading(engine) as session:
        assert outbox.waiting(session)["leased"] == 0


def test_the_database_clock_is_the_time_in_milliseconds(engine: sa.Engine) -> None:
    with reading(engine) as session:
        told = session.scalar(select(now_ms()))
    assert told is not None
    assert abs(told - time.time() * 1000) < 5_000


def test_waiting_drain_returns_after_the_rows_of_another_holder(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"))
    reached, go = threading.Event(), threading.Event()

    def slow(_batch: Any) -> None:
        reached.set()
        assert go.wait(20)

    other = threading.Thread(target=lambda: run(enricher=FakeEnricher(before=slow)))
    other.start()
    assert reached.wait(20)
    assert run(wait=False).claimed == 0
    assert "p1" not in index.stored
    timer = threading.Timer(0.3, go.set)
    timer.start()
    assert run().claimed == 0
    assert "p1" in index.stored
    other.join()
    timer.join()
