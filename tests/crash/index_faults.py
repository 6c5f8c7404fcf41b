"""What the monkey does to Elasticsearch: nodes killed and paused, the index taking no writes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tests.crash.faults import Aim, Faults, Prey
from tests.crash.indexes import TIMEOUT_S, Where
from tests.crash.undo import Undo

NAME = "elasticsearch"
DOWN_S = (0.0, 3.0)
BEYOND_TIMEOUT_S = (TIMEOUT_S + 0.5, TIMEOUT_S + 4.5)
"""Well below the 30 s after which the master would put a paused node out of the cluster."""
BLOCKED_S = (1.0, 4.0)
BLOCKS = ("read_only_allow_delete", "write")
"""What the flood stage of a full disk sets, and what people set."""
ASK_S = 3.0


class IndexFaults:
    """One node at a time, unless the fault is that all of them die."""

    def __init__(
        self, where: Where, prey: Prey, faults: Faults, aim: Aim, undo: Undo, chance: random.Random
    ) -> None:
        self._where, self._nodes, self._aim = where, prey.nodes, aim
        self._undo, self._chance = undo, chance
        self.deeds: dict[str, Callable[[], bool]] = {
            "kill elasticsearch": lambda: self._kill([self._chance.choice(self._nodes)]),
            "kill all nodes": lambda: self._kill(self._nodes),
            "pause elasticsearch": self._pause,
            "block index": self._block,
            "kill switcher": lambda: prey.switcher is not None and faults.kill(prey.switcher),
        }

    def _kill(self, nodes: Sequence[Any]) -> bool:
        if self._is_hit():
            return False
        self._aim.child()  # in the middle of somebody's batch
        for node in nodes:
            node.kill9()
        for node in nodes:
            # Each by itself: a node without its master does not get ready.
            start = partial(self._undo.aside, f"{NAME} {node.port}", node.start)
            self._undo.later(DOWN_S, NAME, start)
        return True

    def _pause(self) -> bool:
        if self._is_hit():
            return False
        node = self._chance.choice(self._nodes)
        self._aim.child()
        node.pause()
        self._undo.later(BEYOND_TIMEOUT_S, NAME, node.resume)
        return True

    def _block(self) -> bool:
        """Let the index take no writes; later all generations are freed, whatever they are then."""
        if self._is_hit() or "block" in self._undo.down:
            return False
        block = f"index.blocks.{self._chance.choice(BLOCKS)}"
        free = partial(self._set, self._where.config().pattern, block, None)
        self._undo.later(BLOCKED_S, "block", free)  # also where the answer does not come
        self._set(self._where.config().write_alias, block, True)
        return True

    def _set(self, indices: str, block: str, value: bool | None) -> None:
        self._nodes[0].request("PUT", f"/{indices}/_settings", {block: value}, timeout=ASK_S)

    def _is_hit(self) -> bool:
        return any(what.startswith(NAME) for what in self._undo.down)
