"""Drawing batches: pairs of names that belong together, among names that only look alike."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np

from labels.train.rewrite.config import DrawConfig
from labels.train.rewrite.kinship import Kin
from labels.train.rewrite.names import Names

GROUP = 4
"""Pairs that are drawn together: their names share a beginning or an end."""

_KEYS: tuple[Callable[[str], str], ...] = (
    lambda text: f"…{text[-2:]}",
    lambda text: f"{text[:2]}…",
    lambda text: f"…{text[-1:]}",
)


class Drawer:
    """Draws batches of names by number; the same random numbers give the same batches."""

    def __init__(self, names: Names, config: DrawConfig) -> None:
        """Index the names by how they begin and end."""
        self._names = names
        self._config = config
        own = names.same
        # A query stands in many judged pairs, a candidate in one or two.
        self._judged = sorted(name for name, others in names.judged.items() if len(others) > 3)
        jobs = [job for job in sorted(own) if job != names.strangers and len(own[job]) > 1]
        self._positions = [job for job in jobs if job < len(names.positions)]
        self._composed = [job for job in jobs if job >= len(names.positions)]

    def batch(self, rng: random.Random) -> list[int]:
        """Return the names of one batch.

        They are judged queries with all their candidates, pairs of kin, and strangers.
        """
        found: list[int] = []
        for query in rng.sample(self._judged, min(self._config.judged, len(self._judged))):
            found += [query, *self._names.judged[query]]
        while len(found) < 2 * self._config.pairs:
            for name in self._group(rng):
                found += [name, self._partner(name, rng)]
        strangers = self._names.same.get(self._names.strangers, ())
        return found + rng.sample(strangers, min(self._config.strangers, len(strangers)))

    def _group(self, rng: random.Random) -> list[int]:
        """Return names of one way to begin or to end, drawn around a random job."""
        is_composed = self._composed and rng.random() < self._config.composed_share
        job = rng.choice(self._composed if is_composed else self._positions)
        first = rng.choice(self._names.same[job])
        key = rng.choices(_KEYS, self._config.alike)[0](self._names.texts[first])
        group = [first]
        for name in rng.sample(self._alike[key], min(2 * GROUP, len(self._alike[key]))):
            if len(group) < GROUP and self._is_other(name, group):
                group.append(name)
        return group

    def _is_other(self, name: int, group: list[int]) -> bool:
        jobs = self._names.job
        return all(jobs[name] != jobs[other] for other in group)

    def _partner(self, name: int, rng: random.Random) -> int:
        """Return a name that can answer for the given one, another where there is one."""
        names = self._names
        job = int(names.job[name])
        kind = rng.choices(("same", "kind", "related"), self._config.partners)[0]
        choices: tuple[int, ...] = ()
        if kind == "kind" and not names.narrower[name]:
            choices = names.kinds.get(job, ())
        elif kind == "related" and not names.narrower[name] and self._related.get(job):
            choices = names.same[rng.choice(self._related[job])]
        choices = choices or tuple(n for n in names.same.get(job, ()) if n != name)
        return rng.choice(choices) if choices else name

    @cached_property
    def _alike(self) -> Mapping[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        usable = {*self._positions, *self._composed}
        for number, text in enumerate(self._names.texts):
            if int(self._names.job[number]) in usable:
                for key in _KEYS:
                    found[key(text)].append(number)
        return found

    @cached_property
    def _related(self) -> Mapping[int, tuple[int, ...]]:
        found: defaultdict[int, list[int]] = defaultdict(list)
        for first, second in np.argwhere(self._names.table == Kin.RELATED).tolist():
            if second in self._names.same:
                found[first].append(second)
        return {job: tuple(others) for job, others in found.items()}
