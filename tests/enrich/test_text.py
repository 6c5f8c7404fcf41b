import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.text import clauses, normalize, normalize_query


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("招服務員", "招服务员"),
        ("Ｃ＋＋／ＪＡＶＡ", "c++/java"),
        ("㎡", "m2"),
        ("底薪&nbsp;3000&amp;提成", "底薪 3000&提成"),
        ("<p>包吃</p><b>包住</b>", "\n包吃\n包住"),
        ("服\u200b务员", "服务员"),
        ("招<b>服</b><span style='x'>务</span>员", "招服务员"),
        ("岗位<Java>开发", "岗位<java>开发"),
        ("<HR>招聘", "<hr>招聘"),
        ("a<5 & b>3", "a<5 & b>3"),
        ("&nosuchthing;", "&nosuchthing;"),
    ],
)
def test_normal_forms(original: str, expected: str) -> None:
    assert normalize(original).text == expected


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=80))
def test_every_character_has_an_origin_in_order(original: str) -> None:
    normalized = normalize(original)
    assert len(normalized.starts) == len(normalized.ends) == len(normalized.text)
    assert all(
        0 <= s < e <= len(original) for s, e in zip(normalized.starts, normalized.ends, strict=True)
    )
    assert list(normalized.starts) == sorted(normalized.starts)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="&<＜＆﹠﹤"), max_size=80))
def test_normal_text_stays_as_it_is(text: str) -> None:
    once = normalize_query(text)
    assert normalize_query(once) == once


def test_numbers_and_times_end_no_clause() -> None:
    text = normalize("月薪4,000元，8:30上班；包吃").text
    assert [text[c.start : c.end] for c in clauses(text)] == ["月薪4,000元", "8:30上班", "包吃"]


def test_inner_finds_the_normalised_span() -> None:
    normalized = normalize("１２服務員")
    assert normalized.inner(2, 5) == (2, 5)
    assert normalized.span(2, 5) == (2, 5)
