"""Generations on a real node: built, checked, switched and gone back to while posts are written."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import traceback
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from enrich.post import Post
from hirelens.generations import StageError
from search.copying import Copied
from search.elastic.config import ElasticConfig
from search.elastic.generations import GenerationError, Generations, Plan
from search.index import Document, IndexUnavailableError, Outcome, document_version
from search.schema import vector_name
from services import Elasticsearch, PostgreSQL
from services.support_generations import POISON, Home, Traffic, first, parse, second
from worker import rebuild, registry, retry, schema
from worker.engine import create_engine
from worker.standby import ask_behind
from worker.tables import dead_letters


@pytest.fixture
def config(elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]) -> ElasticConfig:
    return ElasticConfig(
        (elasticsearch.url,),
        prefix=fresh_prefix(),
        timeout_s=3.0,
        replicas=0,
        roles_ttl_s=0.5,
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = create_engine(tmp_path / "posts.db")
    schema.upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def server_engine(
    postgresql: PostgreSQL, fresh_database: Callable[[Any], str]
) -> Iterator[sa.Engine]:
    made = create_engine(fresh_database(postgresql))
    schema.upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def home(engine: sa.Engine, config: ElasticConfig) -> Home:
    return Home(engine, config, first(), second())


def some_posts(count: int, prefix: str = "p") -> list[Post]:
    return [
        Post(id=f"{prefix}{i:04}", title=f"招会计{i}", body="双休", deleted=i % 7 == 0)
        for i in range(count)
    ]


def filled(home: Home, count: int = 60) -> None:
    """The first generation with some posts, every seventh closed."""
    home.put(*some_posts(count))
    home.stage().create()
    home.drain_all()


def killed(work: Callable[[], object]) -> int:
    """Run in a forked child; returns the signal that ended it, 0 where it ended by itself."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - a child must not run the parent's tests
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


# While posts are written


def test_no_write_is_lost_while_a_generation_of_the_same_space_comes_and_goes(
    server_engine: sa.Engine, config: ElasticConfig
) -> None:
    home = Home(server_engine, config, first())
    filled(home, 200)
    stage = home.stage(patient=True)
    with Traffic(home) as traffic:
        traffic.pass_by(100)
        stage.create()
        done = stage.catch_up()
        assert isinstance(done, Copied)
        assert done.refused == {}
        assert done.extra == ()
        gate = stage.check()
        assert gate.is_open(), gate
        assert gate.sampled == 200
        traffic.pass_by(50)
        before, after = stage.pair()
        switched = stage.switch(gate)
        assert (switched.current, switched.standby) == (after.name, before.name)
        traffic.pass_by(100)
        gate = stage.check()
        assert gate.is_open(), gate
        assert stage.switch(gate, "rollback").current == before.name
        traffic.pass_by(100)
    home.drain_all()
    gate = stage.check()
    assert gate.is_open(), gate
    for one in stage.pair():
        home.verify(one, first())


def test_no_write_is_lost_while_another_recipe_comes_and_goes(
    server_engine: sa.Engine, config: ElasticConfig
) -> None:
    home = Home(server_engine, config, first(), second())
    filled(home, 200)
    stage = home.stage(patient=True)
    with Traffic(home) as traffic:
        traffic.pass_by(100)
        made = stage.create("recipe-two")
        assert made.space == "space-two"
        done = stage.catch_up()
        assert isinstance(done, rebuild.Rebuilt)
        assert done.failed == {}
        gate = stage.check()
        assert gate.problems == [], gate
        switched = stage.switch(gate)
        assert (switched.current, switched.recipe) == (made.name, "recipe-two")
        assert home.active() == "recipe-two"
        traffic.pass_by(150)
        stage.catch_up()
        gate = stage.check()
        assert gate.problems == [], gate
        back = stage.switch(gate, "rollback")
        assert (back.recipe, home.active()) == ("recipe-one", "recipe-one")
        assert back.activation is not None
        assert switched.activation is not None
        assert back.activation > switched.activation
        traffic.pass_by(100)
    home.drain_all()
    ask_behind(home.engine, home.index(first()))
    home.drain_all()
    current, standby = stage.pair()
    home.verify(current, first())
    assert isinstance(stage.catch_up(), rebuild.Rebuilt)
    gate = stage.check()
    assert gate.is_open(), gate
    home.verify(standby, second())
    with home.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(dead_letters)) == 0


