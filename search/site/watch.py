"""Keeping a site's rules current while editors change the files, and what is built from them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from enrich.taxonomy import Taxonomy
from search.site.files import TABLES, Problem, SiteError
from search.site.loader import load
from search.site.model import SiteRules

INTERVAL_S = 1.0
"""The files are looked at once in so many seconds at most."""

_MODIFIED, _CHANGED = 1, 2

T = TypeVar("T")
Signature = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class SiteState:
    """The rules that hold, and what is wrong with newer files that do not."""

    rules: SiteRules
    problems: tuple[Problem, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever asks should know: nothing, or one sentence."""
        if not self.problems:
            return ()
        kept = "the last good rules are kept" if self.rules.digest else "there are none so far"
        count = len(self.problems)
        more = f" (and {count - 1} more problems)" if count > 1 else ""
        return (f"the site's rules are not read, {kept}: {self.problems[0]}{more}",)


class SiteWatch:
    """Gives the rules of a folder as they are now; any number of threads may ask.

    A change is read when the files have stayed the same for a second: while somebody saves, half
    a file is not taken. Rules that are wrong are told and not taken: the
    last good ones stay until the files are right. One thread reads, the others go on meanwhile.
    """

    def __init__(
        self,
        folder: Path,
        taxonomy: Taxonomy,
        *,
        optional: bool = False,
        on_change: Callable[[SiteState], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the folder; wrong files are told by ``state``, not raised.

        Args:
            folder: holds the site's files.
            taxonomy: what positions there are.
            optional: a folder that is not there means no rules, else it is a mistake.
            on_change: is told of every change of the rules or of what is wrong with them.
            clock: seconds, for tests.
        """
        self._folder = folder
        self._taxonomy = taxonomy
        self._optional = optional
        self._on_change = on_change
        self._clock = clock
        self._lock = threading.Lock()
        self._read = self._seen = _signature(folder)
        self._state = self._load(SiteRules.none())
        self._next = clock() + INTERVAL_S

    def current(self) -> SiteRules:
        """Return the rules that hold now."""
        return self.state.rules

    @property
    def state(self) -> SiteState:
        """The rules that hold now, with what is wrong with the files."""
        if self._clock() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._next = self._clock() + INTERVAL_S
                self._lock.release()
        return self._state

    def _look(self) -> None:
        now, before = _signature(self._folder), self._seen
        self._seen = now
        if now == self._read or not (now == before or _is_settled(now)):
            return
        state = self._load(self._state.rules)
        if _signature(self._folder) != now:
            return  # Changed while being read: a later look decides.
        self._read = now
        changed = state != self._state
        self._state = state
        if changed and self._on_change is not None:
            self._on_change(state)

    def _load(self, kept: SiteRules) -> SiteState:
        if self._optional and not os.path.lexists(self._folder):
            return SiteState(SiteRules.none())
        try:
            found = load(self._folder, self._taxonomy)
        except SiteError as error:
            return SiteState(kept, error.problems)
        # What was built from rules with the same bytes need not be built again.
        return SiteState(kept if found.digest == kept.digest else found)


class Following(Generic[T]):
    """Something built from a site's rules, built again when they change.

    While one thread builds, the others get what was built before; only the first build is waited
    for.
    """

    def __init__(self, watch: SiteWatch | None, build: Callable[[SiteRules], T]) -> None:
        """Follow a watch, or stay without rules where there is none; nothing is built yet."""
        self._watch = watch
        self._build = build
        self._lock = threading.Lock()
        self._built: tuple[SiteRules, T] | None = None

    def get(self) -> T:
        """Return what belongs to the rules of now, or for a moment to those before."""
        rules = SiteRules.none() if self._watch is None else self._watch.current()
        built = self._built
        if built is not None and (built[0] is rules or not self._lock.acquire(blocking=False)):
            return built[1]
        if built is None:
            self._lock.acquire()
        try:
            if self._built is None or self._built[0] is not rules:
                self._built = rules, self._build(rules)
            return self._built[1]
        finally:
            self._lock.release()


def _is_settled(signature: Signature) -> bool:
    """Tell whether the last change is a second old by the wall clock, where that can be told."""
    newest = max((max(one[_MODIFIED], one[_CHANGED]) for one in signature if one), default=0)
    return time.time_ns() - newest > INTERVAL_S * 1e9


def _signature(folder: Path) -> Signature:
    """Return what tells one state of the files from another without reading them.

    For the folder (whose time of change tells of tables that come and go) and each file: inode,
    times of the last modification and change in ns, size in bytes; nothing where it is missing.
    """
    found: list[tuple[int, ...]] = []
    for path in (folder, *(folder / name for name in TABLES)):
        try:
            stat = path.stat()
        except OSError:
            found.append(())
            continue
        found.append((stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size))
    return tuple(found)
