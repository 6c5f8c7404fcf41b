"""Weak labels of unjudged posts: their form, and files that are gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from weak_support import reader

from enrich.post import Post
from labels.train.data import read_gold
from labels.weak.apply import BATCH, Labeller
from labels.weak.model import LabelModel
from labels.weak.writing import PART, WritingError, write

POSTS = (
    Post(id="a", title="招聘服务员", body="服务员两名，会计勿扰。完成销售目标。", city="长沙"),
    Post(id="b", title="通知", body="本周放假"),
    Post(id="c", title="保安", body="小区门口。\u200b老板娘", company="甲"),
)


def labeller(sure: float = 0.0) -> Labeller:
    return Labeller(LabelModel.load(), reader(), sure)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_rows_have_the_form_of_a_judged_set_and_probabilities() -> None:
    first, second, _ = labeller().rows(POSTS)
    assert {name: first[name] for name in ("id", "title", "body", "city")} == {
        "id": "a",
        "title": POSTS[0].title,
        "body": POSTS[0].body,
        "city": "长沙",
    }
    assert "company" not in first
    labels = [(m["text"], m["label"]) for m in first["mentions"]]
    assert labels == [("服务员", "H"), ("服务员", "H"), ("会计", "N:exclude"), ("销售", "X")]
    assert first["hired"] == ["服务员"]
    for mention in first["mentions"]:
        text = first[mention["field"]]
        assert text[mention["start"] : mention["end"]] == mention["text"]
        assert sum(mention["probability"].values()) == pytest.approx(1, abs=0.001)
        best = max(mention["probability"], key=mention["probability"].get)
        assert best == mention["label"][0]
    assert (second["mentions"], second["hired"]) == ([], [])


def test_a_mention_without_a_vote_is_undecided_and_has_no_probability() -> None:
    post = Post(id="d", title="通知", body="保安在门口")
    (found,) = labeller().rows([post])
    assert [(m["label"], m["probability"]) for m in found["mentions"]] == [("?", None)]


def test_less_sure_labels_are_left_undecided() -> None:
    (found,) = labeller(sure=1.0).rows(POSTS[:1])
    assert {m["label"] for m in found["mentions"]} == {"?"}
    assert all(m["probability"] for m in found["mentions"])


def test_training_reads_weak_rows(tmp_path: Path) -> None:
    path = tmp_path / "weak.jsonl"
    write(labeller(), POSTS, path, lambda _: None)
    examples = read_gold([path])
    assert [example.id for example in examples] == ["a", "b", "c"]
    assert examples[0].classes[0] == 0


def test_an_interrupted_run_is_gone_on_with(tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "weak.jsonl"
    part = out.with_name(out.name + PART)
    posts = [POSTS[0].model_copy(update={"id": f"p{n}"}) for n in range(BATCH + 40)]
    write(labeller(), posts, whole, lambda _: None)

    def cut_off() -> Iterator[Post]:
        yield from posts[: BATCH + 10]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(labeller(), cut_off(), out, lambda _: None)
    assert len(rows(part)) == BATCH
    with part.open("ab") as file:
        file.write(b'{"id": "p256", "ti')
    done: list[int] = []
    report = write(labeller(), posts, out, done.append)
    assert (report.before, report.posts, sum(done)) == (BATCH, 40, 40)
    assert out.read_bytes() == whole.read_bytes()
    assert not part.exists()


def test_closed_and_repeated_posts_are_written_never_or_once(tmp_path: Path) -> None:
    out = tmp_path / "weak.jsonl"
    closed = Post(id="z", deleted=True)
    report = write(labeller(), [*POSTS, closed, *POSTS], out, lambda _: None)
    assert report.posts == 3
    assert [row["id"] for row in rows(out)] == ["a", "b", "c"]
    assert report.to_mapping()["labels"]["H"] >= 2


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "weak.jsonl"
    out.write_text("mine", "utf-8")
    with pytest.raises(WritingError, match="is there already"):
        write(labeller(), POSTS, out, lambda _: None)
    assert out.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no labels\n", "holds no weak labels"),
        ("[]\n", "holds no weak labels"),
        ('{"id": "a"}\n', "holds no weak labels"),
        ('{"id": "a", "weak": "other"}\n', "another label model"),
    ],
)
def test_a_part_of_something_else_is_refused(text: str, told: str, tmp_path: Path) -> None:
    out = tmp_path / "weak.jsonl"
    part = out.with_name(out.name + PART)
    part.write_text(text, "utf-8")
    with pytest.raises(WritingError, match=told):
        write(labeller(), POSTS, out, lambda _: None)
    assert part.read_text("utf-8") == text


def test_another_least_probability_is_another_file(tmp_path: Path) -> None:
    out = tmp_path / "weak.jsonl"
    write(labeller(), POSTS[:1], out, lambda _: None)
    out.rename(out.with_name(out.name + PART))
    with pytest.raises(WritingError, match="--sure"):
        write(labeller(0.9), POSTS, out, lambda _: None)


def test_applying_loads_neither_torch_nor_crowd_kit() -> None:
    code = (
        "import sys, labels.weak.writing, labels.weak.summary, hirelens.commands.label; "
        "print({'torch', 'crowdkit', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
