from pathlib import Path

import pytest
from train_support import rows, write_rows

from labels.train.data import Example, read_gold
from labels.train.folds import SplitError, folds, split


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    return read_gold([write_rows(tmp_path / "a.jsonl", rows(120))])


def test_authors_and_employers_are_groups(examples: list[Example]) -> None:
    groups = {e.id: (e.group, e.authored) for e in examples}
    assert groups["ta000"] == ("ta", True)
    assert groups["tb004"] == ("tb", True)
    assert groups["p1x"] == ("c0", False)
    assert examples[0].source == "a.jsonl"
    assert examples[1].hired == ("厨师", "厨工")


def test_an_author_that_is_named_wins_over_the_id(tmp_path: Path) -> None:
    found = rows(8)
    found[0]["author"] = "anna"
    found[4]["company"] = "c9"
    examples = read_gold([write_rows(tmp_path / "a.jsonl", found)])
    assert (examples[0].group, examples[0].authored) == ("anna", True)
    assert (examples[4].group, examples[4].authored) == ("c9", False)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_no_group_is_on_both_sides(examples: list[Example], share: float) -> None:
    kept, held = split(examples, share)
    assert not {e.group for e in kept} & {e.group for e in held}
    assert len(kept) + len(held) == len(examples)
    for authored in (True, False):
        assert any(e.authored == authored for e in kept)
    assert any(e.authored for e in held)
    employers = [e for e in examples if not e.authored]
    held_share = sum(not e.authored for e in held) / len(employers)
    assert abs(held_share - share) < 0.15


def test_a_split_stays_when_posts_of_others_are_added(examples: list[Example]) -> None:
    _, held = split(examples[:100], 0.3)
    _, more = split(examples, 0.3)
    assert {e.id for e in held if not e.authored} <= {e.id for e in more}


def test_named_groups_are_held_out_and_unknown_ones_refused(examples: list[Example]) -> None:
    kept, held = split(examples, 0, ["tc", "c3"])
    assert {e.group for e in held} == {"tc", "c3"}
    assert not {e.group for e in kept} & {"tc", "c3"}
    with pytest.raises(SplitError, match="tz"):
        split(examples, 0, ["tz"])
    with pytest.raises(SplitError, match="everything is held out"):
        split(examples, 0, {e.group for e in examples})


def test_one_author_alone_is_never_held_out(examples: list[Example]) -> None:
    only = [e for e in examples if not e.authored or e.group == "ta"]
    kept, _ = split(only, 0.3)
    assert any(e.authored for e in kept)


def test_folds_judge_every_post_once_and_balance(examples: list[Example]) -> None:
    found = folds(examples, 5)
    assert sorted(e.id for _, fold in found for e in fold) == sorted(e.id for e in examples)
    for rest, fold in found:
        assert not {e.group for e in rest} & {e.group for e in fold}
        assert len({e.group for e in fold if e.authored}) == 1
        assert abs(len(fold) - len(examples) / 5) <= 2
    with pytest.raises(SplitError, match="as many groups"):
        folds(examples[:3], 5)
