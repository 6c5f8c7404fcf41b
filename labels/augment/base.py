"""Augmenters of judged posts within nlpaug's interface.

nlpaug's own operations split text at blanks and know no labels; of it are used the base class and
the flows, which pass a list of one post from augmenter to augmenter.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, ClassVar

from nlpaug import Augmenter
from nlpaug.flow import Sometimes
from nlpaug.util import Action, Method

from labels.augment.effects import Effect
from labels.train.data import Example

_DRAWS = 3


class PostAugmenter(Augmenter):  # type: ignore[misc] # the library ships no types
    """Changes one judged post; where it cannot be applied the post stays as it is.

    ``effect`` declares what it does to labels and text.
    """

    effect: ClassVar[Effect]

    def __init__(self, rng: random.Random) -> None:
        """Draw from ``rng`` alone, so that a seed decides everything."""
        self.rng = rng
        action = Action.INSERT if self.effect.kind == "insert" else Action.SUBSTITUTE
        super().__init__(type(self).__name__, Method.SENTENCE, action, aug_min=1, aug_max=1)

    def apply(self, example: Example) -> Example:
        """Return the changed post, or the same one."""
        raise NotImplementedError

    def insert(self, data: Example) -> Example:
        """Serve nlpaug's name for an operation that adds."""
        return self.apply(data)

    def substitute(self, data: Example) -> Example:
        """Serve nlpaug's name for an operation that changes."""
        return self.apply(data)

    @classmethod
    def clean(cls, data: list[Example]) -> list[Example]:
        """Leave the data as it is: examples are normalised already."""
        return data

    @classmethod
    def is_duplicate(cls, dataset: Sequence[Any], data: Any) -> bool:  # noqa: ANN401, ARG003
        """Accept an unchanged post: flows would draw again, and shares would not hold."""
        return False


class Choose(Sometimes):  # type: ignore[misc] # the library ships no types
    """A flow that applies at most one of its augmenters, each with its own probability.

    Where the drawn one leaves a post as it is, another one is drawn, a few times.
    """

    def __init__(self, shares: Sequence[tuple[Augmenter, float]], rng: random.Random) -> None:
        """Take augmenters with the shares of posts that they are tried on; the sum is at most 1."""
        super().__init__([augmenter for augmenter, _ in shares], aug_p=sum(s for _, s in shares))
        self.rng = rng
        self.weights = [share for _, share in shares]

    def augment(self, data: list[Example], n: int = 1, num_thread: int = 1) -> list[Example]:
        """Return the posts, each changed by at most one augmenter."""
        changed: list[Example] = []
        for example in data:
            if self.rng.random() >= self.aug_p:
                changed.append(example)
                continue
            for augmenter in self.rng.choices(self, self.weights, k=_DRAWS):
                after = augmenter.augment([example], n=n, num_thread=num_thread)
                if after != [example]:
                    break
            changed.extend(after)
        return changed

    @classmethod
    def is_duplicate(cls, dataset: Sequence[Any], data: Any) -> bool:  # noqa: ANN401, ARG003
        """Accept an unchanged post."""
        return False
