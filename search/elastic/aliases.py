"""Names of generations and what aliases are told: the requests of each step, without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from search.elastic.config import ElasticConfig

Action = dict[str, dict[str, Any]]


def next_name(config: ElasticConfig, taken: Iterable[str], today: date) -> str:
    """Return the name of a new generation: of the day, with the next number."""
    head = f"{config.read_alias}-{today:%Y.%m.%d}-"
    numbers = [
        int(name.removeprefix(head))
        for name in taken
        if name.startswith(head) and name.removeprefix(head).isdigit()
    ]
    return f"{head}{max(numbers, default=0) + 1}"


def first_aliases(config: ElasticConfig) -> dict[str, dict[str, Any]]:
    """Return the aliases of the very first generation."""
    return {config.read_alias: {}, config.write_alias: {"is_write_index": True}}


def standby_aliases(config: ElasticConfig) -> dict[str, dict[str, Any]]:
    """Return the aliases of a generation that is built beside the current one."""
    return {config.standby_alias: {"is_write_index": True}}


def swap_actions(config: ElasticConfig, current: str, standby: str) -> list[Action]:
    """Return the one request of a switch; it fails where a role is another index's by now."""
    return [
        removal(config.read_alias, current),
        removal(config.write_alias, current),
        removal(config.standby_alias, standby),
        *(_add(alias, standby, more) for alias, more in first_aliases(config).items()),
        *(_add(alias, current, more) for alias, more in standby_aliases(config).items()),
    ]


def promote_actions(
    config: ElasticConfig, standby: str, holders: Mapping[str, Iterable[str]]
) -> list[Action]:
    """Return the one request that lets the standby serve whatever ``holders`` have by index."""
    return [
        *(removal(alias, one) for one, held in holders.items() for alias in sorted(held)),
        removal(config.standby_alias, standby),
        *(_add(alias, standby, more) for alias, more in first_aliases(config).items()),
    ]


def serving(config: ElasticConfig) -> frozenset[str]:
    """Return the aliases of the generation that serves."""
    return frozenset({config.read_alias, config.write_alias})


def removal(alias: str, index: str) -> Action:
    """Return what takes an alias from an index, and fails where it is not there."""
    return {"remove": {"index": index, "alias": alias, "must_exist": True}}


def _add(alias: str, index: str, more: Mapping[str, Any]) -> Action:
    return {"add": {"index": index, "alias": alias, **more}}
