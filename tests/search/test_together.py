"""Three channels in one answer, and what happens to it when one of them cannot answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from search_support import SPACE, TAXONOMY, enrich

from enrich.post import Post
from enrich.tags import find_marks
from enrich.text import normalize
from search.document import build
from search.embedded import EmbeddedIndex
from search.found import LeftOut
from search.index import (
    FilterQuery,
    Filters,
    IndexUnavailableError,
    Page,
    TextQuery,
    Trouble,
    VectorQuery,
)
from search.limits import Limits
from search.query_vectors import EncoderMissingError
from search.service import Answer, Searcher

# What a post's or a query's words mean, in two dimensions; the second one is work for a short time.
MEANING = {
    "寒假工": (0.1, 1.0),
    "招短期工": (0.2, 1.0),
    "招学徒": (0.5, 1.0),
    "招服务员": (1.0, 0.2),
    "服务员": (1.0, 0.3),
    "招会计": (1.0, -0.8),
}
POSTS = (
    Post(id="short-wuhan", title="招短期工", city="武汉", body="包住"),
    Post(id="short-changsha", title="招短期工", city="长沙"),
    Post(id="pupil", title="招学徒", city="武汉", body="夜班"),
    Post(id="waiter-wuhan", title="招服务员", city="武汉", company="甲"),
    Post(id="waiter-changsha", title="招服务员", city="长沙", body="寒假工也可以", company="乙"),
    Post(id="books", title="招会计", city="武汉", company="丙"),
)
QUICK = Limits(encode_s=0.1, load_s=0.1, channel_s=30)


def vector(text: str) -> tuple[float, ...]:
    x, y = MEANING.get(text, (1.0, 0.0))
    size = (x * x + y * y) ** 0.5
    return x / size, y / size


class Watched:
    """An index that counts questions and does with some of them what a test wants."""

    def __init__(self, index: EmbeddedIndex) -> None:
        self._index = index
        self.asked: list[Any] = []
        self.before: Callable[[Any], None] = lambda _: None

    def query(self, query: Any, *given: Any, **options: Any) -> Page:
        self.asked.append(query)
        self.before(query)
        return self._index.query(query, *given, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


@pytest.fixture
def index(tmp_path: Path) -> Watched:
    found = EmbeddedIndex(tmp_path / "i.db", SPACE)
    documents = []
    for post in POSTS:
        reading = enrich(post, tags=dict(find_marks("body", normalize(post.body))))
        reading = reading.model_copy(update={"vector": vector(post.title)})
        documents.append(build(post, reading, 1, TAXONOMY))
    found.write(documents)
    return Watched(found)


@pytest.fixture
def opened() -> Iterator[Callable[..., Searcher]]:
    searchers: list[Searcher] = []

    def open_(index: Watched, encode: Any = vector, **given: Any) -> Searcher:
        given.setdefault("floor", 0.8)
        searchers.append(Searcher(index, TAXONOMY, encode, SPACE, **given))  # type: ignore[arg-type]
        return searchers[-1]

    yield open_
    for searcher in searchers:
        searcher.close()


Open = Callable[..., Searcher]


def channels(answer: Answer) -> dict[str, tuple[str, ...]]:
    return {hit.id: hit.channels for hit in answer.hits}


def left_out(answer: Answer) -> dict[str, LeftOut]:
    return {run.channel: run.left_out for run in answer.runs if run.left_out is not None}


def test_what_never_says_the_word_is_found_by_what_it_means(index: Watched, opened: Open) -> None:
    answer = opened(index).search("寒假工")
    assert channels(answer) == {
        "waiter-changsha": ("text", "intent"),
        "short-wuhan": ("vector",),
        "short-changsha": ("vector",),
        "pupil": ("vector",),
    }
    assert answer.total == 4
    near = next(hit for hit in answer.hits if hit.id == "short-wuhan").found[0]
    assert (near.channel, near.score) == ("vector", pytest.approx(0.995, abs=0.001))


def test_below_the_floor_nothing_is_near(index: Watched, opened: Open) -> None:
    searcher = opened(index, floor=0.97)
    assert {hit.id for hit in searcher.search("寒假工", "vector").hits} == {
        *("short-wuhan", "short-changsha")
    }
    assert set(channels(searcher.search("寒假工"))) == {
        *("waiter-changsha", "short-wuhan", "short-changsha")
    }


def test_the_floor_is_asked_for_when_the_tower_has_answered(index: Watched, opened: Open) -> None:
    told: list[str] = []

    def encode(text: str) -> Sequence[float]:
        told.append("tower")
        return vector(text)

    def floor() -> float:
        told.append("floor")
        return 0.8

    opened(index, encode, floor=floor).search("寒假工")
    assert told[:2] == ["tower", "floor"]


def test_conditions_and_refusals_hold_for_what_is_near(index: Watched, opened: Open) -> None:
    searcher = opened(index)
    assert set(channels(searcher.search("寒假工 不要夜班"))) == {
        *("waiter-changsha", "short-wuhan", "short-changsha")
    }
    assert set(channels(searcher.search("寒假工", filters=Filters(city="长沙")))) == {
        *("waiter-changsha", "short-changsha")
    }


def test_what_is_near_keeps_conditions_that_words_give_up(index: Watched, opened: Open) -> None:
    """Only what is near in this city, whatever else the words gave up."""
    answer = opened(index, floor=0.4).search("武汉服务员 包住")
    assert [one.texts for one in answer.understanding.relaxed] == [("包住",)]
    found = channels(answer)
    assert found["waiter-wuhan"][:2] == ("text", "intent")
    assert set(found) <= {"waiter-wuhan", "short-wuhan", "books", "pupil"}


def test_conditions_alone_are_kept_where_something_is_near(index: Watched, opened: Open) -> None:
    answer = opened(index).search("武汉寒假工")
    assert not answer.understanding.relaxed
    assert set(channels(answer)) == {"short-wuhan", "pupil"}
    assert "nearest in meaning" in answer.notes[0]


def test_where_nothing_near_fulfils_them_it_is_asked_with_less(
    index: Watched, opened: Open
) -> None:
    answer = opened(index).search("昆明寒假工")
    assert [one.texts for one in answer.understanding.relaxed] == [("昆明",)]
    assert set(channels(answer)) == {*("short-wuhan", "short-changsha", "pupil", "waiter-changsha")}


def test_where_both_ask_the_same_both_have_found_it(index: Watched, opened: Open) -> None:
    answer = opened(index).search("武汉")
    assert {tuple(one[:2]) for one in channels(answer).values()} == {("text", "intent")}
    assert [type(query) for query in index.asked if not isinstance(query, VectorQuery)] == [
        FilterQuery
    ]
    assert [(run.channel, run.total) for run in answer.runs][:2] == [("text", 4), ("intent", 4)]


def test_whom_intent_finds_beyond_its_cut_is_told(
    index: Watched, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that hire score the same, so that a cut list holds the lowest ids only."""
    monkeypatch.setattr("search.together.FUSED_DEPTH", 3)
    more = [Post(id=f"a{n}", title="招服务生") for n in range(4)]
    documents = []
    for post in (*more, Post(id="z", title="服务员服务员，招服务员")):
        reading = enrich(post).model_copy(update={"vector": vector("招会计")})
        documents.append(build(post, reading, 1, TAXONOMY))
    index.write(documents)
    found = opened(index, floor=0.9).candidates("服务员", limit=3)
    lists = {name: [hit.id for hit in hits] for name, hits in found.lists.items()}
    assert "z" in lists["text"]
    assert set(lists["text"]) <= set(lists["intent"])
    assert {"a0", "a1", "a2"} <= set(lists["intent"])
    assert len({hit.score for hit in found.lists["intent"]}) == 1
    run = next(run for run in found.runs if run.channel == "intent")
    assert (run.hits, run.total) == (len(lists["intent"]), 7)


