"""Augmentation of judged posts for training: labels and offsets stay true."""

from labels.augment.recipe import AugmentConfig, RecipeError, augment
from labels.augment.words import Words

__all__ = ["AugmentConfig", "RecipeError", "Words", "augment"]
