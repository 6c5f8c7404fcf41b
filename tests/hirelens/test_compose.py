"""compose.yaml: valid, and said in words that the programs know."""

from __future__ import annotations

import copy
import fnmatch
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from compose_checks import (
    CHECKS,
    LONG,
    Check,
    command_problems,
    dependency_problems,
    metrics_problems,
    opening_problems,
    profile_problems,
    schema_problems,
    service_problems,
    variable_problems,
)
from compose_support import (
    EXAMPLE,
    FILLED,
    REDIS,
    ROOT,
    TEXT,
    UnsetError,
    dotenv,
    hirelens_commands,
    interpolate,
    interpolated,
    parsed,
    seconds,
    size,
)

from hirelens.settings import Settings, load
from search.elastic.findings import PRIVILEGES
from worker.app import SHUTDOWN_SPARE_S

VARIABLES = dotenv(FILLED)
COMPOSE: dict[str, Any] = interpolated(parsed(TEXT), VARIABLES)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("hirelens:")]
SERVERS = ["postgres", "elasticsearch", "rabbitmq", "redis"]


def limits(name: str) -> dict[str, Any]:
    found: dict[str, Any] = SERVICES[name]["deploy"]["resources"]["limits"]
    return found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_compose_file(check: Check) -> None:
    assert list(check(COMPOSE)) == []


def test_the_profile_and_the_broker_agree() -> None:
    assert list(profile_problems(parsed(TEXT))) == []


def at(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    *folders, last = path.split("/")

    def plant(compose: dict[str, Any]) -> None:
        node = compose["services"]
        for key in folders:
            node = node[key]
        if value is None:
            del node[last]
        else:
            node[last] = value

    return plant


@pytest.mark.parametrize(
    ("check", "plant"),
    [
        (schema_problems, at("worker/restrat", "always")),
        (schema_problems, at("worker/healthcheck/interval", 5)),
        (schema_problems, at("postgres/deploy/resources/limits/mem", "1g")),
        (service_problems, at("redis/image", "redis:latest")),
        (service_problems, at("redis/image", "redis")),
        (service_problems, at("relay/restart", None)),
        (service_problems, at("relay/healthcheck", None)),
        (service_problems, at("relay/deploy", None)),
        (service_problems, at("relay/logging", None)),
        (opening_problems, at("postgres/ports", ["5432:5432"])),
        (opening_problems, at("postgres/volumes", ["data:/var/lib/postgresql/data"])),
        (dependency_problems, at("postgres/healthcheck", None)),
        (dependency_problems, at("worker/depends_on/setup/condition", "service_healthy")),
        (dependency_problems, at("worker/depends_on/postgre", {"condition": "service_healthy"})),
        (dependency_problems, at("worker/depends_on/redis/required", True)),
        (command_problems, at("worker/command", ["worker", "--metric-port", "9101"])),
        (command_problems, at("worker/command", ["worker", "--metrics-port", "high"])),
        (command_problems, at("worker/command", ["wroker"])),
        (command_problems, at("setup/command", ["hirelens init && hirelens reconcile --onse"])),
        (command_problems, at("reconcile/command", ["reconcile", "9103"])),
        (variable_problems, at("worker/environment", {"HIRELENS_BATSCH": "1"})),
        (variable_problems, at("worker/environment", {"HIRELENS_BATCH": 1})),
        (metrics_problems, at("relay/expose", ["9101"])),
        (metrics_problems, at("relay/healthcheck/test", ["CMD", "true"])),
    ],
)
def test_a_planted_mistake_is_found(check: Check, plant: Callable[[dict[str, Any]], None]) -> None:
    compose = copy.deepcopy(COMPOSE)
    plant(compose)
    assert len(list(check(compose))) > 0


def test_a_profile_without_its_broker_is_found() -> None:
    compose = copy.deepcopy(parsed(TEXT))
    compose["x-environment"]["HIRELENS_BROKER_URL"] = "amqp://rabbitmq//"
    assert len(list(profile_problems(compose))) == 1


def test_yaml_that_says_a_thing_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        parsed("services: {a: {image: x, image: y}}")


def test_settings_take_every_value() -> None:
    for text in (FILLED, REDIS):
        compose = interpolated(parsed(TEXT), dotenv(text))
        for name in OURS:
            settings = load(None, compose["services"][name]["environment"])
            assert settings.index == "elasticsearch"
            assert settings.worker_config().concurrency == 1


def test_all_hirelens_processes_are_of_one_image_and_one_environment() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {"setup", "cli", *LONG} == set(OURS)
    assert {SERVICES[name]["image"] for name in OURS} == {f"hirelens:{version}"}
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["setup"]
    for name in OURS:
        assert SERVICES[name]["environment"] == SERVICES["worker"]["environment"]


def test_what_runs_waits_for_servers_and_first_state() -> None:
    for name in LONG:
        assert {"setup", *SERVERS} == SERVICES[name]["depends_on"].keys()
    assert {"index-user", *SERVERS} == SERVICES["setup"]["depends_on"].keys()


def test_setup_brings_database_and_index() -> None:
    commands = list(hirelens_commands(SERVICES["setup"]))
    assert commands == [["init"], ["index", "create", "--if-missing"]]


def test_a_worker_may_finish_what_it_holds() -> None:
    needed = Settings().hard_limit_s + SHUTDOWN_SPARE_S
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > needed


def test_children_fit_into_the_limits() -> None:
    settings = load(None, SERVICES["worker"]["environment"])
    children = settings.concurrency * settings.max_memory_mb * 2**20
    assert size(limits("worker")["memory"]) >= children + 2**30
    assert settings.threads is not None
    assert settings.concurrency * settings.threads <= float(limits("worker")["cpus"])


def test_processes_have_no_rights_that_they_do_not_need() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service


def test_secrets_come_from_the_environment_and_are_asked_for() -> None:
    secrets = {name for name, value in dotenv(EXAMPLE).items() if not value}
    assert secrets == {
        "POSTGRES_PASSWORD",
        "BROKER_PASSWORD",
        "ELASTIC_PASSWORD",
        "INDEX_PASSWORD",
    }
    for name in secrets:
        with pytest.raises(UnsetError, match=name):
            interpolated(parsed(TEXT), VARIABLES | {name: ""})
    # Without the interpolated ones no password is left anywhere.
    marked = json.dumps(interpolated(parsed(TEXT), dict.fromkeys(VARIABLES, "MARK")))
    for key, value in re.findall(r'"(\w*(?:PASS|AUTH|KEY)\w*)": "([^"]*)"', marked):
        assert value == "MARK", key
    assert set(re.findall(r"://\w*:([^@/]+)@", marked)) == {"MARK"}


def test_the_example_names_every_variable_and_no_other() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT.replace("$$", "")))
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert named - {"COMPOSE_PROFILES"} == used


