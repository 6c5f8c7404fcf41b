"""What is printed of posts cannot steer a terminal; progress counts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirelens import progress as module
from hirelens.output import console, safe, shorten, table
from hirelens.progress import progress


@settings(deadline=None)
@given(st.text())
def test_safe_text_is_one_printable_line(text: str) -> None:
    assert safe(text).isprintable()


def test_safe_keeps_blanks_of_any_width() -> None:
    assert safe("保\u3000安\xa0招\t人") == "保 安 招 人"


def test_safe_keeps_what_can_be_read() -> None:
    assert safe("招服务员\n\x1b[31m保\u200b安") == "招服务员⏎�[31m保安"


def test_no_text_in_a_table_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(table("保安\udfff\x1b[2J", ["name"], [["门卫\ud800\x1b[2J"]]))
    assert not {"\udfff", "\x1b"}.intersection(capsys.readouterr().out)


def test_shorten() -> None:
    assert shorten("服务员", 3) == "服务员"
    assert shorten("服务员工", 3) == "服务…"


def test_progress_logs_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOG_SECONDS", 0.0)
    with progress("indexed", 4) as advance:
        advance(1)
        advance(3)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("indexed: 1/4, ")
    assert "left" in lines[0]
    assert lines[-1].startswith("indexed: 4, ")


def test_progress_draws_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress("indexed", 2) as advance:
        advance(2)
    captured = capsys.readouterr()
    assert "indexed: 2, " in captured.err
    assert not captured.out
