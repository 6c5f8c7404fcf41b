"""What can be wrong with compose.yaml: each check yields it in words, nothing where all is well."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import jsonschema
from compose_support import FILLED, REDIS, dotenv, hirelens_commands, interpolated, usage_error

from hirelens.settings import unknown_variables

LONG = ("worker", "relay", "reconcile")
# The published schema, as check-jsonschema ships it.
VENDORED = "builtin_schemas/vendor/compose-spec.json"
SCHEMA = json.loads(files("check_jsonschema").joinpath(VENDORED).read_text("utf-8"))
Check = Callable[[dict[str, Any]], Iterator[str]]


def schema_problems(compose: dict[str, Any]) -> Iterator[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    yield from (error.json_path for error in validator.iter_errors(compose))


def service_problems(compose: dict[str, Any]) -> Iterator[str]:
    for name, service in compose["services"].items():
        _, _, tag = service["image"].rpartition(":")
        if not re.fullmatch(r"\d+(\.\d+)*", tag):
            yield f"{name}: image is not pinned"
        once = service.get("restart") == "no"
        if not once and service.get("restart") != "unless-stopped":
            yield f"{name}: restart"
        if not once and "test" not in service.get("healthcheck", {}):
            yield f"{name}: healthcheck"
        found = service.get("deploy", {}).get("resources", {}).get("limits", {})
        if found.keys() != {"cpus", "memory", "pids"}:
            yield f"{name}: limits"
        if service.get("logging", {}).get("options", {}).keys() != {"max-size", "max-file"}:
            yield f"{name}: logging"


def opening_problems(compose: dict[str, Any]) -> Iterator[str]:
    for name, service in compose["services"].items():
        for port in service.get("ports", ()):
            if not port.startswith("127.0.0.1:"):
                yield f"{name}: {port} is published to others"
        for volume in service.get("volumes", ()):
            if volume.partition(":")[0] not in compose["volumes"]:
                yield f"{name}: {volume} is not declared"


def dependency_problems(compose: dict[str, Any]) -> Iterator[str]:
    for name, service in compose["services"].items():
        for other, how in service.get("depends_on", {}).items():
            on = compose["services"].get(other)
            if on is None:
                yield f"{name}: {other} is no service"
            elif how["condition"] == "service_healthy" and "healthcheck" not in on:
                yield f"{name}: {other} has no health"
            elif (how["condition"] == "service_completed_successfully") != (on["restart"] == "no"):
                yield f"{name}: {other} is waited for in the wrong way"
            elif on.get("profiles") and how.get("required", True):
                yield f"{name}: {other} may not be there"


def command_problems(compose: dict[str, Any]) -> Iterator[str]:
    for name, service in compose["services"].items():
        if service["image"].startswith("hirelens:"):
            for args in hirelens_commands(service):
                if problem := usage_error(args):
                    yield f"{name}: {shlex.join(args)}: {problem}"


def variable_problems(compose: dict[str, Any]) -> Iterator[str]:
    for name, service in compose["services"].items():
        environment = service.get("environment", {})
        yield from (f"{name}: {found}" for found in unknown_variables(environment))
        yield from (f"{name}: {k} is no text" for k, v in environment.items() if type(v) is not str)


def metrics_problems(compose: dict[str, Any]) -> Iterator[str]:
    """The port of the command, of the health check and of ``expose`` is one."""
    for name in LONG:
        service = compose["services"][name]
        command = service["command"]
        port = command[command.index("--metrics-port") + 1]
        if service["expose"] != [port]:
            yield f"{name}: expose"
        if f":{port}/metrics" not in service["healthcheck"]["test"][-1]:
            yield f"{name}: healthcheck"
        if command[command.index("--metrics-address") + 1] != "0.0.0.0":
            yield f"{name}: address"


def profile_problems(compose: dict[str, Any]) -> Iterator[str]:
    """Exactly the broker that the profile starts is the one that the settings name."""
    for text in (FILLED, REDIS):
        variables = dotenv(text)
        environment = interpolated(compose["x-environment"], variables)
        host = urlsplit(environment["HIRELENS_BROKER_URL"]).hostname
        started = [
            name
            for name in ("rabbitmq", "redis")
            if variables["COMPOSE_PROFILES"] in compose["services"][name].get("profiles", ())
        ]
        if started != [host]:
            yield f"{started} start, the broker is {host}"


CHECKS: list[Check] = [
    schema_problems,
    service_problems,
    opening_problems,
    dependency_problems,
    command_problems,
    variable_problems,
    metrics_problems,
]
