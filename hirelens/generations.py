"""Building, checking and switching generations of the Elasticsearch index for one home."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hirelens.errors import ForeseenError
from hirelens.gate import Gate, decide
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from hirelens.switching import Switched
    from search.copying import Copied
    from search.differences import Target
    from search.elastic.config import ElasticConfig
    from search.elastic.described import Described
    from search.elastic.generations import Generations
    from search.elastic.index import ElasticIndex
    from worker.ports import Parse
    from worker.rebuild import Rebuilt
    from worker.recipes import Activation
    from worker.registry import Registered

Progress = Callable[[int], None]
_SKEW_S = 60.0
"""How far this machine's clock may be from the cluster's."""


class StageError(ForeseenError):
    """What was asked cannot be done with these generations; says the remedy."""


class Stage:
    """The generations of a home's index, with its database and recipes."""

    def __init__(
        self,
        place: Workplace,
        *,
        parse: Parse | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use a home whose index is on Elasticsearch; nothing is opened yet.

        Args:
            place: the home.
            parse: reads a cached model output back; None: one of the shipped pipeline.
            sleep: waits so many seconds.
        """
        self.place = place
        self._parse = parse
        self.sleep = sleep

    @cached_property
    def config(self) -> ElasticConfig:
        """How the cluster is reached."""
        return self.place.settings.elastic_config()

    @cached_property
    def generations(self) -> Generations:
        """The indices and their roles."""
        from search.elastic.generations import Generations

        return Generations.open(self.config)

    def close(self) -> None:
        """Close the connections."""
        if "generations" in self.__dict__:
            self.generations.close()

    def index(self, one: Described) -> ElasticIndex:
        """Return one generation as an index of its own."""
        from search.elastic.index import ElasticIndex

        return ElasticIndex(self.config, one.space, generation=one.name)

    def pair(self) -> tuple[Described, Described]:
        """Return the current generation and the standby.

        Raises:
            StageError: nothing stands by.
        """
        current, standby = self.generations.roles()
        if standby is None:
            raise StageError(
                f"{current.name} is the only generation; build another: hirelens index create"
            )
        return current, standby

    def create(
        self, recipe: str | None = None, shards: int | None = None, replicas: int | None = None
    ) -> Described:
        """Make a generation for one recipe (None: the active or configured one).

        Raises:
            GenerationError: one stands by already, or another command was faster.
            UnknownRecipe: no recipe has such a digest.
        """
        from search.elastic.generations import Plan

        row = self.registered(recipe)
        plan = Plan(
            self.place.vector_space if row is None else row.vector_space,
            None if row is None else row.digest,
            self.config.shards if shards is None else shards,
            self.config.replicas if replicas is None else replicas,
            _length(self.place, row),
        )
        return self.generations.create(plan)

    def wait_until_known(self, one: Described) -> float:
        """Wait until every writer has seen that a generation has joined; returns the seconds.

        Then no write that was acknowledged can have missed it.
        """
        whole = self.config.roles_ttl_s + self.config.timeout_s
        now = self.generations.server_time()
        skew = _SKEW_S if now is None else 1.0
        age = (time.time() if now is None else now) - one.created_at / 1000
        # A clock that is wrong by more than a minute must not make it too short.
        wait_s = whole if now is None and age < whole + skew else min(whole, whole + skew - age)
        if wait_s <= 0:
            return 0.0
        self.sleep(wait_s)
        return wait_s

    def catch_up(self, on_progress: Progress = lambda _seen: None) -> Copied | Rebuilt:
        """Bring the standby level: a copy, or reading everything under its own recipe.

        Raises:
            StageError: nothing stands by, or a switch is to be finished first.
        """
        from search.copying import copy

        current, standby = self.pair()
        self._refuse_unfinished(current)
        self.wait_until_known(standby)
        if current.space == standby.space:
            return copy(
                self.index(current), self.index(standby), on_progress=on_progress, sleep=self.sleep
            )
        return self._rebuild(standby, on_progress)

    def check(
        self, *, sample: int = 200, seed: int = 0, on_progress: Progress = lambda _seen: None
    ) -> Gate:
        """Compare the standby with the current generation and with the database.

        Args:
            sample: documents that are compared whole.
            seed: of the sample.
            on_progress: called with the ids of each page.

        Raises:
            StageError: nothing stands by, or a switch is to be finished first.
        """
        from hirelens.gate_reading import read

        current, standby = self.pair()
        self._refuse_unfinished(current)
        self.wait_until_known(standby)
        return decide(read(self, current, standby, sample, seed, on_progress))

    def switch(self, gate: Gate, reason: str = "switch", *, ask: bool = False) -> Switched:
        """Let the standby serve, its recipe become the active one; asks for what is behind.

        Args:
            gate: what was found of exactly these two.
            reason: why, for the log.
            ask: look for what is behind also where the recipe stays.

        Raises:
            StageError, GenerationError: the roles have changed meanwhile.
        """
        from hirelens.switching import switch

        return switch(self, gate, reason, ask=ask)

    def finish(self) -> Switched:
        """Activate the recipe of a generation that serves already: a switch was killed."""
        from hirelens.switching import finish

        return finish(self)

    def promote(self, standby: Described) -> Switched:
        """Let the standby serve unchecked; for where ``alone`` says that nothing else does."""
        from hirelens.switching import promote

        return promote(self, standby)

    def alone(self) -> Described | None:
        """Return the standby where no index serves, or one that is not ours; else None.

        Raises:
            IndexUnavailableError: nothing serves, and nothing stands by that could.
        """
        from search.index import IndexUnavailableError, Trouble

        try:
            self.generations.roles()
        except IndexUnavailableError as error:
            ours = [one for one in self.generations.all() if one.role == "standby" and one.space]
            if error.reason not in (Trouble.MISSING, Trouble.FOREIGN) or len(ours) != 1:
                raise
            return ours[0]
        return None

    def unfinished(self) -> Described | None:
        """Return the current generation where its recipe is not the active one yet."""
        current, _ = self.generations.roles()
        return current if self._is_unfinished(current) else None

    def _rebuild(self, standby: Described, on_progress: Progress) -> Rebuilt:
        from search import document
        from worker.batch import Tools
        from worker.ports import default_parse
        from worker.rebuild import rebuild

        enricher = self.place.enricher_of(self.recipe_of(standby))
        tools = Tools(self.place.engine, enricher, document, self._parse or default_parse)
        return rebuild(tools, self.index(standby), on_progress=on_progress, sleep=self.sleep)

    def target(self, current: Described, standby: Described) -> Target | None:
        """Return what the standby's documents must be of where it has another vector space."""
        from search.differences import Target
        from worker.standby import target

        if current.space == standby.space:
            return None
        aim = target(self.active(), self.recipe_of(standby))
        return Target(aim.recipe, aim.since)

    def recipe_of(self, one: Described) -> str:
        """Return the recipe that a generation is built for, or was served by last.

        Raises:
            StageError: it does not say.
        """
        if one.recipe is None:
            raise StageError(
                f"{one.name} does not say which recipe it is built for; drop it, then: "
                "hirelens index create --recipe DIGEST"
            )
        return one.recipe

    def _refuse_unfinished(self, current: Described) -> None:
        if self._is_unfinished(current):
            raise StageError(
                f"{current.name} serves, and its recipe is not active: a switch was interrupted; "
                "finish it: hirelens index switch"
            )

    def _is_unfinished(self, current: Described) -> bool:
        active = self.active()
        row = None if active is None else self.registered(active.recipe)
        return row is not None and row.vector_space != current.space

    def active(self) -> Activation | None:
        """Return the active recipe, None before the first."""
        from worker import recipes
        from worker.engine import reading

        with reading(self.place.engine) as session:
            return recipes.active(session)

    def registered(self, recipe: str | None) -> Registered | None:
        """Return a recipe by the beginning of its digest; None: the active one, if known."""
        from worker import registry
        from worker.engine import reading

        if recipe is not None:
            with reading(self.place.engine) as session:
                return registry.get(session, recipe)
        active = self.active()
        if active is None:
            return None
        with reading(self.place.engine) as session:
            return registry.find(session, active.recipe)


def ensure_first(place: Workplace) -> None:
    """Make the first generation where there is none, for commands that index by themselves.

    Raises:
        IndexUnavailableError: what is there cannot be used.
        GenerationError: it cannot be made.
    """
    from search.elastic.generations import GenerationError

    stage = Stage(place)
    try:
        if stage.generations.all():
            stage.generations.roles()  # says what is wrong with them
            return
        try:
            stage.create()
        except GenerationError:
            stage.generations.roles()  # another command was faster
    finally:
        stage.close()


def _length(place: Workplace, row: Registered | None) -> int | None:
    """Return the length of a recipe's vectors without loading its towers, None where unknown."""
    from enrich.towers.bundle import SHIPPED

    path = place.settings.towers if row is None else row.towers_path
    try:
        config = json.loads((Path(path or SHIPPED) / "config.json").read_text("utf-8"))
        return int(config["shape"]["dimensions"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # the first vector fixes it
