"""The table of nearest names: against a search by hand, stored, stale and damaged."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from search.rewrite.encoder import NameEncoder
from search.rewrite.head import HeadTable, HeadTableError, build_table

FORMS = [f"{first}{second}员" for first in "服收传送洗保店售理" for second in "务银菜餐碗安货"]


@dataclass(frozen=True)
class Drawn:
    """Stands in for the encoder: a random unit vector for every text, near for a shared start."""

    width: int = 48
    slope: float = 9.0
    shift: float = -4.5
    digest: str = "drawn"

    def encode(self, texts: list[str]) -> Any:
        rows = []
        for text in texts:
            parts = [np.random.default_rng([ord(c) for c in text[: n + 1]]) for n in range(2)]
            row = parts[0].normal(size=self.width) + 0.5 * parts[1].normal(size=self.width)
            rows.append(row / np.linalg.norm(row))
        return np.array(rows, dtype=np.float32)

    def probability(self, cosines: Any) -> Any:
        return 1 / (1 + np.exp(-(self.slope * cosines + self.shift)))


ENCODER = cast("NameEncoder", Drawn())


@pytest.fixture(scope="module")
def table() -> HeadTable:
    """The table of a few dozen names."""
    return build_table(FORMS, "tax", ENCODER)


def by_hand(form: str, limit: int) -> list[tuple[str, float]]:
    """Return the nearest other names with their probability."""
    own = ENCODER.encode([form])[0]
    rated = [
        (float(ENCODER.probability(float(own @ ENCODER.encode([other])[0]))), other)
        for other in FORMS
        if other != form
    ]
    return [(other, share) for share, other in sorted(rated, reverse=True)[:limit]]


@pytest.mark.parametrize("form", FORMS[::9])
def test_near_names_are_the_nearest(table: HeadTable, form: str) -> None:
    found = table.near(form)
    expected = by_hand(form, 20)
    assert [name for name, _ in found] == [name for name, _ in expected]
    assert [share for _, share in found] == pytest.approx([s for _, s in expected], abs=0.003)


def test_an_unknown_name_has_none(table: HeadTable) -> None:
    assert table.near("收银台") == ()
    assert "收银台" not in table
    assert FORMS[0] in table


def test_a_vector_finds_its_names(table: HeadTable) -> None:
    found = table.nearest(ENCODER.encode(["洗碗员"])[0], limit=5)
    assert found[0] == ("洗碗员", pytest.approx(0.989, abs=0.001))
    assert [name for name, _ in found[1:]] == [name for name, _ in by_hand("洗碗员", 4)]


def test_it_reads_back_as_it_was(table: HeadTable, tmp_path: Path) -> None:
    table.save(tmp_path / "deep" / "head.npz")
    again = HeadTable.load(tmp_path / "deep" / "head.npz")
    assert again.forms == tuple(sorted(FORMS))
    assert all(again.near(form) == table.near(form) for form in FORMS)
    vector = ENCODER.encode(["洗菜员"])[0]
    assert again.nearest(vector) == table.nearest(vector)
    assert (again.taxonomy, again.encoder) == ("tax", "drawn")


def test_a_table_of_another_taxonomy_or_encoder_says_so(table: HeadTable) -> None:
    assert table.stale("tax", "drawn") is None
    told = table.stale("other", "drawn")
    assert told is not None
    assert "taxonomy tax, not other" in told
    assert "hirelens train rewrite-table" in told
    assert "encoder drawn, not new" in str(table.stale("tax", "new"))


def test_few_names_have_few_neighbours() -> None:
    small = build_table(["店员", "服务员"], "tax", ENCODER)
    assert [name for name, _ in small.near("店员")] == ["服务员"]
    alone = build_table(["店员"], "tax", ENCODER)
    assert alone.near("店员") == ()


@pytest.mark.slow
def test_quantised_vectors_still_find_the_name(tmp_path: Path) -> None:
    forms = [chr(0x4E00 + i) + chr(0x4E00 + j) for i in range(120) for j in range(100)]
    build_table(forms, "tax", ENCODER).save(tmp_path / "head.npz")
    again = HeadTable.load(tmp_path / "head.npz")
    asked = forms[::1000]
    hits = [again.nearest(ENCODER.encode([form])[0], limit=3) for form in asked]
    assert all(form in [name for name, _ in found] for form, found in zip(asked, hits, strict=True))
    assert (tmp_path / "head.npz").stat().st_size < len(forms) * 130


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "head.npz"
    path.write_bytes(content)
    with pytest.raises(HeadTableError, match=r"head\.npz: cannot be read .*rewrite-table"):
        HeadTable.load(path)
    with pytest.raises(HeadTableError, match=r"none\.npz: cannot be read"):
        HeadTable.load(tmp_path / "none.npz")


def test_another_format_is_refused(
    table: HeadTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.rewrite.head.FORMAT", 99)
    table.save(tmp_path / "head.npz")
    monkeypatch.undo()
    with pytest.raises(HeadTableError, match="is of format 99, not 1"):
        HeadTable.load(tmp_path / "head.npz")
