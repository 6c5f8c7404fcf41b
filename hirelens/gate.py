"""The check that a generation must pass before it serves: both ways, against index and database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.compare import Comparison
    from search.differences import Difference, Target
    from search.elastic.described import Described
    from search.elastic.generations import Counts
    from worker.pages import Row
    from worker.standby import Figures

NAMED = 10
"""Examples that are told of each problem."""
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the gate is closed: what was checked, of how many posts, some of them by id."""

    check: str
    count: int
    told: str
    ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Gate:
    """What a check found.

    ``behind``: posts that the standby does not have under its recipe yet; of another vector space
    an operator may let some pass, they are asked for by the switch. ``excused``: posts with a dead
    letter, or that wait to be written anyway.
    """

    current: str
    standby: str
    recipe: str | None
    identities: tuple[str, str] = ("", "")
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    compared: int = 0
    sampled: int = 0
    behind: int = 0
    behind_ids: tuple[str, ...] = ()
    renumbered: int = 0
    excused: int = 0
    problems: list[Problem] = field(default_factory=list)

    def is_open(self, lag: int | None = 0) -> bool:
        """Tell whether the standby may serve; ``lag``: so many may be behind, None: any."""
        return not self.problems and (lag is None or self.behind <= lag)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**asdict(self), "ok": self.is_open()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read of both generations and the database."""

    current: Described
    standby: Described
    target: Target | None
    counts: tuple[Counts, Counts]
    figures: Figures
    comparison: Comparison
    rows: dict[str, Row]
    drift: dict[str, list[str]]
    lacking: int
    mapping: tuple[str, ...]
    recipe_space: str | None


def decide(found: Evidence) -> Gate:
    """Judge what was read; pure."""
    from search.differences import LACKS

    excused = [d for d in found.comparison.differences if _is_excused(d, found)]
    counted = [d for d in found.comparison.differences if d not in excused]
    # Of one vector space a copy brings everything; another recipe leaves some to be asked for.
    behind = [d for d in counted if found.target is not None and d.kind in LACKS]
    gate = Gate(
        found.current.name,
        found.standby.name,
        found.target.recipe if found.target else None,
        (found.current.generation.uuid, found.standby.generation.uuid),
        counts={
            "current": asdict(found.counts[0]),
            "standby": asdict(found.counts[1]),
            "database": asdict(found.figures),
        },
        compared=found.comparison.seen,
        sampled=found.comparison.sampled,
        behind=len(behind),
        behind_ids=tuple(d.id for d in behind[:NAMED]),
        renumbered=found.comparison.renumbered,
        excused=len(excused),
    )
    gate.problems += _document_problems([d for d in counted if d not in behind])
    gate.problems += [Problem("mapping", 1, told) for told in found.mapping]
    gate.problems += _space_problems(found)
    gate.problems += _count_problems(found)
    gate.problems += [
        Problem(
            "database", len(ids), f"{kind}: mend it with reconcile or recover", tuple(ids[:NAMED])
        )
        for kind, ids in sorted(found.drift.items())
    ]
    return gate


def agree(
    read: Callable[[], tuple[Figures, Counts, Counts]], unequal: int
) -> tuple[Figures, Counts, Counts]:
    """Count database and both sides, again where posts written in between make them differ.

    ``unequal``: documents that are known to differ.
    """
    found = read()
    for _ in range(_LOOKS - 1):
        figures, here, there = found
        slack = unequal + figures.waiting
        sides = abs(here.open - there.open) + abs(here.closed - there.closed)
        if sides <= slack and abs(figures.open - there.open) <= slack + figures.dead:
            break
        found = read()
    return found


def _is_excused(one: Difference, found: Evidence) -> bool:
    from search.differences import LACKS, Kind
    from search.index import ACTIVATIONS

    row = found.rows.get(one.id)
    if row is None:
        return False
    if found.target is not None and one.kind in LACKS:
        return row.dead  # catch-up leaves it
    # It is being written: as long as these two stand side by side, both get it.
    if row.waiting:
        return one.kind in (Kind.EXTRA, Kind.NEWER, Kind.DIFFERS)
    # The standby, which is written first, got what the current one refused, and before that was
    # tried again came the revision that cannot be read.
    earlier = one.standby is not None and one.standby // ACTIVATIONS < row.revision
    return row.dead and earlier and one.kind in (Kind.EXTRA, Kind.NEWER)


def _document_problems(differences: Sequence[Difference]) -> Iterable[Problem]:
    from search.differences import Kind

    told = {
        Kind.MISSING: "not in the standby; run catch-up",
        Kind.OLDER: "older in the standby; run catch-up",
        Kind.EXTRA: "only in the standby: it knows what the current generation has lost",
        Kind.NEWER: "newer in the standby: the current generation has lost a write",
        Kind.DIFFERS: "equal version, other content; drop the standby and build it anew",
        Kind.BEHIND: "of another recipe; run catch-up",
    }
    for kind, text in told.items():
        ids = [one.id for one in differences if one.kind is kind]
        if ids:
            yield Problem(kind.value, len(ids), text, tuple(ids[:NAMED]))


def _space_problems(found: Evidence) -> Iterable[Problem]:
    space = found.standby.space
    if found.recipe_space is not None and found.recipe_space != space:
        told = f"the recipe gives vectors of {found.recipe_space}, the generation holds {space}"
        yield Problem("vector_space", 1, told)
    allowed = 0 if found.target is not None else found.counts[0].lacking
    if found.lacking > allowed:
        told = "open documents have no vector; run catch-up"
        yield Problem("vectors", found.lacking - allowed, told)


def _count_problems(found: Evidence) -> Iterable[Problem]:
    here, there = found.counts
    unequal = len(found.comparison.differences)
    slack = unequal + found.figures.waiting
    if abs(here.open - there.open) + abs(here.closed - there.closed) > 2 * slack:
        told = (
            f"{here.open} open and {here.closed} closed in the current generation, "
            f"{there.open} and {there.closed} in the standby"
        )
        yield Problem("counts", abs(here.documents - there.documents), told)
    short = found.figures.open - there.open
    if abs(short) > slack + found.figures.dead:
        told = f"{found.figures.open} open posts in the database, {there.open} in the standby"
        yield Problem("database_counts", abs(short), told)