def test_the_defaults_of_the_example_are_those_of_the_file() -> None:
    for name, value in re.findall(r"^# ([A-Z_]+)=([\w.]+)$", EXAMPLE, re.MULTILINE):
        if name != "COMPOSE_PROFILES":
            assert f"${{{name}:-{value}}}" in TEXT, name


def test_volumes_are_all_used() -> None:
    used = {volume.partition(":")[0] for s in SERVICES.values() for volume in s.get("volumes", ())}
    assert used == COMPOSE["volumes"].keys()
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert all(f"`{name}`" in page for name in used)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [("a$$b", "a$b"), ("${X:-1}", "1"), ("${X:-${Y}}", "why"), ("${Y}-${Y:-no}", "why-why")],
)
def test_interpolation(text: str, becomes: str) -> None:
    assert interpolate(text, {"Y": "why", "X": ""}) == becomes


def test_interpolation_refuses_a_single_dollar() -> None:
    with pytest.raises(ValueError, match="single"):
        interpolate("$Y", {"Y": "why"})


@pytest.fixture
def requests(tmp_path: Path) -> Callable[[dict[str, str]], dict[str, Any]]:
    """Run the script of index-user with a curl that only notes what it is asked."""
    stub = tmp_path / "curl"
    stub.write_text(f'#!/bin/sh\nfor last in "$@"; do :; done\ncat > {tmp_path}/body\n'
                    f'{{ for a in "$@"; do echo "$a"; done; cat {tmp_path}/body; echo; echo --; }}'
                    f" >> {tmp_path}/calls\n")  # fmt: skip
    stub.chmod(0o755)

    def run(environment: dict[str, str]) -> dict[str, Any]:
        service = SERVICES["index-user"]
        path = f"{tmp_path}:{os.environ['PATH']}"
        command = [*service["entrypoint"], *service["command"]]
        subprocess.run(command, check=True, env=environment | {"PATH": path})
        found = {}
        for call in (tmp_path / "calls").read_text("utf-8").split("\n--\n")[:-1]:
            arguments, _, body = call.partition("\n@-\n")
            (url,) = re.findall(r"^http://\S+$", arguments, re.MULTILINE)
            assert "\n-X\nPUT\n" in arguments
            found[url] = json.loads(body)
        return found

    return run


def test_the_index_user_reaches_our_indices_only(
    requests: Callable[[dict[str, str]], dict[str, Any]],
) -> None:
    sent = requests(SERVICES["index-user"]["environment"])
    base = "http://elasticsearch:9200/_security"
    assert sent.keys() == {f"{base}/role/hirelens", f"{base}/user/hirelens"}
    role = sent[f"{base}/role/hirelens"]
    ((pattern,),) = [part["names"] for part in role["indices"]]
    config = load(None, SERVICES["worker"]["environment"]).elastic_config()
    assert fnmatch.fnmatch(config.pattern, pattern)
    assert not fnmatch.fnmatch("other-posts", pattern)
    assert role["cluster"] == ["monitor"]
    granted = set(role["indices"][0]["privileges"])
    assert granted == {*PRIVILEGES, "manage"}  # what doctor asks for, and making generations
    user = sent[f"{base}/user/hirelens"]
    url = urlsplit(SERVICES["worker"]["environment"]["HIRELENS_INDEX_URL"])
    assert (url.username, url.password) == ("hirelens", user["password"])
