from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.windows import MAX_WINDOWS, Specials, TokenField, batches, cut_windows

SPECIALS = Specials()


def field(length: int, spans: list[tuple[int, int]]) -> TokenField:
    return TokenField(tuple(range(10, 10 + length)), tuple(spans))


@settings(deadline=None)
@given(
    st.integers(0, 70),
    st.integers(0, 900),
    st.lists(st.tuples(st.integers(0, 890), st.integers(1, 6)), max_size=20),
)
def test_every_short_mention_is_whole_in_some_window(
    title: int, body: int, raw: list[tuple[int, int]]
) -> None:
    spans: list[tuple[int, int]] = []
    for start, length in sorted(raw):
        if start + length <= body and (not spans or start >= spans[-1][1]):
            spans.append((start, start + length))
    tokens = field(body, spans)
    windows, truncated = cut_windows(field(title, []), tokens, SPECIALS, limit=160, overlap=30)
    assert all(len(window.ids) <= 160 for window in windows)
    found = {number for window in windows for number, _, _ in window.mentions}
    assert truncated or found == set(range(len(spans)))
    for window in windows:
        for number, start, end in window.mentions:
            first, last = spans[number]
            assert window.ids[start:end] == tokens.ids[first:last]


def test_a_very_long_post_is_cut_at_sixteen_windows_and_says_so() -> None:
    windows, truncated = cut_windows(field(5, []), field(20_000, []), SPECIALS)
    assert len(windows) == MAX_WINDOWS
    assert truncated


@settings(deadline=None)
@given(st.lists(st.integers(1, 300), max_size=60), st.integers(300, 2000))
def test_batches_hold_every_item_once_within_the_budget(lengths: list[int], budget: int) -> None:
    groups = batches(lengths, budget)
    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    assert all(len(g) * max(lengths[i] for i in g) <= budget for g in groups)
