"""Reading posts from files line by line: a bad line is refused by name, the others go on."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from enrich.post import Post

if TYPE_CHECKING:
    from worker.ingest import Line

STANDARD_INPUT = "-"
_TEXT_FIELDS = frozenset({"id", "title", "body", "(line)", "(file)"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was refused: where it stands, what is wrong with it and the remedy."""

    source: str
    line: int
    field: str
    problem: str
    remedy: str
    raw: bytes = b""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: field {self.field!r}: {self.problem}; {self.remedy}"

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form, without the line itself."""
        data = asdict(self)
        del data["raw"]
        return data


@dataclass(frozen=True, slots=True)
class Given:
    """A post as it was given: where its line stands and its bytes."""

    source: str
    line: int
    post: Post
    raw: bytes

    def refused(self, field: str, problem: str, remedy: str) -> Refusal:
        """Return the refusal of this line."""
        return Refusal(self.source, self.line, field, problem, remedy, self.raw)


def read_posts(name: str) -> Iterator[Given | Refusal]:
    """Yield the posts and refusals of a JSONL file (``-``: standard input), in order."""
    from worker.ingest import read_posts as read_lines

    source = "stdin" if name == STANDARD_INPUT else name
    at = 0
    try:
        with _opened(name) as file:
            for line in read_lines(file):
                at = line.number
                yield _item(source, line)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        problem = f"is no whole gzip file from here on ({error})"
        yield Refusal(source, at + 1, "(file)", problem, "copy it again, or drop .gz if it is none")
        return
    if not at:
        yield Refusal(source, 1, "(file)", "is empty", "write one JSON object a line")


def only_posts(name: str, refuse: Callable[[Refusal], None]) -> Iterator[Given]:
    """Yield the posts of a file; refusals go to ``refuse``."""
    for item in read_posts(name):
        if isinstance(item, Given):
            yield item
        else:
            refuse(item)


def only_texts(name: str, refuse: Callable[[Refusal], None]) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and body of the posts of a file; what else a line holds may be wrong."""
    for item in read_posts(name):
        if isinstance(item, Given):
            yield item.post.id, item.post.title, item.post.body
        elif texts := _texts(item):
            yield texts
        else:
            refuse(item)


def read_queries(name: str) -> Iterator[str]:
    """Yield the queries of a file, or of standard input for ``-``."""
    text = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    for line in text.decode("utf-8-sig").split("\n"):
        if line.strip():
            yield line.strip()


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    opener = gzip.open if name.endswith(".gz") else open
    with cast("BinaryIO", opener(Path(name), "rb")) as file:
        yield file


def _item(source: str, line: Line) -> Given | Refusal:
    if line.post is not None:
        return Given(source, line.number, line.post, line.raw)
    error = line.error
    if error is None:
        raise ValueError(f"line {line.number} is neither a post nor refused")
    return Refusal(source, line.number, error.field, error.problem, error.remedy, line.raw)


def _texts(refusal: Refusal) -> tuple[str, str, str] | None:
    if refusal.field.partition(".")[0] in _TEXT_FIELDS:
        return None
    data = json.loads(refusal.raw.decode("utf-8-sig"))
    texts = data.get("id"), data.get("title", ""), data.get("body", "")
    return texts if all(isinstance(text, str) for text in texts) else None
