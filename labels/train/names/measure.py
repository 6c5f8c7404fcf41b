"""How well unknown names are found and judged, through the product's own pass.

Positions are taken from the lexicon, so that their names are unknown; what is found is compared
with the judges' mentions. Judges marked what a lexicon knew and little else, so that a found name
without a mark may still be one: precision is a lower bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from enrich.bundle import Bundle
from enrich.encoder import CLASSES
from enrich.lexicon import Match
from enrich.reading import Reading
from enrich.reality import Named, judge
from enrich.text import Normalized
from labels.train.names.draw import Field, Target, Task
from labels.train.watch import Watch

_BATCH = 32
_HIRED = CLASSES.index("H")


@dataclass(frozen=True, slots=True)
class Seen:
    """One found name beside what the judges say of its place.

    ``kind``: ``exact`` and ``part`` (it overlaps a name), ``nothing`` (judged to be no position),
    ``unmarked``. ``hired``: of a name, whether the judges call it hired.
    """

    post: str
    word: str
    around: str
    score: float
    hired_score: float
    kind: str
    hired: bool | None


@dataclass(frozen=True, slots=True)
class Measured:
    """All found names of some tasks, and how many there were to find."""

    seen: tuple[Seen, ...]
    targets: int

    def at(self, threshold: float, hired_from: float) -> dict[str, Any]:
        """Return the figures of names from ``threshold`` on.

        ``stripped``: names taken as not hired; ``stripped_wrongly``: of them those that are.
        """
        kept = [name for name in self.seen if name.score >= threshold]
        kinds = Counter(name.kind for name in kept)
        names = [name for name in kept if name.hired is not None]
        right = sum(name.hired == (name.hired_score >= hired_from) for name in names)
        away = [name for name in names if name.hired_score < hired_from]
        return {
            "threshold": threshold,
            "found": len(kept),
            **{kind: kinds[kind] for kind in ("exact", "part", "nothing", "unmarked")},
            "precision": _share(len(names), len(kept)),
            "recall": _share(kinds["exact"], self.targets),
            "judged_right": _share(right, len(names)),
            "hired": sum(bool(name.hired) for name in names),
            "stripped": len(away),
            "stripped_wrongly": sum(bool(name.hired) for name in away),
        }

    def threshold(self, precision: float) -> float:
        """Return the least score from which on names have a precision; 1 where none has."""
        best = 1.0
        right = 0
        ranked = sorted(self.seen, key=lambda name: -name.score)
        for number, name in enumerate(ranked, 1):
            right += name.hired is not None
            last = number == len(ranked) or ranked[number].score < name.score
            if last and right >= precision * number:
                best = name.score
        return best

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the found names, the surest first."""
        for name in sorted(self.seen, key=lambda name: (-name.score, name.post)):
            yield asdict(name)


def measure(bundle: Bundle, tasks: Sequence[Task], watch: Watch) -> Measured:
    """Find names in tasks with a bundle that has a head."""
    seen: list[Seen] = []
    with watch.progress("measured", len(tasks)) as advance:
        for at in range(0, len(tasks), _BATCH):
            chunk = tasks[at : at + _BATCH]
            pairs = [(_reading(task.title), _reading(task.body)) for task in chunk]
            for task, judged in zip(chunk, judge(bundle, pairs), strict=True):
                for name in judged.names:
                    found = _seen(task, name)
                    if found is not None:
                        seen.append(found)
            advance(len(chunk))
    targets = sum(len(field.targets) for task in tasks for field in (task.title, task.body))
    return Measured(tuple(seen), targets)


def _reading(field: Field) -> Reading:
    text = field.text.text
    places = range(len(text))
    known = Normalized(text, text, tuple(places), tuple(place + 1 for place in places))
    return Reading(known, tuple(Match(s, e, text[s:e]) for s, e in field.text.spans))


def _seen(task: Task, name: Named) -> Seen | None:
    """Compare a name with the judges' marks; None where nothing is known of its place."""
    field = task.title if name.field == "title" else task.body
    if _meets(name, field.ignored):
        return None
    text = field.text.text
    over = [t for t in field.targets if _meets(name, [(t.start, t.end)])]
    exact = any((t.start, t.end) == (name.start, name.end) for t in over)
    if over:
        kind = "exact" if exact else "part"
    else:
        kind = "nothing" if _meets(name, field.nothing) else "unmarked"
    return Seen(
        task.example.id,
        text[name.start : name.end],
        text[max(0, name.start - 20) : name.end + 20].replace("\n", " "),
        name.score,
        name.verdict.hired,
        kind,
        _any_hired(over) if over else None,
    )


def _any_hired(targets: Sequence[Target]) -> bool:
    return any(target.label == _HIRED for target in targets)


def _meets(name: Named, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < name.end and end > name.start for start, end in spans)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
