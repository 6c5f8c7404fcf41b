"""docs/elasticsearch.md as a test reads it: its blocks, what it expects, and the posts it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from enrich.bundle import Calibration
from enrich.pipeline import Enricher, ModelOutput
from enrich.post import Post
from enrich.reality import Judged, Verdict
from enrich.taxonomy import Taxonomy
from search.document import build
from search.index import Document, document_version

PAGE = (Path(__file__).parents[2] / "docs" / "elasticsearch.md").read_text("utf-8")
SPACE = "docs"

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_FINDS = re.compile(r"^Finds ([^.;]*)", re.MULTILINE)
_NAMED_ONLY = {("rider-cs", "服务员"): "N:compare", ("cashier-bj", "服务员"): "N:exclude"}
_VECTORS = {
    "waiter-cs": (1.0, 0.0, 0.0),
    "waiter-bj": (0.98, 0.199, 0.0),
    "chef-cs": (0.9, 0.436, 0.0),
    "rider-cs": (0.8, 0.6, 0.0),
    "cashier-bj": (0.6, 0.8, 0.0),
    "guard-sh": (0.3, 0.954, 0.0),
    "accountant-sh": (0.0, 0.8, 0.6),
    "java-sh": (0.0, 0.1, 0.995),
    "cpp-bj": (0.0, 0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block, what follows it up to the next one, and the line where it stands."""

    language: str
    text: str
    after: str
    line: int


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the page and what it must find (ids) or answer (a part of the answer)."""

    method: str
    path: str
    body: Any
    finds: tuple[str, ...] | None
    answer: Any
    line: int


def blocks() -> list[Block]:
    fences = list(_FENCE.finditer(PAGE))
    ends = [*(fence.start() for fence in fences[1:]), len(PAGE)]
    return [
        Block(f[1], f[2], PAGE[f.end() : end], PAGE.count("\n", 0, f.start()) + 1)
        for f, end in zip(fences, ends, strict=True)
    ]


def of(language: str) -> list[Block]:
    return [block for block in blocks() if block.language == language]


def requests() -> list[Request]:
    """Every request that a node without security can answer; each must say what it gives."""
    found = blocks()
    return [
        _request(block, following)
        for block, following in zip(found, [*found[1:], None], strict=True)
        if block.language == "console" and "_security" not in block.text
    ]


def _request(block: Block, following: Block | None) -> Request:
    head, _, body = block.text.partition("\n")
    method, path = head.split(" ")
    told = _FINDS.search(block.after)
    finds = tuple(re.findall(r"`([^`]+)`", told[1])) if told else None
    answer = None
    if finds is None and following and following.language == "json" and not block.after.strip():
        answer = json.loads(following.text)
    if not finds and not answer:
        raise AssertionError(f"line {block.line}: nothing says what {head} finds or answers")
    return Request(method, path, json.loads(body) if body else None, finds, answer, block.line)


def tables() -> Iterator[list[list[str]]]:
    """Each table of the page as rows of cells, the head first."""
    for text in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines()]
        yield [[cell.strip() for cell in row] for row in rows if set("".join(row)) - set("-")]


def table(head: str) -> list[list[str]]:
    """The rows of the table whose first column has this head."""
    (found,) = [rows[1:] for rows in tables() if rows[0][0] == head]
    return found


def names(cell: str) -> list[str]:
    """The names in a cell; one that begins with a dot stands beside the last whole one."""
    found: list[str] = []
    for name in re.findall(r"`([^`]+)`", cell):
        found.append(found[-1].rpartition(".")[0] + name if name.startswith(".") else name)
    return found


def contains(answer: Any, part: Any) -> bool:
    """Whether an answer has all that is expected; lists are compared whole."""
    if isinstance(part, Mapping):
        return isinstance(answer, Mapping) and all(
            key in answer and contains(answer[key], value) for key, value in part.items()
        )
    if isinstance(part, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(part)
            and all(map(contains, answer, part))
        )
    return bool(answer == part)


class _ByHand(Enricher):
    """The rules without the model: verdicts and vectors are given."""

    def __init__(self) -> None:
        bundle: Any = SimpleNamespace(digest="page", calibration=Calibration(), names=None)
        towers: Any = SimpleNamespace(digest="page", text=lambda title, body, _: title + body)
        super().__init__(bundle, towers, Taxonomy.load())

    def _with_vectors(
        self, outputs: Sequence[ModelOutput], texts: Sequence[str]
    ) -> list[ModelOutput]:
        del texts
        return list(outputs)

    def outputs(self, posts: Sequence[Post]) -> Iterable[ModelOutput]:
        for post, reading in zip(posts, self._read(posts), strict=True):
            verdicts = tuple(
                _verdict(_NAMED_ONLY.get((post.id, match.form)))
                for match in (*reading.title.matches, *reading.body.matches)
            )
            yield ModelOutput(Judged(verdicts, truncated=False), "", _VECTORS.get(post.id, ()))


def _verdict(reason: str | None) -> Verdict:
    return Verdict(0.97, 0.02, 0.01, "N:other") if reason is None else Verdict(0, 0.9, 0.1, reason)


def documents() -> list[Document]:
    """The posts of the page as the real document builder makes them."""
    (shown,) = of("jsonl")
    posts = [Post.from_json(line) for line in shown.text.splitlines()]
    by_hand = _ByHand()
    read = by_hand.assemble(posts, list(by_hand.outputs(posts)))
    version = document_version(1, 1)
    return [build(p, e, version, by_hand.taxonomy) for p, e in zip(posts, read, strict=True)]
