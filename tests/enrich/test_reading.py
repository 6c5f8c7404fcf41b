import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(Taxonomy.load())


@pytest.mark.parametrize(
    "text",
    [
        "招服 务 员两名",
        "招服*务*员",
        "招【服务员】",
        "招服務員",
        "招服🌟务🌟员！",
        "招 服·务·员",
        "服*务员",
    ],
)
def test_decorated_words_are_found(lexicon: Lexicon, text: str) -> None:
    reading = read(text, lexicon)
    assert [m.form for m in reading.matches] == ["服务员"]


@pytest.mark.parametrize("text", ["售后 服务，员工宿舍", "提供服务、员工餐", "服务 员工", "保\n安"])
def test_neighbours_are_not_joined(lexicon: Lexicon, text: str) -> None:
    assert not {"服务员", "保安"} & {m.form for m in read(text, lexicon).matches}


@settings(deadline=None)
@given(st.text(alphabet="服务员保安 司机*·，🌟Aa1\n<b>厨師", max_size=30))
def test_joining_changes_no_other_text(lexicon: Lexicon, text: str) -> None:
    reading = read(text, lexicon)
    for match in reading.matches:
        start, end = reading.normalized.span(match.start, match.end)
        assert 0 <= start < end <= len(text)
        assert reading.normalized.text[match.start : match.end] == match.form
