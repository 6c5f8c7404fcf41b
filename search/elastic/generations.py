"""Dated indices and their roles: made, swapped and dropped, each step one request that may fail.

Both the write and the standby alias mark their index as the write index: the server then refuses
a second one, so that of two commands at the same time only one wins.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from search.elastic.aliases import (
    first_aliases,
    next_name,
    promote_actions,
    removal,
    serving,
    standby_aliases,
    swap_actions,
)
from search.elastic.client import connect, kind_of, reason_of, translated
from search.elastic.config import ElasticConfig
from search.elastic.described import Described, described_of, mapping_problems
from search.elastic.roles import roles_of, squatting
from search.index import IndexUnavailableError, Trouble
from search.schema import META, mapping, settings

__all__ = [
    "Counts",
    "Described",
    "GenerationError",
    "Generations",
    "Plan",
    "mapping_problems",
]


class GenerationError(RuntimeError):
    """A generation cannot be made, switched to or dropped; says why and the remedy."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Documents by state; ``lacking``: open ones without a vector of the generation's space."""

    open: int
    closed: int
    lacking: int

    @property
    def documents(self) -> int:
        """All of them."""
        return self.open + self.closed


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new generation is made of; ``length`` of vectors: None until the first one."""

    space: str
    recipe: str | None
    shards: int
    replicas: int
    length: int | None = None


class Generations:
    """The generations of one prefix; every change is decided by the server, never by a reading."""

    def __init__(self, client: Elasticsearch, config: ElasticConfig) -> None:
        """Use a client."""
        self._client = client
        self._config = config

    @classmethod
    def open(cls, config: ElasticConfig) -> Generations:
        """Connect; nothing is sent yet."""
        return cls(connect(config), config)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def all(self) -> tuple[Described, ...]:
        """Return every index of the prefix or behind its aliases, in the order of names."""
        config = self._config
        with translated(config):
            found = self._client.indices.get(
                index=[config.read_alias, config.pattern],
                allow_no_indices=True,
                ignore_unavailable=True,
            )
        return tuple(described_of(name, found[name], config) for name in sorted(found))

    def roles(self) -> tuple[Described, Described | None]:
        """Return the current generation and the standby as they are now.

        Raises:
            IndexUnavailableError: there is none, there are too many, or it is not ours.
        """
        found = {one.name: one for one in self.all()}
        roles = roles_of(tuple(one.generation for one in found.values()), self._config)
        standby = None if roles.standby is None else found[roles.standby.name]
        return found[roles.current.name], standby

    def create(self, plan: Plan, today: date | None = None) -> Described:
        """Make the first generation with all aliases, or a standby beside the current one.

        Raises:
            GenerationError: there is a standby already, or another command was faster.
        """
        found = self.all()
        current = [one for one in found if one.role == "current"]
        standby = [one.name for one in found if one.role == "standby"]
        if standby:
            force = "" if any(one.space for one in current) else " --force"
            raise GenerationError(
                f"generation {standby[0]} stands by already; let it serve (hirelens index "
                f"switch{force}) or drop it (hirelens index drop)"
            )
        _refuse_halves(found, self._config)
        name = next_name(self._config, (one.name for one in found), today or _today())
        aliases = standby_aliases(self._config) if current else first_aliases(self._config)
        try:
            with _races_pass(self._config):
                self._client.indices.create(
                    index=name,
                    aliases=aliases,
                    mappings=_mapping(plan),
                    settings=settings(plan.shards, plan.replicas),
                )
        except ApiError as error:
            raise GenerationError(
                f"{name} was not made, another command was faster ({reason_of(error.body)}); "
                "look: hirelens index list"
            ) from error
        return self._described(name)

    def swap(self, current: str, standby: str) -> None:
        """Give the standby the current one's aliases and the reverse, all in one request.

        Repeating it changes nothing.

        Raises:
            GenerationError: other indices have these roles now.
        """
        try:
            with _races_pass(self._config):
                self._client.indices.update_aliases(
                    actions=swap_actions(self._config, current, standby)
                )
        except ApiError as error:
            # Also when a lost answer was asked for again: then it is done.
            now, other = self.roles()
            if (now.name, other.name if other else None) == (standby, current):
                return
            raise GenerationError(
                f"nothing was switched: {reason_of(error.body)}; roles have changed meanwhile, "
                "look: hirelens index list"
            ) from error

    def promote(self, standby: str) -> None:
        """Let the standby serve in the place of whatever has aliases and cannot be used.

        Raises:
            GenerationError: other indices have these roles now.
        """
        holders = {one.name: one.generation.aliases & serving(self._config) for one in self.all()}
        try:
            with _races_pass(self._config):
                self._client.indices.update_aliases(
                    actions=promote_actions(self._config, standby, holders)
                )
        except ApiError as error:
            raise GenerationError(
                f"nothing was switched: {reason_of(error.body)}; look: hirelens index list"
            ) from error

    def remember(self, one: Described, recipe: str | None) -> None:
        """Write into a generation which recipe its documents have, and that it serves no more."""
        ours = dict(one.mapping["_meta"][META])
        wanted = {**ours, "served": True, "left_at": int(time.time() * 1000)}
        wanted |= {} if recipe is None else {"recipe": recipe}
        meta = {**one.mapping["_meta"], META: wanted}
        with translated(self._config):
            self._client.indices.put_mapping(index=one.name, meta=meta)

    def drop(self, name: str) -> None:
        """Delete the standby, or one of our indices that has no role.

        Raises:
            GenerationError: it is the current one, is not ours, or is not there.
        """
        found = {one.name: one for one in self.all()}
        one = found.get(name)
        if one is None:
            known = ", ".join(found) or "none"
            raise GenerationError(f"{name}: there is no such generation; there are: {known}")
        if one.role == "current" or one.generation.aliases & serving(self._config):
            raise GenerationError(
                f"{name} is the current generation; switch to another first: hirelens index switch"
            )
        if one.format is None:
            raise GenerationError(
                f"{name} was not made by hirelens (no _meta.{META}); delete it by other means"
            )
        try:
            with _races_pass(self._config):
                if one.role == "standby":
                    # First it loses its role, by a request that fails where it has become the
                    # current one; an index without a role gets none any more.
                    removed = removal(self._config.standby_alias, name)
                    self._client.indices.update_aliases(actions=[removed])
                self._client.indices.delete(index=name)
        except ApiError as error:
            raise GenerationError(
                f"{name} was not dropped: {reason_of(error.body)}; look: hirelens index list"
            ) from error

    def counts(self, one: Described) -> Counts:
        """Count the documents of a generation, what was written a moment ago included."""
        is_open = {"term": {"state": "open"}}
        bare = {
            "bool": {"filter": is_open, "must_not": {"exists": {"field": one.generation.field}}}
        }
        self.refresh(one.name)
        opened = self._count(one.name, is_open)
        closed = self._count(one.name, {"term": {"state": "closed"}})
        return Counts(opened, closed, self._count(one.name, bare) if one.space else opened)

    def refresh(self, name: str) -> None:
        """Make what was written visible."""
        with translated(self._config):
            self._client.indices.refresh(index=name)

    def lacking(self, one: Described, recipe: str) -> int:
        """Count the open documents of a recipe that have no vector of the generation's space."""
        bare = {"exists": {"field": one.generation.field}}
        wanted = [{"term": {"state": "open"}}, {"term": {"recipe": recipe}}]
        return self._count(one.name, {"bool": {"filter": wanted, "must_not": bare}})

    def server_time(self) -> float | None:
        """Return the cluster's time in seconds since 1970, None where we may not ask for it."""
        try:
            with translated(self._config):
                told = self._client.cat.health(format="json", h="epoch")
            return float(told.body[0]["epoch"])  # type: ignore[index]
        except IndexUnavailableError as error:
            if error.reason is not Trouble.REFUSED:
                raise
            return None

    def size(self, name: str) -> int:
        """Return the bytes of a generation's primaries on disk."""
        with translated(self._config):
            told = self._client.indices.stats(index=name, metric="store")
        return int(told["indices"][name]["primaries"]["store"]["size_in_bytes"])

    def _count(self, name: str, query: dict[str, Any]) -> int:
        with translated(self._config):
            return int(self._client.count(index=name, query=query)["count"])

    def _described(self, name: str) -> Described:
        with translated(self._config):
            found = self._client.indices.get(index=name)
        return described_of(name, found[name], self._config)