def test_relaxing_encodes_once(index: Watched, opened: Open) -> None:
    told: list[str] = []

    def encode(text: str) -> Sequence[float]:
        told.append(text)
        return vector(text)

    searcher = opened(index, encode)
    answer = searcher.search("昆明寒假工", "vector")
    assert answer.understanding.relaxed
    assert {hit.id for hit in answer.hits} == {"short-wuhan", "short-changsha", "pupil"}
    searcher.search("昆明寒假工")
    assert told == ["寒假工"]


def slow(gate: threading.Event) -> Callable[[str], Sequence[float]]:
    def encode(text: str) -> Sequence[float]:
        gate.wait(timeout=30)
        return vector(text)

    return encode


def failing(_: str) -> Sequence[float]:
    raise RuntimeError("out of memory")


def missing(_: str) -> Sequence[float]:
    raise EncoderMissingError("model.safetensors is gone")


def no_numbers(_: str) -> Sequence[float]:
    return (float("nan"), 1.0)


@pytest.mark.parametrize(
    ("encode", "reason", "says"),
    [
        (None, LeftOut.ENCODER_MISSING, "no model"),
        (missing, LeftOut.ENCODER_MISSING, "is gone"),
        (failing, LeftOut.ENCODER_FAILED, "out of memory"),
        (no_numbers, LeftOut.ENCODER_FAILED, "not all numbers"),
    ],
)
def test_without_a_vector_words_answer(
    index: Watched, opened: Open, encode: Any, reason: LeftOut, says: str
) -> None:
    answer = opened(index, encode).search("服务员")
    assert set(channels(answer)) == {"waiter-wuhan", "waiter-changsha"}
    assert left_out(answer) == {"vector": reason}
    (note,) = answer.notes
    assert note.startswith(f"channel 'vector' left out ({reason}: ")
    assert says in note
    assert answer.runs[-1].trouble in note


