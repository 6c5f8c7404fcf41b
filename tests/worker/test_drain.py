from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from search.index import ACTIVATIONS, Document, Outcome, document_version
from tests.worker.fakes import FakeEnricher, FakeIndex, FakeRecipe, post, put
from worker import deadletters, outbox, posts, recipes
from worker.claim import CAP
from worker.engine import reading, writing
from worker.tables import outbox as rows
from worker.tables import posts as stored_posts


def waiting(engine: sa.Engine) -> int:
    with reading(engine) as session:
        return outbox.waiting(session)["waiting"]


def letters(engine: sa.Engine) -> list[deadletters.DeadLetter]:
    with reading(engine) as session:
        return deadletters.find(session)


def test_posts_reach_the_index_under_their_version(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, *(post(f"p{n}", title=f"t{n}") for n in range(70)))
    report = run()
    assert (report.indexed, report.inferred, report.claimed, report.done) == (70, 70, 70, 70)
    assert waiting(engine) == 0
    assert {d.version for d in index.stored.values()} == {document_version(1, 1)}


def test_a_changed_salary_infers_nothing(
    engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any
) -> None:
    put(engine, post(salary="5000"))
    run()
    put(engine, post(salary="6000"))
    report = run()
    assert (report.indexed, report.inferred, report.reused) == (1, 0, 1)
    assert enricher.inferred == ["p1"]
    assert index.stored["p1"].display["salary"] == "6000"  # type: ignore[index]


def test_a_deleted_post_becomes_a_tombstone_and_an_old_revision_never_reopens_it(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post(revision=5))
    run()
    with writing(engine) as session:
        posts.delete(session, "p1")
    assert run().closed == 1
    assert put(engine, post(title="alt", revision=5))[0].outcome == "superseded"
    run()
    assert index.stored["p1"].state == "closed"
    assert index.stored["p1"].version // ACTIVATIONS == 6


def test_one_poison_post_becomes_one_dead_letter_and_its_neighbours_pass(
    engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any
) -> None:
    put(engine, *(post(f"p{n:02}", title=f"t{n}") for n in range(32)))
    enricher.poison = frozenset({"t13"})
    report = run()
    assert report.indexed == 31
    assert report.failed == CAP - 1
    assert report.dead == 1
    (letter,) = letters(engine)
    assert (letter.post_id, letter.kind, letter.attempts) == ("p13", "error", 5)
    assert "cannot read t13" in letter.error
    assert "p13" not in index.stored
    enricher.poison = frozenset()
    with writing(engine) as session:
        deadletters.replay(session, letter.id)
    assert run().indexed == 1
    assert letters(engine) == []


def test_a_failed_row_waits_for_its_backoff(
    engine: sa.Engine, enricher: FakeEnricher, run: Any
) -> None:
    put(engine, post(title="bad"))
    enricher.poison = frozenset({"bad"})
    report = run(backoff_seconds=60.0)
    assert (report.failed, report.dead, report.claimed) == (1, 0, 1)
    assert waiting(engine) == 1


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Outcome.PERMANENT, "permanent"), (Outcome.TOO_LARGE, "too_large")]
)
def test_a_refused_document_is_a_dead_letter_at_once(
    engine: sa.Engine, index: FakeIndex, run: Any, outcome: Outcome, kind: str
) -> None:
    put(engine, post("p1"), post("p2"))
    index.answers["p1"] = [outcome]
    report = run()
    assert (report.dead, report.indexed) == (1, 1)
    assert [(x.post_id, x.kind) for x in letters(engine)] == [("p1", kind)]


def test_a_busy_index_is_tried_again_without_counting(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post())
    index.answers["p1"] = [Outcome.RETRY] * 9
    report = run()
    assert (report.retried, report.indexed, report.dead) == (9, 1, 0)


