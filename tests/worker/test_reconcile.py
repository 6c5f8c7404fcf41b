"""Index and database compared: the decision, the pages, the walk, and that it mends what it can."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from search.index import ACTIVATIONS, Document, Outcome, Stamp, State
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
from worker import cursors, deadletters, posts, recipes, reconcile
from worker.drain import drain
from worker.drift import ALARMS, Kind, judge
from worker.engine import reading, writing
from worker.pages import TOMBSTONES_KEPT_S, Row, read_page
from worker.recipes import Activation
from worker.revisions import decode
from worker.tables import outbox
from worker.tables import posts as table

NOW = Activation(number=7, recipe="b", since=5)


def stamp(revision: int, activation: int = 7, state: State = "open", recipe: str = "b") -> Stamp:
    return Stamp("p1", revision * ACTIVATIONS + activation, state, recipe)


OPEN = Row(revision=3, deleted=False)
GONE = Row(revision=3, deleted=True)


@pytest.mark.parametrize(
    ("found", "row", "kind"),
    [
        (stamp(3), OPEN, None),
        (stamp(3, 5), OPEN, None),  # written before a repair of the same recipe
        (stamp(3, state="closed"), GONE, None),
        (None, None, None),
        (stamp(3), None, Kind.UNKNOWN),
        (stamp(3, state="closed"), None, Kind.UNKNOWN),
        (None, OPEN, Kind.MISSING),
        (None, GONE, Kind.MISSING),
        (None, Row(3, deleted=True, fresh=False), None),  # its tombstone may be purged
        (None, Row(3, deleted=False, fresh=False), Kind.MISSING),
        (stamp(2), OPEN, Kind.STALE_REVISION),
        (stamp(2, state="closed"), OPEN, Kind.STALE_REVISION),
        (stamp(2, state="closed"), GONE, Kind.STALE_REVISION),
        (stamp(2), GONE, Kind.SHOULD_BE_CLOSED),
        (stamp(3), GONE, Kind.OPEN_THOUGH_DELETED),
        (stamp(3, state="closed"), OPEN, Kind.CLOSED_THOUGH_OPEN),
        (stamp(3, recipe="a"), OPEN, Kind.STALE_RECIPE),
        (stamp(3, state="closed", recipe="a"), GONE, Kind.STALE_RECIPE),
        (stamp(3, 4), OPEN, Kind.STALE_RECIPE),  # from the time before a roll-back
        (stamp(4, 1), OPEN, Kind.AHEAD),
        (stamp(3, 8), OPEN, Kind.AHEAD),  # the activation counter was lost
        (stamp(4, state="closed"), GONE, Kind.AHEAD),
    ],
)
def test_judge(found: Stamp | None, row: Row | None, kind: Kind | None) -> None:
    assert judge(found, row, NOW) is kind


@pytest.mark.parametrize("state", [{"waiting": True}, {"dead": True}])
def test_what_waits_or_was_given_up_is_no_drift_but_alarms_are(state: dict[str, bool]) -> None:
    row = Row(3, deleted=False, **state)
    for mended in (None, stamp(2), stamp(3, recipe="a"), stamp(3, state="closed")):
        assert judge(mended, row, NOW) is None
    assert judge(stamp(4), row, NOW) is Kind.AHEAD


def test_before_the_first_recipe_only_revisions_count() -> None:
    assert judge(stamp(3, 9, recipe="x"), OPEN, None) is None
    assert judge(stamp(4, 0), OPEN, None) is Kind.AHEAD
    assert judge(None, OPEN, None) is Kind.MISSING


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_pair_every_id_once_in_the_order_of_code_points(
    engine: sa.Engine, index: FakeIndex, limit: int
) -> None:
    here = ["A", "B", "a", "b1", "é", "招", "\U0001f600", "z"]
    there = ["0", "B", "a", "a1", "é", "招聘", "\U0001f600", "\uffee"]
    put(engine, *(post(id_) for id_ in here))
    index.stored = {i: Document(i, ACTIVATIONS, "open", "b", "d") for i in there}
    pairs, after, steps = [], "", 0
    while True:
        page = read_page(engine, index, after, limit)
        assert len(page.pairs) <= 2 * limit
        pairs += page.pairs
        steps += 1
        if page.end is None:
            break
        assert page.end > after
        after = page.end
    assert [pair.id for pair in pairs] == sorted({*here, *there})
    assert [pair.id for pair in pairs if pair.row] == sorted(here)
    assert [pair.id for pair in pairs if pair.stamp] == sorted(there)
    assert steps <= 16 // limit + 1


def test_one_walk_asks_for_what_is_wrong_and_a_drain_mends_it(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, *(post(f"p{i}") for i in range(6)))
    run()
    del index.stored["p1"]
    damage_older(index, "p3")
    with writing(engine) as session:
        posts.delete(session, "p5")
        session.execute(delete(outbox))  # as if a database without transactions had lost it
    walk, alarms = reconcile.walk_once(engine, index, limit=2)
    assert (walk.seen, walk.asked, alarms) == (6, 3, [])
    assert walk.drift == {"missing": 1, "stale_revision": 1, "should_be_closed": 1}
    with reading(engine) as session:
        found = session.execute(select(outbox.c.post_id, outbox.c.revision, outbox.c.lane)).all()
    assert sorted(map(tuple, found)) == [("p1", 1, 1), ("p3", 1, 1), ("p5", 2, 1)]
    assert reconcile.walk_once(engine, index)[0].asked == 0  # rows wait already
    run()
    assert index.stored["p5"].state == "closed"
    walk, _ = reconcile.walk_once(engine, index)
    assert (walk.seen, sum(walk.drift.values())) == (6, 0)


def test_a_live_row_that_waits_is_left_as_it_is(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post())
    run()
    put(engine, post(title="new"))
    assert reconcile.walk_once(engine, index)[0].asked == 0
    with writing(engine) as session:
        assert reconcile.ask(session, ["p1", "nobody"]) == 0
        assert session.execute(select(outbox.c.revision, outbox.c.lane)).all() == [(2, 0)]


def test_dead_letters_are_left_until_the_post_is_written_anew(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post())
    index.answers = {"p1": [Outcome.PERMANENT]}
    run()
    assert reconcile.walk_once(engine, index)[0].drift == {}
    with writing(engine) as session:
        deadletters.close(session, deadletters.find(session)[0].id, "never mind")
    # Who has given a post up does not want to hear of it at each walk.
    assert reconcile.walk_once(engine, index)[0].drift == {}
    put(engine, post(title="corrected"))
    with writing(engine) as session:
        session.execute(delete(outbox))
    assert reconcile.walk_once(engine, index)[0].drift == {"missing": 1}


@pytest.mark.parametrize("closed", [False, True])
def test_a_letter_of_an_older_revision_hides_no_post(
    engine: sa.Engine, index: FakeIndex, run: Any, closed: bool
) -> None:
    put(engine, post())
    run()
    index.answers = {"p1": [Outcome.PERMANENT]}
    put(engine, post(title="refused"))
    run()
    assert reconcile.walk_once(engine, index)[0].drift == {}
    with writing(engine) as session:
        if closed:
            deadletters.close(session, deadletters.find(session)[0].id, "never mind")
        # Another system writes the table by itself and does not ask.
        session.execute(update(table).values(revision=3, deleted=True))
    assert reconcile.walk_once(engine, index)[0].drift == {"should_be_closed": 1}
    assert run().closed == 1
    assert index.stored["p1"].state == "closed"


def test_what_is_being_written_during_the_walk_is_no_drift(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"), post("p2"))
    run()

    class Racing(FakeIndex):
        """Posts are written and drained between the reading of index and database."""

        def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
            found = list(super().scan(after, limit))
            put(engine, post("p1", title="edited"), post("p3"))
            run()
            yield from found

    racing = Racing()
    racing.stored = index.stored
    step = reconcile.look(engine, racing)
    assert (step.seen, step.findings) == (3, ())


def test_ahead_and_unknown_are_told_and_never_touched(
    engine: sa.Engine, index: FakeIndex, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    put(engine, post("p1"), post("p2"))
    run()
    index.stored["p1"] = Document("p1", 9 * ACTIVATIONS + 1, "open", "recipe-a", "d", display={})
    index.stored["x"] = Document("x", ACTIVATIONS + 1, "closed", "recipe-a", "d")
    before = dict(index.stored)
    with caplog.at_level("ERROR", "hirelens"):
        walk, alarms = reconcile.walk_once(engine, index)
    told = [(a.id, a.kind, a.version, a.revision) for a in alarms]
    assert told == [
        ("p1", Kind.AHEAD, 9 * ACTIVATIONS + 1, 1),
        ("x", Kind.UNKNOWN, ACTIVATIONS + 1, None),
    ]
    assert (walk.asked, walk.drift) == (0, {"ahead": 1, "unknown": 1})
    assert len(caplog.records) == 2
    assert run().claimed == 0
    assert index.stored == before


def test_the_endless_walk_goes_on_where_it_was_killed(
    engine: sa.Engine, index: FakeIndex, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, *(post(f"p{i}") for i in range(5)))
    run()
    index.stored.clear()
    assert reconcile.advance(engine, index, limit=2).end == "p1"

    def killed(*_args: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "ask", killed)
        with pytest.raises(KeyboardInterrupt):
            reconcile.advance(engine, index, limit=2)
    ends = [reconcile.advance(engine, index, limit=2).end for _ in range(3)]
    assert ends == ["p3", None, "p1"]
    with reading(engine) as session:
        last = reconcile.last_walk(session)
        assert cursors.load(session, reconcile.CURSOR)
    assert last is not None
    assert (last.seen, last.asked, last.drift) == (5, 5, {"missing": 5})
    assert last.ended_at is not None
    assert 0 < last.began_at <= last.ended_at


def test_an_old_tombstone_may_go(engine: sa.Engine, index: FakeIndex, run: Any) -> None:
    put(engine, post())
    with writing(engine) as session:
        posts.delete(session, "p1")
    run()
    index.stored.clear()
    assert reconcile.look(engine, index).findings[0].kind is Kind.MISSING
    old = table.c.written_at - (TOMBSTONES_KEPT_S + 1) * 1000
    with writing(engine) as session:
        session.execute(update(table).values(written_at=old))
    assert reconcile.look(engine, index).findings == ()


def test_running_goes_on_after_a_lost_database_and_stops_when_asked(
    engine: sa.Engine, index: FakeIndex, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post())
    run()
    index.stored.clear()
    stop = threading.Event()
    calls = []
    pauses = []

    def flaky(*args: Any, **more: Any) -> Any:
        calls.append(1)
        locked = sqlite3.OperationalError("database is locked")
        if len(calls) == 1:
            raise sa.exc.OperationalError("SELECT 1", {}, locked)
        if len(calls) == 2:
            raise locked  # of the index
        stop.set()
        return advance(*args, **more)

    advance = reconcile.advance
    monkeypatch.setattr(reconcile, "advance", flaky)
    monkeypatch.setattr(stop, "wait", pauses.append)
    reconcile.run(engine, index, stop, 0.5)
    assert pauses == [5.0, 5.0, 0.5]
    assert run().indexed == 1


def test_running_ends_on_an_error_that_does_not_pass(
    engine: sa.Engine, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError("no such table"))

    monkeypatch.setattr(reconcile, "advance", broken)
    with pytest.raises(sa.exc.OperationalError, match="no such table"):
        reconcile.run(engine, index, threading.Event(), 0.01)


def test_running_pauses_while_the_workers_have_enough(
    engine: sa.Engine, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"), post("p2"), lane="backfill")
    monkeypatch.setattr(reconcile, "MAX_WAITING", 2)
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _s: stop.set())
    reconcile.run(engine, index, stop)
    with reading(engine) as session:
        assert cursors.load(session, reconcile.CURSOR) is None


# The property: whatever happens to the index, one walk and one drain put it right.


def damage_older(index: FakeIndex, id_: str) -> None:
    found = index.stored[id_]
    older = max(found.version - ACTIVATIONS, 0)
    index.stored[id_] = Document(id_, older, found.state, found.recipe, "old", display={"id": id_})


def damage_recipe(index: FakeIndex, id_: str) -> None:
    found = index.stored[id_]
    index.stored[id_] = Document(id_, found.version, found.state, "other", "d", display={})


def damage_state(index: FakeIndex, id_: str) -> None:
    found = index.stored[id_]
    state: State = "open" if found.state == "closed" else "closed"
    shown = {"id": id_} if state == "open" else None
    index.stored[id_] = Document(id_, found.version, state, found.recipe, "d", display=shown)


def damage_ahead(index: FakeIndex, id_: str) -> None:
    found = index.stored[id_]
    version = found.version + 3 * ACTIVATIONS
    index.stored[id_] = Document(id_, version, found.state, found.recipe, "d", display={})


def damage_drop(index: FakeIndex, id_: str) -> None:
    del index.stored[id_]


def damage_nobody(index: FakeIndex, id_: str) -> None:
    index.stored[f"{id_}-nobody"] = Document(f"{id_}-nobody", 4097, "open", "recipe-a", "d")


DAMAGES: list[Callable[[FakeIndex, str], None]] = [
    damage_drop,
    damage_older,
    damage_recipe,
    damage_state,
    damage_ahead,
    damage_nobody,
]


@contextmanager
def fresh_engine() -> Iterator[sa.Engine]:
    with TemporaryDirectory() as folder:
        made = new_engine(Path(folder))
        yield made
        made.dispose()


@settings(max_examples=40, deadline=None)
@given(
    edits=st.lists(st.sampled_from(["none", "edit", "close"]), min_size=1, max_size=9),
    damages=st.dictionaries(st.integers(0, 8), st.sampled_from(DAMAGES), max_size=9),
    limit=st.integers(1, 5),
    rollback=st.booleans(),
)
def test_one_walk_and_a_drain_mend_any_damage(
    edits: list[str],
    damages: dict[int, Callable[[FakeIndex, str], None]],
    limit: int,
    rollback: bool,
) -> None:
    index, enricher = FakeIndex(), FakeEnricher()
    with fresh_engine() as engine:

        def run() -> None:
            shown = {"parse": parse, "documents": FakeDocuments(), "reactivate": False}
            drain(engine, enricher, index, backoff_seconds=0.0, **shown)  # type: ignore[arg-type]

        write_all(engine, edits)
        run()
        if rollback:
            enricher.recipe = FakeRecipe("recipe-b")
            with writing(engine) as session:
                recipes.activate(session, "recipe-b", ask=False)
        hurt = {f"p{n}": damage for n, damage in damages.items() if n < len(edits)}
        for id_, damage in hurt.items():
            damage(index, id_)
        walk, alarms = reconcile.walk_once(engine, index, limit=limit)
        beyond = {id_ for id_, damage in hurt.items() if damage is damage_ahead}
        unknown = {f"{id_}-nobody" for id_, damage in hurt.items() if damage is damage_nobody}
        assert {alarm.id for alarm in alarms} == beyond | unknown
        run()
        assert_equal(engine, index, beyond | unknown)
        again, alarms = reconcile.walk_once(engine, index, limit=limit)
        assert again.asked == 0
        assert set(again.drift) <= {kind.value for kind in ALARMS}
        assert {alarm.id for alarm in alarms} == beyond | unknown
        assert walk.seen == again.seen


def write_all(engine: sa.Engine, edits: list[str]) -> None:
    for number, edit in enumerate(edits):
        put(engine, post(f"p{number}"))
        if edit == "edit":
            put(engine, post(f"p{number}", title="edited"))
        if edit == "close":
            with writing(engine) as session:
                posts.delete(session, f"p{number}")


def assert_equal(engine: sa.Engine, index: FakeIndex, but: set[str]) -> None:
    with reading(engine) as session:
        rows = session.execute(select(table)).all()
        active = recipes.active(session)
    assert active is not None
    for row in rows:
        if row.id in but:
            continue
        found = index.stored[row.id]
        assert found.version // ACTIVATIONS == row.revision
        assert (found.state, found.recipe) == ("closed" if row.deleted else "open", active.recipe)
        assert row.deleted or (found.display or {})["title"] == decode(row.payload)["title"]


def test_a_row_written_by_plain_sql_is_compared_too(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"))
    run()
    with writing(engine) as session:
        session.execute(insert(table).values(id="p2", revision=1, payload={"title": "招保安"}))
    assert reconcile.walk_once(engine, index)[0].drift == {"missing": 1}
    run()
    assert index.stored["p2"].display == {"id": "p2", "title": "招保安", "body": "", "tags": [],
                                          "revision": 1, "deleted": False}  # fmt: skip
