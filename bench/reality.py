"""Pass 1 beside the pairwise form: processor time a post over the same posts, in one run.

bench/reality.py [POSTS] [--limit N] [--base-limit N] [--rounds N] [--bundle DIR] [--json]

POSTS are JSON lines (.gz too), of which N are taken at equal distances; without it they are the
demo's, which are short and name few positions. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
# A script's own folder comes first otherwise, and `bench` would not be found as a package.
sys.path[:] = [str(ROOT), *(p for p in sys.path if p != str(ROOT / "bench"))]
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch  # noqa: E402

from bench.reality_forms import Forms, Pair, sentences, words  # noqa: E402
from bench.worker_figures import Figure, alternate, json_lines, status, table  # noqa: E402
from bench.worker_stage import demo_posts  # noqa: E402
from enrich.bundle import SHIPPED, load_bundle  # noqa: E402
from enrich.lexicon import Lexicon  # noqa: E402
from enrich.post import Post  # noqa: E402
from enrich.reading import read  # noqa: E402
from enrich.taxonomy import Taxonomy  # noqa: E402

Item = TypeVar("Item")
SAME_BAR, BASE_BAR = 4.0, 30.0
BATCH = 32
"""Posts that every form is given at a time, as the worker does."""


@dataclass(frozen=True)
class Spent:
    """Processor seconds of the quietest round of each form; ``base`` of its own posts only."""

    ours: float
    same: float
    base: float
    sentence: float


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("posts", type=Path, nargs="?", help="JSON lines, .gz too")
    options.add_argument("--limit", type=int, default=60, help="posts that are measured")
    options.add_argument("--base-limit", type=int, default=10, help="of them for the base size")
    options.add_argument("--rounds", type=int, default=3, help="turns; the quietest counts")
    options.add_argument("--sentences", type=int, default=1, help="batch of the pipeline")
    options.add_argument("--bundle", type=Path, default=SHIPPED)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    torch.set_num_threads(1)
    forms = Forms.of(load_bundle(given.bundle), given.bundle, batch=given.sentences)
    lexicon = Lexicon(Taxonomy.load())
    found = [(read(p.title, lexicon), read(p.body, lexicon)) for p in _posts(given)]
    few = spread(found, given.base_limit)
    print(f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    spent = measure(forms, found, few, given.rounds)
    result = figures(spent, found, few)
    print(json_lines(result) if given.json else table(result))
    return status(result)


def measure(forms: Forms, posts: Sequence[Pair], few: Sequence[Pair], rounds: int) -> Spent:
    """Let the forms take turns, after a first turn over two posts that is not counted.

    The base-size form has one turn only: it is slow, and its posts are few.
    """
    every = (forms.one_pass, forms.pairwise, forms.by_sentence, forms.pairwise_base)
    for form in every:
        form(posts[:2])
    ours, same, sentence = (
        min(turns) for turns in alternate(rounds, *(_turn(form, posts) for form in every[:3]))
    )
    return Spent(ours, same, _turn(forms.pairwise_base, few)(), sentence)


def figures(spent: Spent, posts: Sequence[Pair], few: Sequence[Pair]) -> list[Figure]:
    """Return seconds a post and how often each form holds ours; base-size scaled by the pairs."""
    pairs = sum(len(words(post)) for post in posts)
    base = spent.base * pairs / max(1, sum(len(words(post)) for post in few))
    count = len(posts)
    return [
        Figure("a", "posts", count, "posts"),
        Figure("a", "(word, post) pairs a post", pairs / count, "pairs"),
        Figure("a", "sentences a post", len(sentences(posts)) / count, "sentences"),
        Figure("b", "one pass (this product)", spent.ours / count, "s/post"),
        Figure("b", "pairwise, same encoder", spent.same / count, "s/post"),
        Figure("b", "pairwise, 12 layers x 768", base / count, "s/post"),
        Figure("b", "sentences, token classification", spent.sentence / count, "s/post"),
        Figure("c", "pairwise, same encoder : ours", spent.same / spent.ours, "times", SAME_BAR),
        Figure("c", "pairwise, 12 layers x 768 : ours", base / spent.ours, "times", BASE_BAR),
        Figure("c", "sentences : ours", spent.sentence / spent.ours, "times"),
    ]


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return ``count`` items at equal distances, or all."""
    if count >= len(items):
        return list(items)
    return [items[at * len(items) // count] for at in range(count)]


def _turn(form: Callable[[Sequence[Pair]], int], posts: Sequence[Pair]) -> Callable[[], float]:
    def turn() -> float:
        start = time.process_time()
        for at in range(0, len(posts), BATCH):
            form(posts[at : at + BATCH])
        return time.process_time() - start

    return turn


def _posts(given: argparse.Namespace) -> list[Post]:
    if given.posts is None:
        return demo_posts(given.limit, "r")
    return spread(list(_read(given.posts)), given.limit)


def _read(path: Path) -> Iterator[Post]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in itertools.filterfalse(str.isspace, lines):
            row = json.loads(line)
            # What else a file of posts holds is read by no form, and may be of another shape.
            yield Post.from_mapping({"id": row["id"], "title": row["title"], "body": row["body"]})


if __name__ == "__main__":
    sys.exit(main())