def test_a_slow_tower_is_left_out_and_used_again(index: Watched, opened: Open) -> None:
    gate = threading.Event()
    searcher = opened(index, slow(gate), limits=QUICK)
    for query in ("服务员", "会计", "服务员 武汉"):
        answer = searcher.search(query)
        assert answer.hits
        assert left_out(answer) == {"vector": LeftOut.ENCODER_SLOW}
    assert "earlier questions" in answer.notes[0]
    gate.set()
    # What came too late is kept: the same query has its vector now.
    for _ in range(200):
        answer = searcher.search("服务员")
        if not left_out(answer):
            break
        threading.Event().wait(0.02)
    assert "vector" in channels(answer)["waiter-wuhan"]


def test_the_first_vector_may_take_longer(index: Watched, opened: Open) -> None:
    def encode(text: str) -> Sequence[float]:
        threading.Event().wait(0.2)
        return vector(text)

    searcher = opened(index, encode, limits=Limits(encode_s=0.05, load_s=30, channel_s=30))
    assert left_out(searcher.search("服务员")) == {}
    assert left_out(searcher.search("会计")) == {"vector": LeftOut.ENCODER_SLOW}


def kind(query: Any) -> str:
    """Tell which channel asks: intent has no words of a position."""
    if isinstance(query, VectorQuery):
        return "vector"
    assert isinstance(query, TextQuery)
    return "text" if query.parts[0].tokens else "intent"  # type: ignore[union-attr]


DOWN = IndexUnavailableError(Trouble.DOWN, "nothing answers", "start it")


@pytest.mark.parametrize("error", [DOWN, RuntimeError("a bug"), OSError("disk")])
@pytest.mark.parametrize("broken", ["text", "intent", "vector"])
def test_one_channels_error_fails_no_query(
    index: Watched, opened: Open, broken: str, error: Exception
) -> None:
    def before(query: Any) -> None:
        if kind(query) == broken:
            raise error

    index.before = before
    answer = opened(index).search("服务员")
    assert {"waiter-wuhan", "waiter-changsha"} <= set(channels(answer))
    assert all(broken not in by for by in channels(answer).values())
    assert left_out(answer) == {broken: LeftOut.INDEX_ERROR}
    assert str(error) in answer.notes[0]
    assert not answer.understanding.relaxed


@pytest.mark.parametrize("late", ["text", "intent", "vector"])
def test_one_channels_delay_fails_no_query(index: Watched, opened: Open, late: str) -> None:
    gate = threading.Event()

    def before(query: Any) -> None:
        if kind(query) == late:
            gate.wait(timeout=30)

    index.before = before
    searcher = opened(index, limits=Limits(channel_s=1))
    answer = searcher.search("服务员")
    assert {"waiter-wuhan", "waiter-changsha"} <= set(channels(answer))
    assert left_out(answer) == {late: LeftOut.TIMEOUT}
    gate.set()


