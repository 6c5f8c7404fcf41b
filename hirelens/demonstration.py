"""The demonstration: the same posts and queries through plain text search and through hirelens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hirelens.demo.data import QUERIES, load_truth
from hirelens.evidence import why_not
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from search.service import Answer

POSTS = Path(__file__).parent / "demo" / "posts.jsonl"
EVERY = 100_000


@dataclass(frozen=True, slots=True)
class Shown:
    """One hit: whether its author says that the post hires for the query, and hirelens' reason."""

    id: str
    title: str
    right: bool
    label: str = ""
    reason: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was returned and what was right among it."""

    returned: int
    right: int
    relevant: int

    @property
    def precision(self) -> float:
        """The share of the returned posts that are right."""
        return self.right / self.returned if self.returned else 0.0

    @property
    def recall(self) -> float:
        """The share of the right posts that were returned."""
        return self.right / self.relevant if self.relevant else 0.0

    def plus(self, other: Figures) -> Figures:
        """Return the figures of both together."""
        return Figures(
            self.returned + other.returned,
            self.right + other.right,
            self.relevant + other.relevant,
        )

    def to_mapping(self) -> dict[str, float]:
        """Return the JSON form."""
        return {
            **asdict(self),
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
        }


@dataclass(frozen=True, slots=True)
class Side:
    """Everything that one search returned for a query, best first."""

    hits: tuple[Shown, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Comparison:
    """One query through both searches."""

    query: str
    plain: Side
    hirelens: Side

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "query": self.query,
            **{
                name: {
                    "hits": [asdict(hit) for hit in side.hits],
                    "figures": side.figures.to_mapping(),
                }
                for name, side in (("plain", self.plain), ("hirelens", self.hirelens))
            },
        }


def read_truth() -> dict[str, frozenset[str]]:
    """Return, for each post, the queries that it is a right answer to, by its author."""
    return {identity: truth.right for identity, truth in load_truth().items()}


def compare(
    place: Workplace, truth: dict[str, frozenset[str]], queries: Sequence[str] = QUERIES
) -> list[Comparison]:
    """Ask both searches every query and judge what they return."""
    found = []
    for query in queries:
        plain = place.searcher.search(query, "plain", limit=EVERY)
        ours = place.searcher.search(query, "all", limit=EVERY)
        # What is near and says none of the words is nothing that a search for words could find.
        ours = replace(ours, hits=tuple(one for one in ours.hits if one.channels != ("vector",)))
        found.append(Comparison(query, _side(query, plain, truth), _side(query, ours, truth)))
    return found


def totals(comparisons: Sequence[Comparison], name: Literal["plain", "hirelens"]) -> Figures:
    """Return one side's figures over all queries."""
    total = Figures(0, 0, 0)
    for comparison in comparisons:
        total = total.plus((comparison.plain if name == "plain" else comparison.hirelens).figures)
    return total


def _side(query: str, answer: Answer, truth: dict[str, frozenset[str]]) -> Side:
    hits = []
    for hit in answer.hits:
        title = str(hit.display.get("title", ""))
        right = query in truth.get(hit.id, frozenset())
        verdict = None if right else why_not(query, hit.display, hit.debug)
        told = (verdict.label, verdict.words, verdict.clause) if verdict else ()
        hits.append(Shown(hit.id, title, right, *told))
    relevant = sum(query in queries for queries in truth.values())
    return Side(tuple(hits), Figures(len(hits), sum(hit.right for hit in hits), relevant))
