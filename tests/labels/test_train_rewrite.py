"""Training names: kinship, batches, losses, measuring, and a whole run on a tiny taxonomy."""

import json
import math
import random
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rewrite_support import tiny_taxonomy, write_judged

from enrich.taxonomy import Taxonomy
from hirelens.cli import cli
from labels.train.config_file import ConfigError, override, to_toml
from labels.train.rewrite.config import DrawConfig, FitConfig, RewriteConfig
from labels.train.rewrite.config_file import read_config
from labels.train.rewrite.draw import Drawer
from labels.train.rewrite.figures import auc, logistic, precision_recall, threshold_for
from labels.train.rewrite.fit import batch_loss, masks
from labels.train.rewrite.kinship import Kin, kinship
from labels.train.rewrite.losses import hardest_loss, softmax_loss
from labels.train.rewrite.measure import calibrate
from labels.train.rewrite.names import Names, gather
from labels.train.rewrite.pairs import (
    Pair,
    PairsError,
    held_out_pairs,
    is_hidden,
    read_judged,
)
from labels.train.rewrite.run import train_rewrite
from labels.train.rewrite.slots import Composed, SlotError, composed
from labels.train.watch import Watch


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    """The taxonomy that ships."""
    return Taxonomy.load()


def kin_of(names: Names, first: str, second: str) -> Kin:
    """Return what two names are to each other."""
    place = {text: number for number, text in enumerate(names.texts)}
    return Kin(int(names.kin([place[first]], [place[second]])[0, 0]))


def test_kin_of_positions(shipped: Taxonomy) -> None:
    known = kinship(shipped)
    place = known.place

    def kin(first: str, second: str) -> Kin:
        ids = [shipped.senses(form)[0].position for form in (first, second)]
        return Kin(int(known.table[place[ids[0]], place[ids[1]]]))

    assert kin("英语老师", "日语老师") is Kin.NONE
    assert kin("火车司机", "货车司机") is Kin.NONE
    assert kin("理发师", "理发助理") is Kin.RELATED
    assert kin("司机", "货车司机") is Kin.RELATED
    assert kin("英语老师", "英语教师") is Kin.SAME
    assert (known.table == known.table.T).all()


def test_generic_titles_and_seniors_are_unclear() -> None:
    names = gather(tiny_taxonomy(), (), (), 0)
    assert kin_of(names, "店员", "住店员") is Kin.UNCLEAR
    assert kin_of(names, "厨师长", "服务员") is Kin.UNCLEAR
    assert kin_of(names, "厨师", "厨师长") is Kin.RELATED
    # One step of kind and one near: chef-aid, chef, head-chef.
    assert kin_of(names, "厨师助理", "厨师长") is Kin.UNCLEAR
    assert kin_of(names, "厨师", "服务员") is Kin.NONE


def test_kinds_of_a_job_are_related_to_it_and_unclear_to_each_other() -> None:
    names = gather(tiny_taxonomy(), (), (), 0)
    assert kin_of(names, "服务员", "包厢服务员") is Kin.RELATED
    assert kin_of(names, "送餐员", "包厢服务员") is Kin.UNCLEAR
    assert kin_of(names, "面点厨师", "包厢服务员") is Kin.NONE


def test_strangers_are_kin_to_nothing() -> None:
    names = gather(tiny_taxonomy(), (), (), 0)
    assert kin_of(names, "服务器", "服务员") is Kin.NONE
    assert kin_of(names, "服务器", "中餐厅") is Kin.NONE


def test_judged_names_join_and_verdicts_win() -> None:
    pairs = [
        Pair("服务员", "端菜的", 2, "look"),
        Pair("服务员", "迎宾", 1, "look"),
        Pair("服务员", "送餐的", 0, "look"),
    ]
    names = gather(tiny_taxonomy(), (), pairs, 0)
    assert kin_of(names, "餐厅服务员", "端菜的") is Kin.SAME
    assert kin_of(names, "端菜的", "厨师") is Kin.NONE
    assert kin_of(names, "服务员", "迎宾") is Kin.RELATED
    assert kin_of(names, "厨师", "迎宾") is Kin.UNCLEAR
    # The taxonomy says near, the judge says wrong; other names of the two keep the taxonomy's.
    assert kin_of(names, "送餐的", "服务员") is Kin.NONE
    assert kin_of(names, "送餐员", "服务员") is Kin.RELATED


