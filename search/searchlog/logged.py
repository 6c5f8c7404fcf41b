"""A searcher whose answers leave records; with the log switched off it is the searcher alone."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Protocol

from search.index import IndexUnavailableError
from search.searchlog.build import Asked, record_of
from search.searchlog.log import SearchLog
from search.searchlog.model import new_id, now
from search.service import Answer, Searcher

_logger = logging.getLogger("hirelens.searchlog")


class Identified(Protocol):
    """An index as the log sees it."""

    @property
    def identity(self) -> str:
        """Another text for an index that was built anew."""
        ...


@dataclass(frozen=True, slots=True)
class Logged:
    """An answer and its id: what a click on a hit names; None where nothing is kept."""

    answer: Answer
    search_id: str | None


class LoggedSearcher:
    """Answers queries and leaves a record of each; one object serves many threads' queries."""

    def __init__(self, searcher: Searcher, index: Identified, log: SearchLog | None) -> None:
        """Use a searcher, the index that it asks, and a log; without one nothing is kept."""
        self._searcher = searcher
        self._index = index
        self._log = log

    def search(self, asked: Asked) -> Logged:
        """Answer a query; whatever befalls the log, the answer is the searcher's.

        Raises:
            ChannelError: the channel is unknown or has no model.
            VectorSpaceError: the index holds vectors of another model.
        """
        began = time.perf_counter()
        answer = self._searcher.search(
            asked.query,
            asked.channel,
            asked.filters,
            asked.limit,
            rewrite=asked.rewrite,
        )
        if self._log is None:
            return Logged(answer, None)
        seconds = time.perf_counter() - began
        at = now()
        id_ = new_id(at)
        try:
            self._log.offer(
                record_of(
                    *(answer, asked),
                    id_=id_,
                    at=at,
                    seconds=seconds,
                    generation=self._generation(),
                )
            )
        except Exception:  # an answer is worth more than its record
            _logger.exception("search log: an answer was not kept")
            return Logged(answer, None)
        return Logged(answer, id_)

    def _generation(self) -> str:
        try:
            return self._index.identity
        except IndexUnavailableError:
            return ""  # it went away just after it had answered
