"""Bringing one batch into every generation: request by request, with pauses and splitting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from elasticsearch import ApiError

from search.elastic import bulk
from search.elastic.breaker import BreakerOpenError
from search.elastic.bulk import Item, Kind
from search.elastic.client import kind_of, reason_of
from search.elastic.config import ElasticConfig
from search.elastic.delivery import Delivery
from search.elastic.lines import Lines
from search.elastic.pace import Pace, Pauses
from search.elastic.roles import Generation, Roles
from search.elastic.sender import Sender
from search.index import IndexUnavailableError, Outcome, Trouble
from search.validity import document_problem, space_problem

_LOOKS = 5
_LOOK_AGAIN = (Trouble.MISSING, Trouble.AMBIGUOUS, Trouble.FOREIGN)


class _RolesOf(Protocol):
    def __call__(self, only: str | None, *, fresh: bool) -> Roles: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What every round of a writer uses."""

    config: ElasticConfig
    sender: Sender
    pace: Pace
    pauses: Callable[[], Pauses]
    sleep: Callable[[float], None]
    roles: _RolesOf


class Round:
    """One batch that names each id once; used for one ``run``."""

    def __init__(self, tools: Tools, batch: Delivery, space: str, only: str | None) -> None:
        """Begin.

        Args:
            tools: of the writer.
            batch: the documents.
            space: of their vectors.
            only: the one index to write to; None: every generation that takes part.
        """
        self._tools = tools
        self._batch = batch
        self._space = space
        self._only = only
        self._pauses = tools.pauses()
        self._failures = 0
        self._looks = 0
        self._look = False  # the aliases have moved, as an answer shows
        self._lines = Lines(batch, space, tools.config)
        self._parts: list[list[int]] = []  # of requests that were refused as a whole

    def run(self) -> Roles:
        """Decide every document, and return the roles under which that was.

        Raises:
            IndexUnavailableError: documents are left open; those that are complete are decided.
        """
        roles = self._roles()
        try:
            screened = ""
            while True:
                if roles.current.uuid != screened:
                    roles = self._screen(roles)
                    screened = roles.current.uuid
                found = self._batch.next(roles)
                if found is None:
                    break
                self._serve(*found)
                roles = self._roles()
        finally:
            self._batch.settle(roles)
        known = self._batch.known(roles.current.name)
        if known:
            ids = [self._batch[place].id for place in known]
            stored = self._tools.sender.stored(roles.current.name, ids)
            for place, there in zip(known, stored, strict=True):
                self._batch.settle_known(place, there)
        return roles

    def _roles(self) -> Roles:
        """Return the roles as they are believed, or anew where an answer has contradicted them."""
        if self._look:
            self._looks += 1
            if self._looks > _LOOKS:
                raise IndexUnavailableError(
                    Trouble.AMBIGUOUS,
                    "answers do not agree with the aliases, or these change all the time",
                    "look: hirelens index list; it is tried again by itself",
                )
        fresh, self._look = self._look, False
        return self._tools.roles(self._only, fresh=fresh)

    def _screen(self, roles: Roles) -> Roles:
        """Take out what must not be sent: to nobody, or not to this current generation."""
        vectors = [
            document.match.vector
            for place in self._batch.open()
            if (document := self._batch[place]).match
            and document.match.vector
            and document_problem(document, None) is None
        ]
        if vectors and roles.current.length is None:
            # The first vector that ever came has fixed the length; look whether there was one. The
            # server itself takes a packed vector of half the length, as 16-bit numbers.
            roles = self._tools.roles(self._only, fresh=True)
        length = roles.current.length or (len(vectors[0]) if vectors else None)
        for place in self._batch.open():
            document = self._batch[place]
            other = space_problem(document, self._space, roles.current.space)
            wrong = document_problem(document, None if other else length)
            if wrong is not None:
                self._batch.finish(place, Outcome.PERMANENT, wrong)
            elif other is not None:
                item = Item(Kind.LATER, None, Trouble.FOREIGN, other)
                self._batch.record(place, roles.current.name, item)
        return roles

    def _serve(self, generation: Generation, places: list[int]) -> None:
        """Send one request of what a generation lacks."""
        if self._lines.turn_to(generation):
            self._parts.clear()
        ready = self._lines.ready(places, generation)
        part: list[int] = []
        while self._parts and not part:
            wanted = set(self._parts.pop())
            part = [place for place in ready if place in wanted]
        part = part or ready
        pace = self._tools.pace
        sizes = (len(self._lines[place]) for place in part)
        part = part[: bulk.fitting(sizes, pace.documents, pace.size)]
        if part:
            self._request(generation, part)

    def _request(self, generation: Generation, places: list[int]) -> None:
        config = self._tools.config
        is_standby = config.standby_alias in generation.aliases
        alias = config.standby_alias if is_standby else config.write_alias
        try:
            answers = self._tools.sender.bulk(alias, [self._lines[place] for place in places])
        except IndexUnavailableError as error:
            self._failed(error, len(places))
        except ApiError as error:
            self._refused(error, generation, places)
        else:
            self._read(generation, places, [bulk.read(answer, config) for answer in answers])

    def _failed(self, error: IndexUnavailableError, sent: int) -> None:
        """Wait before the next request, or give up where waiting does not help.

        Raises:
            IndexUnavailableError: the error itself.
        """
        if error.reason in (Trouble.BUSY, Trouble.SLOW):
            self._tools.pace.slower(sent)
        if error.reason is not Trouble.BUSY:
            self._failures += 1
        passing = error.reason in (Trouble.BUSY, Trouble.SLOW, Trouble.DOWN)
        if isinstance(error, BreakerOpenError) or not passing:
            raise error
        if self._failures > self._tools.config.retries or not self._pause(_asked(error)):
            raise error

    def _pause(self, asked_s: float | None = None) -> bool:
        pause = self._pauses.next(asked_s)
        if pause is None:
            return False
        self._tools.sleep(pause)
        return True

    def _refused(self, error: ApiError, generation: Generation, places: list[int]) -> None:
        """Split a request that was refused as a whole, until the document is found.

        Raises:
            IndexUnavailableError: it is not about the documents.
        """
        if error.status_code not in (400, 413):
            raise IndexUnavailableError(
                Trouble.FOREIGN,
                f"a bulk request was answered with {error.status_code} {kind_of(error.body)}",
                "correct HIRELENS_INDEX_URL: it must lead to Elasticsearch 8 or 9",
            ) from error
        size = self._lines.size(places)
        if len(places) > 1:
            if error.status_code == 413:
                self._tools.pace.too_big(size)
            self._parts += reversed(bulk.halves(places))
        elif error.status_code == 413:
            self._batch.record(places[0], generation.name, bulk.too_large(size, None))
        else:
            told = bulk.refusal(kind_of(error.body), reason_of(error.body))
            self._batch.record(places[0], generation.name, Item(Kind.REFUSED, error=told))

    def _read(self, generation: Generation, places: Sequence[int], items: Sequence[Item]) -> None:
        config = self._tools.config
        here = (None, generation.name, config.write_alias, config.standby_alias)
        again: dict[int, Item] = {}
        for place, item in zip(places, items, strict=True):
            if item.kind is Kind.AGAIN:
                again[place] = item
            elif item.index in here:
                self._batch.record(place, generation.name, item)
                self._look |= item.trouble in _LOOK_AGAIN
            else:
                # The alias has moved. What was refused there was made for another generation.
                self._look = True
                if item.kind in (Kind.TAKEN, Kind.KNOWN):
                    self._batch.record(place, str(item.index), item)
        if not again:
            self._tools.pace.faster()
            return
        self._tools.pace.slower(len(places))
        if not self._pause():
            for place, item in again.items():
                self._batch.record(place, generation.name, replace(item, kind=Kind.LATER))


def _asked(error: IndexUnavailableError) -> float | None:
    """Return the seconds that the server asks to wait."""
    cause = error.__cause__
    headers: Mapping[str, Any] = cause.meta.headers if isinstance(cause, ApiError) else {}
    value = str(headers.get("retry-after", ""))
    return float(value) if value.isdigit() else None
