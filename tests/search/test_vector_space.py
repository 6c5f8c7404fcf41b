"""Query vectors: of another space they are refused with the reason; filters hold inside the kNN."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from search.conditions import Bound, Held, Says
from search.index import (
    Document,
    Filters,
    FilterSection,
    Index,
    MatchSection,
    VectorQuery,
    VectorSpaceError,
)
from tests.contract.conftest import Opener

SPACE = "space-1"
POSTS = 400
DEPTH = 20


def document(number: int, vector: tuple[float, ...], **fields: object) -> Document:
    text = "招 工 双 休" if number % 10 == 0 else "招 工"
    match = MatchSection(*[text] * 6, (f"p{number % 4}",), {}, vector)
    section = FilterSection(**fields)  # type: ignore[arg-type]
    return Document(f"{number:03}", 1, "open", "r", "d", match, section, {}, {})


def turned(degrees: float) -> tuple[float, float]:
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


@pytest.fixture
def index(opener: Opener, tmp_path: Path) -> Index:
    """Posts at growing angles from (1, 0); the far half is in 上海."""
    made = opener(tmp_path, SPACE)
    made.write(
        [
            document(
                number,
                turned(number / 10),
                city="北京" if number < POSTS // 2 else "上海",
                salary_min=float(number),
            )
            for number in range(POSTS)
        ]
    )
    return made


def near(index: Index, filters: Filters | None = None, **more: object) -> list[int]:
    query = VectorQuery((1.0, 0.0), SPACE, depth=DEPTH, **more)  # type: ignore[arg-type]
    return [int(hit.id) for hit in index.query(query, filters, limit=DEPTH).hits]


def test_filters_take_nothing_from_the_depth(index: Index) -> None:
    assert near(index) == list(range(DEPTH))
    first = POSTS // 2
    assert near(index, Filters(city="上海")) == list(range(first, first + DEPTH))
    hired = Filters(must=((Held("position", ("p3",)),),))
    assert near(index, hired) == list(range(3, 3 + 4 * DEPTH, 4))
    said = Filters(must=((Says(("双", "休")),),))
    assert near(index, said) == list(range(0, 10 * DEPTH, 10))
    refused = Filters(must_not=(Held("position", ("p0", "p1", "p2")), Says(("双", "休"))))
    assert near(index, refused) == list(range(3, 3 + 4 * DEPTH, 4))
    few = Filters(must=((Bound("pay", 390.0),),), city="上海")
    assert near(index, few) == list(range(390, POSTS))
    assert near(index, Filters(city="武汉")) == []


def test_filters_and_floor_hold_together(index: Index) -> None:
    floor = math.cos(math.radians(21.05))
    assert near(index, Filters(city="上海"), floor=floor) == list(range(200, 211))


def test_equally_near_posts_come_in_the_order_of_ids_whatever_the_depth(
    opener: Opener, tmp_path: Path
) -> None:
    (tmp_path / "even").mkdir()
    index = opener(tmp_path / "even", SPACE)
    numbers = random.Random(5).sample(range(POSTS), POSTS)
    index.write([document(number, (0.6, 0.8)) for number in numbers])
    index.write([document(999, (1.0, 0.0))])
    page = index.query(VectorQuery((1.0, 0.0), SPACE, depth=400), limit=5)
    assert [hit.id for hit in page.hits] == ["999", "000", "001", "002", "003"]


@pytest.mark.parametrize("filters", [None, Filters(city="上海")])
def test_a_vector_of_another_space_is_refused_with_the_reason(
    index: Index, filters: Filters | None
) -> None:
    with pytest.raises(VectorSpaceError, match=r"'space-2'.*'space-1'.*ask by text"):
        index.query(VectorQuery((1.0, 0.0), "space-2"), filters)
    with pytest.raises(VectorSpaceError, match="has 3 numbers, the index holds vectors of 2"):
        index.query(VectorQuery((1.0, 0.0, 0.0), SPACE), filters)
    for wrong in ((0.0, 0.0), (math.nan, 1.0)):
        with pytest.raises(VectorSpaceError, match="encode the query again"):
            index.query(VectorQuery(wrong, SPACE), filters)


def test_an_index_opened_for_another_space_refuses_vectors_of_both(
    index: Index, opener: Opener, tmp_path: Path
) -> None:
    assert near(index)
    other = opener(tmp_path, "space-2")
    assert other.vector_space == SPACE
    for space in (SPACE, "space-2"):
        with pytest.raises(VectorSpaceError, match="holds 'space-1'; build a new index"):
            other.query(VectorQuery((1.0, 0.0), space))
