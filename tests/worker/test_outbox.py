from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.worker.fakes import new_engine, post, put
from worker import deadletters, events, lease, outbox, owner
from worker.claim import CAP, Claim, ids
from worker.claim import claim as claim_rows
from worker.clock import now_ms
from worker.engine import reading, writing
from worker.tables import history
from worker.tables import outbox as rows

ROOT = Path(__file__).parents[2]


def claim(engine: sa.Engine, batch: int = 32, lease_seconds: float = 60.0) -> Claim:
    with writing(engine) as session:
        return claim_rows(session, batch=batch, lease_seconds=lease_seconds)


def settle(engine: sa.Engine, taken: Claim) -> list[bool]:
    with writing(engine) as session:
        return [lease.settle(session, taken.token, item) for item in taken.items]


def lose(engine: sa.Engine, taken: Claim) -> None:
    """What time does: the leases of a claim end."""
    with writing(engine) as session:
        session.execute(
            update(rows).where(rows.c.lease_token == taken.token).values(due_at=0, lease_until=0)
        )


def names(taken: Claim) -> list[str]:
    return ids(taken.items)


def test_live_rows_go_first_and_no_row_is_leased_twice(engine: sa.Engine) -> None:
    put(engine, post("b1"), post("b2"), lane="backfill")
    put(engine, post("l1"))
    first, second, third = claim(engine, 2), claim(engine, 2), claim(engine, 2)
    # Lanes are not mixed: a live post does not wait until backfill posts are read beside it.
    assert [names(first), names(second), names(third)] == [["l1"], ["b1", "b2"], []]
    assert settle(engine, second) == [True, True]


def test_a_row_written_anew_is_not_settled_by_the_old_claim(engine: sa.Engine) -> None:
    put(engine, post())
    old = claim(engine)
    put(engine, post(title="new"))
    new = claim(engine)
    assert names(new) == ["p1"]
    assert settle(engine, old) == [False]
    assert settle(engine, new) == [True]


def test_lost_rows_are_claimed_alone_and_healthy_ones_together(engine: sa.Engine) -> None:
    put(engine, post("p1"), post("p2"))
    lost = claim(engine)
    lose(engine, lost)
    put(engine, post("p3"), post("p4"))
    claims = [claim(engine) for _ in range(4)]
    assert [names(c) for c in claims] == [["p1"], ["p2"], ["p3", "p4"], []]
    assert [c.items[0].solo for c in claims[:3]] == [True, True, False]
    assert settle(engine, lost) == [False, False]


def test_only_solo_losses_count_and_the_cap_buries(engine: sa.Engine) -> None:
    put(engine, post("p1"))
    lose(engine, claim(engine))
    for solo_losses in range(CAP):
        taken = claim(engine)
        assert taken.items[0].strikes == solo_losses
        lose(engine, taken)
    last = claim(engine)
    assert (names(last), last.buried) == ([], 1)
    with reading(engine) as session:
        (letter,) = deadletters.find(session)
        assert outbox.waiting(session)["waiting"] == 0
    assert (letter.kind, letter.attempts) == ("lost", 6)


def test_a_new_write_starts_afresh(engine: sa.Engine) -> None:
    put(engine, post("p1"))
    for _ in range(3):
        lose(engine, claim(engine))
    put(engine, post("p1", title="better"))
    (item,) = claim(engine).items
    assert (item.attempts, item.strikes, item.solo) == (1, 0, False)


def test_renew_and_release(engine: sa.Engine) -> None:
    put(engine, post("p1"), post("p2"))
    taken = claim(engine, lease_seconds=60)
    lose(engine, taken)
    with writing(engine) as session:
        assert lease.renew(session, taken.token, taken.items, 60) == 2
    assert names(claim(engine)) == []
    with writing(engine) as session:
        assert lease.release(session, taken.token, taken.items) == 2
    again = claim(engine)
    assert names(again) == ["p1", "p2"]
    assert not again.items[0].solo


