"""A tiny taxonomy of names, so that a whole training run takes seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from enrich.taxonomy import Taxonomy


def tiny_taxonomy() -> Taxonomy:
    """Six positions of two groups, one of them a generic title."""
    rows = [
        ["server", "服务员", "g-food", [], ["服务员", "餐厅服务员", "服务人员"], ["包厢服务员"]],
        ["runner", "送餐员", "g-food", [], ["送餐员", "送餐的", "送餐师"], []],
        ["chef", "厨师", "g-food", [], ["厨师", "厨工", "大厨师"], ["面点厨师"]],
        ["head-chef", "厨师长", "g-food", ["chef"], ["厨师长", "厨师总长"], []],
        ["chef-aid", "厨师助理", "g-food", [], ["厨师助理", "帮厨师"], []],
        ["clerk", "店员", "cat-generic-heads", [], ["店员", "店务员"], []],
        ["inn-clerk", "住店员", "g-food", ["clerk"], ["住店员", "住宿店员"], []],
    ]
    data: dict[str, Any] = {
        "format": 2,
        "categories": [
            ["s", "餐饮", ""],
            ["g-food", "后厨", "s"],
            ["cat-generic-heads", "通用", "s"],
        ],
        "positions": rows,
        "shared": {},
        "relations": [
            ["chef-aid", "assistant-of", "chef"],
            ["server", "near", "runner"],
            ["head-chef", "senior-of", "server"],
        ],
        "retired": {},
        "lookalikes": ["中餐厅", "服务器"],
        "ambiguous": [],
        "query_only": [],
    }
    return Taxonomy.from_mapping(data, "tiny")


def write_judged(path: Path) -> Path:
    """Write judged pairs of both halves."""
    rows = [
        ("服务员", "端菜的", 2, "look"), ("服务员", "迎宾", 1, "look"),
        ("服务员", "厨工", 0, "look"), ("服务员", "服务器运维", 0, "look"),
        ("厨师", "掌勺的", 2, "look"), ("厨师", "炊事员", 2, "look"), ("厨师", "切配", 1, "look"),
        ("厨师", "送餐的", 0, "look"), ("送餐员", "外卖员", 2, "blind"),
        ("送餐员", "厨师长", 0, "blind"), ("店员", "营业员", 2, "blind"),
        ("店员", "大厨师", 0, "blind"),
    ]  # fmt: skip
    lines = [
        json.dumps(dict(zip(("query", "candidate", "label", "half"), row, strict=True)))
        for row in rows
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
