"""Nearest neighbours on Elasticsearch: recall, latency, memory and speed beside faiss, in one run.

bench/knn.py [--vectors DIR] [--count N] [--options NAME,...] [--url URL] [--json FILE]
bench/knn.py vectors --posts FILE [FILE ...] --out DIR [--count N]

Exits 1 when the product's choice misses recall@10 >= 0.99 under any filter, 2 without vectors.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A script's own folder comes first otherwise, and `bench` would not be found as a package.
sys.path[:] = [str(ROOT), str(ROOT / "tests"), *(p for p in sys.path if p != str(ROOT / "bench"))]
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from elasticsearch import Elasticsearch as Client  # noqa: E402

from bench import knn_faiss  # noqa: E402
from bench.knn_data import Filter, MissingVectorsError, Vectors  # noqa: E402
from bench.knn_elastic import OPTIONS, Asked, Measured, Option  # noqa: E402
from bench.knn_figures import Built, Row, costs, passes, table  # noqa: E402
from search.channels import FUSED_DEPTH  # noqa: E402
from search.schema import VECTOR_OPTIONS  # noqa: E402

BAR = 0.99
CANDIDATES = (100, 200, 400)
ROUNDS = 3
FILTERS = ("all", "10 %", "1 %", "category", "city")
DEPTHS = (10, FUSED_DEPTH)
"""How deep the product is asked: ten for the bar, and what its channels give to the fusion."""


def main() -> int:
    """Make vectors, or measure."""
    if sys.argv[1:2] == ["vectors"]:
        return _vectors(sys.argv[2:])
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--vectors", type=Path, default=ROOT.parent / "knn", help="their folder")
    options.add_argument("--count", type=int, help="use the first so many posts only")
    options.add_argument("--options", help=f"of {', '.join(o.name for o in OPTIONS)}; '' for none")
    options.add_argument("--url", help="a node that runs; else one is started and ended")
    options.add_argument("--json", type=Path, help="write every figure to this file")
    given = options.parse_args()
    names = [o.name for o in OPTIONS] if given.options is None else given.options.split(",")
    try:
        vectors = Vectors.load(given.vectors, given.count)
    except MissingVectorsError as error:
        print(f"skipped: {error}", file=sys.stderr)
        return 2
    run = Run(vectors)
    run.tell()
    run.faiss()
    with _node(given.url) as (client, pid):
        for option in OPTIONS:
            if option.name in names:
                run.option(client, option, pid)
                run.save(given.json)
        run.product(client, pid)
        run.save(given.json)
    print(costs(run.built, len(vectors.posts)) + "\n\n" + table(run.rows, BAR))
    print(f"\nThe product's choice, the quietest of {ROUNDS} rounds in turn with faiss\n")
    print(table(run.chosen, BAR))
    print("\n" + run.ratio())
    return int(not passes([row for row in run.chosen if row.engine == "es"], BAR))


class Run:
    """All figures of one run."""

    def __init__(self, vectors: Vectors) -> None:
        """Start with none."""
        self.vectors = vectors
        self.rows: list[Row] = []
        self.chosen: list[Row] = []
        self.built: dict[str, Built] = {}
        self.resident: dict[str, dict[str, int]] = {}
        self._flat = knn_faiss.Flat(vectors)
        self._graph = knn_faiss.Graph(vectors)

    def tell(self) -> None:
        """Say what is measured."""
        posts, queries = self.vectors.posts, self.vectors.queries
        print(f"{len(posts)} vectors of {posts.shape[1]} numbers, {len(queries)} queries")
        for one in self.vectors.filters:
            what = f"{one.field} = {one.value}" if one.field else "no filter"
            print(f"  {one.name}: {what}, {self.vectors.share(one):.2%} pass")
        print(flush=True)

    def faiss(self) -> None:
        """Measure faiss under every filter."""
        for engine in (self._flat, self._graph):
            self.built[f"faiss {engine.name}"] = engine.built
            for number in CANDIDATES if engine is self._graph else (None,):
                for chosen in self._filters():
                    row = knn_faiss.row(engine, self.vectors, 10, number, chosen)
                    self._keep(self.rows, row)

    def option(self, client: Client, option: Option, pid: int | None) -> None:
        """Measure one way to index under every filter, asked in every way."""
        with self._indexed(client, option, pid) as measured:
            for asked in option.asked:
                measured.walk(asked)
                for chosen in self._filters():
                    self._keep(self.rows, measured.row(asked, chosen))

    def product(self, client: Client, pid: int | None) -> None:
        """Measure the product's choice in turn with faiss; the quietest round counts."""
        option = Option("product", VECTOR_OPTIONS)
        with self._indexed(client, option, pid) as measured:
            for k in DEPTHS:
                for chosen in self._filters():
                    rounds = [self._turns(measured, k, chosen) for _ in range(ROUNDS)]
                    for rows in zip(*rounds, strict=True):
                        self._keep(self.chosen, quietest(rows))

    def _turns(self, measured: Measured, k: int, chosen: Filter) -> tuple[Row, Row, Row]:
        ours = measured.row(Asked(k, 0), chosen, as_product=True)
        flat = knn_faiss.row(self._flat, self.vectors, k, None, chosen)
        return ours, flat, knn_faiss.row(self._graph, self.vectors, k, ours.candidates, chosen)

    def ratio(self) -> str:
        """Return how our latency stands to that of faiss, from the same turns."""
        p50 = {
            (row.engine, row.index.split()[0], row.k, row.filter): row.speed.p50
            for row in self.chosen
        }
        lines = []
        for k in DEPTHS:
            for chosen in self._filters():
                ours = p50["es", "product", k, chosen.name]
                flat, graph = (p50["faiss", n, k, chosen.name] for n in ("flat", "hnsw"))
                lines.append(
                    f"k {k}, {chosen.name}: Elasticsearch : faiss flat = "
                    f"{ours / flat:.2f}, : faiss hnsw = {ours / graph:.2f}"
                )
        return "\n".join(lines)

    def save(self, file: Path | None) -> None:
        """Write everything so far to a file, if there is one."""
        if file is not None:
            file.write_text(json.dumps(self._figures(), indent=1) + "\n", "utf-8")

    def _figures(self) -> dict[str, object]:
        shares = {one.name: self.vectors.share(one) for one in self.vectors.filters}
        return {
            "vectors": len(self.vectors.posts),
            "queries": len(self.vectors.queries),
            "shares": shares,
            "built": {name: asdict(built) for name, built in self.built.items()},
            "resident": self.resident,
            "rows": [asdict(row) for row in self.rows],
            "product": {"options": dict(VECTOR_OPTIONS), "rows": [asdict(r) for r in self.chosen]},
        }

    def _filters(self) -> list[Filter]:
        return [one for one in self.vectors.filters if one.name in FILTERS]

    @contextmanager
    def _indexed(self, client: Client, option: Option, pid: int | None) -> Iterator[Measured]:
        load = os.getloadavg()[0]
        measured = Measured(client, "hirelens-bench-knn", option, self.vectors)
        try:
            self.built[f"es {option.name}"] = measured.built
            print(f"{option.name}: {measured.built}, load before {load:.1f}", file=sys.stderr)
            yield measured
            if pid is not None:
                self.resident[option.name] = resident(pid)
        finally:
            measured.close()

    def _keep(self, rows: list[Row], row: Row) -> None:
        rows.append(row)
        print(f"  load {os.getloadavg()[0]:.1f} {row}", file=sys.stderr, flush=True)


