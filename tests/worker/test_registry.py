"""The registry of recipes and the cursors of walks."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from worker import cursors, recipes, registry
from worker.engine import reading, writing
from worker.recipes import Activation
from worker.registry import UnknownRecipe


@dataclass(frozen=True)
class Parts:
    digest: str
    reality: str = "r1"
    taxonomy: str = "t1"
    rules: str = "u1"
    vector_space: str = "v1"


def test_a_recipe_is_kept_with_its_places(engine: sa.Engine) -> None:
    with writing(engine) as session:
        assert registry.find(session, "abc1") is None
        first = registry.register(session, Parts("abc1"), "/models/a", None)
        assert (first.reality, first.taxonomy, first.rules) == ("r1", "t1", "u1")
        moved = registry.register(session, Parts("abc1"), "/models/b", "/t.gz")
        assert (moved.model_path, moved.taxonomy_path) == ("/models/b", "/t.gz")
        assert moved.registered_at == first.registered_at
        assert registry.known(session) == [moved]
        assert registry.find(session, "abc1") == moved
        assert registry.find(session, "abc") is None


def test_a_beginning_names_one_recipe_or_says_what_to_do(engine: sa.Engine) -> None:
    with writing(engine) as session:
        for digest in ("abc1", "abd2"):
            registry.register(session, Parts(digest), None, None)
        assert registry.get(session, "abd").digest == "abd2"
        with pytest.raises(UnknownRecipe, match=r"abc1, abd2|abd2, abc1"):
            registry.get(session, "ab")
        for unknown in ("x", ""):
            with pytest.raises(UnknownRecipe, match="recipe list"):
                registry.get(session, unknown)


def activate(engine: sa.Engine, *names: str) -> None:
    with writing(engine) as session:
        for name in names:
            recipes.activate(session, name, ask=False)


def test_the_recipe_before_is_the_last_other_one(engine: sa.Engine) -> None:
    with reading(engine) as session, pytest.raises(UnknownRecipe, match="before"):
        registry.before(session)
    activate(engine, "a")
    with reading(engine) as session, pytest.raises(UnknownRecipe, match="before"):
        registry.before(session)
    activate(engine, "b")
    with writing(engine) as session:
        recipes.repair(session, Activation(2, "b", 2))
        assert registry.before(session) == "a"
    activate(engine, "a")
    with reading(engine) as session:
        assert registry.before(session) == "b"
        numbers = [(c.number, c.recipe, c.reason) for c in registry.changes(session)]
    assert numbers == [
        (4, "a", "command"),
        (3, "b", "repair"),
        (2, "b", "command"),
        (1, "a", "command"),
    ]


def test_cursors_are_kept_replaced_and_forgotten(engine: sa.Engine) -> None:
    with writing(engine) as session:
        assert cursors.load(session, "x") is None
        cursors.save(session, "x", {"after": "招"})
        cursors.save(session, "x", {"after": "聘", "n": 2})
        cursors.save(session, "y", {})
        assert cursors.load(session, "x") == {"after": "聘", "n": 2}
        cursors.forget(session, "x")
        assert cursors.load(session, "x") is None
        assert cursors.load(session, "y") == {}
