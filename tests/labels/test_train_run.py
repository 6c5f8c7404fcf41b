"""A whole run: what it leaves, and that its figures are those of plain counting."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from train_support import rows, tiny_run, write_rows

from enrich.bundle import Calibration, load_bundle
from enrich.encoder import CLASSES
from enrich.taxonomy import Taxonomy
from hirelens.cli import cli
from labels.evaluate.bootstrap import Bootstrap
from labels.train.config_file import read_config
from labels.train.corpus import corpus_reader
from labels.train.data import GoldError, read_gold
from labels.train.figures import by_class, by_label, by_reason, confusion, measure, pair_figures
from labels.train.items import Reader
from labels.train.reality import train_reality
from labels.train.report import worst
from labels.train.scoring import score_words
from labels.train.view import View, judge_examples
from labels.train.watch import Watch
from labels.train.work import work_of

PICTURES = ("confusion.html", "errors.html", "precision_recall.svg", "reliability.svg")


@pytest.fixture(scope="module")
def folder(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("run")
    gold = write_rows(place / "judged.jsonl", rows(96))
    changes = {
        "seeds": (1, 2), "average": "uniform", "data.folds": 3, "fit.epochs": 4,
        "fit.encoder_rate": 3e-3, "fit.average_decay": 0.8, "calibration.method": "vector",
        "fit.class_weights": {"N:compare": 2.0},
    }  # fmt: skip
    train_reality(tiny_run(tiny_bert, gold, changes), place / "out")
    return place / "out"


@pytest.fixture(scope="module")
def view(folder: Path) -> View:
    """Every post, as the run's bundle sees it."""
    bundle = load_bundle(folder)
    examples = read_gold([folder.parent / "judged.jsonl"])
    reader = Reader(bundle.tokenizer, bundle.specials, 256)
    return View(examples, judge_examples(bundle, reader, examples), Calibration(threshold=0.42))


