"""A tiny BERT and a few judged posts: a whole training run takes a second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labels.augment.recipe import FIRST, SECOND
from labels.train.config import RunConfig
from labels.train.config_file import override

WORDS = ["招", "服", "务", "员", "厨", "师", "不", "如", "送", "餐", "包", "吃", "住"]
PATTERNS = (
    ("招送餐员", "服务员不如送餐员,包吃住", ["送餐员"], [
        ("title", 1, 4, "H"), ("body", 0, 3, "N:compare"), ("body", 5, 8, "H")]),
    ("招厨师", "厨师包吃住,不招服务员", ["厨师", "厨工"], [
        ("title", 1, 3, "H"), ("body", 0, 2, "H"), ("body", 8, 11, "N:exclude")]),
    ("招服务员", "服务员包住,厨师包吃", ["服务员"], [
        ("title", 1, 4, "H"), ("body", 0, 3, "H"), ("body", 6, 8, "X")]),
)  # fmt: skip
OFF: dict[str, float] = dict.fromkeys((*FIRST, *SECOND), 0.0)
"""No augmentation."""


def save_bert(folder: Path) -> Path:
    """Write a BERT folder as Hugging Face does, with a character vocabulary."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from labels.train.base import build_tokenizer

    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *WORDS]
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=16, num_hidden_layers=3, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=128,
    )  # fmt: skip
    torch.manual_seed(3)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer([(piece, -1.0) for piece in pieces]),
        bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
    ).save_pretrained(folder)  # fmt: skip
    return folder


def rows(count: int) -> list[dict[str, Any]]:
    """Judged posts: every third is by an author of ten, the others by employers of two posts."""
    found: list[dict[str, Any]] = []
    for i in range(count):
        title, body, hired, mentions = PATTERNS[i % len(PATTERNS)]
        row: dict[str, Any] = {
            "id": f"p{i}x", "title": title, "body": body, "hired": hired,
            "company": f"c{i // 2}",
            "mentions": [
                {"field": f, "start": s, "end": e, "label": label, "text": ""}
                for f, s, e, label in mentions
            ],
        }  # fmt: skip
        if i % 4 == 0:
            row["id"] = f"t{'abcde'[i // 4 % 5]}{i:03}"
            del row["company"]
        found.append(row)
    return found


def write_rows(path: Path, found: list[dict[str, Any]]) -> Path:
    """Write rows as JSON lines."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
    path.write_text(text, "utf-8")
    return path


def tiny_run(base: Path, gold: Path, changes: dict[str, Any] | None = None) -> RunConfig:
    """A run of a few steps without augmentation."""
    known = {
        "data.gold": (gold,), "data.held_out": 0.3, "model.base": str(base), "model.layers": 2,
        "fit.epochs": 3, "fit.batch": 8, "augment": OFF, "fit.device": "cpu",
    }  # fmt: skip
    return override(RunConfig(), {**known, **(changes or {})}, "test")
