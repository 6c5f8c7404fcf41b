"""What an augmenter declares that it does to a post and to the label of each mention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal["insert", "reword", "retitle", "respell"]


@dataclass(frozen=True, slots=True)
class Effect:
    """The declared effect; property tests hold every augmenter to it.

    ``kind``: *insert* puts one stretch into a field and leaves the rest; *reword* puts other words
    into mentions and leaves all between them; *retitle* takes another title and leaves the body;
    *respell* writes the same text with other characters.
    ``adds``: classes that an added mention may have. ``rewords``: classes whose mentions may name
    another position afterwards. ``relabels``: class -> class of a mention that is taken over with
    another label; every class that is not named keeps.
    """

    kind: Kind
    adds: frozenset[str] = frozenset()
    rewords: frozenset[str] = frozenset()
    relabels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def label_after(self, label: str) -> str:
        """Return the class that a mention of class ``label`` has afterwards."""
        return self.relabels.get(label, label)
