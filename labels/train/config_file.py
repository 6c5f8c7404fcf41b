"""Reading a run's settings from TOML, replacing some, and writing them down."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from labels.train.config import RunConfig

Config = TypeVar("Config", bound=BaseModel)


class ConfigError(ValueError):
    """A run's settings are wrong; the message names the file, the entry and the remedy."""


PATHS = ("data.gold", "data.corpus", "distill.teachers", "distill.posts", "distill.exclude")
"""Lists of files in a run's settings."""


def read_config(path: Path) -> RunConfig:
    """Read a TOML file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read, or an entry is unknown or wrong.
    """
    return checked(
        RunConfig, rooted(read_toml(path), path.parent, (*PATHS, "out"), "model.base"), str(path)
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); correct the file") from None


def rooted(
    raw: dict[str, Any], folder: Path, paths: Iterable[str], base: str | None = None
) -> dict[str, Any]:
    """Resolve the relative paths of raw settings, alone or in lists, in place.

    Args:
        raw: as they stand in the file.
        folder: where relative paths start.
        paths: entries that hold them, named as ``data.gold``.
        base: the entry of the base, which may be a name too: resolved only where it exists there.
    """
    for name in (*paths, *((base,) if base else ())):
        section, _, entry = name.rpartition(".")
        found = raw.get(section, {}) if section else raw
        value = found.get(entry) if isinstance(found, dict) else None
        if isinstance(value, list):
            found[entry] = [folder / p if isinstance(p, str) else p for p in value]
        elif isinstance(value, str) and name != base:
            found[entry] = folder / value
        elif isinstance(value, str) and (folder / value).exists():
            found[entry] = str(folder / value)
    return raw


def checked(kind: type[Config], raw: Mapping[str, Any], source: str) -> Config:
    """Check raw settings of one kind of run; ``source`` is named in messages.

    Raises:
        ConfigError: an entry is unknown or wrong.
    """
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("; ".join(_told(kind, source, e) for e in error.errors())) from None


def override(config: Config, changes: Mapping[str, Any], source: str) -> Config:
    """Return a config with entries replaced, named as ``fit.epochs``, and checked again.

    Raises:
        ConfigError: an entry is unknown or wrong.
    """
    raw = config.model_dump()
    for name, value in changes.items():
        section, _, entry = name.rpartition(".")
        (raw[section] if section else raw)[entry] = value
    return checked(type(config), raw, source)


def to_toml(config: BaseModel) -> str:
    """Write a config as TOML that reads back to an equal one."""
    raw = config.model_dump(mode="json", exclude_none=True)
    top = {name: value for name, value in raw.items() if not isinstance(value, dict)}
    parts = ["".join(f"{name} = {_value(value)}\n" for name, value in top.items())]
    for name, section in raw.items():
        if isinstance(section, dict):
            lines = "".join(f"{key} = {_value(value)}\n" for key, value in section.items())
            parts.append(f"[{name}]\n{lines}")
    return "\n".join(parts)


def _value(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON's strings, numbers and truth values are TOML's.
    return json.dumps(value, ensure_ascii=False)


def _told(kind: type[BaseModel], source: str, error: Mapping[str, Any]) -> str:
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{source}: {place} is unknown; known are {', '.join(_known(kind, error['loc']))}"
    message = str(error["msg"]).removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    return f"{source}: {place}: {message}" if place else f"{source}: {message}"


def _known(kind: type[BaseModel], place: tuple[str, ...]) -> list[str]:
    section = kind.model_fields.get(place[0]) if len(place) > 1 else None
    found = section.annotation if section else kind
    return (
        sorted(found.model_fields)
        if isinstance(found, type) and issubclass(found, BaseModel)
        else []
    )