_RACES = frozenset(
    {
        "aliases_not_found_exception",
        "illegal_state_exception",
        "index_not_found_exception",
        "invalid_alias_name_exception",
        "resource_already_exists_exception",
    }
)
"""What the server says where another command was faster."""


@contextmanager
def _races_pass(config: ElasticConfig) -> Iterator[None]:
    """``translated``, but what the server says to the slower of two commands passes as it is."""
    raced: ApiError | None = None
    with translated(config):
        try:
            yield
        except ApiError as error:
            if kind_of(error.body) not in _RACES:
                raise
            raced = error
    if raced is not None:
        raise raced


def _mapping(plan: Plan) -> dict[str, Any]:
    wanted = mapping(plan.space, plan.length)
    if plan.recipe is not None:
        wanted["_meta"] = {META: {**wanted["_meta"][META], "recipe": plan.recipe}}
    return wanted


def _refuse_halves(found: Iterable[Described], config: ElasticConfig) -> None:
    """Refuse to add to aliases that lead to several indices, or to no common one.

    Raises:
        IndexUnavailableError: says what mends them.
    """
    generations = tuple(one.generation for one in found)
    held = any(one.aliases & serving(config) for one in generations)
    if not held and not squatting(generations, config):
        return
    try:
        roles_of(generations, config)
    except IndexUnavailableError as error:
        # One that is not ours may serve: what is made beside it takes its place.
        if error.reason is not Trouble.FOREIGN:
            raise


def _today() -> date:
    return datetime.now(UTC).date()
