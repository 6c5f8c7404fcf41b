"""Vectors of queries, kept by space and text."""

from __future__ import annotations

import threading

import pytest

from search.query_vectors import EncoderFailedError, EncoderMissingError, QueryVectors


class Tower:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> list[float]:
        self.asked.append(text)
        return [1.0, float(len(text))]


def test_a_text_is_encoded_once_whatever_its_spelling() -> None:
    tower = Tower()
    vectors = QueryVectors(tower, "space")
    assert vectors.kept("java 服务员") is None
    assert not vectors.has_answered
    assert vectors.of("java 服务员") == vectors.of(" ＪＡＶＡ  服務員 ") == (1.0, 8.0)
    assert tower.asked == ["java 服务员"]
    assert vectors.kept("Java 服务员") == (1.0, 8.0)
    assert vectors.has_answered


def test_the_longest_unused_goes_first() -> None:
    tower = Tower()
    vectors = QueryVectors(tower, "space", most=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        vectors.of(text)
    assert tower.asked == ["a", "b", "c", "b"]


@pytest.mark.parametrize("vector", [[], [float("nan")], [1.0, float("inf")]])
def test_what_is_no_vector_is_refused_and_not_kept(vector: list[float]) -> None:
    vectors = QueryVectors(lambda _: vector, "space")
    with pytest.raises(EncoderFailedError, match=f"{len(vector)} values"):
        vectors.of("a")
    assert vectors.kept("a") is None
    assert not vectors.has_answered


def test_without_a_tower_there_is_none() -> None:
    with pytest.raises(EncoderMissingError):
        QueryVectors(None, "space").of("a")


def test_many_threads_keep_what_is_allowed() -> None:
    vectors = QueryVectors(Tower(), "space", most=10)
    wrong: list[str] = []

    def ask(shift: int) -> None:
        for n in range(300):
            text = "x" * ((n * 7 + shift) % 40 + 1)
            if vectors.of(text) != (1.0, float(len(text))):
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(shift,)) for shift in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sum(vectors.kept("x" * n) is not None for n in range(1, 41)) == 10


def test_a_vector_is_drawn_half_way_to_what_its_positions_are_called() -> None:
    names = {"waiter": (0.0, 1.0), "cook": (-1.0, 0.0)}
    vectors = QueryVectors(lambda _: (1.0, 0.0), "space", names.get)
    assert vectors.of("跑堂") == (1.0, 0.0)
    assert vectors.of("跑堂", ["waiter"]) == pytest.approx((0.5**0.5, 0.5**0.5))
    assert vectors.kept("跑堂", ["waiter"]) == vectors.of("跑堂", ["waiter"])
    assert vectors.of("跑堂", ["unknown"]) == (1.0, 0.0)
    assert vectors.of("跑堂", ["waiter", "unknown"]) == vectors.of("跑堂", ["waiter"])
    x, y = vectors.of("跑堂", ["waiter", "cook"])
    assert x < y
    assert x**2 + y**2 == pytest.approx(1)
