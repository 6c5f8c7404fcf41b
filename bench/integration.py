"""The main job on real posts, end to end: RabbitMQ, PostgreSQL and Elasticsearch.

python bench/integration.py --posts posts.jsonl [--count N] [--network shipped|stand-in]
                            [--children N] [--json]

Starts the three servers, a relay and a worker as the front door does, writes all posts into the
backfill lane and, while they are indexed, live posts one by one. A live post is searchable when a
query finds it. With the stand-in for the network everything else is the product's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count, islice
from math import ceil
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
sys.path[:] = [str(ROOT), str(ROOT / "tests"), *(p for p in sys.path if p != str(ROOT / "bench"))]
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import sqlalchemy as sa  # noqa: E402
from services import Elasticsearch, PostgreSQL, RabbitMQ  # noqa: E402

from bench.worker_figures import Figure, json_lines, table  # noqa: E402
from bench.worker_stage import database, put, waiting  # noqa: E402
from enrich.post import Post, PostError  # noqa: E402
from hirelens.generations import ensure_first  # noqa: E402
from hirelens.settings import Settings, load  # noqa: E402
from hirelens.wiring import Workplace  # noqa: E402
from search.index import Phrase, TextQuery  # noqa: E402
from search.tokens import plain_tokens  # noqa: E402
from worker.engine import writing  # noqa: E402
from worker.posts import write  # noqa: E402

LIVE_EACH_S = 1.0
LOOK_EACH_S = 0.05
SEARCHABLE_LIMIT_S = 60.0
SLOW_S = 5.0
QUIET_S = 30.0
MERGE_LIMIT_S = 1800.0


class Prober:
    """Writes a live post now and then and looks until a search finds it."""

    def __init__(self, engine: sa.Engine, place: Workplace, tag: str) -> None:
        """Use the database and the index of the run; ``tag`` makes the posts its own."""
        self._tag = tag
        self._engine = engine
        self._index = place.index
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.ages: list[float] = []
        self.lost = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        for number in count():
            if self._stop.wait(LIVE_EACH_S):
                return
            word = f"{self._tag}{number}"
            post = Post(id=word, title=f"招服务员 {word}", body="包吃住,月薪4000元。")
            with writing(self._engine) as session:
                write(session, post)
            age = self._found(TextQuery((Phrase(tuple(plain_tokens(word)), "plain"),)))
            if age is None:
                self.lost += 1
                print(f"{word} was not found", file=sys.stderr, flush=True)
            else:
                self.ages.append(age)
                if age > SLOW_S:
                    print(f"{word} was searchable after {age:.1f} s", file=sys.stderr, flush=True)

    def _found(self, query: TextQuery) -> float | None:
        began = time.perf_counter()
        while (age := time.perf_counter() - began) < SEARCHABLE_LIMIT_S:
            if self._index.query(query, limit=1, documents=False, more=False).hits:
                return age
            time.sleep(LOOK_EACH_S)
        return None


def read_posts(path: Path, limit: int | None) -> tuple[list[Post], int]:
    """Return the posts of a JSONL file, and how many lines were refused."""
    posts, refused = [], 0
    for line in path.read_bytes().split(b"\n"):
        if not line.strip():
            continue
        try:
            posts.append(Post.from_json(line.decode()))
        except PostError:
            refused += 1
    return list(islice(posts, limit)), refused


@contextmanager
def processes(environment: dict[str, str], network: str, children: int) -> Iterator[None]:
    """Run a relay and a worker; both end with the block."""
    command = [sys.executable, "-m", "hirelens"]
    worker = [*command, "worker", "--concurrency", str(children)]
    if network == "stand-in":
        worker = [sys.executable, "-m", "bench.integration_standin", str(children)]
    started = [
        subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        for arguments in ([*command, "relay"], worker)
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(60)


def measure(given: argparse.Namespace, stack: ExitStack) -> Iterator[list[Figure]]:
    """Run once; give the figures of each part as soon as they are known."""
    postgresql = stack.enter_context(PostgreSQL(fsync=True))
    rabbitmq = stack.enter_context(RabbitMQ())
    node = stack.enter_context(Elasticsearch(heap="1g", fast=False))
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="hirelens-integration-"))
    own = {
        "HIRELENS_HOME": home,
        "HIRELENS_INDEX": "elasticsearch",
        "HIRELENS_INDEX_URL": node.url,
        "HIRELENS_INDEX_REPLICAS": "0",
        "HIRELENS_DATABASE_URL": postgresql.fresh_database(),
        "HIRELENS_BROKER_URL": rabbitmq.fresh_database(),
        "HIRELENS_THREADS": str(given.threads),
        "OMP_NUM_THREADS": str(given.threads),
    }
    settings: Settings = load(None, own)
    posts, refused = read_posts(given.posts, given.count)
    engine = stack.enter_context(database(str(settings.database)))
    place = Workplace(settings)
    stack.callback(place.close)
    ensure_first(place)
    stack.enter_context(
        processes({**os.environ, "PYTHONPATH": str(ROOT), **own}, given.network, given.children)
    )
    put(engine, [Post(id="warm", title="招保安", body="包住。")])
    _settled(engine)
    began = time.perf_counter()
    put(engine, posts, "backfill")
    written = time.perf_counter() - began
    with Prober(engine, place, "beside") as prober:
        _settled(engine)
        indexed = time.perf_counter() - began
    yield [
        Figure("i", "posts, refused lines left out", len(posts), "posts"),
        Figure("i", "refused lines", refused, "lines"),
        Figure("i", "written to the database", len(posts) / written, "posts/s"),
        Figure("i", "written to indexed and settled", len(posts) / indexed, "posts/s"),
        *_ages("beside the backfill", prober),
    ]
    with Prober(engine, place, "alone") as quiet:
        time.sleep(QUIET_S)
    yield _ages("alone", quiet)
    yield _sizes(node, place, settings, len(posts))


def _settled(engine: sa.Engine) -> None:
    told = time.perf_counter()
    while left := waiting(engine):
        if time.perf_counter() - told > 30:
            told = time.perf_counter()
            print(f"{left} wait, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        time.sleep(0.1)


def _ages(when: str, prober: Prober) -> list[Figure]:
    if not prober.ages:
        return [Figure("i", f"live posts {when}", 0, "posts")]
    return [
        Figure("i", f"live posts {when}", len(prober.ages), "posts"),
        Figure("i", f"  never found in {SEARCHABLE_LIMIT_S:.0f} s", prober.lost, "posts", 0, False),
        Figure("i", "  commit to searchable, p50", _share(prober.ages, 0.5), "s"),
        Figure("i", "  commit to searchable, p95", _share(prober.ages, 0.95), "s"),
    ]


def _sizes(node: Elasticsearch, place: Workplace, settings: Settings, posts: int) -> list[Figure]:
    place.index.refresh()
    open_posts = sum(stamp.state == "open" for stamp in place.index.scan(limit=10**9))
    name = settings.elastic_config().read_alias
    resident = _resident(node.pid)
    before = _bytes(node, name)
    node.request("POST", f"/{name}/_forcemerge?max_num_segments=1", timeout=MERGE_LIMIT_S)
    return [
        Figure("i", "open documents", open_posts, "documents", posts),
        Figure("i", "index a post", before / open_posts / 1024, "KiB"),
        Figure("i", "  merged to one segment", _bytes(node, name) / open_posts / 1024, "KiB"),
        Figure("i", "node, resident", resident / 2**20, "MiB"),
    ]


def _bytes(node: Elasticsearch, name: str) -> int:
    stats = node.request("GET", f"/{name}/_stats/store")
    return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").split("\n"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[ceil(share * len(values)) - 1]


def main() -> int:
    """Run and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--posts", type=Path, required=True, help="JSONL as `hirelens put` takes")
    options.add_argument("--count", type=int, help="only the first so many")
    options.add_argument("--network", choices=("shipped", "stand-in"), default="shipped")
    options.add_argument("--children", type=int, default=2)
    options.add_argument("--threads", type=int, default=1, help="of each child")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found: list[Figure] = []
    with ExitStack() as stack:
        for part in measure(given, stack):
            print(json_lines(part) if given.json else table(part), flush=True)
            found += part
    return int(any(figure.reached is False for figure in found))


if __name__ == "__main__":
    sys.exit(main())
