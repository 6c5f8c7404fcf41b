from pathlib import Path
from typing import Any

import pytest
import torch
from train_support import rows, tiny_run, write_rows

from enrich.bundle import Bundle, Calibration
from enrich.lexicon import Lexicon
from enrich.taxonomy import Taxonomy
from labels.train.base import load_base
from labels.train.config import DistillConfig
from labels.train.data import GoldError
from labels.train.distill import soft_items, teach, unjudged
from labels.train.items import Reader
from labels.train.one import first_model
from labels.train.reality import train_reality
from labels.train.watch import Watch


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(Taxonomy.load())


def posts() -> list[dict[str, Any]]:
    return [
        {"id": f"u{i}", "title": row["title"], "body": row["body"] + "住" * i, "company": f"z{i}"}
        for i, row in enumerate(rows(20))
    ]


def distill(tmp_path: Path, **more: Any) -> DistillConfig:
    path = write_rows(tmp_path / "posts.jsonl", posts())
    return DistillConfig(teachers=(tmp_path / "none",), posts=(path,), **more)


def test_posts_of_measuring_sets_and_their_employers_are_left_out(
    tmp_path: Path, lexicon: Lexicon
) -> None:
    found = posts()
    measured = [
        {"id": "u3", "title": "", "body": ""},
        {"id": "d1", "title": "", "body": "x", "company": "z5"},
        {"id": "d2", "title": "y", "body": found[7]["body"]},
    ]
    exclude = write_rows(tmp_path / "dev.jsonl", measured)
    kept = unjudged(distill(tmp_path, exclude=(exclude,)), lexicon)
    bodies = {body.text for _, body in kept}
    assert len(kept) == 17
    assert not bodies & {found[i]["body"] for i in (3, 5, 7)}
    for title, body in kept:
        words = {f.text[s:e] for f in (title, body) for s, e in f.spans}
        assert words & {"服务员", "送餐员", "厨师"}


def test_the_limit_takes_the_same_posts_whatever_their_order(
    tmp_path: Path, lexicon: Lexicon
) -> None:
    first = unjudged(distill(tmp_path, limit=6), lexicon)
    write_rows(tmp_path / "posts.jsonl", posts()[::-1])
    again = unjudged(
        DistillConfig(teachers=(tmp_path / "none",), posts=(tmp_path / "posts.jsonl",), limit=6),
        lexicon,
    )
    assert first == again
    assert len(first) == 6


def test_posts_without_a_position_are_no_use(tmp_path: Path, lexicon: Lexicon) -> None:
    write_rows(tmp_path / "p.jsonl", [{"title": "包吃包住", "body": "包吃"}, {"title": 3}])
    config = DistillConfig(teachers=(tmp_path,), posts=(tmp_path / "p.jsonl",))
    assert unjudged(config, lexicon) == []
    (tmp_path / "p.jsonl").write_text("[]\n", "utf-8")
    with pytest.raises(GoldError, match=r"p\.jsonl:1: is no JSON object"):
        unjudged(config, lexicon)


def bundle(tiny_bert: Path, seed: int) -> Bundle:
    base = load_base(str(tiny_bert), 2, [])
    model = first_model(base, seed).eval()
    return Bundle(model, base.tokenizer, base.specials, Calibration(), "")


def test_teachers_are_averaged_as_probabilities(
    tiny_bert: Path, tmp_path: Path, lexicon: Lexicon
) -> None:
    kept = unjudged(distill(tmp_path), lexicon)
    teachers = [bundle(tiny_bert, seed) for seed in (1, 2)]
    device = torch.device("cpu")
    one, two = (teach([t], kept, 2.0, device, Watch()) for t in teachers)
    both = teach(teachers, kept, 2.0, device, Watch())
    assert both.keys() == one.keys()
    assert len(both) == sum(len(t.spans) + len(b.spans) for t, b in kept)
    for key, view in both.items():
        mean = (torch.tensor(one[key]) + torch.tensor(two[key])) / 2
        assert torch.allclose(torch.tensor(view), mean, atol=1e-6)
    reader = Reader(teachers[0].tokenizer, teachers[0].specials, 256)
    items = reader.soft_items(kept, both)
    assert all(len(item.soft) == len(item.window.mentions) for item in items)
    assert all(set(item.classes) == {-1} for item in items)


def test_a_student_comes_closer_to_its_teacher(
    tiny_bert: Path, judged: Path, tmp_path: Path, lexicon: Lexicon
) -> None:
    teacher = tmp_path / "teacher"
    plain = {"fit.epochs": 8, "fit.encoder_rate": 3e-3, "fit.average_decay": 0.5}
    train_reality(tiny_run(tiny_bert, judged, plain), teacher)
    path = write_rows(tmp_path / "posts.jsonl", posts())
    config = DistillConfig(teachers=(teacher,), posts=(path,), weight=1.0, batch=8)
    base = load_base(str(tiny_bert), 2, [])
    reader = Reader(base.tokenizer, base.specials, 256)
    cache = tmp_path / "taught.safetensors"
    said: list[str] = []
    first = soft_items(config, reader, lexicon, "cpu", cache, Watch(said.append))
    again = soft_items(config, reader, lexicon, "cpu", cache, Watch(said.append))
    assert len(said) == 1  # the second time the teacher's views are read from the file
    assert [item.window for item in first] == [item.window for item in again]
    more = {"distill.teachers": (teacher,), "distill.posts": (path,), "distill.weight": 2.0,
            "fit.epochs": 4, "fit.average_decay": 0.5}  # fmt: skip

    def distance(changes: dict[str, Any], out: Path) -> float:
        from enrich.bundle import load_bundle

        train_reality(tiny_run(tiny_bert, judged, changes), out)
        kept = unjudged(config, lexicon)
        views = [
            teach([load_bundle(folder)], kept, 2.0, torch.device("cpu"), Watch())
            for folder in (teacher, out)
        ]
        return sum(
            sum(abs(a - b) for a, b in zip(views[0][key], views[1][key], strict=True))
            for key in views[0]
        ) / len(views[0])

    alone = distance({"fit.epochs": 4, "fit.average_decay": 0.5}, tmp_path / "alone")
    taught = distance(more, tmp_path / "taught")
    assert taught < alone
