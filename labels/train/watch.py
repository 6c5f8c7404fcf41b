"""How a long run tells what it does; nothing by default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

Advance = Callable[[int], None]


@contextmanager
def _silent(label: str, total: int | None) -> Iterator[Advance]:
    del label, total
    yield lambda _: None


def _mute(text: str) -> None:
    del text


@dataclass(frozen=True, slots=True)
class Watch:
    """``log`` takes a remark; ``progress`` is opened with a label and how much there is to do."""

    log: Callable[[str], None] = _mute
    progress: Callable[[str, int | None], AbstractContextManager[Advance]] = _silent