def test_composed_names() -> None:
    jobs = [
        Composed("f", "面点", "{}厨师", ("面点大厨", "面点师傅")),
        Composed("f", "火锅", "{}厨师", ("火锅大厨", "火锅师傅")),
        Composed("f", "火锅", "{}学徒", ("火锅学徒", "火锅徒弟")),
        Composed("f", "帮", "{}厨", ("帮厨师", "厨房帮手")),
        Composed("f", "店", "{}员", ("送餐员", "服务员")),
    ]
    names = gather(tiny_taxonomy(), jobs, (), 0)
    assert kin_of(names, "火锅大厨", "火锅师傅") is Kin.SAME
    assert kin_of(names, "火锅大厨", "面点大厨") is Kin.NONE
    assert kin_of(names, "火锅大厨", "火锅学徒") is Kin.UNCLEAR
    assert kin_of(names, "火锅大厨", "厨师") is Kin.UNCLEAR
    assert kin_of(names, "厨房帮手", "厨师助理") is Kin.SAME


def test_shipped_slots_are_sound() -> None:
    jobs = composed()
    assert len(jobs) > 1000
    spelled = {(job.family, job.value, job.head): job.names for job in jobs}
    assert "英文教师" in spelled["language", "英语", "{}老师"]
    assert all("{" not in name for job in jobs for name in job.names)


@pytest.mark.parametrize(
    ("slots", "heads", "told"),
    [
        ("family\tvalues\na\tx y\n", "family\theads\nb\t{}员\n", "family 'a'"),
        ("family\tvalues\na\tx y\n", "family\theads\na\t员\n", "needs one {}"),
        ("family\tvalues\na\n", "family\theads\na\t{}员\n", "slots.tsv:2"),
        ("family\tvalues\na\tx\na\ty\n", "family\theads\na\t{}员\n", "stands twice"),
    ],
)
def test_wrong_slots_are_named(tmp_path: Path, slots: str, heads: str, told: str) -> None:
    (tmp_path / "slots.tsv").write_text(slots, "utf-8")
    (tmp_path / "heads.tsv").write_text(heads, "utf-8")
    with pytest.raises(SlotError, match=told.replace("{", r"\{")):
        composed(tmp_path)


@pytest.mark.slow
def test_training_sees_nothing_that_is_held_out(shipped: Taxonomy) -> None:
    share = 0.1
    names = gather(shipped, composed(), (), share)
    assert not [text for text in names.texts if is_hidden(shipped, text, share)]
    pairs = held_out_pairs(shipped, share)
    assert pairs == held_out_pairs(shipped, share)
    seen = set(names.texts)
    known = kinship(shipped)
    place = known.place
    for pair in pairs:
        assert pair.query not in seen or pair.candidate not in seen
        first, second = (
            place[shipped.senses(text)[0].position] for text in (pair.query, pair.candidate)
        )
        assert (known.table[first, second] >= Kin.RELATED) == (pair.label > 0)
    assert sum(pair.label == 0 for pair in pairs) > len(pairs) / 3


def test_batches_are_seeded_and_pairs_are_kin() -> None:
    names = gather(tiny_taxonomy(), (), read_pairs(), 0)
    config = DrawConfig(pairs=8, judged=0, strangers=1)
    batch = Drawer(names, config).batch(random.Random(3))
    assert batch == Drawer(names, config).batch(random.Random(3))
    assert batch != Drawer(names, config).batch(random.Random(4))
    for first, second in zip(batch[:-1:2], batch[1:-1:2], strict=True):
        assert first != second
        assert names.kin([first], [second])[0, 0] >= Kin.RELATED
    assert names.job[batch[-1]] == names.strangers


