"""Tiny bundles with random weights: every part of the real path runs, in milliseconds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from verbs_support import write_lines

from hirelens.cli import cli

CHARACTERS = "招聘服务员保安会计司机仓库管理产品经理送餐不如的了包吃住工资元月双休长沙重庆"
POSTS = (
    {"id": "p1", "title": "招聘服务员", "body": "包吃住，月薪4000元。", "city": "长沙"},
    {"id": "p2", "title": "送餐员", "body": "服务员不如送餐员，双休。", "city": "重庆"},
    {"id": "p3", "title": "招会计", "body": "会计做账，五险一金。", "city": "长沙"},
)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle whose weights are random, seeded."""
    import torch

    from enrich.bundle import Calibration, save_bundle
    from enrich.encoder import RealityModel
    from enrich.windows import Specials
    from labels.train.base import build_tokenizer

    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -20.0), ("▁", -2.0)]
    vocabulary += [(char, -5.0) for char in sorted(set(CHARACTERS))]
    config: dict[str, Any] = {
        "vocab_size": len(vocabulary),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 514,
    }
    torch.manual_seed(7)
    folder = tmp_path_factory.mktemp("bundle")
    model = RealityModel(config)
    calibration = Calibration(threshold=0.0)
    tokenizer = build_tokenizer(vocabulary)
    save_bundle(folder, model, tokenizer, config, Specials(), calibration, "test")
    return folder


@pytest.fixture(scope="session")
def towers(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of towers whose weights are random, seeded."""
    import torch

    from enrich.towers.bundle import save_towers
    from enrich.towers.names import NameVectors
    from enrich.towers.net import TowerNet, TowerShape
    from enrich.windows import Specials, load_tokenizer

    config: dict[str, Any] = json.loads((bundle / "config.json").read_text("utf-8"))["encoder"]
    shape = TowerShape(tokens=32, dimensions=8, query_prefix="", post_prefix="")
    torch.manual_seed(8)
    folder = tmp_path_factory.mktemp("towers")
    parts = (load_tokenizer(bundle / "tokenizer.json"), config, Specials(), shape)
    save_towers(folder, TowerNet(config, shape), *parts, {"floor": -1.0}, NameVectors(), "test")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def call(
    bundle: Path, towers: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run the command line with the tiny bundles on a home of the test's own."""
    monkeypatch.setenv("HIRELENS_MODEL", str(bundle))
    monkeypatch.setenv("HIRELENS_TOWERS", str(towers))
    monkeypatch.setenv("HIRELENS_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: object, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], input=stdin)

    return run


@pytest.fixture
def posts_file(tmp_path: Path) -> Path:
    """Three good posts."""
    return write_lines(tmp_path / "posts.jsonl", POSTS)


@pytest.fixture
def shared() -> Path:
    """The folder of shared data; the test is skipped where there is none."""
    default = Path(__file__).parents[3] / "shared"
    folder = Path(os.environ.get("HIRELENS_SHARED", default))
    if not folder.is_dir():
        pytest.skip(f"{folder} is missing: the shared scorer is not at hand")
    return folder
