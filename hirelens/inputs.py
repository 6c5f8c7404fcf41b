"""Reading posts from files line by line: a bad line is refused by name, the others go on."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from enrich.post import Post, PostError, content_hash

MAX_LINE = 4 * 1024 * 1024
STANDARD_INPUT = "-"


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
    """Yield the posts and refusals of a JSONL file (``-``: standard input), in order.

    Two posts of one id without revisions in one file contradict each other: the later is refused.
    """
    source = "stdin" if name == STANDARD_INPUT else name
    seen: dict[str, tuple[int, str]] = {}
    count = 0
    with _opened(name) as file:
        for number, raw, whole in _lines(file):
            if whole and not raw.strip():
                continue
            count += 1
            item = _parsed(source, number, raw, whole)
            yield _duplicate(item, seen) if isinstance(item, Given) else item
    if not count:
        yield Refusal(source, 1, "(file)", "is empty", "write one JSON object a line")


def only_posts(name: str, refuse: Callable[[Refusal], None]) -> Iterator[Given]:
    """Yield the posts of a file; refusals go to ``refuse``."""
    for item in read_posts(name):
        if isinstance(item, Given):
            yield item
        else:
            refuse(item)


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    opener = gzip.open if name.endswith(".gz") else open
    with cast("BinaryIO", opener(Path(name), "rb")) as file:
        yield file


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (number, line without its end, whether it is whole); an endless line is cut."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        whole = line.endswith(b"\n") or len(line) < MAX_LINE
        tail = line
        while not whole and tail and not tail.endswith(b"\n"):
            tail = file.readline(MAX_LINE)
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        yield number, line.rstrip(b"\r\n"), whole


def _parsed(source: str, number: int, raw: bytes, whole: bool) -> Given | Refusal:
    if not whole:
        problem = f"is longer than {MAX_LINE} bytes"
        return Refusal(source, number, "(line)", problem, "write one post a line", raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refusal(source, number, "(line)", *_encoding(raw, error), raw)
    try:
        return Given(source, number, Post.from_json(text), raw)
    except PostError as error:
        return Refusal(source, number, error.field, error.problem, error.remedy, raw)


def _encoding(raw: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    problem = f"is not UTF-8 (byte 0x{raw[error.start]:02x} at place {error.start + 1})"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return problem, "convert the file: iconv -f UTF-16 -t UTF-8"
    if b"\x00" in raw:
        return problem, "this looks like binary data; name a file of JSON lines"
    return problem, "convert the file, for example: iconv -f GB18030 -t UTF-8"


def _duplicate(given: Given, seen: dict[str, tuple[int, str]]) -> Given | Refusal:
    post = given.post
    if post.revision is not None:
        return given
    fingerprint = content_hash(post)
    line, kept = seen.setdefault(post.id, (given.line, fingerprint))
    if kept == fingerprint:
        return given
    return given.refused(
        "id",
        f"{post.id!r} stands in line {line} too, with other content",
        "give each post its own id, or give revisions that say which is newer",
    )