def test_judged_queries_come_with_all_their_candidates() -> None:
    names = gather(tiny_taxonomy(), (), read_pairs(), 0)
    batch = Drawer(names, DrawConfig(pairs=4, judged=1)).batch(random.Random(1))
    query = batch[0]
    assert names.texts[query] in {"服务员", "厨师"}
    assert set(batch[1:]) >= set(names.judged[query])


def test_names_that_look_alike_are_drawn_together(shipped: Taxonomy) -> None:
    names = gather(shipped, (), (), 0)
    batch = Drawer(names, DrawConfig(judged=0, strangers=0)).batch(random.Random(1))
    queries = [names.texts[number] for number in batch[::2]]
    close = [
        first[-1:] == second[-1:] or first[:2] == second[:2] for first, second in pairwise(queries)
    ]
    assert sum(close) > 0.6 * len(close)


def read_pairs() -> list[Pair]:
    """Return judged pairs around two names of the tiny taxonomy."""
    found = {"服务员": ["端菜的", "迎宾"], "厨师": ["掌勺的", "炊事员"]}
    right = [Pair(q, c, 2, "look") for q, cs in found.items() for c in cs]
    wrong = [Pair("服务员", "厨工", 0, "look"), Pair("服务员", "运维", 0, "look")]
    return [*right, *wrong, Pair("厨师", "送餐的", 0, "look"), Pair("厨师", "洗碗的", 0, "look")]


def vectors(count: int, seed: int = 0) -> torch.Tensor:
    """Return random unit vectors."""
    made = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, 8, generator=made), dim=1)


