from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from labels.queries import names, slips
from labels.queries.forgetting import forgotten
from labels.queries.generate import ORDER, Generator
from labels.queries.judged import read_judged, shipped
from labels.queries.model import GENERIC, JudgedQuery, Piece
from labels.queries.words import Words, fillers, pool, words_of


@pytest.fixture(scope="module")
def words() -> Words:
    return words_of(Taxonomy.load())


@pytest.fixture(scope="module")
def queries(words: Words) -> list[JudgedQuery]:
    return list(Generator(words, 7).queries(4000))


def test_the_pieces_joined_are_the_query(queries: list[JudgedQuery]) -> None:
    for query in queries:
        pieces = "".join(intent["text"] for intent in query.to_mapping()["intents"])
        assert pieces == "".join(query.query.split())
        assert len(query.marks()) == len(pieces)


def test_every_mark_inside_follows_its_own_kind(queries: list[JudgedQuery]) -> None:
    for query in queries:
        marks = query.marks()
        assert marks[0].startswith("B-")
        assert all(b[0] == "B" or a[2:] == b[2:] for a, b in pairwise(marks))


def test_equal_seeds_give_equal_queries_and_others_do_not(words: Words) -> None:
    first, again, other = (list(Generator(words, seed).queries(50)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_every_attribute_is_asked_for(queries: list[JudgedQuery]) -> None:
    counts = Counter(piece.attribute for query in queries for piece in query.pieces)
    assert set(counts) == {*ORDER, GENERIC}
    assert min(counts.values()) > 100


def test_orders_blanks_and_refusals_vary(queries: list[JudgedQuery]) -> None:
    orders = {tuple(piece.attribute for piece in query.pieces) for query in queries}
    assert len(orders) > 800
    assert 0.2 < sum(" " in query.query for query in queries) / len(queries) < 0.6
    refused = [query for query in queries if any(piece.negator for piece in query.pieces)]
    assert refused
    intents = [i for query in refused for i in query.to_mapping()["intents"] if "negated" in i]
    assert len(intents) >= len(refused)


def test_queries_are_written_as_normalised(queries: list[JudgedQuery]) -> None:
    changed = [q for q in queries if normalize_query(q.query) != " ".join(q.query.split())]
    assert len(changed) < len(queries) * 0.02


def test_most_invented_names_stand_in_no_dictionary(words: Words) -> None:
    rng = random.Random(1)
    known = {*words.employers, *words.places, *words.positions, *words.rare, *words.workplaces}
    for invent in (names.company, names.place, names.position, names.workplace):
        made = [invent(rng) for _ in range(500)]
        assert sum(name in known for name in made) < 50
        assert len(set(made)) > 400


def test_a_form_of_two_parts_is_no_position(words: Words) -> None:
    forms = {*words.positions, *words.rare}
    assert "服务员" in forms
    assert "仓库普工" not in forms
    assert "学徒工" not in forms


def test_a_negator_is_generic_among_the_marks_and_part_of_the_intent() -> None:
    query = JudgedQuery("不要销售", (Piece("销售", "position", negator="不要"),))
    assert query.marks() == ("B-generic", "I-generic", "B-position", "I-position")
    assert query.to_mapping()["intents"] == [
        {"text": "不要销售", "attribute": "position", "negated": True}
    ]


def test_only_names_are_forgotten() -> None:
    query = JudgedQuery("宏远4000", (Piece("宏远", "company", named=True), Piece("4000", "salary")))
    found = [forgotten(query, random.Random(seed)) for seed in range(60)]
    assert set(found) == {frozenset(), frozenset({"宏远"})}


def test_slips_change_long_words_only() -> None:
    rng = random.Random(2)
    assert slips.slipped("会计", rng) == "会计"
    made = {slips.slipped("包装工", rng) for _ in range(40)}
    assert len(made - {"包装工"}) > 3
    assert slips.typed("保安", random.Random(1)).replace(" ", "") == "baoan"


def test_pools_and_fillers_are_read() -> None:
    assert "宏" in pool("brand chars")
    assert "螺丝" in pool("goods")
    with pytest.raises(KeyError):
        pool("nothing")
    found, weights = fillers("before")
    assert {filler.where for filler in found} == {"before"}
    assert len(found) == len(weights)


def test_queries_judged_by_hand_are_read() -> None:
    found = shipped()
    assert len(found) > 100
    assert all(piece.attribute in {*ORDER, GENERIC} for query in found for piece in query.pieces)


def test_a_wrong_line_is_told_with_its_number() -> None:
    with pytest.raises(ValueError, match="line 3: 'Q:什么'"):
        list(read_judged("parts\nC:宏远 ~ P:普工\nQ:什么"))


def test_a_blank_divides_the_words_of_a_judged_query() -> None:
    (query,) = read_judged("# a remark\nparts\n\nC:宏远 ~ P:普工")
    assert query.query == "宏远 普工"
    assert query.marks() == ("B-company", "I-company", "B-position", "I-position")
