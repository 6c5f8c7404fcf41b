"""What the sources that are asked say of a pair, and who of them decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from search.rewrite.combine import ACCEPT, combined
from search.rewrite.model import Source
from search.rewrite.taxonomy_source import Finding


class Nearness(Protocol):
    """The encoder as rewriting sees it; works on spelled words, on any text."""

    def near(self, word: str) -> tuple[tuple[str, float], ...]:
        """Return the forms nearest to a word with the probability of each, the best first."""
        ...

    def prepare(self, words: Sequence[str]) -> None:
        """Encode words together that ``between`` will be asked for."""
        ...

    def between(self, query: str, candidate: str) -> float | None:
        """Return the probability in 0..1 that a candidate may stand for a query; None: unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Voices:
    """What is said of a pair.

    ``near``: the encoder's probability; ``clicked``: the overlap of clicks; None where not asked or
    not known. ``shared``: the characters in common.
    """

    finding: Finding
    near: float | None
    clicked: float | None
    shared: float

    @property
    def score(self) -> float:
        """The score of the pair in 0..1."""
        return combined(
            self.finding.relation,
            self.finding.fit,
            near=self.near,
            clicked=self.clicked,
            shared=self.shared,
        )

    def told(self) -> tuple[Source | None, str]:
        """Return who decided, and what each says."""
        said = [self.finding.why] if self.finding.why else []
        if self.near is not None:
            said.append(f"encoder {self.near:.2f}")
        if self.clicked is not None:
            said.append(f"clicks {self.clicked:.2f}")
        return self._decided(), "; ".join(said) or "nothing is known of the two"

    def _decided(self) -> Source | None:
        bare = combined(self.finding.relation, self.finding.fit, shared=self.shared)
        if self.finding.relation is not None and (bare >= ACCEPT) == (self.score >= ACCEPT):
            return Source.TAXONOMY
        if self.near is not None and (self.clicked is None or self.near >= ACCEPT):
            return Source.ENCODER
        return Source.CLICKS if self.clicked is not None else None
