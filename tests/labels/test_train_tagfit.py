"""Training the weights for poster tags: made errors, rows, the fit, a whole run by its verb."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from enrich.bundle import Calibration
from enrich.lexicon import Lexicon
from enrich.tagfit.clues import NAMES
from enrich.tagfit.judge import load_weights
from enrich.taxonomy import Taxonomy
from hirelens.cli import cli
from labels.train.data import GoldError
from labels.train.tagfit.examples import TagRow, read_tagged, rows
from labels.train.tagfit.fit import balanced, fit, rate
from labels.train.tagfit.noise import Errors, Judgement, verdicts

TAXONOMY = Taxonomy.load()
LEXICON = Lexicon(TAXONOMY)
CALIBRATION = Calibration(threshold=0.5)
JOBS = ("送餐员", "厨师", "会计", "保安", "司机", "护士")


def gold(path: Path) -> Path:
    """Posts of two authors; each hires for one job, names another and has both as tags."""
    found = []
    for number in range(36):
        job, other = JOBS[number % 6], JOBS[(number + 1 + number // 6) % 6]
        title, body = f"招{job}", f"{other}不如{job}，包吃住"
        if job == other:
            continue
        marks = [("title", 1, job, "H"), ("body", 0, other, "N:compare"),
                 ("body", len(other) + 2, job, "H")]  # fmt: skip
        row: dict[str, Any] = {
            "id": f"{'tx' if number % 2 else 'ty'}{number:03}", "title": title, "body": body,
            "category": None, "tags": [job, other, "包吃住"], "bad_tags": [other],
            "mentions": [
                {"field": f, "start": s, "end": s + len(t), "text": t, "label": label}
                for f, s, t, label in marks
            ],
        }  # fmt: skip
        found.append(json.dumps(row, ensure_ascii=False))
    path.write_text("\n".join([*found, ""]), "utf-8")
    return path


def made(path: Path, errors: Errors, seed: int = 1) -> list[TagRow]:
    return rows(read_tagged([path], LEXICON), TAXONOMY, LEXICON, CALIBRATION, errors, seed)


def test_words_err_together_and_as_often_as_asked() -> None:
    found = [Judgement("厨师", "H", title=True), Judgement("厨师", "H", title=False),
             Judgement("保安", "N:exp", title=False)]  # fmt: skip
    rng = random.Random(1)
    lost = won = 0
    for _ in range(400):
        title, body, other = verdicts(found, Errors(lost=0.5, won=0.5), 0.5, rng)
        assert (title.hired < 0.5) == (body.hired < 0.5)
        lost += title.hired < 0.5
        won += other.hired >= 0.5
        assert (title.reason, other.reason) == ("N:bait", "N:exp")
        assert title.hired + title.mentioned + title.nothing == pytest.approx(1)
    assert 160 < lost < 240
    assert 80 < won < 160  # three fifths of the mentions of half of the words


def test_without_errors_the_judges_are_right() -> None:
    labels = ("H", "N:coop", "X")
    found = [
        Judgement(name, label, title=False) for name, label in zip("甲乙丙", labels, strict=True)
    ]
    for _ in range(50):
        hired, named, nothing = verdicts(found, Errors(), 0.5, random.Random(2))
        assert hired.hired > 0.5 > max(named.hired, nothing.hired)
        assert named.mentioned > named.nothing
        assert nothing.nothing > nothing.mentioned


def test_rows_are_the_tags_that_name_a_position_and_one_of_another_post(tmp_path: Path) -> None:
    found = made(gold(tmp_path / "gold.jsonl"), Errors())
    own = [row for row in found if not row.foreign]
    assert {row.tag for row in found} <= set(JOBS)
    assert len(own) == 2 * len({row.post for row in own})
    assert [row.bad for row in own[:4]] == [False, True, False, True]
    told = dict(zip(NAMES, own[1].clues, strict=True))
    assert (told["exact_compare"], told["exact_hired"] < 0.5) == (1, True)
    foreign = [row for row in found if row.foreign]
    assert foreign
    by_post = {row.post: {other.tag for other in own if other.post == row.post} for row in own}
    for row in foreign:
        assert row.bad
        assert row.tag not in by_post[row.post]


def test_equal_seeds_give_equal_rows(tmp_path: Path) -> None:
    path = gold(tmp_path / "gold.jsonl")
    assert made(path, Errors(0.2, 0.2)) == made(path, Errors(0.2, 0.2))
    assert made(path, Errors(0.2, 0.2)) != made(path, Errors(0.2, 0.2), seed=2)


def test_a_line_without_bad_tags_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '\n{"id": "a", "title": "招人", "body": "", "tags": ["厨师"], "mentions": []}\n'
    )
    with pytest.raises(GoldError, match=r"gold\.jsonl:2: no post with bad_tags \(KeyError"):
        read_tagged([path], LEXICON)


def test_the_fit_finds_what_decides() -> None:
    rng = np.random.default_rng(3)
    clues = rng.random((400, 4))
    clues[:, 2] = 0.5  # says nothing
    bad = (clues[:, 0] + 0.1 * clues[:, 1] > 0.55).astype(float)
    line = fit(clues, bad, 1.0)
    assert line.weights[0] > 5 * abs(line.weights[1]) > 0
    assert line.weights[2] == 0
    assert np.mean((line.probabilities(clues) >= 0.5) == (bad > 0)) > 0.97
    shrunk = fit(clues, bad, 1000.0)
    assert 0 < shrunk.weights[0] < line.weights[0] / 5


def test_the_threshold_is_where_precision_meets_recall() -> None:
    bad = [True] * 4 + [False] * 4
    assert balanced(bad, [0.9, 0.8, 0.7, 0.3, 0.6, 0.2, 0.1, 0.1]) == pytest.approx(0.255)
    assert rate(bad, [True] * 3 + [False, True, False, False, False]).precision == 0.75
    assert rate(bad, [True] * 3 + [False] * 5, missed=2).recall == 0.5


def test_the_verb_writes_weights_that_load(tmp_path: Path) -> None:
    path, out = gold(tmp_path / "gold.jsonl"), tmp_path / "weights.tsv"
    call = ["train", "tags", "--gold", str(path), "--out", str(out), "--json",
            "--home", str(tmp_path / "home")]  # fmt: skip
    result = CliRunner().invoke(cli, call)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["tags"], found["bad"]) == (2 * found["bad"], found["tags"] // 2)
    assert found["clean"] == {"precision": 1.0, "recall": 1.0}
    assert sorted(found["by_author"]) == ["tx", "ty"]
    assert load_weights(out).threshold == found["threshold"]


def test_posts_of_one_author_are_refused(tmp_path: Path) -> None:
    path = gold(tmp_path / "gold.jsonl")
    path.write_text(path.read_text("utf-8").replace('"ty', '"tx'), "utf-8")
    call = ["train", "tags", "--gold", str(path), "--out", str(tmp_path / "w.tsv"),
            "--home", str(tmp_path / "home")]  # fmt: skip
    result = CliRunner().invoke(cli, call)
    assert result.exit_code == 1
    assert "posts of two authors are needed" in result.stderr
