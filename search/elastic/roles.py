"""Which generations there are and which one plays which part: read from aliases and ``_meta``.

The current generation answers queries and its outcomes count; the standby one (being built, or
kept for a roll-back) receives the same writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
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
    current = _only(found, config.write_alias, config)
    if current is None or _only(found, config.read_alias, config) != current:
        raise _missing(found, config)
    standby = _only(found, config.standby_alias, config)
    for generation in filter(None, (current, standby)):
        if not generation.space:
            raise IndexUnavailableError(
                Trouble.FOREIGN,
                f"index {generation.name} was not made by this version of hirelens "
                f"(_meta.{META}.format is not {FORMAT})",
                "build a new one: hirelens index create; see hirelens doctor",
            )
    return Roles(current, standby)


def _only(found: tuple[Generation, ...], alias: str, config: ElasticConfig) -> Generation | None:
    holders = [one for one in found if alias in one.aliases]
    if len(holders) > 1:
        names = ", ".join(one.name for one in holders)
        raise IndexUnavailableError(
            Trouble.AMBIGUOUS,
            f"alias {alias} leads to {len(holders)} indices: {names}",
            f"leave it on one of them: hirelens index list (prefix {config.prefix})",
        )
    return holders[0] if holders else None


def _missing(found: tuple[Generation, ...], config: ElasticConfig) -> IndexUnavailableError:
    names = ", ".join(one.name for one in found)
    problem = f"aliases {config.read_alias} and {config.write_alias} lead to no common index"
    if not found:
        return IndexUnavailableError(
            Trouble.MISSING,
            f"{problem}, and there is none with prefix {config.prefix}",
            "make one: hirelens index create",
        )
    return IndexUnavailableError(
        Trouble.MISSING,
        f"{problem} (there are: {names})",
        "look: hirelens index list; make another: hirelens index create",
    )
