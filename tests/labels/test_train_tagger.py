from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from enrich.taxonomy import Taxonomy
from hirelens.cli import cli
from hirelens.tagger_training import ForgetfulReader
from labels.queries.judged import shipped
from labels.queries.model import JudgedQuery, Piece
from labels.train.tagger import NOTHING, Line, Network, Sizes, TaggerConfig, fit
from labels.train.thresholds import NEVER, thresholds
from search.intent import tagger
from search.intent.marks import MARKS
from search.intent.model import Candidate
from search.intent.path import UNKNOWN

SIZES = Sizes(9, tagger.KINDS, tagger.STRENGTHS, len(MARKS))
SMALL = TaggerConfig(width=16, epochs=12, batch=16, rate=1e-2)


def lines(count: int, seed: int = 1) -> list[Line]:
    """Return queries in which every character has a mark of its own."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        inputs = np.zeros((rng.integers(1, 9), 3), dtype=np.int64)
        inputs[:, 0] = rng.integers(0, 9, len(inputs))
        found.append(Line(inputs, np.where(inputs[:, 0] > 0, inputs[:, 0], NOTHING)))
    return found


def test_it_learns_and_equal_seeds_give_equal_weights() -> None:
    said: list[str] = []
    fitted = fit(lines(300), lines(40, 2), SIZES, SMALL, said.append)
    assert fitted.loss < 0.2
    assert len(said) == SMALL.epochs + 1
    again = fit(lines(300), lines(40, 2), SIZES, SMALL, said.append)
    assert all(np.array_equal(fitted.arrays[name], again.arrays[name]) for name in fitted.arrays)


def test_numpy_reads_the_weights_as_torch_does() -> None:
    torch.manual_seed(3)
    network = Network(SIZES, TaggerConfig(dilations=(1, 2))).eval()
    about = {
        "characters": "宏远普工服务员",
        "dilations": [1, 2],
        "temperature": 1.0,
        "thresholds": {},
    }
    model = tagger.Tagger({k: v.astype(np.float32) for k, v in network.arrays().items()}, about)
    text = "宏远 普工员"
    path = [Candidate(0, 2, "generic", "宏远", UNKNOWN, 0.0)]
    numbers = {char: number for number, char in enumerate("宏远普工服务员", 2)}
    inputs = torch.from_numpy(tagger.inputs(text, path, numbers))[None]
    with torch.no_grad():
        scores = network(torch.nn.functional.pad(inputs, (0, 0, 0, 3)), mask(6, 3))[0, :6]
    expected = torch.softmax(scores, dim=-1).numpy()
    assert model.shares(text, path) == pytest.approx(expected, abs=2e-3)


def mask(inside: int, behind: int) -> torch.Tensor:
    return torch.cat([torch.ones(1, inside), torch.zeros(1, behind)], dim=1)


def test_the_threshold_is_the_lowest_that_is_right_often_enough() -> None:
    said = [("company", 0.9, True)] * 40 + [("company", 0.7, True)] * 40
    said += [("company", 0.6, False)] * 20 + [("position", 0.9, True)] * 5
    found = thresholds(said, 0.95, lowest=0.5)
    assert found == {"company": 0.7, "position": NEVER}
    assert thresholds(said, 0.8, lowest=0.5)["company"] == 0.6
    assert thresholds(said, 0.8, lowest=0.65)["company"] == 0.7
    assert thresholds(said, 0.8)["company"] == 0.9


def test_a_forgotten_word_is_met_as_unknown() -> None:
    reader = ForgetfulReader(Taxonomy.load())
    pieces = (Piece("海底捞", "company", named=True), Piece("服务员", "position", named=True))
    query = JudgedQuery("海底捞 服务员", pieces)
    knows, forgets = reader.met(query, frozenset()), reader.met(query, frozenset({"海底捞"}))
    assert knows is not None
    assert forgets is not None
    assert knows.text == forgets.text == "海底捞 服务员"
    assert knows.marks[2:5] == ("I-company", None, "B-position")
    assert [item.attribute for item in knows.path] == ["company", "position"]
    assert {item.source for item in forgets.path if item.end <= 3} == {UNKNOWN}


@pytest.mark.slow
def test_the_verb_writes_a_tagger_that_is_read(tmp_path: Path) -> None:
    out, kept = tmp_path / "tagger.safetensors", tmp_path / "made.jsonl"
    made = f"train tagger --queries 1500 --by-hand 1 --epochs 1 --out {out} --keep {kept} --json"
    result = CliRunner().invoke(cli, [*made.split(), "--home", str(tmp_path / "home")])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["bytes"] == out.stat().st_size < 2_000_000
    assert len(kept.read_text("utf-8").splitlines()) == 1500 + len(shipped())
    assert tagger.load(out).spans("宏远普工", [Candidate(0, 2, "generic", "", UNKNOWN, 0.0)])
