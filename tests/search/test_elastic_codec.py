"""Documents come back from Elasticsearch's form as they went in."""

from __future__ import annotations

import base64
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.elastic.codec import MAX_ID_BYTES, doc_id, from_source, pack, to_source
from search.elastic.roles import Generation
from search.index import Document, FilterSection, MatchSection
from search.schema import vector_field
from search.tokens import GAP

SPACE = "space-1"
HERE = Generation("n", "u", SPACE, vector_field(SPACE), 3)

tokens = st.sampled_from(("服", "务", "c++", ".net", "é", "3"))
clauses = st.lists(tokens, min_size=1, max_size=4).map(" ".join)
streams = st.lists(clauses, max_size=3).map(f" {GAP} ".join)
words = st.lists(st.text(min_size=1, max_size=5), max_size=3).map(tuple)
numbers = st.floats(-1, 1, width=32)
matches = st.builds(
    MatchSection,
    *[streams] * 6,
    words,
    st.dictionaries(st.sampled_from(("benefit", "salary")), words),
    st.just(()) | st.tuples(numbers, numbers, numbers),
    named=words,
    denied=words,
)
sections = st.builds(
    FilterSection,
    city=st.none() | st.text(min_size=1),
    salary_min=st.none() | st.floats(0, 1e6),
    job_type=words,
    benefit=words,
    education=st.none() | st.integers(0, 7),
    updated_at=st.none() | st.just("2026-11-30T08:00:00+00:00"),
)
displays = st.dictionaries(st.text(max_size=5), st.none() | st.text() | st.integers())
documents = st.builds(
    Document,
    st.text(min_size=1),
    st.integers(0, 2**62),
    st.just("open"),
    st.just("r"),
    st.just("d"),
    matches,
    sections,
    displays,
    displays,
)


@given(documents)
def test_a_document_comes_back_whole(document: Document) -> None:
    source = json.loads(json.dumps(to_source(document, HERE)))
    name = HERE.field.removeprefix("match.")
    if name in source["match"]:  # the server gives numbers back
        source["match"][name] = list(struct.unpack(">3f", base64.b64decode(source["match"][name])))
    assert from_source(source, HERE) == document


def test_a_tombstone_is_state_and_version_only() -> None:
    gone = Document("1", 7, "closed", "r", "gone")
    source = to_source(gone, HERE)
    assert sorted(source) == ["digest", "id", "recipe", "state", "version"]
    assert from_source(source, HERE) == gone


def test_each_clause_is_one_value() -> None:
    match = MatchSection(*[f"服 务 {GAP} 员"] * 6, ())
    source = to_source(Document("1", 1, "open", "r", "d", match, FilterSection()), HERE)
    assert source["match"]["text_chars"] == ["服 务", "员"]
    assert source["plain"] == {"text": ["服 务", "员"], "title": ["服 务", "员"]}
    assert "plain_chars" not in source["match"]
    assert HERE.field.removeprefix("match.") not in source["match"]  # there is no vector


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=8))
def test_a_vector_is_packed_as_big_endian_floats(vector: list[float]) -> None:
    raw = base64.b64decode(pack(vector))
    assert list(struct.unpack(f">{len(vector)}f", raw)) == vector


@pytest.mark.parametrize("id_", ["1", "帖" * 170])
def test_an_id_stays_where_the_server_takes_it(id_: str) -> None:
    assert doc_id(id_) == id_


def test_a_longer_id_becomes_a_digest() -> None:
    long, other = "帖" * 171, "帖" * 170 + "贴"
    assert len(long.encode()) > MAX_ID_BYTES >= len(doc_id(long).encode())
    assert doc_id(long) != doc_id(other)
