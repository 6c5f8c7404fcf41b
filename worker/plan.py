"""The decision for one post, pure: what the index has, what the database says, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from search.index import ACTIVATIONS, State, document_version


class Action(StrEnum):
    """What to do with one claimed post."""

    INFER = "infer"  # the model must read it
    REUSE = "reuse"  # the model's output is cached; rules run anew
    METADATA_ONLY = "metadata_only"  # as reuse: only what the model does not read has changed
    CLOSE = "close"  # write a tombstone
    NOTHING = "nothing"  # the index has exactly this
    SUPERSEDED = "superseded"  # the index has something newer


@dataclass(frozen=True, slots=True)
class Target:
    """The post as the database has it, under the active recipe.

    ``since``: the activation that brought the recipe; a document below it may still be
    overwritten by a straggler of the recipe before.
    """

    revision: int
    deleted: bool
    content_hash: str
    activation: int
    since: int
    recipe: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The post as the index has it; ``content_hash`` is None where the document does not say."""

    version: int
    state: State
    recipe: str
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The action, the version to write under, and whether the index knows a later revision."""

    action: Action
    version: int
    ahead: bool = False


def decide(target: Target, stored: Stored | None, *, cached: bool) -> Decision:
    """Choose the action for one post; ``cached``: the model's output for its text is at hand."""
    version = document_version(target.revision, target.activation)
    if stored is not None and stored.version > version:
        ahead = stored.version // ACTIVATIONS > target.revision
        return Decision(Action.SUPERSEDED, version, ahead)
    if stored is not None and _is_current(target, stored):
        return Decision(Action.NOTHING, stored.version)
    if target.deleted:
        return Decision(Action.CLOSE, version)
    if not cached:
        return Decision(Action.INFER, version)
    changed = stored is not None and stored.version // ACTIVATIONS < target.revision
    return Decision(Action.METADATA_ONLY if changed else Action.REUSE, version)


def _is_current(target: Target, stored: Stored) -> bool:
    """Tell whether revision, recipe and content are the target's already."""
    if stored.version < document_version(target.revision, target.since):
        return False
    if stored.recipe != target.recipe:
        return False
    if target.deleted or stored.state == "closed":
        return target.deleted and stored.state == "closed"
    return stored.content_hash == target.content_hash
