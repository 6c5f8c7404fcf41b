"""Bringing one index level with another of the same vector space: what differs is copied whole.

Documents travel under their own versions, tombstones like all others, so that a newer live write is
never overwritten and a killed run only has to copy what is still missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from search.differences import Kind, judge, pages
from search.index import (
    Document,
    Index,
    IndexUnavailableError,
    Outcome,
    Trouble,
    WriteOutcome,
)
from search.parts import parts_of

PART = 250
"""Whole documents that are held at once."""
ROUNDS = 6
"""While posts are written all the time each round finds some; both sides get them anyway."""
TRIES = 8
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 20.0
PASSING = frozenset({Trouble.DOWN, Trouble.SLOW, Trouble.BUSY, Trouble.READ_ONLY})
"""What may pass while one waits."""
_REFUSED = frozenset({Outcome.PERMANENT, Outcome.TOO_LARGE})

Progress = Callable[[int], None]


class StandbyError(RuntimeError):
    """The standby took no documents for a long time; the same command goes on later."""


@dataclass(slots=True)
class Copied:
    """What copying did.

    ``seen``: ids of the first round; ``refused``: ids that the standby does not take, and why;
    ``extra``: ids that only the standby has.
    """

    seen: int = 0
    copied: int = 0
    rounds: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def copy(
    current: Index,
    standby: Index,
    *,
    rounds: int = ROUNDS,
    on_progress: Progress = lambda _seen: None,
    sleep: Callable[[float], object] = time.sleep,
) -> Copied:
    """Copy what the standby lacks or has older, until a round finds nothing more.

    Args:
        current: the index that serves.
        standby: takes its documents.
        rounds: at most so many walks.
        on_progress: called with the ids of each page of the first walk.
        sleep: pauses while the standby takes nothing.

    Raises:
        StandbyError: it took nothing for minutes.
    """
    done = Copied()
    while done.rounds < rounds:
        copied, extra = 0, []
        for page in pages(current, standby):
            kinds = {pair.id: judge(pair.current, pair.standby, None) for pair in page}
            extra += [id_ for id_, kind in kinds.items() if kind is Kind.EXTRA]
            wanted = [id_ for id_, kind in kinds.items() if kind in (Kind.MISSING, Kind.OLDER)]
            for part in parts_of([id_ for id_ in wanted if id_ not in done.refused], PART):
                copied += _copy_part(current, standby, part, done, sleep)
            if not done.rounds:
                done.seen += len(page)
                on_progress(len(page))
        done.rounds += 1
        done.copied += copied
        done.extra = tuple(extra)
        if not copied:
            break
    return done


def write_patiently(
    standby: Index, documents: Sequence[Document], sleep: Callable[[float], object] = time.sleep
) -> list[WriteOutcome]:
    """Write documents, those that are to be tried again after a growing pause.

    Raises:
        StandbyError: some were not taken after many tries.
        IndexUnavailableError: it cannot be used, and waiting would not help.
    """
    answers: dict[str, WriteOutcome] = {}
    left = list(documents)
    pause = _FIRST_PAUSE_S
    for attempt in range(TRIES):
        if attempt:
            sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
        try:
            found = standby.write(left)
        except IndexUnavailableError as error:
            if error.reason not in PASSING:
                raise
            found = [WriteOutcome(one.id, Outcome.RETRY, error=str(error)) for one in left]
        answers |= {outcome.id: outcome for outcome in found}
        left = [
            document
            for document, outcome in zip(left, found, strict=True)
            if outcome.outcome is Outcome.RETRY
        ]
        if not left:
            return [answers[document.id] for document in documents]
    reason = answers[left[0].id].error or "no reason was given"
    raise StandbyError(
        f"{len(left)} documents were not taken by the standby generation ({reason}); what was "
        "written stays, the same command goes on"
    )


def _copy_part(
    current: Index,
    standby: Index,
    ids: Sequence[str],
    done: Copied,
    sleep: Callable[[float], object],
) -> int:
    documents = list(current.get(ids).values())
    copied = 0
    for outcome in write_patiently(standby, documents, sleep):
        copied += outcome.outcome is Outcome.OK
        if outcome.outcome in _REFUSED:
            done.refused[outcome.id] = outcome.error or outcome.outcome.value
    return copied
