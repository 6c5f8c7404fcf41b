"""A site's own words in queries: what they are read as, and what they must not break."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_support import write

from enrich.taxonomy import Taxonomy
from search.intent.model import Intent
from search.intent.reader import IntentReader, reader_of
from search.site.loader import load
from search.site.model import COMPANY, STOP, SYNONYM, SiteRules

TAXONOMY = Taxonomy.load()
READER = reader_of(TAXONOMY)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IntentReader:
    """A reader with rules of every kind."""
    folder = write(
        tmp_path_factory.mktemp("site"),
        synonyms="端盘小弟 服务员\n大肉 包吃住\n没文凭 学历不限\n妹子 女\n阿姨 保洁员\n"
        "品检 质检员\n药小妹 药店店员\n大厂 宏远",
        stop_words="求职信息\n急\n长沙",
        companies="宏远精密 宏远|宏远厂|Hong_Yuan",
    )
    return READER.with_site(load(folder, TAXONOMY))


def only(reader: IntentReader, query: str, attribute: str) -> Intent:
    (found,) = [one for one in reader.understand(query).intents if one.attribute == attribute]
    return found


def test_a_synonym_is_read_as_its_meaning(reader: IntentReader) -> None:
    part = only(reader, "朝阳区端盘小弟4000以上", "position")
    assert (part.text, part.value, part.source) == ("端盘小弟", "服务员", SYNONYM)
    plain = only(READER, "服务员", "position")
    assert part.positions == plain.positions
    # The written word is one of the names: a post that says it is found too.
    assert set(part.forms) == {*plain.forms, "端盘小弟"}


@pytest.mark.parametrize(
    ("query", "attribute", "value"),
    [
        ("大肉 普工", "benefit", "包吃住"),
        ("没文凭", "education", {"level": "none"}),
        ("招妹子", "gender", "female"),
        ("药小妹", "position", "药店店员"),
        ("大厂招聘", "company", "宏远精密"),
    ],
)
def test_a_synonym_may_mean_anything(
    reader: IntentReader, query: str, attribute: str, value: object
) -> None:
    part = only(reader, query, attribute)
    assert (part.value, part.source) == (value, SYNONYM)


def test_a_synonym_can_be_refused(reader: IntentReader) -> None:
    part = only(reader, "不要端盘小弟", "position")
    assert (part.text, part.value, part.negated) == ("不要端盘小弟", "服务员", True)


def test_a_site_says_what_it_means_by_a_word_that_has_a_meaning(reader: IntentReader) -> None:
    assert only(READER, "厨师 阿姨", "gender").text == "阿姨"
    values = [one.value for one in reader.understand("厨师 阿姨").intents]
    assert values == ["厨师", "保洁"]


def test_full_width_and_traditional_queries(reader: IntentReader) -> None:
    assert only(reader, "端盤小弟", "position").text == "端盤小弟"
    assert only(reader, "ＨＯＮＧ　ＹＵＡＮ 普工", "company").value == "宏远精密"


def test_a_stop_word_is_told_as_one(reader: IntentReader) -> None:
    parts = reader.understand("求职信息 会计").intents
    assert [(one.text, one.attribute, one.source == STOP) for one in parts] == [
        ("求职信息", "generic", True),
        ("会计", "position", False),
    ]
    # What was a place before says nothing on a site of that place.
    assert reader.understand("长沙服务员").intents[0].source == STOP


@pytest.mark.parametrize("query", ["急诊科医生", "急救员", "着急上班"])
def test_a_stop_word_is_a_whole_word(reader: IntentReader, query: str) -> None:
    assert all(one.source != STOP for one in reader.understand(query).intents)


def test_a_synonym_is_no_piece_of_other_words(reader: IntentReader) -> None:
    assert all(one.source != SYNONYM for one in reader.understand("产品检索").intents)
    assert only(reader, "品检 夜班", "position").source == SYNONYM


def test_every_name_of_an_employer_gives_the_usual_one(reader: IntentReader) -> None:
    for name in ("宏远", "宏远厂", "宏远精密"):
        part = only(reader, f"{name}普工", "company")
        assert (part.text, part.value, part.source) == (name, "宏远精密", COMPANY)
        assert part.forms == ("宏远精密", "宏远", "宏远厂", "hong yuan")
    assert only(reader, "大厂", "company").forms[1] == "宏远"


def test_a_longer_known_name_wins(reader: IntentReader) -> None:
    part = only(reader, "苏州宏远厂有限公司", "company")
    assert part.source != COMPANY


def test_without_rules_nothing_changes() -> None:
    for query in ("端盘小弟", "急 会计", "宏远厂"):
        bare = READER.with_site(SiteRules.none()).understand(query)
        assert bare == READER.understand(query)


def test_rules_can_be_given_when_a_reader_is_built(tmp_path: Path) -> None:
    rules = load(write(tmp_path, stop_words="求职信息"), TAXONOMY)
    found = IntentReader(TAXONOMY, site=rules).understand("求职信息")
    assert found.intents[0].source == STOP


def test_a_thousand_rules_are_taken_at_once(tmp_path: Path) -> None:
    lines = "\n".join(f"土话{number:03}词 服务员" for number in range(1000))
    rules = load(write(tmp_path, synonyms=lines), TAXONOMY)
    started = time.process_time()
    READER.with_site(rules)
    assert time.process_time() - started < 0.1


_PIECES = st.sampled_from(
    [
        "端盘小弟",
        "急",
        "宏远厂",
        "求职信息",
        "妹子",
        "服务员",
        "不要",
        "北京",
        "4000",
        " ",
        "、",
        "x",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=8).map("".join))
def test_no_character_is_lost(reader: IntentReader, query: str) -> None:
    found = reader.understand(query)
    assert "".join(one.text for one in found.intents) == "".join(query.split())
    again = reader.understand(query)
    assert again == found


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12))
def test_only_says_one_known_part_or_nothing(word: str) -> None:
    found = READER.only(word)
    if found is not None:
        assert (found.start, found.end) == (0, len(word))
        assert found.attribute != "generic"


def test_readings_do_not_overlap(reader: IntentReader) -> None:
    path = reader._path("急聘宏远厂端盘小弟妹子大肉")
    assert all(before.end <= after.start for before, after in pairwise(path))
