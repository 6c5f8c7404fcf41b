"""Whatever happens to a real node: told, diagnosed, nothing lost or counted, and it catches up."""

from __future__ import annotations

import json
import resource
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from enrich.post import Post
from search.elastic.client import connect
from search.elastic.config import ElasticConfig
from search.elastic.diagnose import diagnose
from search.elastic.findings import Diagnosis
from search.elastic.generations import Described, Generations, Plan
from search.elastic.index import ElasticIndex
from search.index import Phrase, TextQuery, VectorQuery
from services import Elasticsearch
from tests.crash.encoder import RECIPE, CrashEncoder, parse, vector_of
from tests.worker.fakes import new_engine
from tests.worker.fakes import put as write_posts
from worker import deadletters, outage, reconcile
from worker.config import WorkerConfig
from worker.engine import reading
from worker.seat import Seat
from worker.tables import history
from worker.tables import outbox as rows
from worker.tasks import drain_batch

CONFIG = WorkerConfig(broker_url="amqp://nobody//", batch=4)
SPACE = RECIPE.vector_space
SHORT_S = 0.7


@dataclass
class Site:
    """A database, one worker child that hints wake all the time, and an index on the node."""

    server: Elasticsearch
    config: ElasticConfig
    engine: sa.Engine
    log: pytest.LogCaptureFixture
    encoder: CrashEncoder = field(default_factory=CrashEncoder)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.generations = Generations.open(self.config)
        self.open()

    def open(self, timeout_s: float = 10.0) -> None:
        """Begin as a new child of the worker, which waits so long for the node."""
        self.config = replace(self.config, timeout_s=timeout_s)
        self.index = ElasticIndex(self.config, SPACE)
        provider = SimpleNamespace(
            engine=self.engine,
            index=self.index,
            parse=parse,
            documents=None,
            enricher=lambda _recipe: self.encoder,
            close=self.index.close,
        )
        self.seat = Seat(lambda: cast(Any, provider))

    def create(self, space: str = SPACE) -> Described:
        """What ``hirelens index create`` does."""
        return self.generations.create(Plan(space, None, 1, 0))

    def put(self, *numbers: int) -> None:
        posts = [Post(id=f"p{n}", title=f"招聘服务员{n}", body=f"包吃包住{n}") for n in numbers]
        self.ids |= {post.id for post in posts}
        write_posts(self.engine, *posts)

    def waiting(self) -> Sequence[Any]:
        with reading(self.engine) as session:
            return session.execute(select(rows)).all()

    def drain(self, until: Callable[[], object], seconds: float = 25.0) -> None:
        """Send hints until something is so."""
        deadline = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < deadline, self.told()
            drain_batch(self.seat, CONFIG)
            time.sleep(0.02)

    def told(self) -> list[tuple[str, str | None]]:
        records = [r for r in cast(Any, self.log.records) if hasattr(r, "event")]
        return [(r.event, r.fields.get("reason")) for r in records]

    def fails(self, reason: str) -> None:
        """The worker finds out, says so once, and goes on to try without harm to any post."""
        self.log.clear()
        self.drain(lambda: ("index_unavailable", reason) in self.told())
        for _ in range(20):
            drain_batch(self.seat, CONFIG)
            time.sleep(0.02)
        assert self.told().count(("index_unavailable", reason)) == 1
        self.unharmed()

    def unharmed(self) -> None:
        found = self.waiting()
        assert found
        counted = {(r.attempts, r.strikes, r.lost, r.solo, r.lease_token) for r in found}
        assert counted == {(0, 0, 0, False, None)}
        assert any(row.last_error for row in found)
        with reading(self.engine) as session:
            assert deadletters.find(session, state=None) == []
            events = set(session.scalars(select(history.c.event)))
        assert not events & {"failed", "retried", "lease_lost", "dead"}

    def catches_up(self) -> None:
        """Nothing but hints: every post that was ever put is found by words and by vector."""
        self.drain(lambda: not self.waiting())
        self.drain(lambda: "index_back" in [event for event, _ in self.told()])
        self.found()
        assert self.encoder.inferred == len(self.ids)

    def found(self) -> None:
        self.index.refresh()
        assert self.indexed() == len(self.ids)
        words = self.index.query(TextQuery((Phrase(("服", "务", "员")),)), limit=100)
        assert {hit.id for hit in words.hits} == self.ids
        for id_ in self.ids:
            vector = vector_of(f"招聘服务员{id_[1:]}", f"包吃包住{id_[1:]}")
            near = self.index.query(VectorQuery(vector, SPACE, floor=0.999), limit=100)
            assert id_ in {hit.id for hit in near.hits}

    def indexed(self) -> int:
        """Count what words find now."""
        return self.index.query(TextQuery((Phrase(("服", "务", "员")),))).total

    def doctor(self) -> dict[str, Diagnosis]:
        with connect(self.config) as client:
            return {one.kind: one for one in diagnose(client, self.config, SPACE)}

    def finds(self, kind: str, *texts: str) -> Diagnosis:
        one = self.doctor()[kind]
        assert one.level == "error"
        for text in texts:
            assert text in f"{one.text}; {one.remedy}"
        return one

    def request(self, method: str, path: str, body: Any = None) -> Any:
        return self.server.request(method, path, body)


