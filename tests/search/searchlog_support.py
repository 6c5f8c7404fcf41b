"""Records, answers and sinks for the tests of the search log."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from search.searchlog.model import SearchRecord, Shown, Via, new_id
from search.searchlog.sink import SinkAwayError
from search.service import Answer, AnsweredHit
from search.understanding import Understanding

# What a browser, a robot or a broken client may send: surrogates and NUL among it.
ANY_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("\x00\ud800\udfff\u2028\n ~服务员")), max_size=90
)
T0 = 1_767_225_600_000  # 2026-01-01


def record(number: int = 0, **given: Any) -> SearchRecord:
    """Return a record; later numbers are a second later each."""
    at = given.pop("at", T0 + number * 1000)
    data: dict[str, Any] = {
        "id": new_id(at),
        "at": at,
        "query": f"query {number}",
        "channel": "all",
        "limit": 10,
        "total": 1,
        "returned": 1,
        "milliseconds": 5.0,
        "shown": (shown(1, "text"),),
        **given,
    }
    return SearchRecord(**data)


def shown(rank: int, *channels: str) -> Shown:
    """Return a shown post with the channels that found it."""
    return Shown(id=f"p{rank}", rank=rank, channels=tuple(Via(channel=name) for name in channels))


def hit(id_: str, score: float = 1.0, *channels: str) -> AnsweredHit:
    """Return a hit of an answer, with a post that must never reach the log."""
    return AnsweredHit(id_, score, {"title": "secret title"}, {}, channels or ("text",), ())


def answer(hits: Sequence[AnsweredHit] = (), query: str = "q", **given: Any) -> Answer:
    """Return an answer."""
    return Answer(tuple(hits), len(hits), Understanding(query, **given))


IN_ANY_TIME = settings(deadline=None)


class MemorySink:
    """Keeps records in a list; can be away, can hang, and refuses what it is told to."""

    def __init__(self) -> None:
        self.kept: list[SearchRecord] = []
        self.batches: list[int] = []
        self.away = 0
        self.refuses: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.closed = False

    def write(self, records: Sequence[SearchRecord]) -> None:
        self.entered.set()
        self.gate.wait(timeout=30)
        if self.away:
            self.away -= 1
            raise SinkAwayError("the database sleeps")
        if any(one.query in self.refuses for one in records):
            raise ValueError("no such text here")
        self.batches.append(len(records))
        self.kept.extend(records)

    def close(self) -> None:
        self.closed = True
