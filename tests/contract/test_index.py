"""What every back end of the index protocol must do; each case runs on all of them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.conditions import Boost, Bound, Held, Says, Unstated
from search.index import (
    Alternative,
    CursorError,
    Document,
    Either,
    FilterQuery,
    Filters,
    FilterSection,
    Index,
    MatchSection,
    Outcome,
    Phrase,
    PositionQuery,
    TextQuery,
    VectorQuery,
    VectorSpaceError,
)
from search.tokens import char_stream
from tests.contract.conftest import Opener

SPACE = "space-1"


@pytest.fixture
def index(opener: Opener, tmp_path: Path) -> Index:
    return opener(tmp_path, SPACE)


def document(
    id_: str,
    text: str = "招 服 务 员",
    version: int = 1,
    digest: str = "d",
    positions: tuple[str, ...] = (),
    vector: tuple[float, ...] = (1.0, 0.0),
    named: tuple[str, ...] = (),
    denied: tuple[str, ...] = (),
    **fields: Any,
) -> Document:
    match = MatchSection(
        text, text, text, text, text, text, positions, {"benefit": ("包住",)}, vector, named, denied
    )
    return Document(
        id_,
        version,
        "open",
        "r",
        digest,
        match,
        FilterSection(**fields),
        {"title": text},
        {"version": version},
    )


def closed(id_: str, version: int) -> Document:
    return Document(id_, version, "closed", "r", "gone")


def phrase(tokens: str, **fields: Any) -> TextQuery:
    return TextQuery((Phrase(tuple(tokens.split()), **fields),))


def found(index: Index, query: Any, **options: Any) -> list[str]:
    return [hit.id for hit in index.query(query, **options).hits]


def test_a_document_is_read_back_whole(index: Index) -> None:
    stored = document("1", positions=("p",), job_type=("全职",), salary_min=3000.0, education=4)
    assert index.write([stored])[0].outcome is Outcome.OK
    assert index.get(["1", "none"]) == {"1": stored}


def test_the_identity_is_that_of_the_stored_index(
    index: Index, opener: Opener, tmp_path: Path
) -> None:
    assert index.identity == opener(tmp_path, SPACE).identity != ""
    (tmp_path / "another").mkdir()
    assert opener(tmp_path / "another", SPACE).identity != index.identity


def test_the_higher_version_wins(index: Index) -> None:
    index.write([document("1", "甲", version=5)])
    outcomes = index.write([document("1", "乙", version=4), document("1", "丙", version=6)])
    assert [o.outcome for o in outcomes] == [Outcome.SUPERSEDED, Outcome.OK]
    assert outcomes[0].stored_version == 5
    assert found(index, phrase("甲")) == []
    assert found(index, phrase("丙")) == ["1"]


def test_equal_versions_are_the_same_or_in_conflict(index: Index) -> None:
    index.write([document("1", "甲", digest="x")])
    outcomes = index.write([document("1", "甲", digest="x"), document("1", "乙", digest="y")])
    assert [o.outcome for o in outcomes] == [Outcome.SAME, Outcome.CONFLICT]
    assert outcomes[1].error
    assert found(index, phrase("甲")) == ["1"]


def test_a_closed_post_never_comes_back(index: Index) -> None:
    index.write([document("1", positions=("p",), version=1)])
    assert index.write([closed("1", 3)])[0].outcome is Outcome.OK
    assert index.write([document("1", version=2)])[0].outcome is Outcome.SUPERSEDED
    for query in (phrase("服 务 员"), PositionQuery(("p",)), VectorQuery((1.0, 0.0), SPACE)):
        assert found(index, query) == []
    assert index.get(["1"]) == {"1": closed("1", 3)}
    assert index.write([document("1", version=4)])[0].outcome is Outcome.OK
    assert found(index, phrase("服 务 员")) == ["1"]


def test_scan_goes_in_the_order_of_ids(index: Index) -> None:
    index.write([document(id_) for id_ in ("c", "a", "b")])
    index.write([closed("b", 9)])
    assert [(s.id, s.version, s.state) for s in index.scan(after="a")] == [
        ("b", 9, "closed"),
        ("c", 1, "open"),
    ]
    assert [stamp.id for stamp in index.scan(limit=2)] == ["a", "b"]


def test_a_phrase_is_consecutive_and_stops_at_gaps(index: Index) -> None:
    index.write([document("1", "服 务 员"), document("2", "服 务 … 员"), document("3", "员 服 务")])
    assert found(index, phrase("服 务 员")) == ["1"]
    assert sorted(found(index, phrase("服 务"))) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("token", "hit"),
    [("c", "2"), ("c++", "1"), ("c#", "3"), (".net", "4"), ("net", None), ("é", "5"), ("e", None)],
)
def test_tokens_are_compared_whole(index: Index, token: str, hit: str | None) -> None:
    texts = ("c++", "c", "c#", ".net", "é")
    index.write([document(str(n), text) for n, text in enumerate(texts, start=1)])
    assert found(index, phrase(token)) == ([hit] if hit else [])


def test_an_endless_word_is_found_by_its_tokens(index: Index) -> None:
    index.write([document("1", char_stream(f"{'a' * 300} b"))])
    for text in ("a" * 300, "a" * 255, "a" * 45, f"{'a' * 45} b"):
        assert found(index, phrase(char_stream(text))) == ["1"]
    for text in ("a" * 44, "a" * 256):
        assert found(index, phrase(char_stream(text))) == []


def test_every_part_must_match_by_phrase_or_position(index: Index) -> None:
    index.write(
        [
            document("word", "服 务 员 … 包 住"),
            document("position", "服 务 生 … 包 住", positions=("waiter",)),
            document("neither", "厨 师 … 包 住"),
            document("no-benefit", "服 务 员"),
        ]
    )
    part = Phrase(("服", "务", "员"), "offer", ("服务员",), ("waiter",))
    query = TextQuery((part, Phrase(("包", "住"))))
    assert found(index, query) == ["position", "word"]
    assert found(index, TextQuery(())) == []


def test_words_score_and_never_decide(index: Index) -> None:
    index.write([document("1", "服 务 员"), document("2", "服务员")])
    assert found(index, phrase("服 务 员", words=("服务员",))) == ["1"]


def test_filters_are_hard(index: Index) -> None:
    index.write(
        [
            document(
                "1", city="北京", salary_min=5000.0, job_type=("全职", "夜班"), benefit=("包住",)
            ),
            document("2", city="上海", salary_min=2000.0, salary_max=6000.0, company="甲"),
            document("3", category="餐饮"),
        ]
    )
    query = phrase("服 务 员")
    assert found(index, query, filters=Filters(city="北京")) == ["1"]
    assert found(index, query, filters=Filters(salary_at_least=5500)) == ["2"]
    assert found(index, query, filters=Filters(job_type="夜班")) == ["1"]
    assert found(index, query, filters=Filters(benefit=("包住", "包吃"))) == []
    assert found(index, query, filters=Filters(category="餐饮")) == ["3"]
    near = VectorQuery((1.0, 0.0), SPACE)
    assert found(index, near, filters=Filters(company="甲")) == ["2"]


def test_what_stands_for_a_part_scores_less_than_its_own_words(index: Index) -> None:
    # A word that every post holds is worth next to nothing by BM25.
    index.write([document(f"own{n}", "招 服 务 员") for n in range(5)])
    index.write([document("word", "招 堂 倌"), document("id", "招 人", positions=("rider",))])
    index.write([document("both", "招 堂 倌", positions=("rider",)), document("none", "招 人")])
    others = (
        Alternative((Says(("堂", "倌"), "offer"),), 0.9),
        Alternative((Held("position", ("rider",)),), 0.5),
    )
    page = index.query(phrase("服 务 员", alternatives=others))
    assert [hit.id for hit in page.hits][5:] == ["both", "word", "id"]  # the best one counts
    assert [round(hit.score, 4) for hit in page.hits[5:]] == [0.9, 0.9, 0.5]
    assert min(hit.score for hit in page.hits[:5]) > 1


def test_either_phrase_is_enough_and_both_score_more(index: Index) -> None:
    index.write([document("one", "招 骑 手"), document("two", "招 骑 手 和 保 安")])
    index.write([document("none", "招 人")])
    phrases = (Phrase(("骑", "手")), Phrase(("保", "安")))
    assert found(index, TextQuery((Either(phrases),))) == ["two", "one"]
    assert found(index, TextQuery((Either(()),))) == []


def test_a_boost_orders_and_never_decides(index: Index) -> None:
    index.write([document("a", city="北京"), document("b", city="上海"), document("c")])
    boost = Boost((Held("city", ("上海",)),), 2.0)
    page = index.query(FilterQuery((boost,)))
    assert [(hit.id, hit.score) for hit in page.hits] == [("b", 2.0), ("a", 0.0), ("c", 0.0)]


def test_what_only_names_a_position_can_be_refused(index: Index) -> None:
    index.write([document("names", named=("waiter", "rider")), document("hires")])
    assert index.get(["names"])["names"].match.named == ("waiter", "rider")  # type: ignore[union-attr]
    bait = Held("named", ("waiter",))
    near = VectorQuery((1.0, 0.0), SPACE)
    assert found(index, near) == ["hires", "names"]
    assert found(index, near, filters=Filters(must_not=(bait,))) == ["hires"]
    assert found(index, FilterQuery(), filters=Filters(must=((bait,),))) == ["names"]
    index.write([document("names", version=2)])
    assert found(index, near, filters=Filters(must_not=(bait,))) == ["hires", "names"]


def test_what_denies_an_offer_can_be_refused(index: Index) -> None:
    index.write([document("denies", denied=("包住", "学徒")), document("silent")])
    stored = index.get(["denies"])["denies"].match
    assert stored is not None
    assert stored.denied == ("包住", "学徒")
    near, denial = VectorQuery((1.0, 0.0), SPACE), Held("denied", ("包住",))
    assert found(index, near, filters=Filters(must_not=(denial,))) == ["silent"]
    assert found(index, FilterQuery(), filters=Filters(must=((denial,),))) == ["denies"]


def test_which_of_known_posts_are_found(index: Index) -> None:
    index.write([document(id_, positions=("a",)) for id_ in ("1", "2", "3")])
    index.write([document("other", positions=("b",)), closed("gone", 1)])
    known = Filters(must=((Held("id", ("2", "other", "1", "gone", "never")),),))
    for query in (PositionQuery(("a",)), TextQuery((Phrase((), "offer", (), ("a",)),))):
        assert found(index, query, filters=known) == ["1", "2"]
    refused = Filters(must_not=(Held("id", ("2", "other")),))
    assert found(index, FilterQuery(), filters=refused) == ["1", "3"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Unstated("id"), "id"),
        (lambda: Held("colour", ("x",)), "colour"),
        (lambda: Unstated("colour"), "colour"),
        (lambda: Bound("pay", at_least=math.inf), "pay: inf"),
        (lambda: Bound("city", at_least=1), "city"),  # type: ignore[arg-type]
        (lambda: Alternative((), 1.0), "between 0 and 1"),
    ],
)
def test_what_no_back_end_can_ask_is_refused(wrong: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wrong()


def test_positions_and_tags(index: Index) -> None:
    index.write([document("1", positions=("a", "b")), document("2", positions=("b",))])
    assert found(index, PositionQuery(("a", "b"))) == ["1", "2"]
    assert found(index, PositionQuery(("a",))) == ["1"]
    assert found(index, PositionQuery(("b",), {"benefit": ("包吃",)})) == []
    assert found(index, PositionQuery(())) == []


def test_pages_join_to_the_whole_answer(index: Index) -> None:
    index.write([document(f"{n:02}", f"员 {'工 ' * (n % 3)}") for n in range(25)])
    whole = index.query(phrase("员"), limit=100_000)
    assert whole.total == len(whole.hits) == 25
    assert whole.cursor is None
    cursor, ids = None, []
    while True:
        page = index.query(phrase("员"), limit=7, cursor=cursor)
        ids += [hit.id for hit in page.hits]
        assert page.total == 25
        cursor = page.cursor
        if cursor is None:
            break
    assert ids == [hit.id for hit in whole.hits]
    with pytest.raises(ValueError, match="cursor"):
        index.query(phrase("员"), cursor="nonsense")
    with pytest.raises(ValueError, match="limit"):
        index.query(phrase("员"), limit=0)


def cursor(*place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@pytest.mark.parametrize(
    "made_up",
    [
        cursor(math.nan, "1"),
        cursor(math.inf, "1"),
        cursor(10**400, "1"),
        cursor("1", "1"),
        cursor(1.0),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
    ids=["nan", "endless", "huge", "text", "short", "deep"],
)
def test_a_cursor_that_is_made_up_is_refused(index: Index, made_up: str) -> None:
    index.write([document("1")])
    with pytest.raises(CursorError, match="cannot be read"):
        index.query(phrase("员"), cursor=made_up)


@pytest.mark.parametrize("snapshot", ["junk", "", "YWJj" * 20, "z" * 3000])
def test_a_cursor_with_a_made_up_snapshot_goes_on(index: Index, snapshot: str) -> None:
    index.write([document(f"{n}") for n in range(9)])
    for _ in range(7):
        page = index.query(phrase("员"), cursor=cursor(1e9, "", snapshot), limit=100)
        assert page.total == 9


def test_what_was_closed_opens_again(index: Index) -> None:
    index.write([document("1")])
    index.close()
    index.close()
    assert found(index, phrase("员")) == ["1"]
    index.close()
    assert index.write([document("2")])[0].outcome is Outcome.OK


def test_a_depth_out_of_range_is_refused(index: Index) -> None:
    index.write([document("1")])
    for depth in (0, -1, 10_001):
        with pytest.raises(ValueError, match="depth"):
            index.query(VectorQuery((1.0, 0.0), SPACE, depth=depth))


def test_pay_may_be_any_number(index: Index) -> None:
    index.write([document("1", salary_min=0.0), document("2", salary_max=1e9), document("3")])
    for least, ids in ((-math.inf, ["1", "2"]), (math.inf, []), (math.nan, []), (1e308, [])):
        assert found(index, phrase("员"), filters=Filters(salary_at_least=least)) == ids


def test_ids_of_any_shape(index: Index) -> None:
    ids = ["a/b?c=d&e#%25", "中" * 200, '"q\\', "..", "_all", "a,b", "*", "😀", "e\u0301", "é"]
    assert {o.outcome for o in index.write([document(id_) for id_ in ids])} == {Outcome.OK}
    for match in (True, False):
        assert set(index.get([*ids, ""], match=match)) == set(ids)
    assert [stamp.id for stamp in index.scan()] == sorted(ids)
    assert [stamp.id for stamp in index.scan(after="中" * 200)] == ["😀"]
    assert index.get([""]) == {}


def test_a_wrong_first_vector_decides_no_length(index: Index) -> None:
    outcomes = index.write([document("1", vector=(math.nan, 1.0, 1.0)), document("2")])
    assert [o.outcome for o in outcomes] == [Outcome.PERMANENT, Outcome.OK]


def test_hits_show_the_document_unless_told_otherwise(index: Index) -> None:
    index.write([document("1", "员")])
    (hit,) = index.query(phrase("员")).hits
    assert (hit.display, hit.debug) == ({"title": "员"}, {"version": 1})
    (bare,) = index.query(phrase("员"), documents=False).hits
    assert (bare.id, bare.score, bare.display) == (hit.id, hit.score, {})


def test_vectors_follow_every_write(index: Index, opener: Opener, tmp_path: Path) -> None:
    reader = opener(tmp_path, SPACE)
    query = VectorQuery((1.0, 0.0), SPACE, floor=0.5)
    assert found(reader, query) == []
    index.write([document("1"), document("2", vector=(0.8, 0.6)), document("3", vector=(0.0, 1.0))])
    assert found(reader, query) == ["1", "2"]
    index.write([document("1", version=2, vector=(0.0, 1.0)), closed("2", 2)])
    index.write([document("4", vector=(2.0, 0.0))])
    assert found(reader, query) == ["4"]
    assert reader.query(query).hits[0].score == pytest.approx(1.0)


@pytest.mark.parametrize(
    "vector",
    [(1.0, 0.0, 0.0), (math.nan, 1.0), (math.inf, 0.0), (0.0, 0.0), (1e300, 0.0), (1e-30, 0.0)],
)
def test_a_wrong_vector_is_refused_alone(index: Index, vector: tuple[float, ...]) -> None:
    index.write([document("0")])
    outcomes = index.write([document("1"), document("2", vector=vector), document("3")])
    assert [o.outcome for o in outcomes] == [Outcome.OK, Outcome.PERMANENT, Outcome.OK]
    assert "vector" in (outcomes[1].error or "")
    assert set(index.get(["1", "2", "3"])) == {"1", "3"}
    with pytest.raises(VectorSpaceError, match="vector"):
        index.query(VectorQuery(vector, SPACE))


def test_another_vector_space_serves_text_only(
    index: Index, opener: Opener, tmp_path: Path
) -> None:
    index.write([document("1")])
    other = opener(tmp_path, "space-2")
    assert found(other, phrase("服 务 员")) == ["1"]
    for space in (SPACE, "space-2"):
        with pytest.raises(VectorSpaceError, match="space-1"):
            other.query(VectorQuery((1.0, 0.0), space))
    outcomes = other.write([document("2"), document("3", vector=())])
    assert [o.outcome for o in outcomes] == [Outcome.RETRY, Outcome.OK]
    assert "space-1" in (outcomes[0].error or "")


def test_an_open_document_without_text_is_refused(index: Index) -> None:
    outcomes = index.write([replace(document("1"), match=None)])
    assert outcomes[0].outcome is Outcome.PERMANENT
    assert index.get(["1"]) == {}


def test_no_query_text_is_syntax(index: Index) -> None:
    index.write([document("1", 'a" OR b … near ( x')])

    @settings(
        deadline=None,
        max_examples=60,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(st.text(min_size=1, max_size=6).filter(str.split), min_size=1, max_size=4))
    def ask(tokens: list[str]) -> None:
        query = TextQuery((Phrase(tuple(tokens), words=tuple(tokens)),))
        assert index.query(query).total <= 1

    ask()
    for text in ('"', "*", "a*", "NEAR(a b)", "a OR b", "text_chars : a", "^a", "-a"):
        assert index.query(TextQuery((Phrase((text,)),))).total <= 1
