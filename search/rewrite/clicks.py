"""Queries whose searchers clicked the same posts: the table, its rule and its file.

The file is UTF-8 text, gzipped where its name ends in ``.gz``. Its first line names the format,
its second the columns; every further line is a pair of queries, once, in either order::

    # hirelens co-clicks 1
    query<TAB>other<TAB>shared<TAB>query_posts<TAB>other_posts

``shared`` is the number of different posts that were clicked after both queries, the other two are
those clicked after each. What people click tells what they accept, not what words mean: the seed of
this project saw it take 日语老师 for 英语老师. So clicks are one voice among others.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from search.site.model import spelling

FORMAT = "# hirelens co-clicks 1"
COLUMNS = ("query", "other", "shared", "query_posts", "other_posts")
MAX_QUERIES_OF_A_POST = 200
"""A post that is clicked after more queries says nothing of any two of them."""


class ClickTableError(ValueError):
    """A table of co-clicks is malformed; names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From when on shared clicks count.

    ``overlap``: the least cosine of the two sets of posts, ``shared / sqrt(posts * posts)``;
    ``shared``: the fewest posts in common; ``posts``: the fewest posts of each query.
    """

    overlap: float = 0.2
    shared: int = 3
    posts: int = 5


@dataclass(frozen=True, slots=True)
class CoClick:
    """A pair of queries with the posts clicked after both and after each."""

    query: str
    other: str
    shared: int
    query_posts: int
    other_posts: int

    @property
    def overlap(self) -> float:
        """The cosine of the two sets of posts, in 0..1."""
        return self.shared / math.sqrt(self.query_posts * self.other_posts)

    def passes(self, rule: Rule) -> bool:
        """Tell whether the pair counts."""
        enough = (
            self.shared >= rule.shared and min(self.query_posts, self.other_posts) >= rule.posts
        )
        return enough and self.overlap >= rule.overlap


def co_clicks(clicks: Iterable[tuple[str, str]]) -> tuple[CoClick, ...]:
    """Return the pairs of queries that share clicked posts, sorted.

    Args:
        clicks: pairs of a query and the id of a post that was clicked after it; repeated clicks
            count once. Queries are compared in the spelling of ``search.site.model.spelling``.
    """
    posts: defaultdict[str, set[str]] = defaultdict(set)
    queries: defaultdict[str, set[str]] = defaultdict(set)
    for query, post in clicks:
        word = spelling(query)
        posts[word].add(post)
        queries[post].add(word)
    shared: defaultdict[tuple[str, str], int] = defaultdict(int)
    for words in queries.values():
        if len(words) <= MAX_QUERIES_OF_A_POST:
            for pair in combinations(sorted(words), 2):
                shared[pair] += 1
    return tuple(
        CoClick(one, other, count, len(posts[one]), len(posts[other]))
        for (one, other), count in sorted(shared.items())
    )


class ClickTable:
    """Looks up overlaps; a pair that the rule does not pass has none."""

    def __init__(self, pairs: Iterable[CoClick] = (), rule: Rule | None = None) -> None:
        """Keep the pairs that pass the rule."""
        rule = rule or Rule()
        found: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for pair in pairs:
            if pair.passes(rule):
                found[pair.query][pair.other] = found[pair.other][pair.query] = pair.overlap
        self._near: Mapping[str, Mapping[str, float]] = dict(found)

    def __bool__(self) -> bool:
        """Tell whether there is any pair."""
        return bool(self._near)

    def overlap(self, query: str, candidate: str) -> float | None:
        """Return the overlap of two spelled words in 0..1; None where there is too little."""
        return self._near.get(query, {}).get(candidate)

    def near(self, query: str) -> tuple[tuple[str, float], ...]:
        """Return the queries that share clicks with a spelled word, the closest first."""
        found = self._near.get(query, {})
        return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def write(path: Path, pairs: Iterable[CoClick]) -> None:
    """Write a table; equal pairs give equal bytes."""
    lines = [FORMAT, "\t".join(COLUMNS)]
    lines.extend(
        f"{one.query}\t{one.other}\t{one.shared}\t{one.query_posts}\t{one.other_posts}"
        for one in pairs
    )
    raw = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(raw, mtime=0) if path.suffix == ".gz" else raw)


def load(path: Path, rule: Rule | None = None) -> ClickTable:
    """Read a table.

    Raises:
        ClickTableError: the file is damaged or of another format, or a line is malformed.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ClickTableError(f"{path}: cannot be read ({error}); write it again") from None
    return ClickTable(_pairs(text.split("\n"), str(path)), rule)


def _pairs(lines: list[str], source: str) -> Iterator[CoClick]:
    head = ("\t".join(COLUMNS), "its columns")
    for number, (wanted, what) in enumerate(((FORMAT, "its format"), head), start=1):
        if len(lines) < number or lines[number - 1].rstrip("\r") != wanted:
            raise ClickTableError(f"{source}:{number}: does not name {what}; write {wanted!r}")
    seen: set[frozenset[str]] = set()
    for number, line in enumerate(lines[2:], start=3):
        if not line.strip():
            continue
        try:
            pair = _pair(line.rstrip("\r").split("\t"))
            names = frozenset({pair.query, pair.other})
            if names in seen:
                raise ValueError("the pair stands twice; keep one line")
        except ValueError as error:
            raise ClickTableError(f"{source}:{number}: {error}") from None
        seen.add(names)
        yield pair


def _pair(cells: list[str]) -> CoClick:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"has {len(cells)} columns; write {len(COLUMNS)}, one tab between two")
    query, other = map(spelling, cells[:2])
    if not query or not other or query == other:
        raise ValueError("names no two queries; write two that differ")
    counts: list[int] = []
    for name, cell in zip(COLUMNS[2:], cells[2:], strict=True):
        if not cell.isascii() or not cell.isdigit() or not int(cell):
            raise ValueError(f"field {name!r}: {cell!r} is no number above 0; write one")
        counts.append(int(cell))
    shared, *posts = counts
    if shared > min(posts):
        raise ValueError(f"field 'shared': {shared} is more than a query's posts; correct it")
    return CoClick(query, other, shared, *posts)
