"""What is said of our own indices in a cluster: roles, mapping, settings, vector space, standby."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from search.elastic.config import ElasticConfig
from search.elastic.findings import Diagnosis, unavailable
from search.elastic.generations import Described, mapping_problems
from search.elastic.roles import roles_of, squatting
from search.index import IndexUnavailableError, Trouble
from search.schema import settings

STANDBY_OLD_S = 7 * 24 * 3600
_NAMED = 5


def roles(found: Sequence[Described], config: ElasticConfig) -> Diagnosis:
    """Judge which indices play which part."""
    squatters = squatting([one.generation for one in found], config)
    if squatters:
        return Diagnosis(
            "roles",
            "error",
            f"{', '.join(squatters)} is an index, and must be an alias: something wrote to the "
            "name while there was no alias",
            f"delete it: DELETE /{','.join(squatters)}; then: hirelens index create",
        )
    try:
        known = roles_of(tuple(one.generation for one in found), config)
    except IndexUnavailableError as error:
        if error.reason is Trouble.AMBIGUOUS:
            return Diagnosis(
                "roles", "error", str(error).partition("; ")[0], _unmixed(found, config)
            )
        return unavailable("roles", error)
    idle = [one.name for one in found if one.role == "none"]
    standby = f", standby {known.standby.name}" if known.standby else ", no standby"
    text = f"current {known.current.name}{standby}"
    if idle:
        remedy = f"drop them: hirelens index drop {idle[0]}"
        return Diagnosis(
            "roles", "warning", f"{text}; without a part: {', '.join(idle[:_NAMED])}", remedy
        )
    return Diagnosis("roles", "ok", text)


def _unmixed(found: Sequence[Described], config: ElasticConfig) -> str:
    """Say how an alias is left on one index: the one that the most aliases lead to."""
    serving = (config.read_alias, config.write_alias)
    kept = max(found, key=lambda one: (len(one.generation.aliases & set(serving)), one.created_at))
    actions = [
        {"remove": {"index": one.name, "alias": alias}}
        for one in found
        if one is not kept
        for alias in serving
        if alias in one.generation.aliases
    ]
    if not actions:
        spare = [one.name for one in found if config.standby_alias in one.generation.aliases]
        actions = [{"remove": {"index": n, "alias": config.standby_alias}} for n in spare[:-1]]
    return f"keep {kept.name}: POST /_aliases {json.dumps({'actions': actions})}"


def mapping(one: Described) -> Diagnosis:
    """Compare a generation's mapping with this version's."""
    problems = mapping_problems(one, one.generation.length)
    if not problems:
        return Diagnosis("mapping", "ok", f"{one.name}: as this version writes it")
    more = f" and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
    return Diagnosis(
        "mapping",
        "error",
        f"{one.name}: {'; '.join(problems[:_NAMED])}{more}",
        "build another generation and switch to it: hirelens index create",
    )


def stated(name: str, found: Mapping[str, Any], config: ElasticConfig) -> Diagnosis:
    """Compare an index's settings (the server's ``index`` object) with what is configured."""
    wanted = dict(_leaves(settings(config.shards, config.replicas)["index"]))
    there = dict(_leaves(found))
    wrong = [
        f"{path} is {there.get(path)}, not {value}"
        for path, value in wanted.items()
        if there.get(path) != value
    ]
    if not wrong:
        return Diagnosis("settings", "ok", f"{name}: as configured")
    return Diagnosis(
        "settings",
        "warning",
        f"{name}: {', '.join(wrong)}",
        f"change it: PUT /{name}/_settings; number_of_shards only changes with a new generation",
    )


def _leaves(nested: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield each setting by its whole name, the value as the server tells it: a text."""
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value).lower()


def space(current: Described, standby: Described | None, wanted: str) -> Diagnosis:
    """Compare the vector space of the index with the model's."""
    if current.space == wanted:
        return Diagnosis("vector_space", "ok", f"{wanted}, as the model gives")
    text = f"{current.name} holds vectors of space {current.space}, the model gives {wanted}"
    remedy = (
        "set HIRELENS_MODEL back, or bring the model in: hirelens recipe activate, hirelens index "
        "create --recipe DIGEST, catch-up, switch; or go back: hirelens recipe rollback"
    )
    if standby is not None and standby.space == wanted:
        remedy = f"{standby.name} is of that space: hirelens index switch"
    return Diagnosis("vector_space", "error", text, remedy)


def standby(one: Described, now_ms: int) -> Diagnosis:
    """Judge for how long a standby has been kept; each write goes to it too."""
    since, use = one.created_at, "being built"
    if one.served:
        since, use = one.left_at or since, "kept for a roll-back"
    days = max(now_ms - since, 0) / 86_400_000
    text = f"{one.name}: {use} for {days:.1f} days; every write goes to it too"
    if days * 86_400 > STANDBY_OLD_S:
        return Diagnosis("standby", "warning", text, f"drop it: hirelens index drop {one.name}")
    return Diagnosis("standby", "ok", text)