def figures(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run" / "metrics.json").read_text("utf-8"))
    return found


def test_a_run_leaves_everything(folder: Path) -> None:
    run = folder / "run"
    for part in ("held_out", "out_of_fold"):
        assert {path.name for path in (run / part).iterdir()} == set(PICTURES)
    config = read_config(run / "config.toml")
    assert config.seeds == (1, 2)
    data = json.loads((run / "data.json").read_text("utf-8"))
    assert data["trained"]["posts"] + data["held_out"]["posts"] == 96
    assert len(data["held_out"]["ids"]) == data["held_out"]["posts"]
    assert len(data["files"][0]["sha256"]) == 64
    lines = (run / "out_of_fold.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 96 * 3
    found = figures(folder)
    assert [row["seed"] for row in found["seeds"]] == [1, 2]
    assert found["kept"] == [1, 2]
    scores = [row["score"] for row in found["seeds"]]
    assert found["spread"]["score"]["mean"] == pytest.approx(np.mean(scores), abs=1e-4)
    assert found["spread"]["score"]["deviation"] == pytest.approx(np.std(scores, ddof=1), abs=1e-4)
    assert "score" in found["spread"]["merged"]


def test_the_card_tells_figures_and_no_folder_of_the_machine(folder: Path) -> None:
    card = (folder / "card.md").read_text("utf-8")
    value = figures(folder)["held_out"]["pairs"]["all"]["recall"]["value"]
    assert re.search(rf"\| all \| \d+ \| .* \| {value:.3f} \(", card)
    assert 'gold = ["judged.jsonl"]' in card
    assert str(folder.parent) not in card


def test_averaged_weights_lie_between_those_of_the_seeds(folder: Path) -> None:
    merged, one, two = (
        load_bundle(place).model.head[2].weight.detach()  # type: ignore[union-attr]
        for place in (folder, folder / "run" / "seed-1", folder / "run" / "seed-2")
    )
    assert not np.allclose(one, two)
    assert np.allclose(merged, (one + two) / 2, atol=1e-3)  # weights are stored as halves


def test_pair_figures_are_those_of_plain_counting(view: View) -> None:
    bootstrap = Bootstrap(96)
    found = pair_figures(view, bootstrap, np.ones(96, dtype=bool))
    scores = score_words(view.examples, view.verdicts, 0.42)
    for name in ("precision", "recall", "f1"):
        figure = found[name]
        assert figure["value"] == pytest.approx(getattr(scores, name), abs=1e-4)
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_shares_by_reason_label_and_class_add_up(view: View) -> None:
    bootstrap = Bootstrap(96)
    returned = {p.label for p in view.pairs if p.score >= 0.42}
    for label, figure in by_reason(view, bootstrap).items():
        pairs = [p for p in view.pairs if p.label == label]
        assert (figure is None) == (not pairs)
        if figure:
            assert figure["count"] == len(pairs)
            assert (figure["value"] > 0) == (label in returned)
    table = np.array(confusion(view))
    assert table.sum() == len(view.rows) == 96 * 3
    h = by_label(view, bootstrap)["H"]
    assert h["recall"]["value"] == pytest.approx(table[0, 0] / table[0].sum(), abs=1e-4)
    if table[:, 0].any():
        assert h["precision"]["value"] == pytest.approx(table[0, 0] / table[:, 0].sum(), abs=1e-4)
    x, nothing = by_label(view, bootstrap)["X"], CLASSES.index("X")
    assert x["recall"]["value"] == pytest.approx(
        table[nothing, nothing] / table[nothing].sum(), abs=1e-4
    )
    assert x["recall"]["count"] == 32
    classes = by_class(view, bootstrap)
    compare = CLASSES.index("N:compare")
    kinds = table[compare]
    assert classes["N:compare"]["label"]["value"] == pytest.approx(kinds[2:].sum() / kinds.sum())
    assert classes["N:compare"]["kind"]["value"] == pytest.approx(kinds[compare] / kinds.sum())


def test_parts_of_the_posts_are_measured_apart(view: View) -> None:
    found = measure(view, Taxonomy.load(), "temperature")
    parts = {name: part["posts"] for name, part in found["pairs"].items()}
    assert parts["all"] == 96
    assert parts["several"] == 32
    assert parts["written"] == 24
    assert parts["real"] == 72
    assert parts["manual"] == 96
    assert found["pairs"]["office"]["recall"] is None
    errors = found["calibration_error"]["H"]
    assert {"before", "after"} == set(errors)
    assert 0 <= errors["after"]["low"] <= errors["after"]["high"] <= 1
    assert errors["after"]["value"] != errors["before"]["value"]


def test_the_kind_of_work_follows_the_hired_positions(tmp_path: Path) -> None:
    found = rows(5)
    found[0]["hired"] = ["会计"]
    found[1]["hired"] = ["会计", "厨师"]
    found[2]["hired"] = ["新媒体什么的"]  # unknown: the hired words decide
    found[3] |= {"hired": [], "mentions": []}
    found[4]["hired"] = ["实习生", "java工程师"]
    examples = read_gold([write_rows(tmp_path / "a.jsonl", found)])
    taxonomy = Taxonomy.load()
    kinds = [work_of(example, taxonomy) for example in examples]
    assert kinds == ["office", "manual", "manual", "unknown", "office"]


def test_the_worst_errors_come_first_and_are_marked(view: View, folder: Path) -> None:
    mistakes = worst(view)
    assert mistakes
    truths = {"H": 0, "X": 2}
    likely = [m.scores[truths.get(m.mention.truth, 1)] for m in mistakes]
    assert likely == sorted(likely)
    for mistake in mistakes:
        assert mistake.mention.truth != mistake.mention.guess
        assert len(mistake.others) == 2
    assert len(worst(view, limit=1)) == 1
    page = (folder / "run" / "out_of_fold" / "errors.html").read_text("utf-8")
    assert "<mark" in page
    assert "http" not in page.replace("http-equiv", "")


def test_texts_of_a_corpus_are_read_normalised(tmp_path: Path) -> None:
    found = write_rows(tmp_path / "a.jsonl", [{"title": "Ａ", "body": "服務員"}, {"title": 3}])
    (tmp_path / "b.txt").write_text("招聘\n\nＢ\n", "utf-8")
    reader = corpus_reader((found, tmp_path / "b.txt"))
    assert list(reader()) == ["a", "服务员", "招聘", "b"]
    assert list(reader()) == ["a", "服务员", "招聘", "b"]
    assert list(corpus_reader(())()) == []
    (tmp_path / "c.jsonl").write_text("[1]\n", "utf-8")
    with pytest.raises(GoldError, match=r"c\.jsonl:1"):
        list(corpus_reader((tmp_path / "c.jsonl",))())
    with pytest.raises(GoldError, match="does not exist"):
        list(corpus_reader((tmp_path / "d.txt",))())


def test_nothing_held_out_keeps_the_calibration_of_the_base(folder: Path, tmp_path: Path) -> None:
    gold = folder.parent / "judged.jsonl"
    config = tiny_run(folder, gold, {"data.held_out": 0.0, "fit.epochs": 1})
    said: list[str] = []
    train_reality(config, tmp_path / "out", Watch(said.append))
    assert load_bundle(tmp_path / "out").calibration == load_bundle(folder).calibration
    assert any("held out: none" in line for line in said)


def test_the_command_takes_a_config_and_options(
    tiny_bert: Path, judged: Path, tmp_path: Path
) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        f'out = "made"\n[data]\ngold = ["{judged.name}"]\nheld_out = 0.3\n'
        f'[model]\nbase = "{tiny_bert}"\nlayers = 1\n[fit]\nepochs = 50\n', "utf-8",
    )  # fmt: skip
    options = ["train", "reality", "--config", str(path), "--epochs", "1", "--seed", "5"]
    result = CliRunner().invoke(cli, [*options, "--replace-share", "0.4", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["digest"] == load_bundle(tmp_path / "made").digest
    config = read_config(tmp_path / "made" / "run" / "config.toml")
    assert (config.fit.epochs, config.seeds, config.augment.named_share) == (1, (5,), 0.4)
    assert config.augment.bait_title == 0
    assert "seed-5" in result.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--out", "x"], "no judged file is named; give --gold"),
        (["--gold", "judged.jsonl"], "give --out"),
        (["--gold", "judged.jsonl", "--out", "x", "--folds", "1"], "one fold"),
    ],
)
def test_what_is_missing_is_told(
    judged: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    monkeypatch.chdir(judged.parent)
    from hirelens.errors import explain

    result = CliRunner().invoke(cli, ["train", "reality", *options])
    assert result.exit_code != 0
    said = result.output + (explain(result.exception) or "" if result.exception else "")
    assert told in said
