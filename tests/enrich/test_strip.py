import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.strip import LabelledSpan, strip
from enrich.text import GAP, normalize


def spans(text: str, *words: tuple[str, str]) -> list[LabelledSpan]:
    found = []
    for word, label in words:
        start = text.index(word)
        reason = "N:compare" if label == "N" else None
        found.append(LabelledSpan(start, start + len(word), label, reason, 0.1))  # type: ignore[arg-type]
    return sorted(found, key=lambda m: m.start)


@pytest.mark.parametrize(
    ("text", "words", "clean"),
    [
        ("不是服务员,包吃住", [("服务员", "N")], f"{GAP},包吃住"),
        ("配合产品经理完成需求", [("产品经理", "N")], f"配合{GAP}完成需求"),
        ("服务员不如送餐员", [("服务员", "N"), ("送餐员", "H")], f"{GAP}不如送餐员"),
        ("保安 司机 厨师 都看过来", [("保安", "N"), ("司机", "N"), ("厨师", "N")], GAP),
        ("有服务员经验,会开车", [("服务员", "N")], f"有{GAP}经验,会开车"),
    ],
)
def test_what_stays(text: str, words: list[tuple[str, str]], clean: str) -> None:
    assert strip(text, spans(text, *words)).text == clean


def test_no_position_mentions_stay_in_text_and_leave_offer() -> None:
    text = "销售部招文员"
    result = strip(text, spans(text, ("销售部", "X"), ("文员", "H")))
    assert result.text == text
    assert result.offer == f"{GAP}招文员"


pieces = st.lists(
    st.tuples(
        st.sampled_from(
            ["服务员", "保安", "包吃住", "不如", "五险", "朝阳区", "做", "c++", "月薪5000"]
        ),
        st.sampled_from(["N", "X", "H", ""]),
        st.sampled_from(["", ",", "。", " ", "\n", "/"]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(pieces)
def test_n_mentions_leave_and_stated_terms_stay(parts: list[tuple[str, str, str]]) -> None:
    """Invariant 6 on generated posts: no N span stays, no other text is lost."""
    text, mentions = "", []
    for word, label, end in parts:
        if label and word in {"服务员", "保安"}:
            mentions.append(LabelledSpan(len(text), len(text) + len(word), label, None, 0.1))  # type: ignore[arg-type]
        text += word + end
    text = normalize(text).text
    result = strip(text, mentions)
    for word in ("服务员", "保安"):
        stays = sum(1 for m in mentions if m.label != "N" and text[m.start : m.end] == word)
        unlabelled = text.count(word) - sum(text[m.start : m.end] == word for m in mentions)
        assert result.text.count(word) == stays + unlabelled
    for term in ("包吃住", "五险", "朝阳区", "c++", "月薪5000"):
        assert result.text.count(term) == text.count(term)
        assert result.offer.count(term) == text.count(term)