def test_a_writer_that_does_not_know_the_standby_yet_is_waited_for(
    engine: sa.Engine, config: ElasticConfig
) -> None:
    home = Home(engine, replace(config, roles_ttl_s=3.0), first())
    filled(home, 5)
    stage = home.stage(patient=True)
    writer = home.index(first())
    assert writer.vector_space == "space-one"  # it knows the roles now, for three seconds
    stage.create()
    late = threading.Timer(1.0, lambda: writer.write([document("late", 1)]))
    late.start()
    done = stage.catch_up()
    late.join()
    assert isinstance(done, Copied)
    current, standby = stage.pair()
    for one in (current, standby):
        assert "late" in stage.index(one).get(["late"])


# Killed


def test_a_killed_copy_goes_on_where_it_stopped(home: Home) -> None:
    filled(home)
    home.stage().create()
    url = home.engine.url.database

    def die_in_the_middle() -> None:
        stage = Home(create_engine(Path(url or "")), home.config, first(), second()).stage()
        index = stage.index(stage.pair()[1])
        written = index.write

        def write_some(documents: list[Document]) -> Any:
            written(documents[:20])
            os.kill(os.getpid(), signal.SIGKILL)

        index.write = write_some  # type: ignore[method-assign]
        stage.index = lambda one: index if one.role == "standby" else type(stage).index(stage, one)  # type: ignore[method-assign]
        stage.catch_up()

    home.engine.dispose()
    assert killed(die_in_the_middle) == signal.SIGKILL
    stage = home.stage()
    assert not stage.check().is_open()
    done = stage.catch_up()
    assert isinstance(done, Copied)
    assert done.copied == 40
    assert stage.check().is_open()
    home.verify(stage.pair()[1], first())


def test_a_killed_reading_under_another_recipe_infers_nothing_twice(home: Home) -> None:
    filled(home)
    home.stage().create("recipe-two")
    url = home.engine.url.database

    def die_in_the_middle() -> None:
        encoder = second()
        inside = Home(create_engine(Path(url or "")), home.config, first(), encoder)
        infer = encoder.infer

        def infer_some(given: Any) -> Any:
            if encoder.inferred:
                os.kill(os.getpid(), signal.SIGKILL)
            return infer(given)

        encoder.infer = infer_some  # type: ignore[method-assign]
        inside.stage().catch_up()

    home.engine.dispose()
    assert killed(die_in_the_middle) == signal.SIGKILL
    done = home.stage().catch_up()
    assert isinstance(done, rebuild.Rebuilt)
    opened = sum(not post.deleted for post in home.stored().values())
    read = len(home.encoders["recipe-two"].inferred)
    assert 0 < read < opened
    assert done.written < 60
    home.verify(home.stage().pair()[1], second())


def test_a_post_that_kills_its_reader_is_skipped_in_the_end(home: Home) -> None:
    filled(home, 20)
    home.put(Post(id="deadly", title=f"招{POISON}会计", body="双休"))
    home.drain_all()
    home.stage().create("recipe-two")
    url = home.engine.url.database

    def die() -> None:
        encoder = second()
        inside = Home(create_engine(Path(url or "")), home.config, first(), encoder)
        infer = encoder.infer

        def deadly(given: Any) -> Any:
            if any(POISON in post.title for post in given):
                os.kill(os.getpid(), signal.SIGKILL)
            return infer(given)

        encoder.infer = deadly  # type: ignore[method-assign]
        done = inside.stage().catch_up()
        assert isinstance(done, rebuild.Rebuilt)
        assert list(done.failed) == ["deadly"], done.failed

    home.engine.dispose()
    ends = [killed(die) for _ in range(4)]
    assert ends == [signal.SIGKILL] * 3 + [0]
    gate = home.stage().check()
    assert (gate.problems, gate.behind, gate.behind_ids) == ([], 1, ("deadly",))


