"""A run that is killed goes on where it stood and gives the very same model."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from train_support import OFF, tiny_run

from enrich.bundle import bundle_digest
from labels.train.checkpoint import CheckpointError
from labels.train.config import RunConfig
from labels.train.reality import train_reality
from labels.train.watch import Advance, Watch


class Killed(Exception):  # noqa: N818 - no error of the program
    """Stands for a process that ends without a word."""


def killed_at(step: int, said: list[str]) -> Watch:
    @contextmanager
    def progress(label: str, total: int | None) -> Iterator[Advance]:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if done >= step:
                raise Killed

        del label, total
        yield advance

    return Watch(said.append, progress)


CHANGES = {
    "fit.epochs": 4, "fit.checkpoint_every": 2, "fit.evaluate_every": 3, "fit.patience": 3,
    "fit.layer_decay": 0.9, "fit.encoder_rate": 3e-3, "data.held_out": 0.2,
    "augment": {**OFF, "replace": 0.8, "chain": 0.3},
}  # fmt: skip


@pytest.fixture
def config(tiny_bert: Path, judged: Path) -> RunConfig:
    return tiny_run(tiny_bert, judged, CHANGES)


@pytest.mark.parametrize("step", [3, 7, 11, 13])
def test_a_killed_run_gives_the_same_model(config: RunConfig, tmp_path: Path, step: int) -> None:
    whole = train_reality(config, tmp_path / "whole")
    said: list[str] = []
    with pytest.raises(Killed):
        train_reality(config, tmp_path / "killed", killed_at(step, said))
    place = step - 1 - (step - 1) % 2
    torch.manual_seed(99)  # what the process drew meanwhile must not matter
    resumed = train_reality(config, tmp_path / "killed", Watch(said.append))
    assert f"seed-1: goes on behind step {place}" in said
    assert resumed == whole
    assert bundle_digest(tmp_path / "killed") == bundle_digest(tmp_path / "whole")
    for name in ("metrics.json", "config.toml", "data.json"):
        files = [tmp_path / run / "run" / name for run in ("killed", "whole")]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert not list((tmp_path / "killed").rglob("checkpoint*"))


def test_another_seed_gives_another_model(config: RunConfig, tmp_path: Path) -> None:
    first = train_reality(config, tmp_path / "a")
    other = config.model_copy(update={"seeds": (2,)})
    assert train_reality(other, tmp_path / "b").digest != first.digest


def test_a_second_seed_is_added_to_a_finished_run(config: RunConfig, tmp_path: Path) -> None:
    train_reality(config, tmp_path / "out")
    weights = load_file(tmp_path / "out" / "run" / "seed-1" / "model.safetensors")
    said: list[str] = []
    more = config.model_copy(update={"seeds": (1, 2)})
    train_reality(more, tmp_path / "out", Watch(said.append))
    assert "seed-1: is trained already" in said
    again = load_file(tmp_path / "out" / "run" / "seed-1" / "model.safetensors")
    assert all(torch.equal(weights[name], again[name]) for name in weights)


@pytest.mark.parametrize("finish", [True, False])
def test_the_folder_of_another_run_is_refused(
    config: RunConfig, tmp_path: Path, finish: bool
) -> None:
    if finish:
        train_reality(config, tmp_path / "out")
    else:
        with pytest.raises(Killed):
            train_reality(config, tmp_path / "out", killed_at(3, []))
    fit = config.fit.model_copy(update={"head_rate": 2e-3})
    other = config.model_copy(update={"fit": fit})
    with pytest.raises(CheckpointError, match="--fresh"):
        train_reality(other, tmp_path / "out")
    assert train_reality(other, tmp_path / "out", fresh=True).digest


def test_a_damaged_checkpoint_is_named(config: RunConfig, tmp_path: Path) -> None:
    path = tmp_path / "out" / "run" / "seed-1" / "checkpoint.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x00" * 40)
    with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: is damaged"):
        train_reality(config, tmp_path / "out")


@pytest.mark.slow
def test_a_process_killed_for_good_goes_on(
    tiny_bert: Path, judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"""
    out = "{tmp_path}/out"
    [data]
    gold = ["{judged}"]
    held_out = 0.2
    [model]
    base = "{tiny_bert}"
    layers = 2
    [fit]
    epochs = 40
    batch = 8
    checkpoint_every = 5
    device = "cpu"
    """
    path = tmp_path / "run.toml"
    path.write_text(text, "utf-8")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    checkpoint = tmp_path / "out" / "run" / "seed-1" / "checkpoint.safetensors"
    command = [sys.executable, "-m", "hirelens", "train", "reality", "--config", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not checkpoint.is_file():
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert "goes on behind step" in done.stderr
    assert "threshold" in done.stdout
