"""docs/search.md says what the code does."""

from __future__ import annotations

import contextlib
import io
import re
import tomllib
from pathlib import Path

from search.found import LeftOut
from search.fusion import Fusion, read_fusion
from search.limits import Limits, read_limits
from search.rank import Rank, read_rank
from search.rule import RELAX_ORDER, Rule, read_rule

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text("utf-8")


def block(kind: str, number: int = 0) -> str:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)[number]


def test_the_order_is_the_codes() -> None:
    listed = re.findall(r"^\d+\. (\w+)", PAGE, re.MULTILINE)
    assert ["generic" if name == "unknown" else name for name in listed] == list(RELAX_ORDER)


def test_the_table_names_the_defaults() -> None:
    defaults = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 5 and cells[3].startswith("`"):
            names = "generic" if cells[1] == "unknown words" else cells[1]
            defaults.update(dict.fromkeys(names.split(", "), cells[3].strip("`")))
    rule = Rule()
    assert defaults == {name: rule.use(name) for name in RELAX_ORDER}


def test_the_settings_are_the_codes() -> None:
    rule = read_rule(tomllib.loads(block("toml"))["understanding"])
    same = ("boost", "same", "narrower", "related")
    assert [getattr(rule, name) for name in same] == [getattr(Rule(), name) for name in same]


def test_fusion_rank_and_limits_are_the_codes() -> None:
    told = tomllib.loads("".join(block("toml", number) for number in (1, 2, 3)))
    assert read_fusion(told["fusion"]) == Fusion()
    assert set(told["fusion"]) == set(Fusion.model_fields)
    assert read_limits(told["limits"]) == Limits()
    assert set(told["limits"]) == set(Limits.model_fields)
    features = told["rank"].pop("features")
    assert read_rank(told["rank"]) == Rank()
    assert {*told["rank"], "features"} == set(Rank.model_fields)
    assert read_rank({"features": features}).features == features


def test_every_reason_is_told() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE.split("## When a channel")[1], re.MULTILINE)
    assert listed[: len(LeftOut)] == [reason.value for reason in LeftOut]


def test_the_example_prints_what_it_says() -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(block("python"), "docs/search.md", "exec"), {})
    assert shown.getvalue() == block("text", 1)
