"""Every dictionary beside the tags is valid, and a wrong line is named with its file."""

from __future__ import annotations

from importlib import resources

import pytest

from enrich.tags.checks import RULES, problems
from enrich.tags.tables import DictionaryError, rows

SHIPPED = sorted(
    path.name
    for path in resources.files("enrich.tags").joinpath("data").iterdir()
    if path.name.endswith(".tsv") and path.name != "gender_cues.tsv"  # has its own loader
)


def test_every_shipped_dictionary_has_a_rule() -> None:
    assert sorted(RULES) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_dictionaries_are_valid(name: str) -> None:
    assert rows(name)
    assert problems(name) == []


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("benefits.tsv", "form\tname\n包吃\t包吃\n\n包吃\t包吃\n", "line 4: 包吃 stands on line 2"),
        ("benefits.tsv", "form\tname\nＷＩＦＩ\t网络\n", "line 2: form ＷＩＦＩ: write wifi"),
        ("benefits.tsv", "form\tname\n包吃\t\n", "line 2: name is empty"),
        ("benefits.tsv", "form\tvalue\n包吃\t包吃\n", "columns ['form', 'value']"),
        ("places.tsv", "form\tkind\tuse\n上海\tstate\tsure\n", "line 2: kind state: one of"),
        ("education.tsv", "# 学历\nform\tlevel\n大专\tgraduate\n", "line 3: level graduate"),
        ("benefit_patterns.tsv", "pattern\tname\n月休(\t月休\n", "no regular expression"),
        (
            "streets.tsv",
            "province\tcity\tdistrict\tstreets\ttowns\ttownships\tother\n甲省\t乙市\t丙县\t东|东\t-\t-\t-\n",
            "line 2: streets has a name twice",
        ),
    ],
)
def test_a_wrong_line_is_named(name: str, text: str, what: str) -> None:
    (problem,) = problems(name, text)
    assert problem.startswith(name)
    assert what in problem


def test_a_line_with_a_missing_column_is_an_error() -> None:
    with pytest.raises(DictionaryError, match=r"benefits.tsv, line 3: 1 columns; write 2"):
        problems("benefits.tsv", "form\tname\n包吃\t包吃\n包住\n")


def test_company_suffixes_stand_longest_first() -> None:
    lengths = [len(row["suffix"]) for row in rows("company_suffixes.tsv")]
    assert lengths == sorted(lengths, reverse=True)
