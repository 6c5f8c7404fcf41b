"""The report of a run, for people: what was done, what was endured, what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.crash.checker import Report
from tests.crash.history import Write
from tests.crash.measures import Outages, percentile

_EVENTS = {
    "retried": "given back without a strike",
    "failed": "given back with a strike",
    "overtaken": "overtaken while being processed",
    "superseded": "superseded",
    "connection_lost": "connections lost",
    "dead": "dead letters made",
    "rejected": "messages refused",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that one run gave; times in seconds."""

    seed: int
    history: Sequence[Write]
    acknowledged: Mapping[int, int]
    faults: Mapping[str, int]
    logged: Mapping[str, int]
    events: Mapping[str, int]
    letters: int
    rejects: int
    raged_s: float
    quiet_s: float
    fresh: Sequence[float]
    looks: int
    blind: int
    lost_unacknowledged: int
    outages: Outages
    steps: Mapping[str, int]
    refused: Sequence[str]
    starts: int
    ended: Sequence[str]
    orphans: int
    unexpected: Mapping[str, int]
    drift: Sequence[str]
    report: Report

    @property
    def good(self) -> bool:
        """No violation, reconcile agrees, and every write of the history was acknowledged."""
        done = len(self.acknowledged) == len(self.history)
        return done and not self.report.faults and not self.drift

    def __str__(self) -> str:
        kinds = Counter(w.kind for w in self.history)
        ways = Counter(w.way for w in self.history)
        sent_twice = sum(w.doubled for w in self.history if w.way == "ingest")
        late = sum(w.late is not None for w in self.history)
        p50, p95 = percentile(self.fresh, 0.5), percentile(self.fresh, 0.95)
        lines = [
            f"seed {self.seed}",
            f"writes: {len(self.acknowledged)} of {len(self.history)} acknowledged; {_told(kinds)}",
            f"ways in: {_told(ways)}; {sent_twice} sent twice, {late} older ones sent late",
            f"faults: {sum(self.faults.values())} in {self.raged_s:.0f} s; {_told(self.faults)}",
            f"endured: {self.events.get('lease_lost', 0)} leases lost, "
            + ", ".join(f"{self.logged.get(key, 0)} {text}" for key, text in _EVENTS.items()),
            f"processes started: {self.starts}; ended by themselves: {_listed(self.ended)}",
            f"children that outlived their killed parent: {self.orphans}",
            f"unforeseen errors of tasks: {_told(self.unexpected)}",
            f"open dead letters: {self.letters}; open rejects: {self.rejects}",
            f"time to quiet after the last fault: {self.quiet_s:.1f} s",
            f"acknowledged to searchable: p50 {p50:.2f} s, p95 {p95:.2f} s, faults included",
            *self._of_the_index(),
            f"reconcile, off until now, finds: {', '.join(self.drift[:10]) or 'nothing'}",
            str(self.report),
        ]
        return "\n".join(lines)

    def _of_the_index(self) -> list[str]:
        seconds = self.outages.seconds
        lines = [f"the index was looked at {self.looks} times meanwhile, {self.blind} in vain"]
        if self.outages.reasons:
            lines.append(
                f"outages of the index as workers told: {_told(self.outages.reasons)}; "
                f"{len(seconds)} ended, {sum(seconds):.0f} s in all, longest "
                f"{max(seconds, default=0):.1f} s"
            )
        if self.steps:
            lines.append(
                f"generations: {_told(self.steps)}; {self.lost_unacknowledged} documents were "
                "seen and lost before a node had acknowledged them"
            )
            lines += [f"  {told}" for told in self.refused[:5]]
        return lines


def _told(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name}" for name, count in ordered) or "none"


def _listed(ended: Sequence[str]) -> str:
    return _told(Counter(ended)) if ended else "none"
