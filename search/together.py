"""Text, intent and vector asked at once; one that fails or is late is left out, and says why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from search.channels import FUSED_DEPTH, Channels, Request
from search.conditions import ID, Held
from search.crew import Crew, Job, at_once
from search.found import LeftOut
from search.index import Filters, Page
from search.limits import Limits
from search.taken import EXACT, Candidates, Name, Taken, encoder_reason, index_reason
from search.understanding import Understanding

ENCODER = "encoder"
THREADS: Mapping[str, int] = {"text": 8, "intent": 8, "vector": 8, ENCODER: 2}
"""What is under way at most of each kind; encoding takes milliseconds."""

T = TypeVar("T")
Vector = tuple[float, ...]
_logger = logging.getLogger("hirelens.search")


class Together:
    """Asks the three channels, each in a thread of its own and within its time."""

    def __init__(self, channels: Channels, limits: Limits) -> None:
        """Use the channels; threads are started by the first query."""
        self._channels = channels
        self._limits = limits
        self._crews = {name: Crew(f"hirelens-{name}", most) for name, most in THREADS.items()}

    def candidates(
        self, request: Request, understanding: Understanding, *, patient: bool = False
    ) -> Candidates:
        """Return what the channels find.

        All are asked under all conditions. Where text and intent find nothing they are asked with
        less (``relax``), and so is the vector where nothing near fulfils all; where they find
        nothing either, what is near is asked for under the refusals alone.

        Args:
            request: what is asked; each channel gives ``limit`` hits, at least ``FUSED_DEPTH``.
            understanding: how it is read.
            patient: wait for every channel, and raise what it raises; only a tower that does not
                exist is left out all the same.

        Raises:
            IndexUnavailableError: no channel can be asked.
        """
        if understanding.is_empty:
            return Candidates({}, 0, understanding)
        deep = replace(request, limit=max(request.limit, FUSED_DEPTH), documents=False)
        crews = None if patient else self._crews
        return _Asking(self._channels, deep, self._limits, crews).candidates(understanding)

    def close(self) -> None:
        """End the threads and with them their connections; the next query starts others."""
        for crew in self._crews.values():
            crew.close()


class _Asking:
    """One query; without crews in this thread, one channel after the other, errors raised."""

    def __init__(
        self,
        channels: Channels,
        request: Request,
        limits: Limits,
        crews: Mapping[str, Crew] | None,
    ) -> None:
        self._channels = channels
        self._request = request
        self._limits = limits
        self._crews = crews
        self._taken = Taken()
        self._encoding_s = 0.0

    def candidates(self, asked: Understanding) -> Candidates:
        exact = self._begin_exact(asked)
        vector = self._encoded(asked.meaning, asked.drawn_to)
        near = None if vector is None else self._begin_near(vector, asked)
        self._take_exact(exact)
        if near is not None:
            self._take_near(near)
        left = self._with_less(asked)
        if vector is not None and "vector" in self._taken.lists:
            self._near_with_less(vector, asked, left)
        self._complete(left)
        floor = self._channels.floor if "vector" in self._taken.lists else 0.0
        return self._taken.candidates(left, floor)

    def _begin_exact(self, one: Understanding) -> list[tuple[tuple[Name, ...], Job[Page]]]:
        """Ask text and intent, once where both ask the same: both have found it then."""
        if one.text() == one.intent():
            return [(EXACT, self._begin_one("text", one))]
        names: tuple[Name, ...] = EXACT if one.intent() is not None else ("text",)
        return [((name,), self._begin_one(name, one)) for name in names]

    def _begin_one(self, name: Name, one: Understanding) -> Job[Page]:
        return self._begin(
            name, lambda: self._channels.page(name, self._request, one) or Page((), 0)
        )

    def _begin_near(self, vector: Vector, one: Understanding) -> Job[Page]:
        return self._begin("vector", lambda: self._channels.near(vector, self._request, one))

    def _take_exact(self, begun: Sequence[tuple[tuple[Name, ...], Job[Page]]]) -> None:
        for names, job in begun:
            try:
                page = self._wait(job)
            except Exception as error:  # noqa: BLE001 - told as a reason, or raised
                self._leave_out(names, error, index_reason(error), job.seconds)
                continue
            for name in names:
                self._taken.page(name, page, job.seconds)

    def _take_near(self, job: Job[Page]) -> None:
        try:
            page = self._wait(job)
        except Exception as error:  # noqa: BLE001 - told as a reason, or raised
            self._leave_out(("vector",), error, index_reason(error), self._encoding_s + job.seconds)
        else:
            self._taken.page("vector", page, self._encoding_s + job.seconds)

    def _near_with_less(self, vector: Vector, asked: Understanding, left: Understanding) -> None:
        """Ask for what is near with less, as long as nothing is."""
        tried = [asked.near_conditions(self._request.filters)]
        for one in (left, *(() if self._taken.total(EXACT) else (left.refusals(),))):
            conditions = one.near_conditions(self._request.filters)
            if not self._taken.total(("vector",)) and conditions not in tried:
                tried.append(conditions)
                self._take_near(self._begin_near(vector, one))

    def _complete(self, one: Understanding) -> None:
        """Ask which hits of the others intent finds too, where it gave only some of its own.

        All that hire score the same, so that a list that is cut holds those of the lowest ids.
        """
        lists, query = self._taken.lists, one.intent()
        own = lists.get("intent", ())
        ids = {hit.id for hits in lists.values() for hit in hits[:FUSED_DEPTH]}
        ids.difference_update(hit.id for hit in own)
        if query is None or not ids or self._taken.total(("intent",)) <= len(own):
            return
        asked = replace(self._request, limit=len(ids))
        given = one.conditions(self._request.filters) or Filters()
        known = replace(given, must=(*given.must, (Held(ID, tuple(sorted(ids))),)))
        job = self._begin("intent", lambda: self._channels.query(query, asked, known))
        try:
            more = self._wait(job)
        except Exception as error:
            if self._crews is None:
                raise
            _logger.warning("intent told of its own hits only: %s", error or type(error).__name__)
            return
        self._taken.more("intent", more)
        if query == one.text():
            self._taken.more("text", more)

    def _with_less(self, asked: Understanding) -> Understanding:
        """Ask text and intent with less where both found nothing; return what is asked now.

        Where something is near, only with something left that words or positions say: what merely
        fulfils the conditions that are left is no better answer.
        """
        near = bool(self._taken.total(("vector",)))
        nothing_to_say = near and not asked.parts
        if self._taken.total(EXACT) or self._taken.exact_failed or nothing_to_say:
            return asked
        job = self._begin("text", lambda: self._channels.relaxed(EXACT, self._request, asked))
        try:
            less = self._wait(job)
        except Exception as error:
            if self._crews is None:
                raise
            _logger.warning("a query was not asked with less: %s", error or type(error).__name__)
            return asked
        if less is None or (near and not less.parts):
            return asked
        self._take_exact(self._begin_exact(less))
        return less

    def _encoded(self, text: str, positions: Sequence[str]) -> Vector | None:
        """Return the query's vector, None where the encoder is missing, fails or is slow."""
        vectors, limits = self._channels.vectors, self._limits
        if (kept := vectors.kept(text, positions)) is not None:
            return kept
        limit = limits.encode_s if vectors.has_answered else limits.load_s
        job = self._begin(ENCODER, lambda: vectors.of(text, positions))
        try:
            vector = self._wait(job, limit)
        except Exception as error:  # noqa: BLE001 - told as a reason, or raised
            reason, told = encoder_reason(error), error
            if reason is LeftOut.ENCODER_SLOW and not str(error):
                told = TimeoutError(f"the query's vector took more than {limit:g} s")
            self._leave_out(("vector",), told, reason, job.seconds)
            return None
        self._encoding_s = job.seconds
        return vector

    def _begin(self, name: str, work: Callable[[], T]) -> Job[T]:
        return at_once(work) if self._crews is None else self._crews[name].begin(work)

    def _wait(self, job: Job[T], limit: float | None = None) -> T:
        return job.result(None if self._crews is None else limit or self._limits.channel_s)

    def _leave_out(
        self, names: Sequence[Name], error: Exception, reason: LeftOut, seconds: float
    ) -> None:
        has_no_tower = reason is LeftOut.ENCODER_MISSING and not self._channels.vectors.exists
        if self._crews is None and not has_no_tower:
            raise error
        for name in names:
            self._taken.error(name, error, reason, seconds)