def test_equal_version_with_other_content_is_repaired_under_the_next_activation(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"), post("p2"))
    foreign = Document("p1", document_version(1, 1), "open", "recipe-a", "other", display={})
    index.stored["p1"] = foreign
    report = run()
    assert (report.repaired, report.indexed) == (1, 2)
    assert index.stored["p1"].version == document_version(1, 2)
    assert index.stored["p1"].digest != "other"
    assert waiting(engine) == 0
    assert run().claimed == 0


def test_an_index_ahead_of_the_database_is_an_alarm(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post())
    index.stored["p1"] = Document("p1", document_version(7, 1), "open", "recipe-a", "x")
    assert run().dead == 1
    assert letters(engine)[0].kind == "drift"


def test_a_new_recipe_reads_everything_again_and_reuses_the_model(
    engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"), post("p2", title="other"), post("p3", title="gone"))
    with writing(engine) as session:
        posts.delete(session, "p3")
    run()
    enricher.recipe = FakeRecipe(digest="recipe-b")
    report = run()
    assert (report.indexed, report.closed, report.inferred, report.reused) == (2, 1, 0, 2)
    assert {d.version % ACTIVATIONS for d in index.stored.values()} == {2}
    assert {d.recipe for d in index.stored.values()} == {"recipe-b"}
    with pytest.raises(recipes.RecipeMismatch, match="has recipe recipe-a, and recipe-b is active"):
        run(enricher=FakeEnricher(), reactivate=False)
    assert run(enricher=FakeEnricher()).indexed == 2
    assert {d.version % ACTIVATIONS for d in index.stored.values()} == {3}


def test_rolling_back_takes_the_next_number(engine: sa.Engine, index: FakeIndex, run: Any) -> None:
    put(engine, post())
    run()
    for digest in ("recipe-b", "recipe-a"):
        with writing(engine) as session:
            recipes.activate(session, digest)
    assert run().indexed == 1
    assert index.stored["p1"].version == document_version(1, 3)


def test_a_write_during_inference_is_not_lost(
    engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any
) -> None:
    put(engine, post(title="first"))
    enricher.before = lambda batch: [
        put(engine, post(title="second")) for p in batch if p.title == "first"
    ]
    report = run()
    assert (report.overtaken, report.indexed) == (1, 1)
    assert index.stored["p1"].display["title"] == "second"  # type: ignore[index]
    assert index.stored["p1"].version // ACTIVATIONS == 2


def test_an_activation_during_inference_is_not_lost(
    engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any
) -> None:
    put(engine, post())

    def activate(_batch: Any) -> None:
        enricher.before = None
        enricher.recipe = FakeRecipe(digest="recipe-b")
        with writing(engine) as session:
            recipes.activate(session, "recipe-b")

    enricher.before = activate
    run()
    assert index.stored["p1"].recipe == "recipe-b"
    assert index.stored["p1"].version == document_version(1, 2)


def test_equal_texts_are_inferred_once(engine: sa.Engine, enricher: FakeEnricher, run: Any) -> None:
    put(engine, post("p1"), post("p2"), post("p3"))
    assert run().indexed == 3
    assert len(enricher.inferred) == 1


def test_a_crash_after_the_index_write_is_settled_without_work(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post())
    run()
    with writing(engine) as session:
        outbox.put(session, "p1", 1, "live")
    report = run()
    assert (report.unchanged, report.indexed, report.reused, report.inferred) == (1, 0, 0, 0)
    assert len(index.writes) == 1


def test_an_interrupt_gives_the_rows_back_at_once(
    engine: sa.Engine, enricher: FakeEnricher, run: Any
) -> None:
    put(engine, post())

    def interrupt(_batch: Any) -> None:
        enricher.before = None
        raise KeyboardInterrupt

    enricher.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        run()
    assert run().indexed == 1


def test_a_broken_index_raises_and_strikes_no_post(
    engine: sa.Engine, index: FakeIndex, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post())
    with monkeypatch.context() as patch:

        def refuse(_documents: Any) -> Any:
            raise OSError("disk full")

        patch.setattr(index, "write", refuse)
        with pytest.raises(OSError, match="disk full"):
            run()
    with reading(engine) as session:
        row = session.execute(select(rows)).one()
    assert (row.strikes, row.lease_token) == (0, None)
    assert run().indexed == 1


def test_max_rows_and_progress(engine: sa.Engine, run: Any) -> None:
    put(engine, *(post(f"p{n}") for n in range(10)))
    seen: list[int] = []
    assert run(batch=4, max_rows=6, on_progress=lambda r: seen.append(r.done)).indexed == 6
    assert seen == [4, 6]
    assert waiting(engine) == 4


def test_a_stored_row_that_is_no_post_becomes_one_dead_letter(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, *(post(f"p{n}") for n in range(4)))
    with writing(engine) as session:
        broken = sa.update(stored_posts).where(stored_posts.c.id == "p2")
        session.execute(broken.values(payload={"id": "p2", "title": 5}))
    run()
    assert sorted(index.stored) == ["p0", "p1", "p3"]
    assert [(letter.post_id, "'title'" in letter.error) for letter in letters(engine)] == [
        ("p2", True)
    ]
