"""From an answer to its record: any text goes in, and what comes out can be kept anywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from searchlog_support import ANY_TEXT, IN_ANY_TIME, T0, answer, hit, record

from enrich.taxonomy import Taxonomy
from search.found import ChannelRun, FoundBy, LeftOut
from search.index import Filters
from search.intent.model import Intent
from search.query import MAX_QUERY, QueryParser
from search.searchlog.build import Asked, record_of
from search.searchlog.model import (
    MAX_SHOWN,
    RecordError,
    SearchRecord,
    Via,
    json_schema,
    new_id,
)
from search.searchlog.words import MAX_LABEL, clean, opaque, plain
from search.service import Answer, AnsweredHit
from search.understanding import GivenUp


def built(found: Answer, asked: Asked, seconds: float = 0.0125) -> SearchRecord:
    return record_of(found, asked, id_=new_id(T0), at=T0, seconds=seconds, generation="g1")


def storable(text: str) -> bool:
    return "\x00" not in text and text.encode("utf-8").decode("utf-8") == text


@IN_ANY_TIME
@given(query=ANY_TEXT, session=ANY_TEXT, bucket=ANY_TEXT, post=ANY_TEXT, city=ANY_TEXT)
def test_any_text_gives_a_record_that_reads_back(
    query: str, session: str, bucket: str, post: str, city: str
) -> None:
    intent = Intent(query, "salary", {"min": 4000, query: city}, "rule")
    found = Answer(
        (hit(post, 0.5),), 1, answer(query=query, intents=(intent,)).understanding, (query,)
    )
    asked = Asked(query, session=session, bucket=bucket, filters=Filters(city=city))
    one = built(found, asked)
    line = one.to_json()
    assert storable(line)
    assert "\n" not in line
    assert SearchRecord.from_json(line) == one
    jsonschema.validate(json.loads(line), json_schema())


@IN_ANY_TIME
@given(ANY_TEXT)
def test_cleaning_changes_only_what_cannot_be_kept(text: str) -> None:
    found = clean(text)
    assert storable(found)
    assert len(found) == len(text)
    assert all(a == b or b in "?\ufffd" for a, b in zip(text, found, strict=True))
    if storable_in(text):
        assert found == text
    assert clean(found) == found


def storable_in(text: str) -> bool:
    return not any(char == "\x00" or 0xD800 <= ord(char) <= 0xDFFF for char in text)


@IN_ANY_TIME
@given(ANY_TEXT, ANY_TEXT)
def test_different_sessions_stay_different(one: str, other: str) -> None:
    assume(one != other)
    assert opaque(one) != opaque(other)


@pytest.mark.parametrize(
    "pair",
    [
        ("a", "a "),  # MariaDB would call these equal
        ("a", "A"),
        ("\ud800", "\udfff"),
        ("x" * 64, "x" * 65),
        ("a\x00", "a\ufffd"),
        ("", "~"),
    ],
)
def test_look_alikes_stay_different(pair: tuple[str, str]) -> None:
    assert opaque(pair[0]) != opaque(pair[1])


@IN_ANY_TIME
@given(ANY_TEXT)
def test_a_session_fits_every_database(text: str) -> None:
    found = opaque(text)
    assert storable(found)
    assert 0 < len(found) <= MAX_LABEL
    assert not any(char.isspace() for char in found)


def test_a_usual_session_is_kept_as_it_is() -> None:
    assert opaque("3f9c-b2_1") == "3f9c-b2_1"
    assert opaque("实验") == "实验"


def test_a_digest_cannot_be_forged() -> None:
    digest = opaque("two words")
    assert opaque(digest) != digest


def test_what_is_kept_of_an_answer() -> None:
    intents = (
        Intent("长沙", "location", "长沙市", "place"),
        Intent("服务员", "position", "服务员", "name", positions=("waiter",)),
        Intent("夜班", "generic", None, "rest", negated=True),
    )
    found = answer([hit("p9", 0.75, "text", "intent"), hit("p2", 0.5, "vector")], intents=intents)
    asked = Asked("长沙 服务员", "all", Filters(city="长沙", benefit=("包住",)), 20, session="s")
    one = built(found, asked)
    assert [(p.text, p.attribute, p.negated) for p in one.intents] == [
        ("长沙", "location", False),
        ("服务员", "position", False),
        ("夜班", "generic", True),
    ]
    assert one.intents[1].positions == ("waiter",)
    assert [(post.id, post.rank, post.score) for post in one.shown] == [
        ("p9", 1, 0.75),
        ("p2", 2, 0.5),
    ]
    assert [via.channel for via in one.shown[0].channels] == ["text", "intent"]
    assert one.filters == {"city": "长沙", "benefit": ["包住"]}
    assert (one.milliseconds, one.session, one.bucket, one.generation) == (12.5, "s", "", "g1")
    assert "secret" not in one.to_json()


def test_parts_stand_in_where_no_intents_were_read() -> None:
    parts = QueryParser(Taxonomy.load()).parse("服务员 夜班")
    one = built(answer(parts=parts), Asked("服务员 夜班", rewrite=False))
    assert [(part.text, part.attribute) for part in one.intents] == [
        ("服务员", "position"),
        ("夜班", "generic"),
    ]


def test_long_answers_and_queries_are_cut_and_say_so() -> None:
    one = built(answer([hit(f"p{n}") for n in range(MAX_SHOWN + 5)]), Asked("x" * 900))
    assert (len(one.shown), one.returned) == (MAX_SHOWN, MAX_SHOWN + 5)
    assert len(one.query) == MAX_QUERY


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -float("inf")])
def test_a_score_that_is_no_number_is_left_out(score: float) -> None:
    assert built(answer([hit("p1", score)]), Asked("q")).shown[0].score is None


def test_one_channel_alone_took_the_answers_time() -> None:
    one = built(answer([hit("p1")]), Asked("q", "text"), 0.003)
    assert [(c.channel, c.hits, c.milliseconds) for c in one.channels] == [("text", 1, 3.0)]


def test_ids_grow_with_time_and_differ() -> None:
    ids = [new_id(T0 + n // 3) for n in range(30)]
    assert len(set(ids)) == 30
    assert [id_[:12] for id_ in ids] == sorted(id_[:12] for id_ in ids)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "(line)"),
        ("{", "(line)"),
        ("[1]", "(line)"),
        ("{}", "'id'"),
        (b"\xff", "(line)"),
        (record().to_json().replace('"format":1', '"format":2'), "'format'"),
        (record().to_json().replace('"query 0"', '"\\ud800"'), "(line)"),
        (record().to_json().replace('"query 0"', '"a\\u0000b"'), "'query'"),
        (record().to_json().replace('"limit":10', '"limit":"10"'), "'limit'"),
        (record().to_json()[:-1] + ',"user":"u"}', "'user'"),
    ],
)
def test_what_is_no_record_is_named(line: str | bytes, says: str) -> None:
    with pytest.raises(RecordError) as caught:
        SearchRecord.from_json(line)
    assert says in str(caught.value)


class _Colour(StrEnum):
    RED = "red"


@IN_ANY_TIME
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner) | st.tuples(inner),
        max_leaves=20,
    )
)
def test_any_value_becomes_json(value: Any) -> None:
    found = plain(value)
    text = json.dumps(found, ensure_ascii=False, allow_nan=False)
    assert storable(text)
    assert json.loads(text) == found


def test_values_that_json_does_not_know() -> None:
    assert plain(_Colour.RED) == "red"
    assert plain({3: {"b", "a"}}) == {"3": ["a", "b"]}
    deep: list[Any] = []
    deep.append(deep)
    assert json.dumps(plain(deep)).count("[") == 20


def test_each_channels_rank_and_score_of_a_hit() -> None:
    by = (FoundBy("text", 3, 1.5), FoundBy("vector", 1, float("nan")))
    one = AnsweredHit("p1", 0.5, {}, {}, ("text", "vector"), (), by)
    (post,) = built(answer([one]), Asked("q")).shown
    assert post.channels == (
        Via(channel="text", rank=3, score=1.5),
        Via(channel="vector", rank=1, score=None),
    )


def test_each_channels_run_and_what_was_given_up() -> None:
    found = replace(
        answer(relaxed=(GivenUp("salary", ("4000",)),)),
        runs=(
            ChannelRun("text", 0.004, 0, 0),
            ChannelRun("vector", 0.02, 0, 0, "no encoder", LeftOut.ENCODER_MISSING),
        ),
    )
    one = built(found, Asked("q"))
    assert one.relaxed == ("salary",)
    assert [(c.channel, c.milliseconds, c.trouble) for c in one.channels] == [
        ("text", 4.0, None),
        ("vector", 20.0, "no encoder"),
    ]
    assert [c.left_out for c in one.channels] == [None, "encoder_missing"]
    assert SearchRecord.from_json(one.to_json()) == one
