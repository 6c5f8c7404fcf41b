"""A database restored from a copy, and what only the index still knows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import delete, select, update

from search.index import ACTIVATIONS, Document
from tests.worker.fakes import (
    FakeDocuments,
    FakeEnricher,
    FakeIndex,
    FakeRecipe,
    new_engine,
    parse,
    post,
    put,
)
from worker import deadletters, posts, recipes, reconcile
from worker.clock import now_ms
from worker.drain import drain
from worker.engine import reading, writing
from worker.recipes import Activation
from worker.recover import UnknownNumbering, recover
from worker.renumber import raised_activations
from worker.tables import outbox
from worker.tables import posts as table


class Site:
    """A database with an index, which can be copied and restored without the index."""

    def __init__(self, folder: Path, index: FakeIndex, run: Any) -> None:
        self.folder = folder
        self.index = index
        self._run = run
        self.engine = new_engine(folder)
        self.enricher = FakeEnricher()

    def run(self) -> Any:
        return self._run(engine=self.engine, enricher=self.enricher, reactivate=False)

    def copy(self) -> None:
        self.engine.dispose()
        shutil.copy(self.folder / "hirelens.db", self.folder / "copy.db")

    def restore(self) -> None:
        self.engine.dispose()
        for path in self.folder.glob("hirelens.db-*"):
            path.unlink()
        shutil.copy(self.folder / "copy.db", self.folder / "hirelens.db")
        self.engine = new_engine(self.folder)

    def delete(self, id_: str) -> None:
        with writing(self.engine) as session:
            posts.delete(session, id_)

    def shown(self) -> dict[str, tuple[int, bool, str]]:
        """What the database has: revision, closed, title."""
        with reading(self.engine) as session:
            rows = session.execute(select(table)).all()
        return {r.id: (r.revision, r.deleted, json.loads(r.payload).get("title", "")) for r in rows}


@pytest.fixture
def site(tmp_path: Path, index: FakeIndex) -> Site:
    def run(engine: sa.Engine, enricher: FakeEnricher, **more: Any) -> Any:
        more = {"backoff_seconds": 0.0, "parse": parse, "documents": FakeDocuments(), **more}
        return drain(engine, enricher, index, **more)

    return Site(tmp_path, index, run)


def lose(site: Site) -> dict[str, tuple[int, bool, str]]:
    """Write, copy, write more, restore the copy; returns what the database had at last."""
    put(site.engine, *(post(f"p{i}") for i in range(5)))
    site.run()
    site.delete("p4")
    site.run()
    site.copy()
    put(site.engine, post("p0", title="edited"), post("new", title="招保安"))
    put(site.engine, post("p0", title="edited twice", city="长沙"))
    site.delete("p1")
    put(site.engine, post("short"))
    site.run()
    site.delete("short")
    put(site.engine, post("p4", title="open again"))
    site.run()
    last = site.shown()
    site.restore()
    assert site.shown() != last
    return last


def test_every_post_comes_back_as_it_was_last_written(site: Site) -> None:
    last = lose(site)
    before = dict(site.index.stored)
    report = recover(site.engine, site.index, limit=2)
    assert (report.seen, report.ahead, report.unknown, report.closed) == (7, 3, 2, 2)
    assert report.unreadable == []
    # A post that was opened and closed after the copy has left no text: nobody needs it.
    assert site.shown() == {**last, "short": (2, True, "")}
    assert site.index.stored == before
    assert site.run().indexed == 0
    assert site.index.stored == before
    assert sum(reconcile.walk_once(site.engine, site.index)[0].drift.values()) == 0
    with reading(site.engine) as session:
        assert posts.read(session, "p0").city == "长沙"


def test_new_writes_go_on_above_the_index(site: Site) -> None:
    lose(site)
    recover(site.engine, site.index)
    results = put(site.engine, post("p0", title="after"), post("p1", title="open again"),
                  post("short", title="again"), post("new", title="招保安"))  # fmt: skip
    assert [(r.revision, r.outcome) for r in results] == [
        (4, "written"),
        (3, "written"),
        (3, "written"),
        (1, "unchanged"),
    ]
    site.run()
    titles = {i: (d.display or {}).get("title") for i, d in site.index.stored.items()}
    assert (titles["p0"], titles["p1"], titles["short"]) == ("after", "open again", "again")
    with reading(site.engine) as session:
        assert deadletters.find(session) == []


def test_a_second_recovery_and_one_of_a_sound_database_change_nothing(site: Site) -> None:
    lose(site)
    recover(site.engine, site.index)
    site.run()
    shown = site.shown()
    report = recover(site.engine, site.index)
    assert (report.brought_back, report.activation) == (0, None)
    assert site.shown() == shown
    with reading(site.engine) as session:
        assert session.execute(select(outbox)).all() == []


def test_a_dry_run_only_counts(site: Site) -> None:
    lose(site)
    shown = site.shown()
    report = recover(site.engine, site.index, dry_run=True)
    assert report.brought_back == 5
    assert site.shown() == shown


def test_a_killed_recovery_is_finished_by_the_next(site: Site) -> None:
    last = lose(site)

    def killed(_seen: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recover(site.engine, site.index, limit=3, on_progress=killed)
    recover(site.engine, site.index)
    assert site.shown() == {**last, "short": (2, True, "")}


def test_drift_letters_and_stale_rows_of_the_copy_give_way(site: Site) -> None:
    put(site.engine, post("p0"), post("p1"))
    site.copy()  # with rows that wait
    put(site.engine, post("p0", title="edited"))
    site.run()
    site.restore()
    assert site.run().dead == 1  # what happens where nobody recovers
    recover(site.engine, site.index)
    with reading(site.engine) as session:
        assert deadletters.find(session) == []
        assert session.execute(select(outbox.c.post_id, outbox.c.revision)).all() == [("p0", 2)]
    assert site.run().unchanged == 1


def test_what_was_written_since_the_restore_stays_and_goes_above_the_index(site: Site) -> None:
    lose(site)
    with writing(site.engine) as session:
        restored_at = session.scalar(select(now_ms()))
    put(site.engine, post("p0", title="since"))
    site.delete("p2")
    site.run()
    site.index.stored["p3"] = Document("p3", 9 * ACTIVATIONS + 1, "closed", "recipe-a", "d")
    report = recover(site.engine, site.index, restored_at=restored_at)
    assert (report.kept, report.ahead, report.unknown) == (1, 3, 2)
    assert site.shown()["p0"] == (4, False, "since")  # the index had 3
    assert site.shown()["p2"] == (2, True, "招聘服务员")  # the index has it already
    assert site.shown()["p3"][:2] == (9, True)
    site.run()
    assert (site.index.stored["p0"].display or {})["title"] == "since"
    assert sum(reconcile.walk_once(site.engine, site.index)[0].drift.values()) == 0


def test_revisions_of_the_source_stay_the_sources(site: Site) -> None:
    put(site.engine, post("p0", revision=10))
    site.run()
    site.copy()
    put(site.engine, post("p0", revision=12, title="edited"), post("new", revision=30))
    site.run()
    site.restore()
    recover(site.engine, site.index)
    results = put(site.engine, post("p0", revision=11, title="late"), post("new", revision=31))
    assert [r.outcome for r in results] == ["superseded", "written"]


def test_an_empty_database_is_filled_once_somebody_says_who_counts(site: Site) -> None:
    last = lose(site)
    with writing(site.engine) as session:
        session.execute(delete(table))
        session.execute(delete(outbox))
    with pytest.raises(UnknownNumbering, match="--revisions given"):
        recover(site.engine, site.index)
    assert site.shown() == {}
    recover(site.engine, site.index, counted=True)
    kept = {id_: shown for id_, shown in site.shown().items() if not shown[1]}
    assert kept == {id_: shown for id_, shown in last.items() if not shown[1]}
    assert put(site.engine, post("p0", title="x"))[0].revision == 4


def test_a_document_that_holds_no_post_is_named_and_left(site: Site) -> None:
    put(site.engine, post("p0"))
    site.run()
    site.index.stored["odd"] = Document("odd", 4097, "open", "recipe-a", "d", display={"title": 3})
    site.index.stored["void"] = Document("void", 4097, "open", "recipe-a", "d")
    report = recover(site.engine, site.index)
    assert (report.unreadable, report.unknown) == (["odd", "void"], 0)
    assert set(site.shown()) == {"p0"}


def test_the_recipe_activated_after_the_copy_is_active_again(site: Site) -> None:
    put(site.engine, post("p0"), post("p1"))
    site.run()
    site.copy()
    site.enricher.recipe = FakeRecipe("recipe-b", "reality-b")
    with writing(site.engine) as session:
        recipes.activate(session, "recipe-b")
    site.run()
    site.restore()
    report = recover(site.engine, site.index)
    with reading(site.engine) as session:
        active = recipes.active(session)
    assert active is not None
    assert (active.recipe, active.number, report.activation) == ("recipe-b", 3, 3)
    walk, alarms = reconcile.walk_once(site.engine, site.index)
    assert (walk.drift, alarms) == ({}, [])  # nothing has to be read again
    put(site.engine, post("p0", title="x"))
    assert site.run().indexed == 1


@pytest.mark.parametrize(
    ("seen", "now", "rows"),
    [
        ({}, None, []),
        ({}, Activation(3, "a", 3), []),
        ({"a": 3}, Activation(3, "a", 3), []),
        ({"a": 3, "b": 3}, Activation(3, "a", 3), []),
        ({"a": 2, "b": 1}, Activation(3, "c", 3), []),
        ({"a": 5}, Activation(3, "a", 3), [(6, "a", "repair")]),
        ({"a": 3}, None, [(1, "a", "recipe"), (4, "a", "repair")]),
        ({"a": 3, "b": 5}, Activation(3, "a", 3), [(4, "b", "recipe"), (6, "b", "repair")]),
        ({"a": 4, "b": 9}, Activation(3, "a", 3), [(5, "b", "recipe"), (10, "b", "repair")]),
        ({"b": 4}, Activation(3, "a", 3), [(4, "b", "recipe"), (5, "b", "repair")]),
        ({"b": 3}, Activation(3, "a", 3), [(4, "b", "recipe"), (5, "b", "repair")]),
        ({"b": 4}, Activation(3, "a", 3, pinned=True), [(4, "b", "command"), (5, "b", "repair")]),
    ],
)
def test_raised_activations(
    seen: dict[str, int], now: Activation | None, rows: list[tuple[int, str, str]]
) -> None:
    found = raised_activations(seen, now)
    assert [(r["number"], r["recipe"], r["reason"]) for r in found] == rows


def test_the_last_activation_cannot_be_raised() -> None:
    with pytest.raises(recipes.ActivationsExhausted, match="rebuild"):
        raised_activations({"b": ACTIVATIONS - 1}, Activation(3, "a", 3))


def test_a_newer_write_that_comes_in_meanwhile_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker import recover as module

    lose(site)
    store = module._store

    def slow(session: Any, **more: Any) -> None:
        session.execute(update(table).where(table.c.id == "p0").values(revision=50))
        store(session, **more)

    monkeypatch.setattr(module, "_store", slow)
    recover(site.engine, site.index)
    assert site.shown()["p0"][0] == 50
    with reading(site.engine) as session:
        asked = select(outbox.c.revision).where(outbox.c.post_id == "p0")
        assert session.scalar(asked) == 50
