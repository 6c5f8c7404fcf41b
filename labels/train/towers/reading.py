"""Written and graded posts as the product reads them, each once: reading is kept in a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from enrich.post import Enrichment, Post, digest
from enrich.text import normalize
from labels.train.towers.posts import ReadPost
from labels.train.watch import Watch

_BATCH = 32


class Reader(Protocol):
    """What reads posts: the product's enricher."""

    def enrich(self, posts: Sequence[Post]) -> list[Enrichment]:
        """Return an enrichment for each post."""
        ...


class ReadFileError(ValueError):
    """A file of read posts is malformed; names file, line and remedy."""


def key_of(title: str, body: str) -> str:
    """Return the id under which a text is kept."""
    return digest([title, body])


def read_post(post: Post, enrichment: Enrichment) -> ReadPost:
    """Return a post with what the model says of it."""
    return ReadPost(
        post.id,
        enrichment.clean_title,
        enrichment.clean_body,
        normalize(post.title).text,
        normalize(post.body).text,
        tuple(position.id for position in enrichment.positions),
        post.company or "",
    )


def read_texts(
    texts: Iterable[tuple[str, str]], reader: Reader, kept: Path | None, watch: Watch
) -> dict[str, ReadPost]:
    """Return every (title, body) as the model reads it, by ``key_of``.

    ``kept``: JSONL file of what was read before; what is missing there is added, batch by batch.

    Raises:
        ReadFileError: the file holds something else.
    """
    found: dict[str, ReadPost] = {}
    if kept and kept.is_file():
        _drop_cut_line(kept)
        found = {post.id: post for post in load_read(kept)}
    todo = {key_of(*text): text for text in texts}
    missing = [(key, *todo[key]) for key in todo if key not in found]
    with watch.progress("reading posts", len(missing)) as advance:
        for part in _parts(missing):
            posts = [Post(id=key, title=title, body=body) for key, title, body in part]
            read = [
                read_post(post, enrichment)
                for post, enrichment in zip(posts, reader.enrich(posts), strict=True)
            ]
            found.update((post.id, post) for post in read)
            if kept:
                append_read(kept, read)
            advance(len(part))
    return {key: found[key] for key in todo}


def append_read(path: Path, posts: Iterable[ReadPost]) -> None:
    """Add read posts to a JSONL file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(post), ensure_ascii=False) + "\n" for post in posts)


def load_read(path: Path) -> Iterator[ReadPost]:
    """Yield the posts of a JSONL file of read posts.

    Raises:
        ReadFileError: a line is none.
    """
    if not path.is_file():
        raise ReadFileError(f"{path} does not exist; name a JSONL file of read posts")
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            try:
                raw: Mapping[str, object] = json.loads(line)
                yield ReadPost(**{**raw, "hired": tuple(raw["hired"])})  # type: ignore[arg-type]
            except (KeyError, TypeError, ValueError) as error:
                raise ReadFileError(
                    f"{path}:{number}: no read post ({error!r}); remove the file to read anew"
                ) from None


def _drop_cut_line(path: Path) -> None:
    """Remove what stands behind the last line break: a run that was killed wrote half a line."""
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    if end < len(data):
        os.truncate(path, end)


def _parts(rows: Sequence[tuple[str, str, str]]) -> Iterator[Sequence[tuple[str, str, str]]]:
    for at in range(0, len(rows), _BATCH):
        yield rows[at : at + _BATCH]
