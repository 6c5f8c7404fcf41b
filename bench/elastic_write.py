"""Documents a second that the writer brings into Elasticsearch: vectors as base64 against numbers.

bench/elastic_write.py [--count N] [--batch N] [--rounds N] [--length N] [--url URL] [--json]

Both sides take turns, each into a new index; the best round of each counts. The seconds are those
of the clock; the processor's time, of the writer and of the node, is told too, since it says more
on a busy machine. Exits 1 when base64 does not take less of the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:] = [str(ROOT), str(ROOT / "tests"), *(p for p in sys.path if p != str(ROOT / "bench"))]

from elasticsearch import Elasticsearch  # noqa: E402

from search.elastic import codec  # noqa: E402
from search.elastic.client import connect  # noqa: E402
from search.elastic.config import ElasticConfig  # noqa: E402
from search.elastic.generations import Generations, Plan  # noqa: E402
from search.elastic.roles import RoleWatch  # noqa: E402
from search.elastic.writer import Writer  # noqa: E402
from search.index import Document, FilterSection, MatchSection, Outcome  # noqa: E402

SPACE = "bench"
CHARACTERS = 300


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--count", type=int, default=10_000, help="documents of a round")
    options.add_argument("--batch", type=int, default=500, help="documents of one call")
    options.add_argument("--rounds", type=int, default=2, help="of each side")
    options.add_argument("--length", type=int, default=384, help="numbers of a vector")
    options.add_argument("--url", help="a node that runs; else one is started and ended")
    options.add_argument("--json", action="store_true", help="for programs")
    given = options.parse_args()
    documents = list(made(given.count, given.length))
    rounds: dict[str, list[Round]] = {"base64": [], "numbers": []}
    with node(given.url) as url:
        for turn in range(given.rounds):
            for side, done in rounds.items():
                load = os.getloadavg()[0]
                form = codec.pack if side == "base64" else list
                with patch.object(codec, "pack", form):
                    found = measure(url, documents, given.batch)
                print(f"{side} {turn + 1}: {found.told()}, load {load:.1f}", file=sys.stderr)
                done.append(found)
    best = {
        side: Round(*(min(column) for column in zip(*map(astuple, done), strict=True)))
        for side, done in rounds.items()
    }
    packed, numbers = best["base64"], best["numbers"]
    ratio = numbers.seconds / packed.seconds
    cpu_ratio = (numbers.client_s + numbers.server_s) / (packed.client_s + packed.server_s)
    if given.json:
        sides = {side: [asdict(one) for one in done] for side, done in rounds.items()}
        told = {"count": given.count, "seconds_a_document": sides, "ratio": ratio}
        print(json.dumps({**told, "processor_ratio": cpu_ratio}))
    else:
        print(f"{given.count:,} documents with {given.length} numbers")
        for side, one in best.items():
            print(f"{side}: {one.told()}")
        print(f"base64 is {ratio:.2f} times as fast and takes 1/{cpu_ratio:.2f} of the processor")
    return int(cpu_ratio <= 1)


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds a document: by the clock, and of the processor for the writer and for the node."""

    seconds: float
    client_s: float
    server_s: float

    def told(self) -> str:
        """Say it."""
        cpu = f"{self.client_s * 1e3:.2f} + {self.server_s * 1e3:.2f}"
        return f"{1 / self.seconds:,.0f} documents/s, processor {cpu} ms a document"


def made(count: int, length: int) -> Iterator[Document]:
    """Yield documents with streams as long as those of a job site's posts."""
    chance = random.Random(7)
    characters = [chr(0x4E00 + n) for n in range(2500)]
    for number in range(count):
        text = chance.choices(characters, k=CHARACTERS)
        chars = " ".join(text)
        words = " ".join("".join(text[n : n + 2]) for n in range(0, CHARACTERS, 2))
        vector = tuple(chance.gauss(0, 1) for _ in range(length))
        match = MatchSection(
            *(words, chars, words[:200], chars[:200], chars, chars[:40]),
            ("p1", "p2"),
            {"benefit": ("包住", "五险")},
            vector,
        )
        section = FilterSection(city="北京", salary_min=3000.0 + number % 50)
        display = {"title": "".join(text[:15]), "body": "".join(text)}
        yield Document(f"{number}", 1, "open", "r", "d", match, section, display, {"n": number})


def measure(url: str, documents: list[Document], batch: int) -> Round:
    """Return what one writer takes that writes into a new index, which is removed."""
    config = ElasticConfig((url,), "bench-write", replicas=0, timeout_s=60)
    client = connect(config)
    generations = Generations(client, config)
    vector = documents[0].match.vector if documents[0].match else ()
    name = generations.create(Plan(SPACE, None, 1, 0, len(vector))).name
    try:
        writer = Writer(client, config, RoleWatch(client, config))
        writer.write(documents[:1], SPACE)
        began, client_s, server_s = time.perf_counter(), time.process_time(), cpu_of(client)
        for start in range(1, len(documents), batch):
            found = writer.write(documents[start : start + batch], SPACE)
            if any(one.outcome is not Outcome.OK for one in found):
                raise SystemExit(f"not written: {found[0]}")
        spent = (
            *(time.perf_counter() - began, time.process_time() - client_s),
            cpu_of(client) - server_s,
        )
        return Round(*(seconds / (len(documents) - 1) for seconds in spent))
    finally:
        client.indices.delete(index=name)
        client.close()


def cpu_of(client: Elasticsearch) -> float:
    """Return the processor's seconds that the node has used so far."""
    (found,) = client.nodes.stats(metric="process")["nodes"].values()
    return float(found["process"]["cpu"]["total_in_millis"]) / 1000


@contextmanager
def node(url: str | None) -> Iterator[str]:
    """Give a node that uses vector instructions."""
    if url is not None:
        yield url
        return
    from services.elastic import Elasticsearch as Node

    with Node(heap="1g", fast=False) as started:
        yield started.url


if __name__ == "__main__":
    sys.exit(main())
