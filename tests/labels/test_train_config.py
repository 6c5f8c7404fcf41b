from pathlib import Path

import pytest
from train_support import tiny_run

from labels.train.config import DataConfig, RunConfig
from labels.train.config_file import ConfigError, override, read_config, to_toml
from labels.train.data import WRITTEN

TOML = """
out = "bundle"
seeds = [1, 2, 3]
average = "greedy"

[data]
gold = ["a.jsonl", "/b.jsonl"]
held_out_groups = ["tg"]

[model]
base = "here"
layers = [0, 2, 4]

[fit]
patience = 2
class_weights = { "H" = 1.0, "N:bait" = 2.5 }

[augment]
clause = 0.1

[distill]
teachers = ["big"]
posts = ["posts.jsonl.gz"]
"""


def test_a_file_is_read_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(TOML, "utf-8")
    (tmp_path / "here").mkdir()
    config = read_config(tmp_path / "run.toml")
    assert config.out == tmp_path / "bundle"
    assert config.data.gold == (tmp_path / "a.jsonl", Path("/b.jsonl"))
    assert config.model.base == str(tmp_path / "here")
    assert config.model.layers == (0, 2, 4)
    assert config.fit.class_weights == {"H": 1.0, "N:bait": 2.5}
    assert config.augment.clause == 0.1
    assert config.augment.chain == RunConfig().augment.chain
    assert config.distill.teachers == (tmp_path / "big",)
    assert read_config_of(to_toml(config), tmp_path) == config


def test_what_a_run_writes_down_is_read_back(tmp_path: Path) -> None:
    config = tiny_run(tmp_path / 'a"b\\ä', tmp_path / "gold.jsonl")
    assert read_config_of(to_toml(config), tmp_path) == config
    assert read_config_of("", tmp_path) == RunConfig()


def read_config_of(text: str, folder: Path) -> RunConfig:
    path = folder / "copy.toml"
    path.write_text(text, "utf-8")
    return read_config(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[fit]\nepoch = 3", r"run\.toml: fit\.epoch is unknown; known are .*epochs"),
        ("[fits]", r"fits is unknown; known are .*fit"),
        ("[fit]\nepochs = 0", r"fit\.epochs: input should be greater"),
        ("[fit]\nclass_weights = { N = 2.0 }", r"'N' is no label; known are H, X, N:coop"),
        ('[fit]\nclass_weights = { "H" = -2.0 }', r"'H' is negative"),
        ("[fit]\npatience = 2\n[data]\nheld_out = 0", r"patience needs a held-out part"),
        ('average = "greedy"\n[data]\nheld_out = 0', r"greedy.* needs a held-out part"),
        ("[data]\nfolds = 1", r"one fold leaves nothing"),
        ("seeds = [1, 1]", r"seeds: one stands twice"),
        ("seeds = []", r"seeds: tuple should have at least 1"),
        ("[model]\nlayers = [2, 1]", r"model\.layers: give a count"),
        ("[model]\nlayers = 0", r"model\.layers: give a count"),
        ("[augment]\nclauses = 1", r"augment: clauses is unknown; known are .*clause"),
        ("[augment]\nclause = 1.5", r"clause is no share"),
        ('[distill]\nteachers = ["x"]', r"distill needs both teachers and posts"),
        ("[fit", r"run\.toml: cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "run.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=told):
        read_config(tmp_path / "run.toml")


def test_options_win_over_the_file_and_are_checked() -> None:
    config = override(RunConfig(), {"fit.epochs": 9, "seeds": (4,)}, "options")
    assert config.fit.epochs == 9
    assert config.seeds == (4,)
    with pytest.raises(ConfigError, match=r"options: fit\.epochs"):
        override(config, {"fit.epochs": 0}, "options")


def test_the_posts_of_our_own_teach_where_they_are_asked_for() -> None:
    data = DataConfig(gold=(Path("judged.jsonl"),))
    assert data.judged == (Path("judged.jsonl"),)
    assert data.model_copy(update={"written": True}).judged == (Path("judged.jsonl"), *WRITTEN)
    assert override(RunConfig(), {"data.written": True}, "options").data.judged == WRITTEN
    assert len(WRITTEN) == len({path.stem for path in WRITTEN}) > 10


def test_the_config_of_the_page_is_valid(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text("utf-8")
    text = page.split("```toml\n")[1].split("```")[0]
    config = read_config_of(text, tmp_path)
    assert config.seeds == (1, 2, 3)
    assert config.distill.exclude[0] == tmp_path / "dev.jsonl"
