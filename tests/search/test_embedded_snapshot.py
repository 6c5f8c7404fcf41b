"""The embedded index's arrays by row: they follow every write, and say what SQL would say."""

from __future__ import annotations

import random
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.conditions import Bound, Condition, Held, Says, Unstated
from search.embedded import EmbeddedIndex, snapshot
from search.embedded.snapshot import Snapshot, Snapshots
from search.index import (
    Document,
    FilterQuery,
    Filters,
    FilterSection,
    MatchSection,
    Phrase,
    TextQuery,
    VectorQuery,
)

SPACE = "s"
CITIES = (None, "北京", "上海")
GENDERS = (None, "male", "female")
KINDS = ("全职", "兼职")


def document(number: int, version: int, chance: random.Random) -> Document:
    """A random document; now and then it is closed."""
    id_ = f"{number:02}"
    if chance.random() < 0.2:
        return Document(id_, version, "closed", "r", "gone")
    text = "招 工" if chance.random() < 0.5 else "招 骑 手 … 双 休"
    section = FilterSection(
        city=chance.choice(CITIES),
        gender=chance.choice(GENDERS),
        salary_min=chance.choice((None, 3000.0, 4000.5)),
        salary_max=chance.choice((None, 5000.0)),
        age_max=chance.choice((None, 35, 45)),
        education=chance.choice((None, 0, 3)),
        job_type=tuple(kind for kind in KINDS if chance.random() < 0.4),
    )
    vector = (1.0, round(chance.uniform(-1, 1), 2))
    match = MatchSection(*[text] * 6, (f"p{chance.randrange(3)}",), {}, vector)
    return Document(id_, version, "open", "r", str(version), match, section, {}, {})


def stated(one: Document, condition: Condition) -> bool:
    """Tell whether a document fulfils a condition, by reading the document."""
    section, match = one.filter, one.match
    assert section is not None
    assert match is not None
    pay = section.salary_max if section.salary_max is not None else section.salary_min
    lists = {"job_type": section.job_type, "position": match.positions}
    match condition:
        case Held(field, values):
            held = lists.get(field, (one.id if field == "id" else getattr(section, field, None),))
            return any(value in held for value in values)
        case Bound(field, low, high):
            value = pay if field == "pay" else getattr(section, field)
            if value is None:
                return False
            return (low is None or value >= low) and (high is None or value <= high)
        case Unstated(field):
            value = pay if field == "pay" else lists.get(field, getattr(section, field, None))
            return value in (None, ())
        case Says(tokens, _):
            return any(" ".join(tokens) in clause for clause in match.text_chars.split(" … "))


CONDITIONS: tuple[Condition, ...] = (
    *(Held("city", ("北京",)), Held("city", ("北京", "上海")), Held("gender", ("female",))),
    *(Held("job_type", ("兼职",)), Held("position", ("p0", "p2")), Held("id", ("03", "11", "x"))),
    *(Bound("pay", 4000.0), Bound("age_max", 40), Bound("education", at_most=2), Bound("pay")),
    *(Bound("salary_min", 3000.0, 4000.0), Unstated("city"), Unstated("gender"), Unstated("pay")),
    *(Unstated("job_type"), Unstated("age_max"), Says(("双", "休")), Says(("手", "双"))),
)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_conditions_hold_after_every_write(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("index") / "i.db"
    index, other = EmbeddedIndex(path, SPACE), EmbeddedIndex(path, SPACE)
    stored: dict[str, Document] = {}
    for version in range(1, 5):
        batch = [document(n, version, chance) for n in sorted(chance.sample(range(16), 8))]
        other.write(batch)
        stored |= {one.id: one for one in batch}
        open_ = sorted((d for d in stored.values() if d.state == "open"), key=lambda d: d.id)
        for one in CONDITIONS:
            wanted = [document.id for document in open_ if stated(document, one)]
            asked = Filters(must=((one,),))
            assert ids(index, asked) == wanted, one
            refused = [document.id for document in open_ if document.id not in wanted]
            assert ids(index, Filters(must_not=(one,))) == refused, one
        near = index.query(VectorQuery((1.0, 0.0), SPACE, floor=-1.0), limit=100)
        assert sorted(hit.id for hit in near.hits) == [one.id for one in open_]


def ids(index: EmbeddedIndex, filters: Filters) -> list[str]:
    return [hit.id for hit in index.query(FilterQuery(), filters, limit=100).hits]


def test_only_what_may_be_on_a_page_is_sorted_and_the_pages_join(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path / "i.db", SPACE)
    chance = random.Random(3)
    made = [replace(document(n, 1, random.Random(n + 100)), state="open") for n in range(60)]
    index.write([one for one in made if one.match is not None])
    query = TextQuery((Phrase(("招",)),))
    whole = [(hit.id, hit.score) for hit in index.query(query, limit=1000).hits]
    assert whole == sorted(whole, key=lambda hit: (-hit[1], hit[0]))
    assert len({score for _, score in whole}) < len(whole)  # there are ties
    for _ in range(20):
        size, cursor, found = chance.randint(1, 30), None, []
        while True:
            page = index.query(query, limit=size, cursor=cursor)
            found += [(hit.id, hit.score) for hit in page.hits]
            cursor = page.cursor
            if cursor is None:
                break
        assert found == whole


def test_older_files_get_the_indexes_that_queries_need(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    index = EmbeddedIndex(path, SPACE)
    index.write([document(n, 1, random.Random(n)) for n in range(20)])
    before = ids(index, Filters(must=((Bound("age_max", 40),),)))
    index.close()
    with sqlite3.connect(path) as connection:
        names = [name for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'docs_%'"
        )]  # fmt: skip
        assert "docs_numbers" in names
        for name in names:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("CREATE INDEX docs_seq ON docs (seq)")
    connection.close()
    again = EmbeddedIndex(path, SPACE)
    assert ids(again, Filters(must=((Bound("age_max", 40),),))) == before
    with sqlite3.connect(path) as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert set(names) <= found
    assert "docs_seq" not in found


def test_an_earlier_state_is_still_answered_from(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    index = EmbeddedIndex(path, SPACE)
    index.write([document(n, 1, random.Random(n)) for n in range(10)])
    states = Snapshots()
    early = sqlite3.connect(path, isolation_level=None)
    early.execute("BEGIN")
    first = states.of(early)
    index.write([document(n, 2, random.Random(n + 50)) for n in range(5, 30)])
    late = sqlite3.connect(path, isolation_level=None)
    second = states.of(late)
    assert (first.seq, second.seq) == (1, 2)
    assert (first.size, second.size) == (11, 31)
    assert states.of(early) is first
    assert states.of(late) is second
    # Where it is known no more, it is read again as the transaction sees it.
    fresh = Snapshots()
    fresh.of(late)
    assert np.array_equal(fresh.of(early).open, first.open)
    for connection in (early, late):
        connection.close()


def test_what_is_asked_at_once_is_made_once_and_not_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = Snapshot(1, np.empty(10, dtype=np.object_), np.ones(10, dtype=np.bool_))
    made: list[int] = []
    ready = threading.Barrier(8)

    def make() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        made.append(1)
        return np.ones(10, dtype=np.bool_)

    def ask() -> None:
        ready.wait()
        state.keep("key", make)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    monkeypatch.setattr(snapshot, "MOST_BYTES", 50)
    for key in range(20):
        state.keep(key, make)
    assert len(made) == 21
    state.keep("key", make)
    assert len(made) == 22  # it was forgotten
