"""What recipes are made of and where their parts lie, so that a worker can load the active one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from worker.clock import now_ms
from worker.recipes import Activation, active
from worker.tables import activations
from worker.tables import recipes as table
from worker.upsert import insert_missing


class UnknownRecipe(LookupError):  # noqa: N818
    """No recipe, or more than one, has a digest that begins so; says the remedy."""


class Parts(Protocol):
    """``enrich.recipe.Recipe`` as the registry sees it."""

    @property
    def digest(self) -> str:
        """The whole."""
        ...

    @property
    def reality(self) -> str:
        """Model weights, number format, thresholds."""
        ...

    @property
    def taxonomy(self) -> str:
        """The compiled taxonomy."""
        ...

    @property
    def rules(self) -> str:
        """The code that applies them."""
        ...

    @property
    def vector_space(self) -> str:
        """What vectors mean."""
        ...


@dataclass(frozen=True, slots=True)
class Registered:
    """A known recipe; a path is None where the shipped part is meant."""

    digest: str
    reality: str
    taxonomy: str
    rules: str
    vector_space: str
    model_path: str | None
    taxonomy_path: str | None
    towers_path: str | None
    registered_at: int

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Change:
    """One activation of a recipe, in the order in which they happened."""

    number: int
    recipe: str
    reason: str
    activated_at: int


def register(
    session: Session,
    recipe: Parts,
    model_path: str | None,
    taxonomy_path: str | None,
    towers_path: str | None = None,
) -> Registered:
    """Keep a recipe and where its parts lie; of a known one the places are brought up to date."""
    places = {
        "model_path": model_path,
        "taxonomy_path": taxonomy_path,
        "towers_path": towers_path,
    }
    row = {name: getattr(recipe, name) for name in ("digest", *_PARTS)}
    if not insert_missing(session, table, {**row, **places, "registered_at": now_ms()}):
        session.execute(update(table).where(table.c.digest == recipe.digest).values(**places))
    return get(session, recipe.digest)


def find(session: Session, digest: str) -> Registered | None:
    """Return the recipe of a whole digest, None where it was never registered."""
    row = session.execute(_all().where(table.c.digest == digest)).mappings().one_or_none()
    return None if row is None else Registered(**row)


def get(session: Session, prefix: str) -> Registered:
    """Return the one recipe whose digest begins so.

    Raises:
        UnknownRecipe: there is none, or more than one.
    """
    found = [one for one in known(session) if one.digest.startswith(prefix)] if prefix else []
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(one.digest for one in found)
        raise UnknownRecipe(f"recipe {prefix!r} may be any of {names}; write more of its digest")
    raise UnknownRecipe(f"recipe {prefix!r} is not known; see 'hirelens recipe list'")


def known(session: Session) -> list[Registered]:
    """Return all registered recipes, the newest first."""
    query = _all().order_by(table.c.registered_at.desc(), table.c.digest)
    return [Registered(**row) for row in session.execute(query).mappings()]


def changes(session: Session, limit: int = 100) -> list[Change]:
    """Return the last activations, repairs included, the newest first."""
    columns = activations.c
    query = select(columns.number, columns.recipe, columns.reason, columns.activated_at)
    rows = session.execute(query.order_by(columns.number.desc()).limit(limit))
    return [Change(*row) for row in rows]


def before(session: Session) -> str:
    """Return the digest of the recipe that was active before the present one.

    Raises:
        UnknownRecipe: there is none.
    """
    now = active(session)
    digest = None if now is None else _before(session, now)
    if digest is None:
        raise UnknownRecipe(
            "no recipe was active before this one; see 'hirelens recipe list', then activate one"
        )
    return digest


def _before(session: Session, now: Activation) -> str | None:
    columns = activations.c
    return session.scalar(
        select(columns.recipe)
        .where(columns.recipe != now.recipe, columns.number < now.since)
        .order_by(columns.number.desc())
        .limit(1)
    )


_PARTS: Sequence[str] = ("reality", "taxonomy", "rules", "vector_space")


def _all() -> Select[Any]:
    return select(*(table.c[field.name] for field in fields(Registered)))
