"""Queries with posts that were written and graded by hand: this project's own training text.

A block for each query, blocks parted by an empty line, fields by tabs::

    ?	寒假工
    2	学生短期普工	放假来干一个月就行
    0	寒假班招英语老师	全职,要教师证
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SHIPPED = tuple(sorted((Path(__file__).parent / "data").glob("*.tsv")))


class WrittenError(ValueError):
    """A file of blocks is malformed; names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class WrittenPost:
    """A short post with its grade: 2 right, 1 acceptable, 0 wrong."""

    grade: int
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Block:
    """A query and the posts that were written for it; ``author``: the name of its file."""

    author: str
    query: str
    posts: tuple[WrittenPost, ...]

    def of(self, grade: int) -> tuple[WrittenPost, ...]:
        """Return the posts of a grade."""
        return tuple(post for post in self.posts if post.grade == grade)


def read_written(paths: Sequence[Path]) -> list[Block]:
    """Read files of blocks.

    Raises:
        WrittenError: a file is missing, a line is neither query nor post, or a block lacks right
            or wrong posts.
    """
    return [block for path in paths for block in _blocks(path)]


def _blocks(path: Path) -> list[Block]:
    if not path.is_file():
        raise WrittenError(f"{path} does not exist; name a file of written queries and posts")
    found: list[Block] = []
    query: str | None = None
    posts: list[WrittenPost] = []
    first = 0

    def close() -> None:
        if query is not None:
            grades = {post.grade for post in posts}
            if not {0, 2} <= grades:
                raise WrittenError(
                    f"{path}:{first}: query {query!r} needs at least one right (2) and one wrong "
                    "(0) post"
                )
            found.append(Block(path.stem, query, tuple(posts)))

    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        parts = line.split("\t")
        if not line.strip():
            close()
            query, posts = None, []
        elif parts[0] == "?" and len(parts) == 2 and query is None:
            query, first = parts[1].strip(), number
        elif parts[0] in ("0", "1", "2") and len(parts) == 3 and query is not None:
            posts.append(WrittenPost(int(parts[0]), parts[1], parts[2]))
        else:
            raise WrittenError(
                f"{path}:{number}: neither '?<tab>query' nor '<grade 0, 1 or 2><tab>title<tab>body'"
                " below a query; blocks are parted by an empty line"
            )
    close()
    return found
