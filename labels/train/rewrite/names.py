"""All names that training knows, and what any two of them are to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from enrich.taxonomy import Taxonomy
from labels.train.rewrite.kinship import Kin, Table, kinship
from labels.train.rewrite.pairs import Pair, is_held_out, is_hidden
from labels.train.rewrite.slots import Composed

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Names:
    """Names by number; a job is a position, a composed job, or ``strangers``.

    ``job``: the job of each name; ``narrower``: whether it names only a kind of it. ``table``:
    kin of two jobs. ``positions``: the first jobs are these ids; ``strangers``: the last job, of
    words that name no position and are kin to nothing. ``judged``: kin of two names that a judge
    decided, both ways, which wins over their jobs.
    """

    texts: tuple[str, ...]
    job: Numbers
    narrower: np.ndarray[Any, np.dtype[np.bool_]]
    table: Table
    positions: tuple[str, ...]
    judged: Mapping[int, Mapping[int, Kin]]

    @property
    def strangers(self) -> int:
        """Return the number of the job of words that name no position."""
        return len(self.table) - 1

    @cached_property
    def same(self) -> Mapping[int, tuple[int, ...]]:
        """Return for each job the names of just this job."""
        return _by_job(self.job, ~self.narrower)

    @cached_property
    def kinds(self) -> Mapping[int, tuple[int, ...]]:
        """Return for each job the names of kinds of it."""
        return _by_job(self.job, self.narrower)

    def kin(self, first: Sequence[int], second: Sequence[int]) -> Table:
        """Return what names are to each other, shape (first, second).

        A kind and its job are related; what two kinds are to each other is unclear.
        """
        a, b = np.asarray(first), np.asarray(second)
        found = self.table[np.ix_(self.job[a], self.job[b])].astype(np.int64)
        narrow = self.narrower[a][:, None].astype(np.int64) + self.narrower[b][None, :]
        found = np.where(found >= Kin.UNCLEAR, np.maximum(found - narrow, Kin.UNCLEAR), found)
        for row, name in enumerate(a.tolist()):
            known = self.judged.get(name)
            if known:
                for column, other in enumerate(b.tolist()):
                    found[row, column] = known.get(other, found[row, column])
        return found.astype(np.uint8)


def _hides(taxonomy: Taxonomy, pair: Pair, held_out: float) -> bool:
    return any(is_hidden(taxonomy, text, held_out) for text in (pair.query, pair.candidate))


def gather(
    taxonomy: Taxonomy,
    compositions: Iterable[Composed],
    judged: Sequence[Pair],
    held_out: float,
) -> Names:
    """Return the names of positions, composed and judged ones, without what is held out.

    A composed job that has a name of one position's own joins it; with names of several, or of a
    held-out one, it is left out. A judged candidate that the taxonomy does not know joins the job
    of its query where it is the same, else it is a job of its own. What such a job is to others is
    unclear. Judged pairs with a held-out name are left out.
    """
    known = kinship(taxonomy)
    place = known.place
    jobs = _Jobs(len(known.ids))
    for form, senses in taxonomy.forms.items():
        if len(senses) == 1 and not is_hidden(taxonomy, form, held_out):
            jobs.add(form, place[senses[0].position], senses[0].kind == "narrower")
    kept = [pair for pair in judged if not _hides(taxonomy, pair, held_out)]
    _add_judged(jobs, taxonomy, kept)
    added = _add_composed(jobs, taxonomy, compositions, place, held_out)
    table = _widened(known.table, jobs.count + 1, added, place)
    for word in sorted(taxonomy.lookalikes - jobs.of.keys()):
        jobs.add(word, jobs.count, False)
    texts = sorted(jobs.of)
    return Names(
        tuple(texts),
        np.array([jobs.of[text][0] for text in texts], dtype=np.int64),
        np.array([jobs.of[text][1] for text in texts]),
        table,
        known.ids,
        _judged(kept, {text: number for number, text in enumerate(texts)}),
    )


def _add_judged(jobs: _Jobs, taxonomy: Taxonomy, pairs: Sequence[Pair]) -> None:
    """Add the judged names that are no forms of the taxonomy."""
    for pair in pairs:
        for text in (pair.query, pair.candidate):
            if text not in jobs.of and not taxonomy.senses(text):
                own = jobs.own(pair.query) if pair.label == 2 else None
                jobs.add(text, jobs.new() if own is None else own, False)


def _add_composed(
    jobs: _Jobs,
    taxonomy: Taxonomy,
    compositions: Iterable[Composed],
    place: Mapping[str, int],
    held_out: float,
) -> dict[int, tuple[Composed, set[str]]]:
    """Add composed names; return the jobs that are no positions, with those they are kinds of."""
    added: dict[int, tuple[Composed, set[str]]] = {}
    for job in compositions:
        senses = [sense for name in job.names for sense in taxonomy.senses(name)]
        if any(is_held_out(sense.position, held_out) for sense in senses):
            continue
        own = {sense.position for sense in senses if sense.kind == "same"}
        fresh = [name for name in job.names if name not in jobs.of and not taxonomy.senses(name)]
        if len(own) == 1:
            number = place[next(iter(own))]
        elif not own and len(fresh) >= 2:
            number = jobs.new()
            added[number] = (job, {sense.position for sense in senses})
        else:
            continue
        for name in fresh:
            jobs.add(name, number, False)
    return added


class _Jobs:
    """Names with their job, while they are gathered; the first to name a job keeps it."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.of: dict[str, tuple[int, bool]] = {}

    def add(self, text: str, job: int, narrower: bool) -> None:
        self.of.setdefault(text, (job, narrower))

    def new(self) -> int:
        self.count += 1
        return self.count - 1

    def own(self, text: str) -> int | None:
        """Return the job that a name names itself, not a kind of it."""
        job, narrower = self.of.get(text, (0, True))
        return None if narrower else job


def _judged(pairs: Sequence[Pair], number: Mapping[str, int]) -> dict[int, dict[int, Kin]]:
    level = {0: Kin.NONE, 1: Kin.RELATED, 2: Kin.SAME}
    found: defaultdict[int, dict[int, Kin]] = defaultdict(dict)
    for pair in pairs:
        if pair.query in number and pair.candidate in number:
            first, second = number[pair.query], number[pair.candidate]
            found[first][second] = found[second][first] = level[pair.label]
    return dict(found)


def _widened(
    table: Table,
    count: int,
    added: Mapping[int, tuple[Composed, set[str]]],
    place: Mapping[str, int],
) -> Table:
    """Return the table with rows for jobs that are no positions, and a last one for strangers."""
    start = len(table)
    wide = np.full((count, count), Kin.UNCLEAR, dtype=np.uint8)
    wide[:start, :start] = table
    np.fill_diagonal(wide, Kin.SAME)
    by_family: defaultdict[str, list[int]] = defaultdict(list)
    for row, (job, _) in added.items():
        by_family[job.family].append(row)
    for row, (job, positions) in added.items():
        others = [c for c in by_family[job.family] if added[c][0].value != job.value]
        wide[row, others] = Kin.NONE
        for position in positions:
            wide[row, place[position]] = wide[place[position], row] = Kin.RELATED
    wide[-1, :] = wide[:, -1] = Kin.NONE
    return wide


def _by_job(
    job: Numbers, chosen: np.ndarray[Any, np.dtype[np.bool_]]
) -> dict[int, tuple[int, ...]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number in np.flatnonzero(chosen).tolist():
        found[int(job[number])].append(number)
    return {key: tuple(value) for key, value in found.items()}