def quietest(rows: Sequence[Row]) -> Row:
    """Return the round with the least median; each percentile is that round's own."""
    return min(rows, key=lambda row: row.speed.p50)


def resident(pid: int) -> dict[str, int]:
    """Return the bytes of a process in memory: its own, and pages of files that it reads."""
    fields = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    found = {field[0].rstrip(":"): int(field[1]) * 1024 for field in fields if field[-1] == "kB"}
    return {name: found[name] for name in ("RssAnon", "RssFile")}


@contextmanager
def _node(url: str | None) -> Iterator[tuple[Client, int | None]]:
    if url is not None:
        with Client(url, request_timeout=300) as client:
            yield client, None
        return
    from services.elastic import Elasticsearch

    with Elasticsearch(heap="2g", fast=False) as node, Client(node.url, request_timeout=300) as c:
        yield c, node.pid


def _vectors(given: list[str]) -> int:
    options = argparse.ArgumentParser(prog="bench/knn.py vectors")
    options.add_argument("--posts", type=Path, nargs="+", required=True, help="JSON lines, .gz too")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--count", type=int, default=120_000)
    options.add_argument("--named", type=int, default=300, help="queries from the taxonomy")
    options.add_argument("--titles", type=int, default=200, help="queries from posts left out")
    made = options.parse_args(given)
    from bench.knn_vectors import make

    make(made.posts, made.out, made.count, made.named, made.titles)
    return 0


if __name__ == "__main__":
    sys.exit(main())
