"""Which generations there are and which one plays which part: read from aliases and ``_meta``.

The current generation answers queries and its outcomes count; the standby one (being built, or
kept for a roll-back) receives the same writes.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from search.elastic.client import translated
from search.elastic.config import ElasticConfig
from search.index import IndexUnavailableError, Trouble
from search.schema import FORMAT, META, vector_field, vector_name


@dataclass(frozen=True, slots=True)
class Generation:
    """One index: its name and identity, what its vectors mean and how long they are.

    ``field`` is the path of the vectors; ``length`` is None until the first vector came.
    """

    name: str
    uuid: str
    space: str
    field: str
    length: int | None = None
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Roles:
    """The current generation and, where there is one, the standby."""

    current: Generation
    standby: Generation | None = None

    @property
    def all(self) -> tuple[Generation, ...]:
        """Those that receive writes, the current one first."""
        return (self.current,) if self.standby is None else (self.current, self.standby)


class RoleWatch:
    """Reads the roles and believes them for a while; shared by the threads of a process."""

    def __init__(
        self,
        client: Elasticsearch,
        config: ElasticConfig,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use a client; nothing is read yet."""
        self._client = client
        self._config = config
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Roles | None = None
        self._read_at = 0.0

    @property
    def age_s(self) -> float:
        """Seconds since the roles were asked for; endless before."""
        return float("inf") if self._known is None else self._clock() - self._read_at

    def roles(self, *, fresh: bool = False) -> Roles:
        """Return the roles; ``fresh`` reads them anew.

        Raises:
            IndexUnavailableError: there is none, there are too many, or it is not ours.
        """
        with self._lock:
            if fresh or self._known is None or self.age_s > self._config.roles_ttl_s:
                began = self._clock()  # what is read is at least as new as the question
                self._known = None
                self._known = roles_of(generations(self._client, self._config), self._config)
                self._read_at = began
            return self._known


def generations(client: Elasticsearch, config: ElasticConfig) -> tuple[Generation, ...]:
    """Return every index of the prefix or behind its aliases, in the order of names.

    Raises:
        IndexUnavailableError: the cluster cannot be asked.
    """
    with translated(config):
        found = client.indices.get(
            index=[config.read_alias, config.pattern],
            allow_no_indices=True,
            ignore_unavailable=True,
        )
    return tuple(generation_of(name, found[name]) for name in sorted(found))


def generation_of(name: str, described: Mapping[str, Any]) -> Generation:
    """Read one index of the server's answer; ``space`` is empty where it is not ours."""
    ours = described["mappings"].get("_meta", {}).get(META, {})
    right = ours.get("format") == FORMAT
    space = str(ours.get("vector_space", "")) if right else ""
    match = described["mappings"].get("properties", {}).get("match", {}).get("properties", {})
    return Generation(
        name,
        described["settings"]["index"]["uuid"],
        space,
        vector_field(space),
        match.get(vector_name(space), {}).get("dims"),
        frozenset(described.get("aliases", ())),
    )


def roles_of(found: tuple[Generation, ...], config: ElasticConfig) -> Roles:
    """Return who plays which part.

    Raises:
        IndexUnavailableError: nobody or several play the current one's, or it is not ours.
    """
    current = _only(found, config.write_alias)
    if current is None or _only(found, config.read_alias) != current:
        raise _missing(found, config)
    standby = _only(found, config.standby_alias)
    for generation in filter(None, (current, standby)):
        if not generation.space:
            raise IndexUnavailableError(
                Trouble.FOREIGN,
                f"index {generation.name} was not made by this version of hirelens "
                f"(_meta.{META}.format is not {FORMAT})",
                "put the aliases back on one of ours (hirelens index list), or build another "
                "(hirelens index create) and let it serve (hirelens index switch --force)",
            )
    return Roles(current, standby)


def _only(found: tuple[Generation, ...], alias: str) -> Generation | None:
    holders = [one for one in found if alias in one.aliases]
    if len(holders) > 1:
        names = ", ".join(one.name for one in holders)
        raise IndexUnavailableError(
            Trouble.AMBIGUOUS,
            f"alias {alias} leads to {len(holders)} indices: {names}",
            "leave it on one of them: hirelens doctor names the request",
        )
    return holders[0] if holders else None


def _missing(found: tuple[Generation, ...], config: ElasticConfig) -> IndexUnavailableError:
    names = ", ".join(one.name for one in found)
    problem = f"aliases {config.read_alias} and {config.write_alias} lead to no common index"
    told = f"there are: {names}" if found else f"there is none with prefix {config.prefix}"
    return IndexUnavailableError(
        Trouble.MISSING, f"{problem} ({told})", _how_to_serve(found, config)
    )


def _how_to_serve(found: tuple[Generation, ...], config: ElasticConfig) -> str:
    """Say what makes one index serve again, by what is left."""
    squatters = squatting(found, config)
    if squatters:
        return f"delete what has an alias's name: DELETE /{','.join(squatters)}, then look again"
    for alias in (config.write_alias, config.read_alias):
        for one in found:
            if alias in one.aliases:
                return f"keep {one.name}: POST /_aliases {json.dumps(_both_to(one, found, config))}"
    if any(config.standby_alias in one.aliases for one in found):
        return "let the one that stands by serve: hirelens index switch --force"
    return "make one: hirelens index create"


def squatting(found: Iterable[Generation], config: ElasticConfig) -> list[str]:
    """Return the indices that have the name of an alias: somebody wrote there without one."""
    named = {config.read_alias, config.write_alias, config.standby_alias}
    return [one.name for one in found if one.name in named]


def _both_to(
    one: Generation, found: Iterable[Generation], config: ElasticConfig
) -> dict[str, list[dict[str, Any]]]:
    actions: list[dict[str, Any]] = [
        {"remove": {"index": other.name, "alias": config.read_alias}}
        for other in found
        if other is not one and config.read_alias in other.aliases
    ]
    actions.append({"add": {"index": one.name, "alias": config.read_alias}})
    actions.append(
        {"add": {"index": one.name, "alias": config.write_alias, "is_write_index": True}}
    )
    return {"actions": actions}
