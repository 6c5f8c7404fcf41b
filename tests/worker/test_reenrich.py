"""Reading again: which posts, what it costs, letting live posts go first, going on after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select, update

from enrich.post import Post
from search.index import Stamp
from tests.worker.fakes import FakeEnricher, FakeIndex, FakeRecipe, parse, post, put
from worker import outputs, recipes
from worker.backlog import Backlog
from worker.clock import now_ms
from worker.engine import reading, writing
from worker.recipes import RecipeMismatch
from worker.reenrich import Thinned, chunk_after, estimate, reenrich
from worker.selection import Selection, SelectionError
from worker.tables import cursors, outbox
from worker.throttle import Limits, Throttle


@pytest.fixture
def filled(engine: sa.Engine, enricher: FakeEnricher, run: Any) -> sa.Engine:
    """Ten posts under recipe-a, with recipe-b active now."""
    put(
        engine,
        *(
            post(
                f"{'ab'[n % 2]}{n}",
                title=f"招{['服务员', '会计'][n % 2]}",
                body=f"第{n // 4}号",
                city=["长沙", "重庆", None][n % 3],
                company="甲" if n < 5 else None,
            )
            for n in range(10)
        ),
    )
    run()
    enricher.recipe = FakeRecipe("recipe-b", "reality-b")
    activate(engine, "recipe-b")
    return engine


def activate(engine: sa.Engine, recipe: str) -> None:
    with writing(engine) as session:
        recipes.activate(session, recipe, ask=False)


def asked(engine: sa.Engine) -> list[str]:
    with reading(engine) as session:
        return sorted(session.scalars(select(outbox.c.post_id)).all())


def wanted(*conditions: str) -> Selection:
    return Selection.of(conditions)


@pytest.mark.parametrize("text", ["city", "=长沙", "town=长沙", "city=", ""])
def test_a_condition_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="FIELD=VALUE"):
        Selection.of([text])


def test_conditions_of_one_field_add_up_and_of_several_narrow_down() -> None:
    selection = wanted("city=长沙", "word=保洁", "city=重庆")
    assert selection.takes_post(post(title="招保洁", city="重庆"))
    assert not selection.takes_post(post(title="招保洁", city="北京"))
    assert not selection.takes_post(post(title="招保安", city="长沙"))
    assert selection == wanted("word=保洁", "city=重庆", "city=长沙")
    assert selection.digest != wanted("city=长沙").digest
    assert str(selection) == "city=重庆, city=长沙, word=保洁"
    assert str(Selection()) == "all posts"


def test_a_word_is_found_as_search_would_read_it() -> None:
    assert wanted("word=C++").takes_post(post(body="会Ｃ＋＋优先"))
    assert wanted("word=服務員").takes_post(post(title="招服务员"))
    assert not wanted("word=服务员").takes_post(post(title="招保安"))


def test_ids_and_recipes_are_beginnings() -> None:
    here = Stamp("shop-1", 4097, "open", "abc123")
    assert wanted("id=shop-", "recipe=abc").takes_id("shop-1", here)
    assert not wanted("id=shop-").takes_id("x-shop-", here)
    assert not wanted("recipe=abd").takes_id("shop-1", here)
    assert not wanted("recipe=abc").takes_id("shop-1", None)
    assert not wanted("id=shop-", "recipe=abc").reads_posts
    assert wanted("id=shop-", "city=长沙").reads_posts


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ([], [f"{'ab'[n % 2]}{n}" for n in range(10)]),
        (["city=长沙"], ["a0", "a6", "b3", "b9"]),
        (["company=甲", "id=b"], ["b1", "b3"]),
        (["word=会计", "city=重庆"], ["b1", "b7"]),
        (["recipe=recipe-b"], []),
        (["category=餐饮"], []),
    ],
)
def test_the_selected_posts_are_asked_for_and_nothing_else(
    filled: sa.Engine, index: FakeIndex, run: Any, conditions: list[str], ids: list[str]
) -> None:
    report = reenrich(filled, index, wanted(*conditions), limit=3)
    assert asked(filled) == sorted(ids)
    assert (report.asked, report.seen, report.resumed_after) == (len(ids), 10, None)
    assert run(reactivate=False).indexed == len(ids)
    assert reenrich(filled, index, wanted(*conditions)).asked == 0


def test_what_waits_is_not_asked_for_again(filled: sa.Engine, index: FakeIndex) -> None:
    put(filled, post("a0", title="new"))
    assert reenrich(filled, index, Selection()).asked == 9
    with reading(filled) as session:
        lane = session.scalar(select(outbox.c.lane).where(outbox.c.post_id == "a0"))
    assert lane == 0


def interrupt(engine: sa.Engine, index: FakeIndex) -> None:
    """Leave a cursor behind the first four posts, as a killed run does."""

    def killed(_asked: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reenrich(engine, index, Selection(), limit=4, on_progress=killed)


def test_a_killed_run_goes_on_where_it_stopped(filled: sa.Engine, index: FakeIndex) -> None:
    interrupt(filled, index)
    assert asked(filled) == ["a0", "a2", "a4", "a6"]
    with writing(filled) as session:
        session.execute(update(outbox).values(lane=0))
    other = reenrich(filled, index, wanted("id=b"), limit=4)
    assert (other.resumed_after, other.asked) == (None, 5)
    report = reenrich(filled, index, Selection(), limit=4)
    assert (report.resumed_after, report.seen, report.asked) == ("a6", 6 + 10, 1)
    assert len(asked(filled)) == 10
    with reading(filled) as session:
        assert session.scalars(select(cursors.c.name)).all() == []


def test_a_run_that_goes_on_finds_what_has_become_old_before_its_cursor(
    filled: sa.Engine, index: FakeIndex, run: Any
) -> None:
    interrupt(filled, index)
    run(reactivate=False)
    del index.stored["a0"]  # weeks later
    told: list[str] = []
    report = reenrich(filled, index, Selection(), limit=4, on_resume=told.append)
    assert (told, report.resumed_after, report.asked) == (["a6"], "a6", 7)
    run(reactivate=False)
    assert {d.recipe for d in index.stored.values()} == {"recipe-b"}
    assert len(index.stored) == 10


def test_a_cursor_counts_only_for_its_index(filled: sa.Engine, index: FakeIndex, run: Any) -> None:
    interrupt(filled, index)
    run(reactivate=False)
    built_anew = FakeIndex()
    report = reenrich(filled, built_anew, Selection(), limit=4)
    assert (report.resumed_after, report.seen, report.asked) == (None, 10, 10)


def test_another_activation_begins_anew(filled: sa.Engine, index: FakeIndex) -> None:
    def replaced(_asked: int) -> None:
        activate(filled, "recipe-c")

    with pytest.raises(RecipeMismatch, match="meanwhile"):
        reenrich(filled, index, Selection(), limit=4, on_progress=replaced)
    assert reenrich(filled, index, Selection(), limit=4).resumed_after is None
    activate(filled, "recipe-b")  # a roll-back: what was asked for before counts no more
    assert reenrich(filled, index, Selection(), limit=4).resumed_after is None


def test_without_a_recipe_there_is_nothing_to_read_with(
    engine: sa.Engine, index: FakeIndex
) -> None:
    with pytest.raises(RecipeMismatch, match="no recipe"):
        reenrich(engine, index, Selection())


def test_the_estimate_counts_texts_and_cache_hits(
    filled: sa.Engine, index: FakeIndex, enricher: FakeEnricher
) -> None:
    with writing(filled) as session:
        from worker.posts import delete

        delete(session, "a0")
        session.execute(sa.delete(outbox))
    outputs.read_posts(filled, enricher, parse, [post("x", "招会计", body="第0号")])
    enricher.inferred.clear()
    found = estimate(filled, index, enricher, parse, Selection())
    # Each title stands with each of three bodies; one of the six texts was read above.
    assert (found.posts, found.closed, found.texts, found.cached, found.uncached) == (
        10,
        1,
        6,
        1,
        5,
    )
    assert (found.sampled, found.measured) == (10, 4)
    assert found.seconds > 0
    assert len(enricher.inferred) == 5
    again = estimate(filled, index, enricher, parse, Selection())
    assert (again.cached, again.uncached, again.measured) == (6, 0, 0)
    assert asked(filled) == []


def test_a_large_estimate_is_extrapolated_from_an_even_sample(
    filled: sa.Engine, index: FakeIndex, enricher: FakeEnricher
) -> None:
    found = estimate(filled, index, enricher, parse, Selection(), sample=2)
    assert (found.posts, found.sampled) == (10, 3)
    assert found.texts == 10
    assert found.uncached == 10


def test_the_seconds_are_measured(
    filled: sa.Engine, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]

    class Slow(FakeEnricher):
        def infer(self, posts: Sequence[Post]) -> Any:
            clock[0] += 2.0 * len(posts)
            return super().infer(posts)

        def assemble(self, posts: Sequence[Post], outputs: Sequence[Any]) -> Any:
            clock[0] += 0.5 * len(posts)
            return super().assemble(posts, outputs)

    monkeypatch.setattr(outputs.time, "perf_counter", lambda: clock[0])
    slow = Slow(recipe=FakeRecipe("recipe-b", "reality-b"))
    found = estimate(filled, index, slow, parse, Selection())
    assert found.seconds == pytest.approx(6 * 2.0 + 10 * 0.5)


def test_an_empty_selection_costs_nothing(
    filled: sa.Engine, index: FakeIndex, enricher: FakeEnricher
) -> None:
    found = estimate(filled, index, enricher, parse, wanted("city=拉萨"))
    assert (found.posts, found.texts, found.seconds, found.sampled) == (0, 0, 0.0, 0)


def test_a_thinned_list_stays_even_and_bounded() -> None:
    kept = Thinned(100)
    for number in range(12_345):
        kept.add(str(number))
    assert kept.count == 12_345
    assert 100 <= len(kept.items) <= 200
    steps = {int(b) - int(a) for a, b in zip(kept.items, kept.items[1:], strict=False)}
    assert len(steps) == 1
    assert int(kept.items[-1]) > 12_345 - 2 * max(steps)


@pytest.mark.parametrize(
    ("live", "backfill", "why"),
    [
        (Backlog(), Backlog(), None),
        (Backlog(9, 0, 4.9), Backlog(99, 0, 900.0), None),
        (Backlog(1, 0, 5.1), Backlog(), "live"),
        (Backlog(), Backlog(100, 0, 1.0), "backfill"),
    ],
)
def test_when_to_pause(live: Backlog, backfill: Backlog, why: str | None) -> None:
    assert Limits(5.0, 100).excess(live, backfill) == why


def test_old_live_posts_make_it_pause_until_they_are_done(
    filled: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(filled, post("live", title="x"))
    with writing(filled) as session:
        session.execute(update(outbox).values(asked_at=now_ms() - 60_000))
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        assert asked(filled) == ["live"]
        pauses.append(seconds)
        if len(pauses) == 3:
            run(reactivate=False)

    throttle = Throttle(filled, Limits(5.0, 100), sleep=sleep)
    assert reenrich(filled, index, Selection(), limit=4, wait=throttle.wait).asked == 10
    assert len(pauses) == 3


def test_without_workers_the_full_lane_is_drained_on_the_way(
    filled: sa.Engine, index: FakeIndex, run: Any
) -> None:
    most = []

    def relieve() -> None:
        most.append(len(asked(filled)))
        run(reactivate=False)

    throttle = Throttle(filled, Limits(5.0, 4), relieve)
    reenrich(filled, index, Selection(), limit=2, wait=throttle.wait)
    run(reactivate=False)
    assert most == [4, 4]
    assert {d.recipe for d in index.stored.values()} == {"recipe-b"}


def test_rows_that_are_no_posts_are_left_to_the_drain(filled: sa.Engine, index: FakeIndex) -> None:
    from worker.tables import posts as table

    with writing(filled) as session:
        session.execute(update(table).where(table.c.id == "a0").values(payload={"title": 3}))
    assert "a0" not in chunk_after(filled, index, wanted("city=长沙"), "").ids
    assert "a0" in chunk_after(filled, index, Selection(), "").ids
