"""Training the head for unknown names: what is taken away, what is taught, one whole run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
import train_support

from enrich.bundle import Calibration, load_bundle, save_bundle
from enrich.encoder import RealityModel
from enrich.lexicon import Lexicon
from enrich.taxonomy import Taxonomy
from enrich.windows import MarkedText, Specials, TokenField, Window
from labels.train.config_file import ConfigError
from labels.train.data import Example, read_gold
from labels.train.names.config import NamesConfig, read_config
from labels.train.names.draw import (
    Drawer,
    Field,
    Target,
    Task,
    drawn_positions,
    held_positions,
    without,
)
from labels.train.names.features import BEGIN, INSIDE, OUTSIDE, UNSEEN, TaskWindow, tags_of
from labels.train.names.measure import Measured, Seen
from labels.train.names.run import RUN, train_names


@cache
def taxonomy() -> Taxonomy:
    return Taxonomy.load()


def example(title: str, *mentions: tuple[int, int, int]) -> Example:
    spans = tuple((start, end) for start, end, _ in mentions)
    classes = tuple(label for _, _, label in mentions)
    return Example("p", "g", MarkedText(title, spans), MarkedText("", ()), classes)


def position_of(form: str) -> str:
    return taxonomy().senses(form)[0].position


def test_a_removed_position_takes_all_its_forms_along() -> None:
    gone = position_of("送餐员")
    less = without(taxonomy(), {gone})
    lost = taxonomy().forms.keys() - less.forms.keys()
    assert "送餐员" in lost
    assert all({s.position for s in taxonomy().senses(form)} == {gone} for form in lost)
    assert not Lexicon(less).find("送餐员")
    assert Lexicon(taxonomy()).find("送餐员"), "the whole taxonomy is as it was"


def test_held_positions_are_a_stable_share() -> None:
    held = held_positions(taxonomy(), 0.25, 1)
    assert held == held_positions(taxonomy(), 0.25, 1)
    assert 0.2 < len(held) / len(taxonomy().positions) < 0.3
    assert held != held_positions(taxonomy(), 0.25, 2)
    assert held != drawn_positions(taxonomy(), 0.25, "draw:1")


def test_what_the_lexicon_lacks_is_to_be_found() -> None:
    text = "送餐员不如餐月工,洗碗工"
    judged = example(text, (0, 3, 0), (5, 8, 3), (9, 12, 1))
    drawer = Drawer(taxonomy())
    (whole,) = drawer.tasks([judged], ())
    assert [(t.start, t.end, set(t.positions)) for t in whole.title.targets] == [(5, 8, set())]
    gone = position_of("送餐员")
    (less,) = drawer.tasks([judged], {gone})
    assert [(t.start, t.end, t.label) for t in less.title.targets] == [(0, 3, 0), (5, 8, 3)]
    assert less.title.targets[0].positions == {gone}
    assert less.title.nothing == ((9, 12),)
    assert (9, 12) in less.title.ignored, "the lexicon covers it"


def test_what_nobody_judged_teaches_nothing() -> None:
    gone = position_of("送餐员")
    (task,) = Drawer(taxonomy()).tasks([example("送餐员,包住")], {gone})
    assert task.title.targets == ()
    assert task.title.ignored == ((0, 3),)


def test_tags_follow_the_targets_and_hide_what_is_held_out() -> None:
    text = MarkedText("招洗碗工和铲雪工,保安x", ())
    targets = (Target(1, 4, 0, frozenset({"known"})), Target(5, 8, 0, frozenset()))
    field = Field(text, targets, ((9, 11),), ())
    empty = Field(MarkedText("", ()), (), (), ())
    places = ((0, 1), (1, 3), (3, 4), (4, 6), (6, 8), (8, 9), (9, 11), (11, 12))
    tokens = TokenField(tuple(range(8)), (), places)
    window = Window((0, *range(8), 2, 2), (), (1, 9), (10, 10))
    task = Task(example("x"), field, empty)
    seen = TaskWindow(0, window, tokens, TokenField((), ()))
    taught = list(tags_of(task, seen, frozenset()))
    across = UNSEEN  # a token over the edge of a name
    expected = [OUTSIDE, BEGIN, INSIDE, across, INSIDE, OUTSIDE, UNSEEN, OUTSIDE]
    assert taught == [UNSEEN, *expected, UNSEEN, UNSEEN]
    hidden = list(tags_of(task, seen, frozenset({"known"})))
    assert hidden[2:4] == [UNSEEN, UNSEEN]
    assert hidden[4:] == taught[4:]


def seen(score: float, kind: str, hired: bool | None, hired_score: float = 0.9) -> Seen:
    return Seen("p", "w", "around", score, hired_score, kind, hired)


def test_the_threshold_is_the_least_with_the_precision() -> None:
    found = Measured(
        (
            seen(0.9, "exact", True),
            seen(0.8, "nothing", None),
            seen(0.7, "exact", False),
            seen(0.7, "part", True),
            seen(0.6, "unmarked", None),
        ),
        targets=4,
    )
    assert found.threshold(0.75) == 0.7
    assert found.threshold(0.6) == 0.6
    assert found.threshold(0.99) == 0.9
    assert Measured((seen(0.9, "nothing", None),), 1).threshold(0.5) == 1.0


def test_figures_tell_what_is_found_and_how_it_is_judged() -> None:
    found = Measured(
        (
            seen(0.9, "exact", True, 0.9),
            seen(0.9, "exact", True, 0.1),
            seen(0.9, "part", False, 0.1),
            seen(0.9, "nothing", None),
            seen(0.1, "exact", True),
        ),
        targets=4,
    )
    figures = found.at(0.5, 0.3)
    assert (figures["found"], figures["exact"], figures["part"], figures["nothing"]) == (4, 2, 1, 1)
    assert (figures["precision"], figures["recall"]) == (0.75, 0.5)
    assert figures["judged_right"] == round(2 / 3, 4)
    assert (figures["stripped"], figures["stripped_wrongly"]) == (2, 1)


def tiny_bundle(folder: Path) -> Path:
    import torch

    from labels.train.base import build_tokenizer

    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *train_support.WORDS]
    config = {
        "vocab_size": len(pieces), "hidden_size": 16, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 514,
    }  # fmt: skip
    torch.manual_seed(5)
    tokenizer = build_tokenizer([(piece, -1.0) for piece in pieces])
    save_bundle(
        folder, RealityModel(config), tokenizer, config, Specials(), Calibration(), "# card\n"
    )
    return folder


def test_a_run_leaves_a_bundle_that_finds_names(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in train_support.rows(24)]
    gold.write_text("\n".join(lines), "utf-8")
    assert len(read_gold([gold])) == 24
    source = tiny_bundle(tmp_path / "source")
    weights = (source / "model.safetensors").read_bytes()
    config = NamesConfig(
        gold=(gold,), bundle=source, layers=(0, 1), hidden=8, epochs=2, batch=4, draws=(0.9, 0.5)
    )
    report = train_names(config, tmp_path / "out", taxonomy())
    loaded = load_bundle(tmp_path / "out")
    assert loaded.names is not None
    assert loaded.names.threshold == report.threshold
    assert loaded.digest == report.digest != load_bundle(source).digest
    assert load_bundle(source).names is None
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == weights
    metrics = json.loads((tmp_path / "out" / RUN / "metrics.json").read_text("utf-8"))
    assert metrics["threshold"] == report.threshold
    assert report.unknown in metrics["unknown"]
    again = train_names(config, tmp_path / "again", taxonomy())
    assert again == report
    kept = read_config(tmp_path / "out" / RUN / "config.toml")
    assert kept == config


def test_wrong_settings_are_told(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text("draws = []\n")
    with pytest.raises(ConfigError, match="draws is empty"):
        read_config(path)
    path.write_text('gold = ["a.jsonl"]\nout = "b"\n')
    config = read_config(path)
    assert (config.gold, config.out) == ((tmp_path / "a.jsonl",), tmp_path / "b")
    with pytest.raises(ConfigError, match="no judged file"):
        train_names(NamesConfig(), tmp_path / "out", taxonomy())