@pytest.mark.parametrize("swapped", [True, False])
def test_a_killed_switch_is_finished_or_has_not_happened(home: Home, swapped: bool) -> None:
    filled(home)
    home.stage().create("recipe-two")
    home.stage().catch_up()
    before, after = home.stage().pair()
    url = home.engine.url.database

    def die_at_the_swap() -> None:
        stage = Home(create_engine(Path(url or "")), home.config, first(), second()).stage()
        swap = stage.generations.swap

        def swap_and_die(*names: str) -> None:
            if swapped:
                swap(*names)
            os.kill(os.getpid(), signal.SIGKILL)

        stage.generations.swap = swap_and_die  # type: ignore[method-assign]
        stage.switch(stage.check())

    home.engine.dispose()
    assert killed(die_at_the_swap) == signal.SIGKILL
    stage = home.stage()
    assert home.active() == "recipe-one"
    if not swapped:
        assert stage.unfinished() is None
        assert stage.pair()[0].name == before.name
        assert stage.check().is_open()
        return
    unfinished = stage.unfinished()
    assert unfinished is not None
    assert unfinished.name == after.name
    for act in (stage.check, stage.catch_up):
        with pytest.raises(ValueError, match="hirelens index switch"):
            act()
    # Posts that are written now wait; none becomes a dead letter, none lands without its vector.
    home.put(Post(id="now", title="招聘保安", body="包住"))
    with pytest.raises(IndexUnavailableError, match="space-two"):
        home.drain(home.index(first()), first())
    assert home.waiting() == 1
    done = home.stage().finish()
    assert (done.finished, done.recipe, home.active()) == (True, "recipe-two", "recipe-two")
    assert home.stage().unfinished() is None
    home.drain_all()
    home.verify(home.stage().pair()[0], second())


# At the same time


