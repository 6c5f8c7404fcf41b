from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.ingest import MAX_LINE, Line, read_posts


def lines(*raw: bytes) -> list[Line]:
    return list(read_posts(io.BytesIO(b"\n".join(raw))))


def good(id_: str = "p1", **more: Any) -> bytes:
    return json.dumps({"id": id_, "title": "服务员", **more}, ensure_ascii=False).encode()


def test_posts_blank_lines_and_a_byte_order_mark() -> None:
    found = lines(b"\xef\xbb\xbf" + good(), b"", b"  \r", good("p2") + b"\r", b"")
    assert [(x.number, x.post.id if x.post else None) for x in found] == [(1, "p1"), (4, "p2")]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", r"line 2: .*is not JSON.*one JSON object a line"),
        (b"[1]", r"is a JSON list"),
        (
            '{"id":"x","title":"服务员"}'.encode("gbk"),
            r"is not UTF-8 .*at place 20.*iconv -f GB18030",
        ),
        ('{"id":"x"}'.encode("utf-16-le"), r"NUL at place 2.*UTF-16"),
        ('{"id":"x"}'.encode("utf-16"), r"not UTF-8.*iconv -f UTF-16"),
        (bytes(range(1, 256)), r"\(line\)"),
        (b'{"id": 5, "title": "a"}', r"'id'.*string"),
        (b'{"id": "x", "title": "\\ud800"}', r"'title'.*surrogate"),
        (b'{"id": "x", "title": "a", "revision": -1}', r"'revision'"),
        (b'{"id": "x", "title": " "}', r"both empty"),
        (b"[" * 100_000, r"nested too deeply"),
        (b'{"id":"x","title":"' + b"a" * MAX_LINE + b'"}', r"longer than 1000000 bytes"),
    ],
)
def test_a_bad_line_is_refused_by_name_and_the_others_pass(raw: bytes, message: str) -> None:
    raw = raw.replace(b"\n", b" ")
    before, bad, after = lines(good("p1"), raw, good("p2"))
    assert before.post is not None
    assert after.post is not None
    assert bad.post is None
    assert bad.number == 2
    assert bad.raw == raw[:MAX_LINE]
    assert re.search(message, bad.message)


def test_a_repeated_id_with_other_content_is_refused_and_names_the_earlier_line() -> None:
    found = lines(good(), good("p2"), good(), good(body="厨师"))
    assert [x.post is None for x in found] == [False, False, False, True]
    assert "line 4: field 'id': 'p1' stands in line 1 too" in found[3].message


def test_revisions_are_left_to_the_write_path() -> None:
    found = lines(good(revision=1), good(revision=3), good(revision=2))
    assert all(x.post is not None for x in found)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60) | st.text(max_size=30).map(str.encode), max_size=6))
def test_no_bytes_break_the_reader_or_hide_a_good_post(parts: list[bytes]) -> None:
    noise = [part.replace(b"\n", b"") for part in parts]
    found = lines(*noise, good("the-good-one"))
    assert found[-1].post is not None
    assert found[-1].number == len(noise) + 1
    assert all((x.post is None) != (x.error is None) for x in found)
