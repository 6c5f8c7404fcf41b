"""Settings: which source wins, and what a wrong one says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from hirelens.settings import (
    Settings,
    SettingsError,
    load,
    reference,
    template,
    unknown_variables,
)
from search.fusion import Fusion
from search.limits import Limits
from search.rank import Rank
from search.rule import Rule
from worker import checks


def test_defaults() -> None:
    assert load(None, {}).home == Path("hirelens-home")


def test_command_line_beats_variable_beats_file(tmp_path: Path) -> None:
    (tmp_path / "hirelens.toml").write_text("batch = 7\nthreads = 3\n", "utf-8")
    found = load(tmp_path, {"HIRELENS_BATCH": "9", "HIRELENS_HOME": "elsewhere"})
    assert (found.home, found.batch, found.threads) == (tmp_path, 9, 3)


def test_a_named_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text('home = "there"\n', "utf-8")
    assert load(None, {"HIRELENS_CONFIG": str(path)}).home == Path("there")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"HIRELENS_INDEX_PREFIX": "site-posts"}, "choose another"),
        ({"HIRELENS_INDEX_PREFIX": "site-posts-2"}, "choose another"),
        ({"HIRELENS_INDEX_PREFIX": "Site"}, "HIRELENS_INDEX_PREFIX"),
        ({"HIRELENS_INDEX_URL": "localhost:9200"}, "HIRELENS_INDEX_URL"),
        ({"HIRELENS_QUEUE_PREFIX": "Two words"}, "HIRELENS_QUEUE_PREFIX"),
        ({"HIRELENS_INDEX": "solr"}, "use one of: embedded"),
        ({"HIRELENS_BATCH": "many"}, "HIRELENS_BATCH: 'many'"),
        ({"HIRELENS_BATCH": "0"}, "greater than or equal to 1"),
        ({"HIRELENS_UNDERSTANDING": "location=never"}, "location = 'never': Input should be"),
        ({"HIRELENS_UNDERSTANDING": "colour=boost"}, "colour is no attribute"),
        ({"HIRELENS_CONFIG": "no-such.toml"}, "no-such.toml is no file"),
    ],
)
def test_wrong_variables(environment: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load(None, environment)


@pytest.mark.parametrize(
    ("text", "says"), [("batsch = 3", "is no setting; use one of home"), ("batch = ", "is no TOML")]
)
def test_wrong_files(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "hirelens.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=says):
        load(tmp_path, {})


def test_the_rule_of_queries_is_a_table_or_pairs(tmp_path: Path) -> None:
    (tmp_path / "hirelens.toml").write_text(
        'batch = 7\n[understanding]\nlocation = "boost"\nboost = 3\n', "utf-8"
    )
    rule = load(tmp_path, {}).rule
    assert (rule.location, rule.boost, rule.salary) == ("boost", 3.0, "filter")
    pairs = {"HIRELENS_UNDERSTANDING": "benefit = ignore, related=0"}
    assert load(tmp_path, pairs).rule == Rule(benefit="ignore", related=0)


def test_tables_of_a_page_are_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "hirelens.toml"
    file.write_text(
        '[fusion]\nmethod = "convex"\n[rank.features]\nrevenue = 0.1\n[limits]\nencode_s = 2\n',
        "utf-8",
    )
    settings = load(tmp_path, {"HIRELENS_LIMITS": "channel_s=9"})
    assert settings.fusion_rule == Fusion(method="convex")
    assert settings.rank_rule == Rank(features={"revenue": 0.1})
    assert settings.limits_rule == Limits(channel_s=9)  # a variable wins over the file
    assert load(tmp_path / "none", {}).fusion_rule == Fusion()
    for table, wrong in (("fusion", "rrf = 1"), ("rank", "novelty = 1"), ("limits", "x_s = 1")):
        file.write_text(f"[{table}]\n{wrong}\n", "utf-8")
        with pytest.raises(SettingsError, match=f"{table}.*is no entry of {table}; use one of"):
            load(tmp_path, {})
    file.write_text("rank = 3\n", "utf-8")
    with pytest.raises(SettingsError, match="is no table"):
        load(tmp_path, {})


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().batch = 3  # type: ignore[misc]


def test_unknown_variables_are_named() -> None:
    assert unknown_variables({"HIRELENS_BATSCH": "1", "HIRELENS_BATCH": "1", "PATH": ""}) == [
        "HIRELENS_BATSCH"
    ]


def test_the_template_loads_once_uncommented(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in template().splitlines() if " = " in line]
    values = tomllib.loads("\n".join(lines))
    assert values.keys() == Settings.model_fields.keys() - {"home"}
    (tmp_path / "hirelens.toml").write_text("\n".join(lines), "utf-8")
    assert load(tmp_path, {}).batch == Settings().batch


def test_the_reference_page_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text("utf-8") == reference()


def test_a_batch_that_outlasts_its_lease_is_told_before_anything_is_done() -> None:
    with pytest.raises(checks.SettingsError, match="lease_s is 300, and a batch of 400"):
        load(None, {"HIRELENS_BATCH": "400"})
    assert load(None, {"HIRELENS_BATCH": "400", "HIRELENS_LEASE_S": "900"}).lease_s == 900


def test_a_batch_can_outlast_a_slow_index() -> None:
    wrong = {
        "HIRELENS_INDEX": "elasticsearch",
        "HIRELENS_BROKER_URL": "amqp://localhost//",
        "HIRELENS_INDEX_TIMEOUT_S": "30",
    }
    with pytest.raises(SettingsError, match="soft_limit_s = 120 s"):
        load(None, wrong).worker_config()
    assert load(None, {**wrong, "HIRELENS_INDEX_RETRIES": "1"}).worker_config()
    assert load(None, {**wrong, "HIRELENS_INDEX": "embedded"}).worker_config()


def test_the_cluster_is_reached_as_the_settings_say(tmp_path: Path) -> None:
    certificate = tmp_path / "ca.crt"
    given = {
        "HIRELENS_INDEX_URL": "https://a:9200,https://b:9200",
        "HIRELENS_INDEX_API_KEY": "key",
        "HIRELENS_INDEX_CA": str(certificate),
        "HIRELENS_INDEX_PREFIX": "site",
        "HIRELENS_INDEX_REPLICAS": "2",
    }
    with pytest.raises(SettingsError, match="index_ca"):
        load(None, given).elastic_config()
    certificate.write_text("", "utf-8")
    config = load(None, given).elastic_config()
    assert config.urls == ("https://a:9200", "https://b:9200")
    assert (config.api_key, config.ca, config.replicas) == ("key", certificate, 2)
    assert config.write_alias == "site-posts-write"
