"""Reads compose.yaml as Compose would, and commands as the command line would."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from hirelens.cli import cli

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
FILLED = re.sub(r"PASSWORD=$", "PASSWORD=abc123def456", EXAMPLE, flags=re.MULTILINE)
REDIS = re.sub(r"^# (COMPOSE_PROFILES|HIRELENS_BROKER_URL)", r"\1", FILLED, flags=re.MULTILINE)
UNITS = {"k": 2**10, "m": 2**20, "g": 2**30}
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnsetError(ValueError):
    """A variable without which Compose refuses to start."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``$$``, ``${NAME}``, ``${NAME:-default}``, ``${NAME:?message}``, nested ones too."""
    out, at = "", 0
    while (start := text.find("$", at)) >= 0:
        out += text[at:start]
        if text.startswith("$$", start):
            out, at = out + "$", start + 2
            continue
        if not text.startswith("${", start):
            raise ValueError(f"a single $ in {text!r}; write $$ or ${{NAME}}")
        end = _closing(text, start + 2)
        out, at = out + _value(text[start + 2 : end], variables), end + 1
    return out + text[at:]


def _closing(text: str, at: int) -> int:
    depth = 1
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at - 1


def _value(inner: str, variables: Mapping[str, str]) -> str:
    named = _NAME.match(inner)
    if named is None:
        raise ValueError(f"${{{inner}}} names no variable")
    value, rest = variables.get(named.group(), ""), inner[named.end() :]
    if value:
        return value
    if rest.startswith(":-"):
        return interpolate(rest[2:], variables)
    raise UnsetError(named.group())


def interpolated(node: Any, variables: Mapping[str, str]) -> Any:
    """Return a YAML tree with its variables replaced."""
    if isinstance(node, dict):
        return {key: interpolated(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolated(value, variables) for value in node]
    return interpolate(node, variables) if isinstance(node, str) else node


def parsed(text: str) -> Any:
    """Return a YAML text as a tree; a key that stands twice is refused, as Compose does."""
    _refuse_twins(yaml.compose(text, yaml.SafeLoader))
    return yaml.safe_load(text)


def _refuse_twins(node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise ValueError(f"{node.start_mark}: a key stands twice among {keys}")
        for _, value in node.value:
            _refuse_twins(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_twins(value)


def dotenv(text: str) -> dict[str, str]:
    """Return what a ``.env`` file sets; a value may use what stands above it."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name] = interpolate(value, found)
    return found


def seconds(text: str) -> float:
    """Return a duration such as ``1m30s``."""
    parts = re.findall(r"(\d+)([smh])", text)
    assert "".join(map("".join, parts)) == text, text
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)


def size(text: str) -> int:
    """Return the bytes of ``512m`` or ``3g``."""
    return int(text[:-1]) * UNITS[text[-1]]


def usage_error(args: list[str]) -> str | None:
    """Return why the command line would refuse arguments; None: it would run them."""
    command: click.Command = cli
    context = click.Context(command, info_name="hirelens")
    rest = list(args)
    try:
        while isinstance(command, click.Group):
            if not rest:
                return "a verb is missing"
            name = rest.pop(0)
            found = command.get_command(context, name)
            if found is None:
                return f"there is no verb {name!r}"
            command, context = found, click.Context(found, context, name)
        command.make_context(command.name, rest, context.parent)
    except click.UsageError as error:
        return error.format_message()
    return None


def hirelens_commands(service: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the arguments of each ``hirelens`` that a service of our image runs."""
    command = service.get("command", ["--help"])
    if "entrypoint" not in service:
        if command != ["--help"]:
            yield list(command)
        return
    assert service["entrypoint"] == ["/bin/sh", "-euc"], service["entrypoint"]
    (script,) = command
    yield from shell_commands(script)


def shell_commands(script: str) -> Iterator[list[str]]:
    """Yield the arguments of each ``hirelens`` of a shell text, run by itself or by ``cli``."""
    for line in re.split(r"&&|[;\n|]", script.replace("\\\n", " ")):
        words = shlex.split(line, comments=True)
        words = words[: next((n for n, word in enumerate(words) if word in {"<", ">"}), None)]
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            del words[0]
        if words[:1] == ["hirelens"]:
            yield words[1:]
        elif words[:3] == ["docker", "compose", "run"] and "cli" in words:
            yield words[words.index("cli") + 1 :]
