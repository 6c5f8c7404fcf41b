"""What tidy removes, and what it must leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import delete, select, update

from search.index import Outcome
from tests.worker.fakes import FakeIndex, post, put
from worker import cache, cursors, deadletters, recipes, reconcile, registry, rejects
from worker.engine import reading, writing
from worker.outputs import model_digest
from worker.tables import (
    activations,
    dead_letters,
    ingest_rejects,
    model_cache,
    posts,
)
from worker.tables import cursors as cursor_rows
from worker.tables import recipes as recipe_rows
from worker.tidy import Tidied, tidy

DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class Parts:
    digest: str
    reality: str
    taxonomy: str = "t1"
    rules: str = "u1"
    vector_space: str = "v1"


def age(engine: sa.Engine, table: sa.Table, days: float, column: str = "changed_at") -> None:
    with writing(engine) as session:
        session.execute(update(table).values({column: table.c[column] - int(days * DAY)}))


@pytest.fixture
def letters(engine: sa.Engine) -> sa.Engine:
    """One letter of each state for p1 to p4, and a closed one of p5, which is written anew."""
    put(engine, *(post(f"p{n}") for n in range(1, 6)))
    states = {"p1": "open", "p2": "replayed", "p3": "superseded", "p4": "closed", "p5": "closed"}
    with writing(engine) as session:
        for id_, state in states.items():
            deadletters.bury(session, id_, 1, kind="error", error="x", attempts=5)
            mine = dead_letters.c.post_id == id_
            session.execute(update(dead_letters).where(mine).values(state=state))
    put(engine, post("p5", "written anew"))
    return engine


def left(engine: sa.Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(dead_letters.c.post_id).order_by(dead_letters.c.id)))


def test_letters_that_ended_long_ago_go(letters: sa.Engine) -> None:
    age(letters, dead_letters, 29)
    assert tidy(letters) == Tidied()
    age(letters, dead_letters, 2)
    assert tidy(letters, dry_run=True) == Tidied(dead_letters=3)
    assert len(left(letters)) == 5
    assert tidy(letters) == Tidied(dead_letters=3)
    assert left(letters) == ["p1", "p4"]
    assert tidy(letters) == Tidied()


def test_a_post_that_was_given_up_stays_so(engine: sa.Engine, index: FakeIndex, run: Any) -> None:
    put(engine, post())
    index.answers = {"p1": [Outcome.PERMANENT]}
    run()
    with writing(engine) as session:
        deadletters.close(session, deadletters.find(session)[0].id, "never mind")
    age(engine, dead_letters, 1000)
    tidy(engine)
    assert reconcile.walk_once(engine, index)[0].drift == {}
    with writing(engine) as session:
        session.execute(delete(posts))
    assert tidy(engine) == Tidied(dead_letters=1)


def test_many_rows_go_in_many_transactions(letters: sa.Engine) -> None:
    age(letters, dead_letters, 31)
    steps: list[int] = []
    assert tidy(letters, chunk=1, on_progress=steps.append).dead_letters == 3
    assert steps == [1, 1, 1]
    with writing(letters) as session:
        session.execute(update(dead_letters).values(state="replayed"))

    def killed(_removed: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tidy(letters, chunk=1, on_progress=killed)
    assert left(letters) == ["p4"]


def test_rejects_and_cursors(engine: sa.Engine) -> None:
    with writing(engine) as session:
        for number in range(1, 4):
            rejects.store(session, task_id=f"t{number}", payload="{}", error="x")
        rejects.close(session, 1)
        session.execute(
            update(ingest_rejects).where(ingest_rejects.c.id == 2).values(state="replayed")
        )
        for name in ("reenrich:abandoned", "reconcile", "reconcile.last"):
            cursors.save(session, name, {"after": "p1"})
    assert tidy(engine, days=1) == Tidied()
    age(engine, ingest_rejects, 1.1)
    age(engine, cursor_rows, 1.1)
    assert tidy(engine, days=1, dry_run=True) == Tidied(rejects=2, cursors=1)
    assert tidy(engine, days=1) == Tidied(rejects=2, cursors=1)
    with reading(engine) as session:
        assert [one.id for one in rejects.find(session, state=None)] == [3]
        names = sorted(session.scalars(select(cursor_rows.c.name)))
    assert names == ["reconcile", "reconcile.last"]


@pytest.fixture
def models(engine: sa.Engine) -> sa.Engine:
    """Four recipes, activated in turn 400, 300, 200 and 100 days ago, with three outputs each."""
    with writing(engine) as session:
        for name in ("a", "b", "c", "d"):
            parts = Parts(name, f"reality-{name}")
            registry.register(session, parts, None, None)
            recipes.activate(session, name, ask=False)
            cache.save(session, model_digest(parts), {f"text{n}": name for n in range(3)})
        cache.save(session, "nobody knows", {"text": "x"})
        for number, days in enumerate((400, 300, 200, 100), 1):
            this = activations.c.number == number
            back = activations.c.activated_at - days * DAY
            session.execute(update(activations).where(this).values(activated_at=back))
    age(engine, recipe_rows, 500, "registered_at")
    return engine


def kept(engine: sa.Engine) -> list[str]:
    with reading(engine) as session:
        return sorted(set(session.scalars(select(model_cache.c.output))))


def test_outputs_of_models_that_no_recipe_in_use_has_go(models: sa.Engine) -> None:
    assert tidy(models, dry_run=True) == Tidied(outputs=6)
    assert kept(models) == ["a", "b", "c", "d", "x"]
    assert tidy(models, chunk=2) == Tidied(outputs=6)
    # The active one, the one that a roll-back takes, and what cannot be told.
    assert kept(models) == ["c", "d", "x"]


def test_outputs_of_a_recipe_that_was_active_since_stay(models: sa.Engine) -> None:
    assert tidy(models, days=250) == Tidied(outputs=3)  # b was active until 200 days ago
    assert kept(models) == ["b", "c", "d", "x"]


def test_outputs_of_a_recipe_registered_since_stay(models: sa.Engine) -> None:
    with writing(models) as session:
        registry.register(session, Parts("e", "reality-a"), None, None)  # the model of a
    assert tidy(models) == Tidied(outputs=3)
    assert kept(models) == ["a", "c", "d", "x"]


def test_where_the_active_recipe_is_not_known_no_output_goes(models: sa.Engine) -> None:
    with writing(models) as session:
        recipes.activate(session, "never registered", ask=False)
    assert tidy(models) == Tidied()


def test_an_activation_meanwhile_keeps_the_rest(models: sa.Engine) -> None:
    def activated(_removed: int) -> None:
        with writing(models) as session:
            recipes.activate(session, "a", ask=False)

    removed = tidy(models, chunk=1, on_progress=activated)
    assert removed.outputs < 6
    assert "a" in kept(models)