@pytest.fixture
def site(
    elasticsearch: Elasticsearch,
    fresh_prefix: Callable[[], str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    """Three posts are in the index when a test begins."""
    monkeypatch.setattr(outage, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(outage, "MAX_PAUSE_S", 0.3)
    caplog.set_level("INFO", "hirelens")
    prefix = fresh_prefix()
    config = ElasticConfig((elasticsearch.url,), prefix, retries=1, replicas=0, roles_ttl_s=0.2)
    made = Site(elasticsearch, config, new_engine(tmp_path), caplog)
    made.create()
    made.put(1, 2, 3)
    made.drain(lambda: not made.waiting())
    made.index.refresh()
    yield made
    made.engine.dispose()
    made.index.close()
    made.generations.close()


def test_nothing_is_found_where_nothing_is_wrong(site: Site) -> None:
    assert {one.level for one in site.doctor().values()} == {"ok"}
    site.found()


def test_a_killed_node_comes_back(site: Site) -> None:
    site.server.kill9()
    site.put(4, 5, 6, 7, 8, 9)
    site.fails("down")
    assert site.encoder.inferred == 3  # nothing was read for an index that does not answer
    site.finds("reachable", "does not answer", "start it")
    site.server.start()
    site.catches_up()


def test_a_node_that_hangs_wakes_up(site: Site) -> None:
    site.open(SHORT_S)
    site.server.pause()
    try:
        site.put(4, 5, 6)
        site.fails("slow")
        site.finds("reachable", "gave no answer in 0.7 s", "look at its load")
    finally:
        site.server.resume()
    site.catches_up()


INDEX_BLOCK = "read_only_allow_delete"


@pytest.mark.parametrize("block", [INDEX_BLOCK, "write", "cluster"])
def test_a_block_that_somebody_has_set_is_lifted(site: Site, block: str) -> None:
    path = f"/{site.config.write_alias}/_settings"
    setting = f"index.blocks.{block}"
    if block == "cluster":
        path, setting = "/_cluster/settings", "cluster.blocks.read_only"

    def set_to(value: Any) -> None:
        body = {setting: value}
        site.request("PUT", path, {"persistent": body} if block == "cluster" else body)

    set_to(True)
    try:
        site.put(*range(4, 10))
        site.fails("read_only")
        site.finds("blocks", {"cluster": "read_only"}.get(block, block), setting)
        assert site.indexed() == 3  # and is still searched
    finally:
        set_to(None)
    site.catches_up()


@pytest.mark.slow
def test_a_disk_at_the_flood_stage_gets_room_again(site: Site) -> None:
    mark = "cluster.routing.allocation.disk"
    marks = {"low": "300tb", "high": "200tb", "flood_stage": "100tb"}  # must stay free
    stated = {
        f"{mark}.threshold_enabled": True,
        "cluster.info.update.interval": "10s",
        **{f"{mark}.watermark.{name}": size for name, size in marks.items()},
    }
    index = site.generations.all()[0].name

    def blocks() -> Any:
        return site.request("GET", f"/{index}/_settings")[index]["settings"]["index"].get("blocks")

    site.request("PUT", "/_cluster/settings", {"persistent": stated})
    try:
        until(blocks)
        site.put(*range(4, 10))
        site.fails("read_only")
        site.finds("blocks", INDEX_BLOCK, "flood stage", "free disk space")
        site.finds("disk", "over the flood stage", "make room")
        # Room is made: only the marks change, the node lifts its block by itself.
        freed = {f"{mark}.watermark.{name}": "1b" for name in marks}
        site.request("PUT", "/_cluster/settings", {"persistent": freed})
        site.catches_up()
        assert not blocks()
        assert site.doctor()["blocks"].level == "ok"
    finally:
        site.request("PUT", "/_cluster/settings", {"persistent": dict.fromkeys(stated)})


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_deleted_index_is_made_and_filled_again(site: Site) -> None:
    site.request("DELETE", f"/{site.generations.all()[0].name}")
    site.put(4, 5)
    site.fails("missing")
    site.finds("roles", "there is none with prefix", "hirelens index create")
    site.create()
    with reconciling(site):
        # What was in the lost index is missing in the new one: reconcile asks for it.
        site.drain(lambda: not site.waiting() and site.indexed() == 5)
    site.found()
    assert site.encoder.inferred == 5


class reconciling:  # noqa: N801 - a context manager
    """The process ``hirelens reconcile`` beside the worker."""

    def __init__(self, site: Site) -> None:
        self._stop = threading.Event()
        index = ElasticIndex(site.config, SPACE)
        given = (site.engine, index, self._stop, 0.05)
        self._thread = threading.Thread(target=reconcile.run, args=given)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)


def test_an_index_made_by_itself_in_the_place_of_an_alias_is_told(site: Site) -> None:
    site.request("DELETE", f"/{site.generations.all()[0].name}")
    # Another program writes to the name: the server makes an index of it, with a guessed mapping.
    site.request("PUT", f"/{site.config.write_alias}/_doc/1", {"anything": "at all"})
    site.put(4)
    site.fails("missing")
    one = site.finds("roles", f"{site.config.write_alias} is an index", "DELETE /")
    site.request("DELETE", one.remedy.split()[3].rstrip(";"))
    site.create()
    with reconciling(site):
        site.drain(lambda: not site.waiting() and site.indexed() == 4)
    site.found()


def test_an_index_with_a_guessed_mapping_under_our_names_is_told(site: Site) -> None:
    old = site.generations.all()[0].name
    strange = f"{site.config.prefix}-posts-strange"
    site.request("PUT", f"/{strange}/_doc/1", {"version": "guessed"})
    names = (site.config.read_alias, site.config.write_alias)
    move = [{"remove": {"index": old, "alias": name}} for name in names]
    move += [{"add": {"index": strange, "alias": name}} for name in names]
    site.request("POST", "/_aliases", {"actions": move})
    site.put(4)
    site.fails("foreign")
    site.finds("roles", strange, "was not made by this version")
    site.finds("mapping", strange, "format is None")
    back = [{"remove_index": {"index": strange}}]
    back += [{"add": {"index": old, "alias": name}} for name in names]
    site.request("POST", "/_aliases", {"actions": back})
    site.catches_up()


def test_an_alias_that_leads_to_two_indices_is_left_on_one(site: Site) -> None:
    other = f"{site.config.prefix}-posts-other"
    site.request("PUT", f"/{other}")
    names = (site.config.read_alias, site.config.write_alias)
    add = [{"add": {"index": other, "alias": names[1], "is_write_index": False}}]
    site.request("POST", "/_aliases", {"actions": add})
    site.put(4, 5)
    site.fails("ambiguous")
    first = site.generations.all()[0].name
    one = site.finds("roles", "leads to 2 indices", first, other)
    # The remedy is a request; here it is sent as it stands.
    assert one.remedy.startswith(f"keep {first}: POST /_aliases ")
    site.request("POST", "/_aliases", json.loads(one.remedy.split("/_aliases ")[1]))
    site.catches_up()


def test_an_index_of_another_vector_space_is_found_out_before_anything_is_read(
    site: Site,
) -> None:
    site.request("DELETE", f"/{site.generations.all()[0].name}")
    old = site.create("another-space").name
    time.sleep(site.config.roles_ttl_s)  # for so long the deleted one is believed in
    site.put(4, 5)
    site.fails("foreign")
    assert site.encoder.inferred == 3
    site.finds("vector_space", "another-space", SPACE, "hirelens index create")
    new = site.create().name
    site.finds("vector_space", f"{new} is of that space: hirelens index switch")
    site.generations.swap(old, new)
    with reconciling(site):
        site.drain(lambda: not site.waiting() and site.indexed() == 5)
    site.found()
    assert site.encoder.inferred == 5


@pytest.mark.slow
def test_a_disk_that_is_full_takes_nothing_until_there_is_room(site: Site) -> None:
    site.open(2.0)
    # No file of the node can grow beyond 1 kB: each write fails as on a full disk.
    for pid in site.server.pids():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
    try:
        site.put(*range(4, 10))
        site.fails("down")
        site.finds("health", "red")
    finally:
        for pid in site.server.pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    site.catches_up()
