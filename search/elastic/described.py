"""An index as the server describes it, and in what its mapping is not what this version writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from search.elastic.config import ElasticConfig
from search.elastic.roles import Generation, generation_of
from search.schema import FORMAT, META, mapping, vector_name

Role = Literal["current", "standby", "none"]


@dataclass(frozen=True, slots=True)
class Described:
    """One index as the server describes it.

    ``recipe``: the digest it is built for, or was served by last; ``served``: it has been the
    current one; ``created_at``: in milliseconds of the server's clock; ``left_at``: when it last
    began to stand by, in milliseconds of the clock of whoever switched.
    """

    generation: Generation
    role: Role
    recipe: str | None
    served: bool
    format: int | None
    created_at: int
    mapping: Mapping[str, Any]
    left_at: int | None = None

    @property
    def name(self) -> str:
        """The index's name."""
        return self.generation.name

    @property
    def space(self) -> str:
        """What its vectors mean."""
        return self.generation.space


def described_of(name: str, answer: Mapping[str, Any], config: ElasticConfig) -> Described:
    """Read one index of the server's answer."""
    generation = generation_of(name, answer)
    found = answer["mappings"]
    ours = found.get("_meta", {}).get(META) or {}
    role: Role = "none"
    if config.write_alias in generation.aliases:
        role = "current"
    elif config.standby_alias in generation.aliases:
        role = "standby"
    return Described(
        generation,
        role,
        ours.get("recipe"),
        bool(ours.get("served")),
        ours.get("format"),
        int(answer["settings"]["index"]["creation_date"]),
        found,
        ours.get("left_at"),
    )


def mapping_problems(one: Described, vector_length: int | None) -> tuple[str, ...]:
    """Return in which fields an index's mapping is not the one that this version writes."""
    if one.format != FORMAT:
        return (f"_meta.{META}.format is {one.format}, this version writes {FORMAT}",)
    wanted = mapping(one.space, vector_length)
    problems = list(_differences(wanted["properties"], one.mapping.get("properties", {}), ""))
    if one.mapping.get("dynamic") != "strict":
        problems.append("dynamic is not strict")
    ours = one.mapping["_meta"][META]
    problems += [
        f"_meta.{META}.{name} is not {value!r}"
        for name, value in wanted["_meta"][META].items()
        if ours.get(name) != value
    ]
    match = one.mapping.get("properties", {}).get("match", {}).get("properties", {})
    strange = sorted(n for n in match if n.startswith("vector_") and n != vector_name(one.space))
    return (*problems, *(f"match.{name} holds vectors of another space" for name in strange))


def _differences(wanted: Mapping[str, Any], found: Mapping[str, Any], path: str) -> Iterable[str]:
    for name, field in wanted.items():
        there = found.get(name)
        if there is None:
            yield f"{path}{name} is missing"
        elif "properties" in field:
            yield from _differences(
                field["properties"], there.get("properties", {}), f"{path}{name}."
            )
        else:
            # The server leaves out what is its default and may add what it decided itself.
            wrong = [k for k, v in field.items() if k in there and not _equal(there[k], v)]
            yield from (f"{path}{name}.{k} is {there[k]!r}, not {field[k]!r}" for k in wrong)
            if there.get("type", "object") != field.get("type", "object"):
                yield f"{path}{name} has type {there.get('type')!r}"
    yield from (f"{path}{name} is no field of this version" for name in found if name not in wanted)


def _equal(found: object, wanted: object) -> bool:
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(_equal(found.get(key), value) for key, value in wanted.items())
    return str(found).lower() == str(wanted).lower()
