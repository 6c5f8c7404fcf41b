"""What understanding adds to a search: processor time a query over the posts of a home.

    hirelens put FILE && python bench/understanding.py --home hirelens-home

The query tower is left out: a stored vector stands for every query's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from enrich.taxonomy import Taxonomy
from search.channels import Channel
from search.embedded import EmbeddedIndex
from search.index import Document
from search.intent.reader import reader_of
from search.interpreter import Interpreter, Knowledge
from search.query import QueryParser
from search.rewrite.kept import Kept
from search.rewrite.rewriter import PositionRewriter
from search.service import Searcher

QUERIES = (
    *("服务员", "会计 双休", "武汉服务员4000以上包住", "北京朝阳区保洁45岁女", "日结 兼职"),
    *("普工 长白班 五险一金", "司机 C1 广州", "快递员 不要夜班", "保安 包吃住 月休四天"),
    *("java开发工程师 本科 3年", "深圳 电子厂 普工", "招聘服务员 江浙沪", "厨师 火锅店 6000"),
    *("会计专业", "销售 底薪5000 提成", "前台 女 大专", "仓管员 周结 东莞", "收银员"),
    *("搬运工 200一天", "幼儿园老师 3年经验"),
)
CHANNELS: tuple[Channel, ...] = ("text", "intent", "all")


def times(ask: Callable[[str], object], rounds: int) -> list[float]:
    """Return the processor time of each query in ms, sorted; a first round is not counted."""
    for query in QUERIES:
        ask(query)
    found = []
    for _ in range(rounds):
        for query in QUERIES:
            start = time.process_time()
            ask(query)
            found.append((time.process_time() - start) * 1000)
    return sorted(found)


def tell(name: str, found: list[float]) -> None:
    """Print the middle and the 99th hundredth."""
    middle, last = found[len(found) // 2], found[int(len(found) * 0.99)]
    print(f"{name:<28} p50 {middle:6.2f} ms  p99 {last:6.2f} ms", flush=True)


def main() -> None:
    """Measure reading alone, then each channel without and with it."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--home", type=Path, required=True)
    given.add_argument("--rounds", type=int, default=10)
    options = given.parse_args()
    index = EmbeddedIndex(options.home / "index.db", "")
    space = index.vector_space
    index = EmbeddedIndex(options.home / "index.db", space)
    taxonomy = Taxonomy.load()
    reader = reader_of(taxonomy)
    reader.warm()
    parser, rewriter = QueryParser(taxonomy), PositionRewriter(taxonomy)
    known = Knowledge(reader, Kept(rewriter))
    vector = _any_vector(index)
    searcher = Searcher(index, taxonomy, lambda _: vector, space, knowledge=lambda: known)
    rounds = options.rounds
    tell("words alone", times(lambda q: parser.parse(q, rewrite=False), rounds))
    tell("understanding", times(Interpreter(parser, Knowledge(reader)).read, rounds))
    tell(
        "with rewrites, first time", times(Interpreter(parser, Knowledge(reader, rewriter)).read, 2)
    )
    tell("with rewrites, kept", times(Interpreter(parser, known).read, rounds))
    for channel in CHANNELS:
        for rewrite in (False, True):
            name = f"{channel}, {'understood' if rewrite else 'words alone'}"
            ask = _asking(searcher, channel, rewrite=rewrite)
            tell(name, times(ask, rounds))


def _asking(searcher: Searcher, channel: Channel, *, rewrite: bool) -> Callable[[str], object]:
    return lambda query: searcher.search(query, channel, rewrite=rewrite)


def _any_vector(index: EmbeddedIndex) -> tuple[float, ...]:
    ids = [stamp.id for stamp in index.scan(limit=10) if stamp.state == "open"]
    found: list[Document] = list(index.get(ids[:1]).values())
    match = found[0].match if found else None
    if match is None:
        raise SystemExit("the home holds no open post; put some: hirelens put FILE")
    return tuple(np.asarray(match.vector, dtype=float).tolist())


if __name__ == "__main__":
    main()
