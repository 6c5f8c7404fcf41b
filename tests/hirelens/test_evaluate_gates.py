"""``hirelens evaluate gates`` with a model that takes everything for hired."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from verbs_support import write_lines

Call = Callable[..., Result]


def judged(number: int, job: str, other: str) -> dict[str, object]:
    """A post that hires for one job and compares it to another, both marked."""
    fields = {"title": f"招{job}", "body": f"现招{job}两名，包吃住。{other}不如{job}。"}
    mentions = [
        {"field": name, "start": found.start(), "end": found.end(), "text": found.group(),
         "label": "H" if found.group() == job else "N:compare"}
        for name, text in fields.items()
        for found in re.finditer(f"{job}|{other}", text)
    ]  # fmt: skip
    return {"id": f"g{number}", **fields, "mentions": mentions}


def test_a_model_that_takes_all_for_hired_misses_what_it_must(call: Call) -> None:
    result = call("evaluate", "gates", "--posts", "3", "--json")
    assert result.exit_code == 1
    found = {row["gate"]: row for row in json.loads(result.stdout)["gates"]}
    assert found["inserted bait word is not hired"]["good"] == 0
    assert found["exchange exchanges the labels"]["share"]["value"] == 0
    assert found["replaced position stays hired"] == {
        "gate": "replaced position stays hired",
        "good": 3,
        "total": 3,
        "bar": 0.97,
        "share": {"value": 1.0, "low": 1.0, "high": 1.0, "count": 3},
        "passed": True,
    }


def test_judged_posts_are_changed_as_well(call: Call, tmp_path: Path) -> None:
    rows = [judged(1, "保安", "会计"), judged(2, "厨师", "文员"), judged(3, "电工", "导游")]
    result = call("evaluate", "gates", write_lines(tmp_path / "gold.jsonl", rows))
    assert result.exit_code == 1
    assert "exchange exchanges the labels" in result.stdout
    assert "0.000 (0.000 to 0.000)" in result.stdout


def test_a_file_that_is_not_judged_is_refused_in_one_line(call: Call, tmp_path: Path) -> None:
    result = call("evaluate", "gates", write_lines(tmp_path / "posts.jsonl", [{"id": "a"}]))
    assert result.exit_code == 1
    assert "no judged post" in result.stderr
