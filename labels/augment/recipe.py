"""Which share of posts each augmenter is tried on, and drawing an epoch by them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields

from labels.augment.words import Words
from labels.train.data import Example

FIRST = (
    "bait_title",
    "honest_title",
    "exchange",
    "chain",
    "clause",
    "stuffing",
    "exclusion",
    "ladder",
)
SECOND = ("replace", "replace_hired", "decorate", "homophones", "traditional")


class RecipeError(ValueError):
    """A recipe cannot be followed; names the field and the remedy."""


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """Shares of posts; a post gets at most one of the first eight and one of the next five.

    Where the drawn augmenter does not fit a post another one is drawn, a few times. ``honest``:
    share of clauses that name the hired position itself. ``named_share``: share of the named words
    that ``replace`` replaces. ``traditional`` is off: normalising undoes it, it serves raw posts.
    """

    bait_title: float = 0.14
    honest_title: float = 0.05
    exchange: float = 0.12
    chain: float = 0.05
    clause: float = 0.18
    stuffing: float = 0.06
    exclusion: float = 0.04
    ladder: float = 0.03
    replace: float = 0.3
    replace_hired: float = 0.06
    decorate: float = 0.03
    homophones: float = 0.04
    traditional: float = 0.0
    honest: float = 0.35
    named_share: float = 0.7

    def __post_init__(self) -> None:
        """Check the shares.

        Raises:
            RecipeError: a share lies outside 0 to 1, or those of one step add up to more than 1.
        """
        for field in fields(self):
            if not 0.0 <= getattr(self, field.name) <= 1.0:
                raise RecipeError(f"{field.name} is no share; give a number from 0 to 1")
        for names in (FIRST, SECOND):
            total = sum(getattr(self, name) for name in names)
            if total > 1.0 + 1e-9:
                raise RecipeError(f"{' + '.join(names)} is {total:.2f}; lower some to 1 in all")


def augment(
    examples: Sequence[Example],
    config: AugmentConfig,
    rng: random.Random,
    words: Words | None = None,
) -> list[Example]:
    """Return every post once, some of them changed; call it anew for each epoch.

    ``words`` (made of the training posts) saves collecting them at every call.

    Raises:
        RecipeError: nlpaug is not installed.
    """
    if not any(getattr(config, name) for name in (*FIRST, *SECOND)):
        return list(examples)
    try:
        from labels.augment.flow import flow_of
    except ModuleNotFoundError as error:
        raise RecipeError(
            f"augmentation needs {error.name}; pip install 'hirelens[train]', or set all to 0"
        ) from None
    flow = flow_of(examples, words or Words(examples), config, rng)
    return [flow.augment([example])[0] for example in examples]
