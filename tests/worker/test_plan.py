from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.index import ACTIVATIONS, document_version
from worker.plan import Action, Stored, Target, decide


def target(
    *, deleted: bool = False, content: str = "c", activation: int = 3, since: int = 2
) -> Target:
    return Target(5, deleted, content, activation, since, "now")


def stored(
    revision: int,
    activation: int,
    state: str = "open",
    recipe: str = "now",
    content: str | None = "c",
) -> Stored:
    return Stored(document_version(revision, activation), state, recipe, content)  # type: ignore[arg-type]


CLOSED = target(deleted=True)
TABLE = [
    # what the index has, the post, cached -> action, ahead
    ("absent, not cached", None, target(), False, Action.INFER, False),
    ("absent, cached", None, target(), True, Action.REUSE, False),
    ("absent, deleted", None, CLOSED, False, Action.CLOSE, False),
    ("older revision, text new", stored(4, 3), target(), False, Action.INFER, False),
    ("older revision, text known", stored(4, 3), target(), True, Action.METADATA_ONLY, False),
    ("older revision, deleted", stored(4, 3), CLOSED, True, Action.CLOSE, False),
    ("older, closed, reopened", stored(4, 3, "closed"), target(), False, Action.INFER, False),
    ("older recipe, cached", stored(5, 1, recipe="old"), target(), True, Action.REUSE, False),
    ("older recipe, model new", stored(5, 1, recipe="old"), target(), False, Action.INFER, False),
    ("same recipe, before since", stored(5, 1), target(), True, Action.REUSE, False),
    ("current", stored(5, 3), target(), False, Action.NOTHING, False),
    ("current since before a repair", stored(5, 2), target(), True, Action.NOTHING, False),
    ("same version, other recipe", stored(5, 3, recipe="?"), target(), True, Action.REUSE, False),
    ("same version, other content", stored(5, 3, content="x"), target(), True, Action.REUSE, False),
    (
        "same version, content unknown",
        stored(5, 3, content=None),
        target(),
        True,
        Action.REUSE,
        False,
    ),
    ("tombstone is current", stored(5, 3, "closed"), CLOSED, False, Action.NOTHING, False),
    ("tombstone of an old recipe", stored(5, 1, "closed"), CLOSED, False, Action.CLOSE, False),
    ("open under the closing revision", stored(5, 3), CLOSED, False, Action.CLOSE, False),
    ("closed under an open revision", stored(5, 3, "closed"), target(), False, Action.INFER, False),
    ("newer activation", stored(5, 4), target(), True, Action.SUPERSEDED, False),
    ("newer revision", stored(6, 0), target(), True, Action.SUPERSEDED, True),
    ("newer tombstone", stored(6, 3, "closed"), target(), False, Action.SUPERSEDED, True),
    ("newer revision, deleted here", stored(6, 3), CLOSED, False, Action.SUPERSEDED, True),
]


@pytest.mark.parametrize(
    ("has", "post", "cached", "action", "ahead"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE]
)
def test_the_table(
    has: Stored | None, post: Target, cached: bool, action: Action, ahead: bool
) -> None:
    decision = decide(post, has, cached=cached)
    assert (decision.action, decision.ahead) == (action, ahead)
    if action is Action.NOTHING and has is not None:
        assert decision.version == has.version
    else:
        assert decision.version == document_version(5, 3)


@settings(deadline=None)
@given(
    revision=st.integers(0, 4),
    deleted=st.booleans(),
    cached=st.booleans(),
    number=st.integers(1, 4),
    since=st.integers(1, 4),
    has=st.none()
    | st.builds(
        Stored,
        version=st.integers(0, 5 * ACTIVATIONS),
        state=st.sampled_from(["open", "closed"]),
        recipe=st.sampled_from(["now", "old"]),
        content_hash=st.sampled_from([None, "c", "x"]),
    ),
)
def test_nothing_newer_is_ever_overwritten_and_nothing_older_is_left(
    revision: int, deleted: bool, cached: bool, number: int, since: int, has: Stored | None
) -> None:
    post = Target(revision, deleted, "c", number, min(since, number), "now")
    decision = decide(post, has, cached=cached)
    writes = decision.action not in {Action.NOTHING, Action.SUPERSEDED}
    if has is not None and has.version > document_version(revision, number):
        assert not writes
    elif has is None or has.version // ACTIVATIONS < revision or has.recipe != "now":
        assert writes
    assert (decision.action is Action.CLOSE) <= deleted
    if decision.action in {Action.INFER, Action.REUSE, Action.METADATA_ONLY}:
        assert not deleted
        assert (decision.action is Action.INFER) == (not cached)
