"""What the workers of a crash run work with: the small encoder and the real index."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from search.index import Document, Index, WriteOutcome
from tests.crash.encoder import RECIPE, CrashEncoder, linger, parse
from tests.crash.setup import Setup
from worker.engine import create_engine
from worker.ports import Documents, Parse
from worker.recipes import RecipeMismatch


class LingeringIndex:
    """Takes its time before and after each write, and shows when a batch is in hand.

    A file named by the process lies in ``busy`` from the batch's first question to the index
    until its documents are written: the monkey aims at it.
    """

    def __init__(self, index: Index, setup: Setup) -> None:
        self._index = index
        self._linger_s = setup.linger_s
        self._busy = setup.busy / str(os.getpid())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        self._busy.touch()
        return self._index.get(ids, match=match)

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        linger(self._linger_s)
        outcomes = self._index.write(documents)
        self._busy.unlink(missing_ok=True)
        linger(self._linger_s / 2)
        return outcomes


class CrashProvider:
    """Everything is opened when it is first used, in the process that uses it."""

    documents: Documents | None = None

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    @cached_property
    def engine(self) -> sa.Engine:
        return create_engine(self._setup.database_url)

    @cached_property
    def index(self) -> LingeringIndex:
        return LingeringIndex(self._setup.index.open(), self._setup)

    @property
    def parse(self) -> Parse:
        return parse

    def enricher(self, recipe: str | None) -> CrashEncoder:
        if recipe not in {None, RECIPE.digest}:
            raise RecipeMismatch(f"recipe {recipe} is not {RECIPE.digest}")
        return CrashEncoder(linger_s=self._setup.linger_s)

    def close(self) -> None:
        if "engine" in self.__dict__:
            self.engine.dispose()
        if "index" in self.__dict__:
            self.index.close()