def test_of_two_commands_that_create_only_one_wins(home: Home) -> None:
    for role in ("current", "standby"):
        barrier = threading.Barrier(4)
        made: list[str] = []
        refused: list[str] = []

        def create(
            barrier: threading.Barrier = barrier,
            made: list[str] = made,
            refused: list[str] = refused,
        ) -> None:
            generations = Generations.open(home.config)
            generations.all()  # connected
            barrier.wait()
            try:
                made.append(generations.create(Plan("space-one", None, 1, 0)).role)
            except GenerationError as error:
                refused.append(str(error))

        threads = [threading.Thread(target=create) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # A slower one may find the first made already, and make the standby beside it.
        assert made.count("current") == (role == "current")
        assert made.count("standby") <= 1
        assert len(made) + len(refused) == 4
        roles = [one.role for one in home.stage().generations.all()]
        assert sorted(roles) in (["current"], ["current", "standby"])


def test_a_swap_that_was_done_is_not_done_again_and_one_overtaken_is_refused(home: Home) -> None:
    filled(home, 5)
    stage = home.stage()
    stage.create()
    before, after = stage.pair()
    stage.generations.swap(before.name, after.name)
    stage.generations.swap(before.name, after.name)  # the answer was lost, it is asked for again
    assert stage.pair()[0].name == after.name
    stage.generations.drop(before.name)
    with pytest.raises(GenerationError, match="nothing was switched"):
        stage.generations.swap(before.name, after.name)
    with pytest.raises(GenerationError, match="nothing was switched"):
        stage.generations.swap(after.name, before.name)


def test_only_what_was_checked_is_switched_to(home: Home) -> None:
    stage = ready(home)
    gate = stage.check()
    assert gate.is_open()
    name = stage.pair()[1].name
    stage.generations.drop(name)
    assert stage.create().name == name  # empty, under the same name
    with pytest.raises(StageError, match="not what was checked"):
        stage.switch(gate)
    assert stage.pair()[1].name == name


@pytest.mark.parametrize("recipe", [None, "recipe-two"])
@pytest.mark.parametrize("lost", ["deleted", "foreign"])
def test_where_the_current_one_is_lost_the_standby_serves_when_forced(
    home: Home, elasticsearch: Elasticsearch, recipe: str | None, lost: str
) -> None:
    stage = ready(home, recipe)
    current, standby = stage.pair()
    assert stage.alone() is None
    home.put(*some_posts(3, "late"))
    elasticsearch.request("DELETE", f"/{current.name}")
    if lost == "foreign":
        strange = f"{home.config.prefix}-posts-strange"
        names = (home.config.read_alias, home.config.write_alias)
        elasticsearch.request("PUT", f"/{strange}", {"aliases": {name: {} for name in names}})
    stage = home.stage()
    with pytest.raises(IndexUnavailableError, match="switch --force"):
        stage.pair()
    alone = stage.alone()
    assert alone is not None
    assert alone.name == standby.name
    with pytest.raises(GenerationError, match=r"switch --force.*index drop"):
        stage.create()
    done = stage.promote(alone)
    assert (done.current, done.standby) == (standby.name, None)
    assert (stage.alone(), stage.unfinished()) == (None, None)
    assert home.active() == (recipe or "recipe-one")
    home.drain_all()
    home.verify(stage.generations.roles()[0], second() if recipe else first())


def test_halves_of_a_generation_get_nothing_beside_them(
    home: Home, elasticsearch: Elasticsearch
) -> None:
    filled(home, 5)
    stage = home.stage()
    name = stage.generations.roles()[0].name
    remove = {"remove": {"index": name, "alias": home.config.read_alias}}
    elasticsearch.request("POST", "/_aliases", {"actions": [remove]})
    with pytest.raises(IndexUnavailableError, match="POST /_aliases") as told:
        stage.create()
    body = json.loads(str(told.value).partition("/_aliases ")[2])
    elasticsearch.request("POST", "/_aliases", body)
    assert stage.generations.roles()[0].name == name
    assert stage.create().role == "standby"


def test_when_the_old_one_began_to_stand_by_is_kept(home: Home) -> None:
    stage = ready(home)
    began = int(time.time() * 1000)
    stage.switch(stage.check())
    _, standby = stage.pair()
    assert standby.served
    assert standby.left_at is not None
    assert 0 <= standby.left_at - began < 60_000


def test_what_may_be_dropped(home: Home, elasticsearch: Elasticsearch) -> None:
    filled(home, 5)
    stage = home.stage()
    current = stage.generations.roles()[0].name
    with pytest.raises(GenerationError, match="current generation"):
        stage.generations.drop(current)
    foreign = f"{home.config.prefix}-posts-archive"
    elasticsearch.request("PUT", f"/{foreign}", {})
    with pytest.raises(GenerationError, match="not made by hirelens"):
        stage.generations.drop(foreign)
    with pytest.raises(GenerationError, match="no such generation"):
        stage.generations.drop("other")
    standby = stage.create().name
    alias = {"remove": {"index": standby, "alias": home.config.standby_alias}}
    elasticsearch.request("POST", "/_aliases", {"actions": [alias]})
    again = stage.create().name
    assert len({current, standby, again}) == 3
    for name in (standby, again):
        stage.generations.drop(name)
    assert [one.name for one in stage.generations.all()] == [current, foreign]


# The gate


def test_a_vector_of_another_space_is_refused_by_the_mapping(
    home: Home, elasticsearch: Elasticsearch
) -> None:
    filled(home, 5)
    current, _ = home.stage().generations.roles()
    strange = {"match": {vector_name("space-two"): [1.0] * 8}}
    with pytest.raises(urllib.error.HTTPError) as refused:
        elasticsearch.request("PUT", f"/{current.name}/_doc/x", strange)
    assert refused.value.code == 400
    assert "strict_dynamic_mapping" in refused.value.read().decode()
    # Whatever a client believes of itself.
    post = Post(id="p0001", title="招会计", body="双休", revision=9)
    bound = home.stage().index(current)
    (outcome,) = _write_or_refuse(bound, second().document_of(post, document_version(9, 1)))
    assert outcome is not Outcome.OK
    assert bound.get(["p0001"])["p0001"].version == document_version(1, 1)


def _write_or_refuse(index: Any, document: Document) -> list[Outcome]:
    return [outcome.outcome for outcome in index.write([document])]


def ready(home: Home, recipe: str | None = None) -> Any:
    filled(home)
    stage = home.stage()
    stage.create(recipe)
    stage.catch_up()
    return stage


def document(id_: str, revision: int, **more: Any) -> Document:
    post = Post(id=id_, title="招会计", body="另外", **more)
    return first().document_of(post, document_version(revision, 1))


@pytest.mark.parametrize(
    ("name", "side", "planted"),
    [
        ("missing", 0, document("new", 1)),
        ("extra", 1, document("new", 1)),
        ("older", 0, document("p0001", 2)),
        ("newer", 1, document("p0001", 2)),
        ("older", 0, document("p0001", 2, deleted=True)),
        ("newer", 1, document("p0001", 2, deleted=True)),
    ],
)
def test_the_gate_is_closed_by_each_planted_document(
    home: Home, name: str, side: int, planted: Document
) -> None:
    stage = ready(home)
    assert stage.check().is_open()
    (outcome,) = stage.index(stage.pair()[side]).write([planted])
    assert outcome.outcome is Outcome.OK
    gate = stage.check()
    assert not gate.is_open()
    found = {problem.check: problem for problem in gate.problems}
    assert found[name].ids == (planted.id,)


@pytest.mark.parametrize("what", ["content", "state", "vector", "no vector"])
def test_the_gate_is_closed_by_equal_versions_of_other_content(home: Home, what: str) -> None:
    filled(home)
    stage = home.stage()
    stage.create()
    standby = stage.index(stage.pair()[1])
    stored = home.stored()["p0001"]
    version = document_version(1, 1)
    right = first().document_of(stored, version)
    assert right.match is not None
    planted = {
        "content": document("p0001", 1),
        "state": document("p0001", 1, deleted=True),
        "vector": _with_vector(right, tuple(reversed(right.match.vector))),
        "no vector": _with_vector(right, ()),
    }[what]
    assert standby.write([planted])[0].outcome is Outcome.OK
    stage.catch_up()
    gate = stage.check(sample=1000)
    assert not gate.is_open()
    assert "p0001" in {id_ for problem in gate.problems for id_ in problem.ids}
    if what == "no vector":
        assert "vectors" in {problem.check for problem in gate.problems}


def _with_vector(document: Document, vector: tuple[float, ...]) -> Document:
    assert document.match is not None
    return replace(document, match=replace(document.match, vector=vector))


def test_the_gate_is_closed_by_a_changed_mapping_and_by_the_database(
    home: Home, elasticsearch: Elasticsearch
) -> None:
    stage = ready(home)
    standby = stage.pair()[1].name
    elasticsearch.request(
        "PUT", f"/{standby}/_mapping", {"properties": {"more": {"type": "keyword"}}}
    )
    gate = stage.check()
    assert [problem.check for problem in gate.problems] == ["mapping"]
    assert "more is no field" in gate.problems[0].told

    # What both generations hold and the database does not is drift, told apart.
    for side in stage.pair():
        stage.index(side).write([document("stranger", 1)])
    gate = stage.check()
    found = {problem.check: problem for problem in gate.problems}
    assert found["database"].ids == ("stranger",)
    assert found["database"].told.startswith("unknown")


def test_of_another_recipe_the_gate_counts_what_is_behind(home: Home) -> None:
    stage = ready(home, "recipe-two")
    gate = stage.check()
    assert gate.is_open(), gate
    # A live write of the active recipe reaches the standby without a vector.
    home.put(
        Post(id="p0001", title="招保安", body="包住"), Post(id="p0002", title="x", deleted=True)
    )
    home.drain_all()
    gate = stage.check()
    assert (gate.problems, gate.behind, gate.behind_ids) == ([], 1, ("p0001",))
    assert not gate.is_open()
    assert gate.is_open(1)
    done = stage.switch(stage.check())
    assert done.asked == 1
    home.drain_all()
    home.verify(stage.pair()[0], second())


def test_poison_of_the_new_recipe_is_told_and_stops_nothing(home: Home) -> None:
    filled(home)
    home.put(Post(id="bad", title=f"招{POISON}会计", body="双休"))
    home.drain_all()
    home.encoders["recipe-two"].poison = True
    stage = home.stage()
    stage.create("recipe-two")
    done = stage.catch_up()
    assert isinstance(done, rebuild.Rebuilt)
    assert list(done.failed) == ["bad"]
    assert "cannot read" in done.failed["bad"].error
    assert done.written == 60
    gate = stage.check()
    assert (gate.problems, gate.behind) == ([], 1)


def test_a_repair_meanwhile_takes_the_number_and_the_next_run_has_the_one_behind(
    home: Home,
) -> None:
    stage = ready(home, "recipe-two")
    from worker import recipes

    with home.engine.connect() as connection, sa.orm.Session(connection) as session:
        seen = recipes.active(session)
    assert seen is not None
    retry.run(home.engine, lambda session: recipes.repair(session, seen))
    gate = stage.check()
    assert (gate.problems, gate.behind, gate.renumbered) == ([], 0, 60)
    done = stage.catch_up()
    assert isinstance(done, rebuild.Rebuilt)
    assert (done.activation, done.counts["inferred"]) == (3, 0)
    assert stage.check().renumbered == 0
    assert stage.switch(stage.check()).activation == 3


def test_an_unknown_recipe_makes_no_generation(home: Home) -> None:
    filled(home, 3)
    with pytest.raises(registry.UnknownRecipe):
        home.stage().create("recipe-three")
    assert len(home.stage().generations.all()) == 1
    assert parse('["a", "b", [1.0]]').title == "a"