def test_backoff_doubles_up_to_a_limit_half_of_it_random(engine: sa.Engine) -> None:
    put(engine, post())
    for most in (100, 200, 300, 300):
        taken = claim(engine)
        with writing(engine) as session:
            assert not lease.fail(
                session, taken.token, taken.items[0], error="e" * 9999, backoff_s=100
            )
            delay = session.scalar(select((rows.c.due_at - now_ms()) / 1000)) or 0
            assert most / 2 - 2 <= delay <= most
            session.execute(update(rows).values(due_at=0))


def test_the_lease_of_a_killed_process_is_free_at_once(engine: sa.Engine) -> None:
    put(engine, post())
    script = (
        "import os, sys; from worker import claim, engine;"
        "e = engine.create_engine(sys.argv[1]);\n"
        "with engine.writing(e) as s: claim.claim(s, batch=9, lease_seconds=9999)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, engine.url.render_as_string(hide_password=False)],
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == -9
    with reading(engine) as session:
        assert outbox.waiting(session) == {"waiting": 1, "leased": 1}
    (item,) = claim(engine).items
    assert item.solo


@pytest.mark.parametrize(
    "holder",
    ["", "x", "elsewhere|1|5", owner.this_process()],
    ids=["empty", "foreign", "elsewhere", "this process"],
)
def test_an_owner_is_gone_only_for_sure(holder: str) -> None:
    assert not owner.is_gone(holder)


def test_a_reused_pid_is_another_process() -> None:
    machine, pid, _ = owner.this_process().split("|")
    assert owner.is_gone(f"{machine}|{pid}|1")


def test_history_is_bounded(engine: sa.Engine) -> None:
    with writing(engine) as session:
        for revision in range(events.KEPT + 20):
            events.record(session, "p1", events.Event.WRITTEN, revision)
        events.record(session, "p2", events.Event.WRITTEN, 1)
        kept = session.execute(
            select(func.count(), func.min(history.c.revision)).where(history.c.post_id == "p1")
        ).one()
    assert tuple(kept) == (events.KEPT, 20)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "claim", "settle", "lose", "release", "fail"]),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(steps=STEPS)
def test_no_interleaving_settles_an_older_revision_or_loses_a_row(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    engine = new_engine(tmp_path_factory.mktemp("steps"))
    latest: dict[str, int] = {}
    finished: dict[str, int] = {}
    open_claims: list[Claim] = []
    for action, number in steps:
        if action == "write":
            id_ = f"p{number}"
            latest[id_] = latest.get(id_, 0) + 1
            put(engine, post(id_, title=f"t{latest[id_]}"))
        elif action == "claim":
            taken = claim(engine, batch=number + 1)
            assert all(latest[i.post_id] == i.revision for i in taken.items)
            assert len(taken.items) == 1 or not any(i.solo for i in taken.items)
            open_claims.append(taken)
        elif open_claims:
            taken = open_claims[number % len(open_claims)]
            _finish(engine, action, taken, finished)
    with reading(engine) as session:
        left = {row.post_id: row.revision for row in session.execute(select(rows))}
        buried = {x.post_id: x.revision for x in deadletters.find(session)}
    for id_, revision in latest.items():
        # Every latest revision is waiting, finished or a dead letter; exactly one of them.
        places = [p.get(id_) for p in (left, finished, buried)]
        assert places.count(revision) == 1, (id_, revision, places)
    engine.dispose()


def _finish(engine: sa.Engine, action: str, taken: Claim, finished: dict[str, int]) -> None:
    calls: dict[str, Any] = {
        "lose": lambda: lose(engine, taken),
        "settle": lambda: finished.update(
            {
                item.post_id: item.revision
                for item, done in zip(taken.items, settle(engine, taken), strict=True)
                if done
            }
        ),
    }
    if action in calls:
        calls[action]()
        return
    with writing(engine) as session:
        if action == "release":
            lease.release(session, taken.token, taken.items)
            return
        for item in taken.items:
            lease.fail(session, taken.token, item, error="x", backoff_s=0)
