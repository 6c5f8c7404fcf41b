"""How much is sent at once and how long is waited when the cluster has too much to do."""

from __future__ import annotations

import random
from collections.abc import Callable


class Pace:
    """The size of requests: halved when the cluster cannot follow, growing slowly afterwards.

    Kept for the life of a writer. Threads may share it: a lost step is made up for by the next.
    """

    def __init__(self, documents: int, size: int) -> None:
        """Start at the most: so many documents and bytes a request."""
        self._most = documents
        self.documents = documents
        self.size = size

    def slower(self, sent: int) -> None:
        """Send half of so many documents, which were too many, at least one."""
        self.documents = max(1, min(self.documents, sent) // 2)

    def faster(self) -> None:
        """Take a twentieth of the most back."""
        self.documents = min(self._most, self.documents + max(1, self._most // 20))

    def too_big(self, size: int) -> None:
        """Learn from a request of ``size`` bytes that was refused for its size."""
        self.size = max(1, min(self.size, size // 2))


class Pauses:
    """Growing pauses with jitter, limited in number and in sum; one object for one batch."""

    def __init__(
        self,
        *,
        first_s: float = 0.1,
        most_s: float = 2.0,
        total_s: float = 5.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Start with ``first_s`` seconds, doubled each time up to ``most_s``."""
        self._next_s = first_s
        self._most_s = most_s
        self._left_s = total_s
        self._chance = chance

    def next(self, asked_s: float | None = None) -> float | None:
        """Return the next pause in seconds; None: the patience is used up.

        Args:
            asked_s: what the server asks for; a longer wait than is left ends the patience.
        """
        # Half of it by chance, so that those who were refused together do not come back together.
        pause = self._next_s * (0.5 + self._chance() / 2)
        if asked_s is not None:
            pause = max(pause, asked_s)
        if pause > self._left_s:
            return None
        self._left_s -= pause
        self._next_s = min(self._most_s, self._next_s * 2)
        return pause
