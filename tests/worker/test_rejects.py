from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import update

from enrich.post import PostError
from tests.worker.fakes import post, put
from worker import messages, rejects
from worker.engine import reading, writing
from worker.posts import RevisionConflict, read
from worker.rejects import OvertakenReject, Reject, UnknownReject
from worker.tables import posts as table


def store(engine: sa.Engine, payload: str = '{"id": "p1"}', **more: Any) -> bool:
    given: dict[str, Any] = {"task_id": "t1", "error": "no title", "field": "title", **more}
    with writing(engine) as session:
        return rejects.store(session, payload=payload, **given)


def find(engine: sa.Engine, **more: Any) -> list[Reject]:
    with reading(engine) as session:
        return rejects.find(session, **more)


def test_a_reject_holds_everything(engine: sa.Engine) -> None:
    assert store(engine, post_id="p1")
    found = find(engine)
    assert [(r.task_id, r.payload, r.post_id, r.field, r.error, r.state) for r in found] == [
        ("t1", '{"id": "p1"}', "p1", "title", "no title", "open")
    ]
    with reading(engine) as session:
        assert rejects.show(session, found[0].id) == found[0]


def test_a_message_delivered_again_is_kept_once(engine: sa.Engine) -> None:
    assert store(engine)
    assert not store(engine)
    assert store(engine, payload="another body under the same id")
    assert store(engine, task_id=None)
    assert store(engine, task_id=None)
    assert len(find(engine)) == 4


def test_a_message_that_comes_again_after_it_was_closed_is_open_again(engine: sa.Engine) -> None:
    store(engine)
    with writing(engine) as session:
        rejects.close(session, find(engine)[0].id, "the sender was told")
    assert store(engine)
    assert not store(engine)
    assert [r.state for r in find(engine, state=None)] == ["closed", "open"]


def test_endless_payloads_and_errors_are_cut(engine: sa.Engine) -> None:
    store(engine, payload="x" * (messages.KEPT_CHARS + 5), error="e" * 10_000, field="f" * 1000)
    (found,) = find(engine)
    assert len(found.payload) == messages.KEPT_CHARS
    assert len(found.error) <= 2000
    assert len(found.field or "") <= 200
    store(engine, payload="y" * (messages.KEPT_CHARS + 5))
    assert f"only the first {messages.KEPT_CHARS} of" in find(engine)[1].error


def test_rejects_are_found_by_state_post_and_field(engine: sa.Engine) -> None:
    store(engine, payload="1", post_id="p1", field="title")
    store(engine, payload="2", post_id="p2", field="body")
    first, second = find(engine)
    assert find(engine, post_id="p2") == [second]
    assert find(engine, field="title") == [first]
    assert find(engine, after=first.id) == [second]
    assert find(engine, limit=1) == [first]
    with writing(engine) as session:
        rejects.close(session, first.id, "sender was told")
    assert find(engine) == [second]
    assert [r.reason for r in find(engine, state="closed")] == ["sender was told"]
    assert len(find(engine, state=None)) == 2


@pytest.mark.parametrize(
    "payload", ['{"id": "p1", "title": "会计"}', '[[{"id": "p1", "title": "会计"}], {}, {}]']
)
def test_replay_writes_the_post(engine: sa.Engine, payload: str) -> None:
    store(engine, payload=payload)
    (reject,) = find(engine)
    with writing(engine) as session:
        assert rejects.replay(session, reject.id).outcome == "written"
    with reading(engine) as session:
        assert read(session, "p1").title == "会计"
        assert rejects.show(session, reject.id).state == "replayed"


def test_replay_with_a_corrected_payload_keeps_the_refused_one(engine: sa.Engine) -> None:
    store(engine, payload='{"id": "p1", "title": 7}')
    (reject,) = find(engine)
    with writing(engine) as session:
        rejects.replay(session, reject.id, payload='{"id": "p1", "title": "7号店员"}')
    with reading(engine) as session:
        assert read(session, "p1").title == "7号店员"
        assert rejects.show(session, reject.id).payload == reject.payload


@pytest.mark.parametrize("payload", ["no json", "7", '{"id": "p1", "title": 7}', "[" * 100_000])
def test_what_is_refused_again_stays_open(engine: sa.Engine, payload: str) -> None:
    store(engine, payload=payload)
    (reject,) = find(engine)
    with pytest.raises(PostError), writing(engine) as session:
        rejects.replay(session, reject.id)
    assert find(engine) == [reject]


OLD = '{"id": "p1", "title": "old"}'


@pytest.mark.parametrize("deleted", [False, True])
def test_a_reject_without_a_revision_overwrites_nothing_newer(
    engine: sa.Engine, deleted: bool
) -> None:
    store(engine, payload=OLD)
    put(engine, post("p1", "new", deleted=deleted))
    (reject,) = find(engine)
    told = f"reject {reject.id} .*'p1'.*--payload.*--force"
    with writing(engine) as session:
        with pytest.raises(OvertakenReject, match=told):
            rejects.replay(session, reject.id)
        assert rejects.find(session) == [reject]
        assert read(session, "p1").title == "new"
        assert rejects.replay(session, reject.id, force=True).outcome == "written"
        assert read(session, "p1").title == "old"


def test_what_is_older_than_the_reject_or_has_revisions_is_overwritten(engine: sa.Engine) -> None:
    put(engine, post("p1", "older"), post("p2", "older", revision=1))
    with writing(engine) as session:
        session.execute(update(table).values(written_at=table.c.written_at - 1))
    store(engine, payload=OLD)
    store(engine, payload='{"id": "p2", "title": "newer", "revision": 2}')
    store(engine, payload='{"id": "p3", "title": "never put"}')
    put(engine, post("p2", "older still", revision=0))
    with writing(engine) as session:
        done = [rejects.replay(session, reject.id).outcome for reject in rejects.find(session)]
    assert done == ["written"] * 3


def test_a_corrected_payload_is_what_the_person_wants(engine: sa.Engine) -> None:
    store(engine, payload=OLD)
    put(engine, post("p1", "new"))
    with writing(engine) as session:
        rejects.replay(session, find(engine)[0].id, payload='{"id": "p1", "title": "newest"}')
        assert read(session, "p1").title == "newest"


def test_a_contradicting_revision_stays_open(engine: sa.Engine) -> None:
    put(engine, post("p1", revision=3))
    store(engine, payload='{"id": "p1", "title": "other", "revision": 3}')
    (reject,) = find(engine)
    with pytest.raises(RevisionConflict), writing(engine) as session:
        rejects.replay(session, reject.id)
    assert find(engine) == [reject]


def test_only_open_rejects_are_replayed_or_closed(engine: sa.Engine) -> None:
    store(engine, payload='{"id": "p1", "title": "会计"}')
    (reject,) = find(engine)
    with writing(engine) as session:
        rejects.close(session, reject.id)
    for act in (rejects.replay, rejects.close, lambda s, _: rejects.show(s, 99)):
        with pytest.raises(UnknownReject), writing(engine) as session:
            act(session, reject.id)
