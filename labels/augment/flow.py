"""The flow of augmenters that a recipe asks for."""

from __future__ import annotations

import random
from collections.abc import Sequence

from nlpaug.flow import Sequential

from labels.augment.base import Choose, PostAugmenter
from labels.augment.insert import BaitClause, Chain, Exclusion, Ladder, Stuffing
from labels.augment.recipe import FIRST, SECOND, AugmentConfig
from labels.augment.replace import BaitTitle, ExchangeKeys, HonestTitle, ReplaceHired, ReplaceNamed
from labels.augment.spelling import Decorate, Homophones, Traditional
from labels.augment.titles import Donors
from labels.augment.words import Words
from labels.train.data import Example


def augmenters(
    examples: Sequence[Example], words: Words, config: AugmentConfig, rng: random.Random
) -> dict[str, PostAugmenter]:
    """Return every augmenter by its name in the recipe; titles stem from ``examples``."""
    donors = Donors(examples, words)
    return {
        "bait_title": BaitTitle(donors, rng),
        "honest_title": HonestTitle(donors, rng),
        "exchange": ExchangeKeys(words, rng),
        "chain": Chain(words, rng),
        "clause": BaitClause(words, rng, honest=config.honest),
        "stuffing": Stuffing(words, rng),
        "exclusion": Exclusion(words, rng),
        "ladder": Ladder(words, rng),
        "replace": ReplaceNamed(words, rng, config.named_share),
        "replace_hired": ReplaceHired(words, rng),
        "decorate": Decorate(rng),
        "homophones": Homophones(rng),
        "traditional": Traditional(rng),
    }


def flow_of(
    examples: Sequence[Example], words: Words, config: AugmentConfig, rng: random.Random
) -> Sequential:
    """Return what changes a list of one post: one augmenter of each step at most."""
    made = augmenters(examples, words, config, rng)
    return Sequential(
        [
            Choose([(made[name], getattr(config, name)) for name in names], rng)
            for names in (FIRST, SECOND)
        ]
    )