def test_words_that_fail_leave_what_is_near(index: Watched, opened: Open) -> None:
    def before(query: Any) -> None:
        if not isinstance(query, VectorQuery):
            raise DOWN

    index.before = before
    answer = opened(index).search("寒假工")
    assert set(channels(answer)) == {"short-wuhan", "short-changsha", "pupil"}
    assert left_out(answer) == dict.fromkeys(("text", "intent"), LeftOut.INDEX_ERROR)
    assert not any("no post matches" in note for note in answer.notes)


def test_an_index_that_is_away_is_an_error(index: Watched, opened: Open) -> None:
    def before(_: Any) -> None:
        raise DOWN

    index.before = before
    for encode in (vector, None):
        with pytest.raises(IndexUnavailableError, match="nothing answers"):
            opened(index, encode).search("服务员")
    with pytest.raises(IndexUnavailableError, match="nothing answers"):
        opened(index).search("服务员", "text")


def test_an_index_that_hangs_is_an_error(index: Watched, opened: Open) -> None:
    gate = threading.Event()
    index.before = lambda _: gate.wait(timeout=30)  # type: ignore[assignment, return-value]
    with pytest.raises(IndexUnavailableError, match="in time") as caught:
        opened(index, limits=Limits(channel_s=0.1)).search("服务员")
    assert caught.value.reason is Trouble.SLOW
    gate.set()


def test_another_models_vectors_are_no_error_of_the_query(index: Watched) -> None:
    searcher = Searcher(index, TAXONOMY, vector, "other")  # type: ignore[arg-type]
    answer = searcher.search("服务员")
    assert left_out(answer) == {"vector": LeftOut.SPACE}
    assert set(channels(answer)) == {"waiter-wuhan", "waiter-changsha"}
    searcher.close()


def test_relaxing_that_fails_leaves_an_empty_page(index: Watched, opened: Open) -> None:
    def before(_: Any) -> None:
        if len(index.asked) > 2:
            raise DOWN

    index.before = before
    answer = opened(index, None).search("昆明服务员")
    assert answer.hits == ()
    assert not answer.understanding.relaxed


def test_a_run_waits_and_never_lacks_a_channel_unnoticed(index: Watched, opened: Open) -> None:
    def encode(text: str) -> Sequence[float]:
        threading.Event().wait(0.3)
        return vector(text)

    run = opened(index, encode, limits=QUICK).ranking("寒假工")
    assert {id_ for id_, _ in run} == {
        *("waiter-changsha", "short-wuhan", "short-changsha", "pupil")
    }
    with pytest.raises(RuntimeError, match="out of memory"):
        opened(index, failing).ranking("寒假工")
    # Without a tower there is nothing to wait for.
    assert [id_ for id_, _ in opened(index, None).ranking("寒假工")] == ["waiter-changsha"]

    def before(query: Any) -> None:
        if kind(query) == "text":
            raise DOWN

    index.before = before
    for tower in (vector, None):
        with pytest.raises(IndexUnavailableError):
            opened(index, tower).ranking("服务员")


def test_a_run_is_the_fused_order_of_its_candidates(index: Watched, opened: Open) -> None:
    searcher = opened(index)
    found = searcher.candidates("服务员")
    assert set(found.lists) == {"text", "intent", "vector"}
    assert found.floor == 0.8
    run = searcher.ranking("服务员")
    assert [score for _, score in run] == sorted((score for _, score in run), reverse=True)
    assert {id_ for id_, _ in run} == {hit.id for hits in found.lists.values() for hit in hits}


def test_many_threads_share_a_searcher(index: Watched, opened: Open) -> None:
    searcher = opened(index)
    expected = {query: channels(searcher.search(query)) for query in ("服务员", "寒假工", "武汉")}
    wrong: list[str] = []

    def ask() -> None:
        for query, found in list(expected.items()) * 5:
            answer = searcher.search(query)
            if channels(answer) != found or left_out(answer):
                wrong.append(query)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
