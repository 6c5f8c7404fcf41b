"""docs/search.md says what the code does."""

from __future__ import annotations

import contextlib
import io
import re
import tomllib
from pathlib import Path

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


def test_the_example_prints_what_it_says() -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(block("python"), "docs/search.md", "exec"), {})
    assert shown.getvalue() == block("text", 1)
