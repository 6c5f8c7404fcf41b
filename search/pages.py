"""From fused candidates to the page that people see: coarse and fine rank, folding, quotas."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from search.crew import Crew
from search.fold import fold
from search.fuse import Fused
from search.fusion import Fusion
from search.fusion_page import first_page
from search.index import Document, Index
from search.parts import parts_of
from search.rank import Candidate, Linear, Rank, Ranked, Ranker, RankPart, coarse
from search.understanding import Understanding

MOST_DOCUMENTS = 500
"""Documents that are read at once."""
_logger = logging.getLogger("hirelens.search")


class Features(Protocol):
    """Gives business features of posts: click-through, revenue; from 0 to 1, by name."""

    def of(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
        """Return what is known of these posts, by id; of one that is unknown nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit of a page: why it stands here, and ids of posts that are nearly the same, best first.

    ``fused.hit`` holds the post, ``ranked`` what its fine rank is made of; nothing where the post
    stood too far behind to be ranked finely.
    """

    fused: Fused
    ranked: tuple[RankPart, ...] = ()
    folded: tuple[str, ...] = ()

    @property
    def near_only(self) -> bool:
        """Tell whether the vector alone found it."""
        return self.fused.near_only


class Pages:
    """Makes pages of fused candidates of one index."""

    def __init__(
        self,
        index: Index,
        fusion: Fusion,
        rank: Rank,
        ranker: Ranker | None = None,
        features: Features | None = None,
        patience_s: float = 1.0,
    ) -> None:
        """Use an index and the rules.

        Args:
            index: where posts are read.
            fusion: quotas and folding.
            rank: rules of the coarse rank, weights of the fine one.
            ranker: another one than the linear blend of ``rank``.
            features: what gives business features.
            patience_s: what these may take, in seconds.
        """
        self._index = index
        self._fusion = fusion
        self._rank = rank
        self._ranker = ranker or Linear(rank)
        self._features = features
        self._patience_s = patience_s
        self._crew = Crew("hirelens-features", 2)

    def page(
        self, fused: Sequence[Fused], asked: Understanding, limit: int, now: datetime
    ) -> tuple[tuple[Shown, ...], tuple[str, ...]]:
        """Return the first ``limit`` hits as they are shown, and notes on what was left out.

        Posts that were closed since the channels found them are not shown.
        """
        first = [one.hit.id for one in fused[: self._rank.most]]
        posts = self._index.get(first, match=False) if first else {}
        cut = coarse(fused, self._rank, {id_ for id_ in first if not _is_open(posts.get(id_))})
        # Where some were closed, others have moved up whose posts were not read: they stay behind.
        fine = [one for one in cut.fine if one.hit.id in posts]
        given, notes = self._given([one.hit.id for one in fine])
        candidates = [
            Candidate(one, posts[one.hit.id].display or {}, given.get(one.hit.id, {}))
            for one in fine
        ]
        ranked, more = self._ranked(asked, candidates, now)
        behind = (*cut.fine[len(fine) :], *cut.behind)
        ordered = [*self._folded(ranked), *(Shown(one) for one in behind)]
        page = first_page(ordered, self._fusion, lambda one: one.near_only, limit)[:limit]
        return tuple(self._with_documents(page)), (*notes, *more)

    def close(self) -> None:
        """End the threads."""
        self._crew.close()

    def _given(self, ids: Sequence[str]) -> tuple[Mapping[str, Mapping[str, float]], list[str]]:
        features = self._features
        if features is None or not ids:
            return {}, []
        try:
            return self._crew.begin(lambda: features.of(ids)).result(self._patience_s), []
        except Exception as error:  # an answer is worth more than its order
            _logger.warning("features of posts were left out", exc_info=error)
            return {}, [f"features left out: {str(error) or type(error).__name__}"]

    def _ranked(
        self, asked: Understanding, candidates: Sequence[Candidate], now: datetime
    ) -> tuple[Sequence[Ranked], list[str]]:
        try:
            ranked = self._ranker.rank(asked, candidates, now)
            ids = sorted(one.candidate.fused.hit.id for one in ranked)
            if ids == sorted(one.fused.hit.id for one in candidates):
                return ranked, []
            problem = "it gave other posts than it was asked for"
        except Exception as error:  # an answer is worth more than its order
            _logger.warning("the fine rank was left out", exc_info=error)
            problem = str(error) or type(error).__name__
        kept = [Ranked(one, one.fused.hit.score) for one in candidates]
        return kept, [f"fine rank left out: {problem}"]

    def _folded(self, ranked: Sequence[Ranked]) -> Iterator[Shown]:
        groups = fold([one.candidate.post for one in ranked], self._fusion.fold)
        for best, *others in groups:
            ids = tuple(ranked[number].candidate.fused.hit.id for number in others)
            yield Shown(ranked[best].candidate.fused, ranked[best].parts, ids)

    def _with_documents(self, page: Sequence[Shown]) -> Iterator[Shown]:
        for part in parts_of(page, MOST_DOCUMENTS):
            stored = self._index.get([one.fused.hit.id for one in part])
            for one in part:
                document = stored.get(one.fused.hit.id)
                if document is not None and _is_open(document):
                    display, debug = document.display or {}, document.debug or {}
                    hit = replace(one.fused.hit, display=display, debug=debug)
                    yield replace(one, fused=replace(one.fused, hit=hit))


def _is_open(document: Document | None) -> bool:
    return document is not None and document.state == "open"
