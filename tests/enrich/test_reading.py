import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.taxonomy import Taxonomy
from enrich.text import normalize


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


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("招厨师·长沙", "厨师"),
        ("急招厨师🔥长期招聘", "厨师"),
        ("导购★员工宿舍", "导购"),
        ("保安🔥员工", "保安"),
        ("学徒👍工资高", "学徒"),
    ],
)
def test_a_form_that_ends_at_the_gap_is_the_word(lexicon: Lexicon, text: str, form: str) -> None:
    reading = read(text, lexicon)
    assert [m.form for m in reading.matches] == [form]
    assert reading.normalized.text == normalize(text).text


@settings(deadline=None)
@given(st.text(alphabet="服务员保安 司机*·，🌟Aa1\n<b>厨師", max_size=30))
def test_joining_changes_no_other_text(lexicon: Lexicon, text: str) -> None:
    reading = read(text, lexicon)
    for match in reading.matches:
        start, end = reading.normalized.span(match.start, match.end)
        assert 0 <= start < end <= len(text)
        assert reading.normalized.text[match.start : match.end] == match.form
    outside = reading.normalized.text
    for match in reversed(reading.matches):
        outside = outside[: match.start] + outside[match.end :]
    # What is dropped is decoration, and only decoration.
    bare = [c for c in normalize(text).text if c not in " *·,、🌟"]
    assert [c for c in reading.normalized.text if c not in " *·,、🌟"] == bare
    assert set(outside) <= set(normalize(text).text)
