"""The encoder as a source, with a stand-in for the network: characters in common are nearness."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from enrich.taxonomy import Taxonomy
from search.rewrite import nearness
from search.rewrite.encoder import NameEncoder
from search.rewrite.head import HeadTable, build_table
from search.rewrite.model import Source, Sources
from search.rewrite.nearness import NearNames, open_near
from search.rewrite.rewriter import PositionRewriter
from search.rewrite.voices import Nearness

WIDTH = 256


class Letters:
    """Encodes the characters and pairs of characters of a name; counts what it encodes."""

    width, slope, shift, digest = WIDTH, 12.0, -6.0, "letters"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        self.encoded += texts
        found = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for row, text in zip(found, texts, strict=True):
            for gram in (*text, *map("".join, pairwise(text))):
                row[zlib.crc32(gram.encode()) % WIDTH] += 1
        lengths = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return np.asarray(found / lengths, dtype=np.float32)

    def probability(self, cosines: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
        return np.asarray(1 / (1 + np.exp(-(self.slope * np.asarray(cosines) + self.shift))))


FORMS = ("服务员", "服务生", "java 开发", "java工程师", "保安", "门卫", "收银员", "美甲师")


def as_encoder(letters: Letters) -> NameEncoder:
    return cast("NameEncoder", letters)


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def table() -> HeadTable:
    return build_table(FORMS, "forms", as_encoder(Letters()))


def test_a_head_query_is_looked_up_and_encodes_nothing(letters: Letters, table: HeadTable) -> None:
    near = NearNames(lambda: as_encoder(letters), table)
    assert near.near("服务员")[0][0] == "服务生"
    assert near.near("java开发") == table.near("java 开发")
    assert letters.encoded == []


def test_the_tail_is_encoded_and_compared_with_all_names(
    letters: Letters, table: HeadTable
) -> None:
    near = NearNames(lambda: as_encoder(letters), table)
    found = near.near("餐厅服务员")
    assert found[0][0] == "服务员"
    assert [share for _, share in found] == sorted((p for _, p in found), reverse=True)
    assert letters.encoded == ["餐厅服务员"]
    near.near("餐厅服务员")
    assert letters.encoded == ["餐厅服务员"]


def test_words_are_encoded_together_and_once(letters: Letters, table: HeadTable) -> None:
    near = NearNames(lambda: as_encoder(letters), table)
    near.prepare(["保安", "门卫", "保安"])
    near.prepare(["保安"])
    assert letters.encoded == ["保安", "门卫"]
    assert near.between("保安", "保安") == pytest.approx(near.between("门卫", "门卫"))
    high, low = near.between("服务员", "服务生"), near.between("服务员", "门卫")
    assert high is not None
    assert low is not None
    assert high > low
    assert near.between("", "门卫") is None


def test_vectors_are_not_kept_without_end(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearness, "MOST", 3)
    near = NearNames(lambda: as_encoder(letters), None)
    for word in ("a", "b", "c", "d", "a"):
        assert near.between(word, word) is not None
    assert letters.encoded == ["a", "b", "c", "d", "a"]
    assert near.near("a") == ()


class Told:
    """An encoder that says what it is told."""

    def __init__(self, share: float, **near: float) -> None:
        self.share, self.names = share, near

    def near(self, word: str) -> tuple[tuple[str, float], ...]:
        return tuple(self.names.items()) if word != "保安" else ()

    def prepare(self, words: Sequence[str]) -> None:
        assert words

    def between(self, query: str, candidate: str) -> float | None:  # noqa: ARG002
        return self.names.get(candidate, self.share)


@cache
def plain() -> PositionRewriter:
    return PositionRewriter(Taxonomy.load())


def told(encoder: Nearness) -> PositionRewriter:
    return PositionRewriter(Taxonomy.load(), encoder=encoder)


def test_the_encoder_decides_where_the_taxonomy_does_not_know() -> None:
    sure, unsure = told(Told(0.98)), told(Told(0.02))
    assert sure.judge("保安", "蓝色幻想").accept
    assert sure.judge("保安", "蓝色幻想").source is Source.ENCODER
    assert "encoder 0.98" in sure.judge("保安", "蓝色幻想").why
    assert not unsure.judge("保安", "蓝色幻想").accept
    without = sure.with_sources(Sources().without("encoder"))
    assert without.judge("保安", "蓝色幻想") == plain().judge("保安", "蓝色幻想")


def test_the_encoder_never_brings_back_what_the_taxonomy_refuses() -> None:
    sure = told(Told(1.0, 日语老师=1.0, 商店店员=1.0))
    for query, candidate in (("英语老师", "日语老师"), ("药店店员", "商店店员")):
        assert not sure.judge(query, candidate).accept
        assert candidate not in {one.text for one in sure.rewrite(query).expansions}


def test_the_encoder_does_not_take_away_what_the_taxonomy_is_sure_of() -> None:
    unsure = told(Told(0.02))
    assert unsure.judge("理发师", "发型师").accept
    assert unsure.judge("理发师", "发型师").score < plain().judge("理发师", "发型师").score


def test_names_near_an_unknown_word_are_its_expansions() -> None:
    found = told(Told(0.5, 飞行员=0.97, 会计=0.3)).rewrite("蓝色幻想")
    assert [(one.text, one.source, one.positions) for one in found.expansions] == [
        ("飞行员", Source.ENCODER, ("pilot",))
    ]
    assert found.canonical is None


def test_what_is_missing_or_stale_is_told(tmp_path: Path) -> None:
    near, notes = open_near("x", bundle=tmp_path, table=tmp_path / "none.npz")
    assert near is None
    assert "rewriting goes without the encoder" in notes[0]


def test_a_table_of_another_taxonomy_is_not_used(
    tmp_path: Path, table: HeadTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "head.npz"
    table.save(path)
    monkeypatch.setattr("search.rewrite.encoder.bundle_digest", lambda _: "letters")
    near, notes = open_near("another", bundle=tmp_path, table=path)
    assert near is not None
    assert near.near("服务员") == ()
    assert "of taxonomy forms, not another" in notes[0]
    near, notes = open_near("forms", bundle=tmp_path, table=path)
    assert near is not None
    assert notes == ()
    assert near.near("服务员") == table.near("服务员")
    near, notes = open_near("forms", bundle=tmp_path, table=tmp_path / "none.npz")
    assert near is not None
    assert "cannot be read" in notes[0]


def test_notes_stand_in_the_answers() -> None:
    noted = PositionRewriter(Taxonomy.load(), notes=("no encoder",))
    assert noted.rewrite("保安").notes == ("no encoder",)
    assert noted.rewrite("保安").to_mapping()["notes"] == ["no encoder"]


def test_rewriting_imports_no_torch() -> None:
    code = (
        "import sys; from enrich.taxonomy import Taxonomy\n"
        "import search.rewrite.nearness, search.rewrite.encoder, search.rewrite.head\n"
        "from search.rewrite.rewriter import PositionRewriter\n"
        "PositionRewriter(Taxonomy.load()).rewrite('保安')\n"
        "print(sorted({'torch', 'transformers', 'labels'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
