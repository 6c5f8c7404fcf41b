"""What one child process holds between its tasks: provider, loaded model, the index's state."""

from __future__ import annotations

import os
import time
from typing import Any

from worker import recipes
from worker.engine import reading
from worker.log import LogEvent, emit
from worker.outage import Outage
from worker.ports import Enricher, Provider, ProviderFactory


class Seat:
    """Opens the provider in the process that uses it; a fork starts with an empty seat."""

    def __init__(self, factory: ProviderFactory) -> None:
        """Keep the factory; nothing is opened yet."""
        self._factory = factory
        self._provider: Provider | None = None
        self._enricher: Enricher | None = None
        self._pid = os.getpid()
        self.outage = Outage("worker")

    @property
    def provider(self) -> Provider:
        """This process's provider."""
        if self._pid != os.getpid():
            self.reset()
        if self._provider is None:
            self._provider = self._factory()
        return self._provider

    def enricher(self) -> Enricher:
        """Return what reads posts under the active recipe; loads it at the first call.

        Raises:
            RecipeMismatch: the provider cannot have the active recipe.
        """
        provider = self.provider
        if self._enricher is None:
            with reading(provider.engine) as session:
                active = recipes.active(session)
            began = time.monotonic()
            self._enricher = provider.enricher(None if active is None else active.recipe)
            seconds = time.monotonic() - began
            emit(LogEvent.MODEL_LOADED, recipe=self._enricher.recipe.digest, seconds=seconds)
        return self._enricher

    def forget_enricher(self) -> str | None:
        """Drop the enricher, whose recipe was replaced; returns that recipe."""
        dropped, self._enricher = self._enricher, None
        return None if dropped is None else dropped.recipe.digest

    def reset(self, **_signal: Any) -> None:  # noqa: ANN401 - also a Celery signal's receiver
        """Forget what a parent process opened: its connections are not ours to use or close."""
        self._provider = self._enricher = None
        self._pid = os.getpid()
        self.outage = Outage("worker")

    def close(self, **_signal: Any) -> None:  # noqa: ANN401
        """Close what this process opened."""
        if self._provider is not None and self._pid == os.getpid():
            self._provider.close()
        self.reset()
