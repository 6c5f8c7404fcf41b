"""Reading posts from a stream of bytes, one JSON object a line; a bad line never stops the rest."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from enrich.post import Post, PostError, content_hash

MAX_LINE = 1_000_000
_SKIP = 65_536
_BLANK = b" \t\r\n\x0b\x0c"


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

    Two posts of one id without revisions that differ contradict each other: the later is refused.
    """
    seen: dict[str, tuple[int, str]] = {}
    for number, (raw, whole) in enumerate(_lines(stream), start=1):
        content = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if not content.strip(_BLANK):
            continue
        try:
            post = _post(content, whole=whole)
            _refuse_contradiction(post, number, seen)
        except PostError as error:
            yield Line(number, raw, error=error)
        else:
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
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 (byte 0x{raw[error.start]:02x} at place {error.start + 1})"
        raise PostError("(line)", problem, _remedy(raw)) from None
    if "\x00" in text:
        place = raw.index(b"\x00") + 1
        raise PostError("(line)", f"is not UTF-8 text (NUL at place {place})", _remedy(raw))
    return text


def _remedy(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "convert the file: iconv -f UTF-16 -t UTF-8"
    if b"\x00" in raw:
        return "this looks like binary data or UTF-16; name a UTF-8 file of JSON lines"
    return "convert the file, for example: iconv -f GB18030 -t UTF-8"


def _refuse_contradiction(post: Post, number: int, seen: dict[str, tuple[int, str]]) -> None:
    """Without revisions nothing says which of two texts under one id is the newer."""
    if post.revision is not None:
        return
    fingerprint = content_hash(post)
    line, kept = seen.setdefault(post.id, (number, fingerprint))
    if kept != fingerprint:
        raise PostError(
            "id",
            f"{post.id!r} stands in line {line} too, with other content",
            "give each post its own id, or give revisions that say which is newer",
        )