def random_masks(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return masks in which some names have no wanted, some no refused pair."""
    rng = random.Random(5)
    wanted, refused = torch.zeros(count, count), torch.zeros(count, count, dtype=torch.bool)
    for row, column in product(range(count), range(count)):
        drawn = rng.choice(["wanted", "refused", "refused", "open"])
        if row != column and row not in (1, 2):
            wanted[row, column] = {"wanted": 1.0}.get(drawn, 0.0) * rng.choice([1.0, 0.5])
            refused[row, column] = drawn == "refused"
    wanted[2, 3] = 1.0
    refused[1, 3] = True
    return wanted, refused


def test_softmax_loss_is_the_sum_over_pairs() -> None:
    similar = vectors(7) @ vectors(7).T
    wanted, refused = random_masks(7)
    rows = []
    for i in range(7):
        against = sum(math.exp(similar[i, j] / 0.1) for j in range(7) if refused[i, j])
        powers = [math.exp(similar[i, j] / 0.1) for j in range(7)]
        pairs = [
            (float(wanted[i, j]), -math.log(powers[j] / (powers[j] + against)))
            for j in range(7)
            if wanted[i, j] > 0
        ]
        if pairs:
            rows.append(sum(w * x for w, x in pairs) / sum(w for w, _ in pairs))
    found = softmax_loss(similar, wanted, refused, 0.1)
    assert float(found) == pytest.approx(sum(rows) / len(rows), rel=1e-4)


def test_hardest_loss_looks_at_the_most_similar_refused_name() -> None:
    similar = vectors(7) @ vectors(7).T
    wanted, refused = random_masks(7)
    rows = []
    for i in range(7):
        hardest = max([float(similar[i, j]) for j in range(7) if refused[i, j]], default=-1.0)
        pairs = [
            (float(wanted[i, j]), max(0.0, 0.3 + hardest - float(similar[i, j])))
            for j in range(7)
            if wanted[i, j] > 0
        ]
        if pairs:
            rows.append(sum(w * x for w, x in pairs) / sum(w for w, _ in pairs))
    found = hardest_loss(similar, wanted, refused, 0.3)
    assert float(found) == pytest.approx(sum(rows) / len(rows), rel=1e-4)


@pytest.mark.parametrize("loss", ["softmax", "hardest", "both"])
def test_unclear_pairs_move_nothing(loss: str) -> None:
    similar = (vectors(7) @ vectors(7).T).requires_grad_()
    wanted, refused = random_masks(7)
    batch_loss(similar, wanted, refused, loss, FitConfig()).backward()  # type: ignore[arg-type]
    assert similar.grad is not None
    unclear = (wanted == 0) & ~refused
    assert float(similar.grad[unclear].abs().max()) == 0
    assert bool(similar.grad.isfinite().all())
    assert float(similar.grad.abs().max()) > 0


def test_masks_leave_out_a_name_drawn_twice() -> None:
    names = gather(tiny_taxonomy(), (), (), 0)
    place = {text: number for number, text in enumerate(names.texts)}
    batch = [place[text] for text in ("服务员", "服务员", "餐厅服务员", "包厢服务员", "厨工")]
    wanted, refused = masks(names, batch, 0.5)
    assert wanted.tolist()[0] == [0, 0, 1, 0.5, 0]
    assert refused.tolist()[0] == [False, False, False, False, True]
    assert wanted.tolist()[3] == [0.5, 0.5, 0.5, 0, 0]


SCORES = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40)


@given(SCORES)
def test_auc_counts_pairs(rows: list[tuple[int, bool]]) -> None:
    good = [s for s, right in rows if right]
    bad = [s for s, right in rows if not right]
    found = auc([float(s) for s, _ in rows], [right for _, right in rows])
    if good and bad:
        wins = sum((g > b) + (g == b) / 2 for g in good for b in bad)
        assert found == pytest.approx(wins / len(good) / len(bad))
    else:
        assert math.isnan(found)


@given(SCORES, st.sampled_from([0.3, 0.5, 0.8, 0.92, 1.0]))
def test_threshold_has_the_most_recall_at_the_precision(
    rows: list[tuple[int, bool]], precision: float
) -> None:
    scores, right = [float(s) for s, _ in rows], [r for _, r in rows]
    found = threshold_for(scores, right, precision)
    each = {t: precision_recall(scores, right, t) for t in scores}
    good = [(recall, -t) for t, (p, recall) in each.items() if p >= precision]
    if good:
        assert each[found][0] >= precision
        assert each[found][1] == max(good)[0]
    else:
        assert found == max(scores)


def test_logistic_finds_the_curve_behind_the_draws() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(0, 1, 20_000)
    right = rng.uniform(0, 1, 20_000) < 1 / (1 + np.exp(-(8 * scores - 5)))
    slope, shift = logistic(scores.tolist(), right.tolist())
    assert slope == pytest.approx(8, rel=0.05)
    assert shift == pytest.approx(-5, rel=0.05)


def test_calibration_puts_a_half_at_the_threshold() -> None:
    pairs = [Pair(f"q{i}", f"c{i}", int(i >= 40), "look") for i in range(100)]
    found = {pair: i / 100 for i, pair in enumerate(pairs)}
    told = calibrate(found, pairs, 1.0)
    assert -told["shift"] / told["slope"] == pytest.approx(0.40, abs=1e-3)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"query": "a", "candidate": "b", "label": 3, "half": "look"}', "label is 0, 1 or 2"),
        ('{"query": "a", "candidate": "b", "label": 1, "half": "x"}', "half look or blind"),
        ('{"query": "a", "label": 1, "half": "look"}', "candidate"),
        ("{", "write query, candidate, label and half"),
    ],
)
def test_wrong_judged_pairs_are_named(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "pairs.jsonl"
    good = '{"query": "Ａ", "candidate": "b", "label": 0, "half": "look"}\n'
    path.write_text(good + line + "\n", "utf-8")
    with pytest.raises(PairsError, match=told) as raised:
        read_judged(path)
    assert f"{path}:2" in str(raised.value)


def test_settings_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('judged = ["a.jsonl"]\nout = "names"\n[fit]\nsteps = 7\n', "utf-8")
    config = read_config(path)
    assert (config.judged, config.out, config.fit.steps) == (
        (tmp_path / "a.jsonl",),
        tmp_path / "names",
        7,
    )
    (tmp_path / "again.toml").write_text(to_toml(config), "utf-8")
    assert read_config(tmp_path / "again.toml") == config
    path.write_text("[fit]\nstep = 7\n", "utf-8")
    with pytest.raises(ConfigError, match=r"fit\.step is unknown; known are .*steps"):
        read_config(path)


@pytest.fixture(scope="module")
def run_config(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> RewriteConfig:
    """A run of a few steps of two losses."""
    judged = write_judged(tmp_path_factory.mktemp("judged") / "pairs.jsonl")
    changes = {
        "base": str(tiny_bert), "layers": 2, "held_out": 0.2, "judged": (judged,),
        "losses": ("softmax", "hardest"), "fit.steps": 6, "fit.look_every": 3, "draw.pairs": 8,
        "fit.half": False,
    }  # fmt: skip
    return override(RewriteConfig(), changes, "test")


def test_a_run_leaves_a_bundle_that_reads_alike(run_config: RewriteConfig, tmp_path: Path) -> None:
    from search.rewrite.encoder import NameEncoder

    said: list[str] = []
    report = train_rewrite(run_config, tmp_path / "a", tiny_taxonomy(), Watch(said.append))
    again = train_rewrite(run_config, tmp_path / "b", tiny_taxonomy(), Watch())
    assert again == report
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in "ab"]
    assert weights[0] == weights[1]
    encoder = NameEncoder.load(tmp_path / "a")
    made = encoder.encode(["服务员", "送餐员"])
    assert np.linalg.norm(made, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert encoder.slope == report.calibration["slope"]
    metrics = json.loads((tmp_path / "a" / "run" / "metrics.json").read_text("utf-8"))
    assert [model["loss"] for model in metrics["models"]] == ["softmax", "hardest"]
    assert [look["step"] for look in metrics["models"][0]["looks"]] == [3, 6]
    assert metrics["models"][0]["figures"]["blind"]["pairs"] == 4
    assert "| hardest | 1 |" in report.table
    assert report.table in (tmp_path / "a" / "card.md").read_text("utf-8")
    assert any("softmax, seed 1: step 3" in line for line in said)


def test_nothing_held_out_needs_judged_pairs(run_config: RewriteConfig, tmp_path: Path) -> None:
    config = override(run_config, {"held_out": 0.0, "judged": ()}, "test")
    with pytest.raises(ConfigError, match="held_out: no right and wrong pairs are left"):
        train_rewrite(config, tmp_path, tiny_taxonomy(), Watch())


def test_another_seed_gives_another_model(run_config: RewriteConfig, tmp_path: Path) -> None:
    changes = {"losses": ("both",), "fit.steps": 2}
    for seed in (1, 2):
        config = override(run_config, {**changes, "seeds": (seed,)}, "test")
        train_rewrite(config, tmp_path / str(seed), tiny_taxonomy(), Watch())
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in "12"]
    assert weights[0] != weights[1]


def test_the_verb_trains_and_builds_the_table(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.rewrite.encoder import NameEncoder
    from search.rewrite.head import HeadTable

    monkeypatch.setattr("hirelens.wiring.Workplace.query_taxonomy", tiny_taxonomy())
    run = tmp_path / "run.toml"
    run.write_text("[fit]\nhalf = false\nlook_every = 2\n[draw]\npairs = 4\n", "utf-8")
    judged = write_judged(tmp_path / "pairs.jsonl")
    options = ["--base", str(tiny_bert), "--layers", "1", "--steps", "2", "--held-out", "0.2"]
    call = ["train", "rewrite", "--home", str(tmp_path / "home"), "--config", str(run), *options]
    refused = CliRunner().invoke(cli, call)
    assert refused.exit_code == 1
    assert "give --out, or out in --config" in refused.output
    done = CliRunner().invoke(
        cli, [*call, "--judged", str(judged), "--out", str(tmp_path / "names"), "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["kept"] == "both, seed 1"
    table = HeadTable.load(tmp_path / "head.npz")
    assert table.stale("tiny", NameEncoder.load(tmp_path / "names").digest) is None
    assert len(table.near("服务员")) == len(table.forms) - 1
    again = CliRunner().invoke(
        cli,
        ["train", "rewrite-table", "--home", str(tmp_path / "home"), "--encoder",
         str(tmp_path / "names"), "--out", str(tmp_path / "again.npz")],
    )  # fmt: skip
    assert again.exit_code == 0, again.output
    assert HeadTable.load(tmp_path / "again.npz").near("服务员") == table.near("服务员")
