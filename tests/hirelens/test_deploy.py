"""Dockerfile and docs/deploy.md: what they copy, install and name is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from compose_checks import schema_problems
from compose_support import (
    EXAMPLE,
    FILLED,
    ROOT,
    TEXT,
    dotenv,
    interpolated,
    parsed,
    shell_commands,
    usage_error,
)

from hirelens.settings import unknown_variables

DEPLOY = (ROOT / "docs" / "deploy.md").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SERVICES: dict[str, Any] = interpolated(parsed(TEXT), dotenv(FILLED))["services"]


def copied() -> set[str]:
    """What the Dockerfile copies from the context."""
    lines = [line for line in DOCKERFILE.splitlines() if line.startswith("COPY ")]
    words = [shlex.split(line)[1:-1] for line in lines if "--from=" not in line]
    return {source for sources in words for source in sources}


def test_the_context_holds_what_the_image_copies_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert next(line for line in lines if line and not line.startswith("#")) == "*"
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert copied() == allowed
    for source in copied():
        assert (ROOT / source).exists(), source


def test_the_image_holds_every_package() -> None:
    found = {
        name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert found <= copied()


def test_the_image_installs_extras_that_exist_and_the_clients_of_every_server() -> None:
    project = PROJECT["project"]
    named = set(re.findall(r'pip install.* "\.\[(\w+)\]"', DOCKERFILE))
    assert named <= project["optional-dependencies"].keys()
    lines = [
        *project["dependencies"],
        *(d for n in named for d in project["optional-dependencies"][n]),
    ]
    installed = {re.match(r"[\w-]+", line)[0].lower() for line in lines}  # type: ignore[index]
    assert {"psycopg", "redis", "celery", "elasticsearch"} <= installed


def test_the_image_is_small_pinned_and_runs_as_nobody_special() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases[0])
    final = DOCKERFILE.rpartition("FROM ")[2]
    (user,) = re.findall(r"^USER (\d+):\d+", final, re.MULTILINE)
    assert int(user) > 0
    assert f"--uid {user}" in final
    assert 'ENTRYPOINT ["hirelens"]' in final
    environment = dict(re.findall(r"\b(HIRELENS_\w+)=(\S+)", final))
    assert unknown_variables(environment) == []
    assert f"home:{environment['HIRELENS_HOME']}" in SERVICES["worker"]["volumes"]


def deploy_blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", DEPLOY, re.DOTALL)


COMMANDS = [args for block in deploy_blocks() for args in shell_commands(block)]


@pytest.mark.parametrize("args", COMMANDS, ids=shlex.join)
def test_the_page_gives_commands_that_parse(args: list[str]) -> None:
    assert usage_error(args) is None


def test_the_page_gives_commands_at_all() -> None:
    assert {"put", "search", "stats", "recipe", "index", "recover"} <= {a[0] for a in COMMANDS}
    wrong = "docker compose run --rm cli serach 服务员\nhirelens put - --wiat < posts.jsonl"
    assert all(usage_error(args) for args in shell_commands(wrong))


def test_the_page_names_services_that_exist() -> None:
    for block in deploy_blocks():
        for line in block.splitlines():
            named = re.match(r"docker compose (?:run|exec|stop|logs)((?: --?\w+)*) (.*)", line)
            if named:
                words = shlex.split(named[2])
                several = words if " stop " in line else words[:1]
                assert set(several) <= SERVICES.keys(), line


def test_the_page_makes_four_different_passwords(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE, "utf-8")
    script = deploy_blocks()[0].partition("docker ")[0]
    subprocess.run(["bash", "-euc", script], check=True, cwd=tmp_path)
    made = tmp_path / ".env"
    assert made.stat().st_mode & 0o077 == 0
    values = dotenv(made.read_text("utf-8"))
    passwords = [value for name, value in values.items() if name.endswith("PASSWORD")]
    assert len(set(passwords)) == 4
    assert all(re.fullmatch("[0-9a-f]{48}", password) for password in passwords)
    assert list(schema_problems(interpolated(parsed(TEXT), values))) == []
