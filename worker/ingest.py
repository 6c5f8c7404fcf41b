"""Reading posts from a stream of bytes, one JSON object a line; a bad line never stops the rest."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from enrich.post import Post, PostError

MAX_LINE = 1_000_000
_SKIP = 65_536
_BLANK = b" \t\r\n\x0b\x0c"
_SAVE_AS = "save the file as UTF-8"
_WIDE = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its number from 1, its bytes, and the post or why there is none.

    ``raw`` has no line end, so that a rejects file holds one refused line a line; of a line that
    is too long it is the first ``MAX_LINE`` bytes.
    """

    number: int
    raw: bytes
    post: Post | None = None
    error: PostError | None = None

    @property
    def message(self) -> str:
        """The refusal with its place, for people."""
        return "" if self.error is None else f"line {self.number}: {self.error}"


def read_posts(stream: BinaryIO) -> Iterator[Line]:
    """Yield every line of a JSONL stream as a post or as a refusal.

    An id that comes twice is refused the second time, unless it brings a higher revision.
    """
    seen: dict[str, tuple[int, int | None]] = {}
    for number, (raw, whole) in enumerate(_lines(stream), start=1):
        content = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if not content.strip(_BLANK):
            continue
        try:
            post = _post(content, whole=whole)
            _refuse_repeated(post, seen)
        except PostError as error:
            yield Line(number, raw, error=error)
        else:
            seen[post.id] = (number, post.revision)
            yield Line(number, raw, post=post)


def _lines(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield each line without its end, and whether it is whole; memory stays bounded."""
    while raw := stream.readline(MAX_LINE + 1):
        whole = raw.endswith(b"\n") or len(raw) <= MAX_LINE
        if not whole:
            rest = raw
            while rest and not rest.endswith(b"\n"):
                rest = stream.readline(_SKIP)
            raw = raw[:MAX_LINE]
        yield raw.removesuffix(b"\n").removesuffix(b"\r"), whole


def _post(raw: bytes, *, whole: bool) -> Post:
    if not whole:
        raise PostError(
            "(line)", f"is longer than {MAX_LINE} bytes", "shorten it, or write one post a line"
        )
    return Post.from_json(_decode(raw))


def _decode(raw: bytes) -> str:
    for mark, name in _WIDE.items():
        if raw.startswith(mark):
            raise PostError("(line)", f"is {name}, not UTF-8", _SAVE_AS)
    if b"\x00" in raw:
        place = raw.index(b"\x00") + 1
        raise PostError(
            "(line)", f"byte {place} is NUL: the line is binary or UTF-16", f"{_SAVE_AS}, as text"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} (0x{raw[error.start]:02x}) is not UTF-8"
        guess = _guess(raw)
        raise PostError(
            "(line)", problem + (f"; it looks like {guess}" if guess else ""), _SAVE_AS
        ) from None


def _guess(raw: bytes) -> str | None:
    """Name the encoding of a JSON line in the usual other one of Chinese text."""
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GB 18030 (GBK)" if text.lstrip().startswith("{") else None


def _refuse_repeated(post: Post, seen: dict[str, tuple[int, int | None]]) -> None:
    if post.id not in seen:
        return
    line, revision = seen[post.id]
    if post.revision is not None and revision is not None and post.revision > revision:
        return
    raise PostError(
        "id",
        f"{post.id!r} was given on line {line} already",
        "drop one of the two lines, or give the later one a higher revision",
    )
