"""The rig on an Elasticsearch node: writes refused now and then, generations switched meanwhile."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.crash import switcher
from tests.crash.encoder import RECIPE
from tests.crash.indexes import Where
from tests.crash.rig import Rig
from worker import registry
from worker.engine import writing

BLOCKED = 0.1
"""How often the index begins to take no writes, where something may happen to it."""
FREED = 0.5
SWITCHED = 0.1


@dataclass
class ElasticRig(Rig):
    """``node``: runs; ``prefix``: of the indices, which are left behind."""

    node: Any = None
    prefix: str = ""
    blocked: bool = False

    def __post_init__(self) -> None:
        # Roles are read for each request: nothing has to be waited for.
        self.where = Where(urls=(self.node.url,), prefix=self.prefix, roles_ttl_s=0.0)
        super().__post_init__()
        with writing(self.engine) as session:
            registry.register(session, RECIPE, switcher.NO_BUNDLE, None, switcher.NO_BUNDLE)
        self.stage = switcher.stage_of(self.where, self.engine, sleep=lambda _seconds: None)
        self.journal = self.folder / "steps.jsonl"
        self.switcher = switcher.Switcher(self.stage, self.journal, self.chance)

    @property
    def steps(self) -> list[str]:
        """What was done with generations."""
        return [step["did"] for step in switcher.steps(self.journal)]

    def upset(self) -> None:
        draw = self.chance.random()
        if draw < (FREED if self.blocked else BLOCKED):
            self._block(not self.blocked)
        elif draw > 1 - SWITCHED:
            with suppress(*switcher.ERRORS):
                self.switcher.step()

    def calm(self) -> None:
        self._block(False)

    def standby(self) -> list[str]:
        """Tell what the gate said when it was closed, and what differs now."""
        # Nothing is on its way while a step is taken here, and no worker dies.
        refused = [
            f"{step['index']} {step['did']}: {problem}"
            for step in switcher.steps(self.journal)
            for problem in step["problems"]
        ]
        return refused + switcher.differences(self.stage, fill=False)

    def close(self) -> None:
        self.stage.close()
        super().close()

    def _block(self, on: bool) -> None:
        """Refuse writes as a full disk does, or take them again."""
        assert self.where is not None
        body = {"index.blocks.read_only_allow_delete": True if on else None}
        self.node.request("PUT", f"/{self.where.config().pattern}/_settings", body)
        self.blocked = on
