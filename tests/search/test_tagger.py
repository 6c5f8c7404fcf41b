from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from enrich.taxonomy import Taxonomy
from search.intent import tagger
from search.intent.marks import ATTRIBUTES, MARKS, Span
from search.intent.model import Candidate, Repair
from search.intent.path import UNKNOWN
from search.intent.proposals import proposals
from search.intent.reader import IntentReader
from search.intent.tagger import Tagger, TaggerError

HALF = len(ATTRIBUTES)
ABOUT = {
    "characters": "宏远普工",
    "dilations": [1],
    "temperature": 1.0,
    "thresholds": {"company": 0.6, "generic": 0.6, "position": 0.6},
}


def mark(border: str, attribute: str) -> int:
    return MARKS.index(f"{border}-{attribute}")


def arrays(**scores: dict[str, float]) -> dict[str, np.ndarray]:
    """Return weights under which each character alone decides its mark."""
    out = np.zeros((6, len(MARKS)), dtype=np.float16)
    for number, char in enumerate("宏远普工", 2):
        for name, value in scores.get(char, {}).items():
            out[number, MARKS.index(name)] = value
    weight = np.zeros((3 * 8, 6), dtype=np.float16)
    weight[8:14] = np.eye(6)  # the middle third is the character itself
    return {
        "char": np.eye(6, dtype=np.float16),
        "kind": np.zeros((tagger.KINDS, 1), dtype=np.float16),
        "strength": np.zeros((tagger.STRENGTHS, 1), dtype=np.float16),
        "weight.0": weight,
        "bias.0": np.zeros(6, dtype=np.float16),
        "weight.out": out,
        "bias.out": np.zeros(len(MARKS), dtype=np.float16),
    }


COMPANY = {"宏": {"B-company": 9.0}, "远": {"I-company": 9.0}}
POSITION = {"普": {"B-position": 9.0}, "工": {"I-position": 9.0}}


def unknown(start: int, end: int) -> Candidate:
    return Candidate(start, end, "generic", "?", UNKNOWN, 0.0)


def known(start: int, end: int, attribute: str = "position", weight: float = 1.0) -> Candidate:
    return Candidate(start, end, attribute, "普工", "taxonomy", weight)  # type: ignore[arg-type]


def read(model: Tagger, text: str, *path: Candidate) -> list[tuple[str, str]]:
    return [(text[c.start : c.end], c.attribute) for c in model(text, path)]


def test_an_unknown_name_is_read() -> None:
    model = Tagger(arrays(**COMPANY, **POSITION), ABOUT)
    (found,) = model("宏远普工", (unknown(0, 2), known(2, 4)))
    assert (found.start, found.end, found.attribute, found.value) == (0, 2, "company", "宏远")
    assert found.source == "tagger"


def test_nothing_is_said_where_all_is_known() -> None:
    model = Tagger(arrays(**COMPANY), ABOUT)
    assert read(model, "宏远", known(0, 2)) == []
    assert read(model, "") == []


def test_below_the_threshold_nothing_is_said() -> None:
    model = Tagger(arrays(**COMPANY), {**ABOUT, "thresholds": {"company": tagger.NEVER}})
    assert read(model, "宏远", unknown(0, 2)) == []
    assert read(Tagger(arrays(**COMPANY), {**ABOUT, "thresholds": {}}), "宏远", unknown(0, 2)) == []


def test_a_higher_temperature_makes_it_less_sure() -> None:
    sure, unsure = (
        Tagger(arrays(**COMPANY), {**ABOUT, "temperature": t}).spans("宏远", [unknown(0, 2)])[0]
        for t in (1.0, 5.0)
    )
    assert sure.confidence > 0.99 > 0.6 > unsure.confidence


def test_a_blank_ends_a_part() -> None:
    model = Tagger(arrays(**COMPANY), ABOUT)
    spans = model.spans("宏 远", [unknown(0, 1), unknown(2, 3)])
    assert [(span.start, span.end) for span in spans] == [(0, 1), (2, 3)]


def test_marks_of_a_cut_never_jump_into_a_part() -> None:
    model = Tagger(arrays(宏={"B-company": 9.0}, 远={"I-position": 9.0}), ABOUT)
    for span in model.spans("宏远", [unknown(0, 2)]):
        assert span.end > span.start
    shares = model.shares("宏远", [unknown(0, 2)])
    assert shares.shape == (2, len(MARKS))
    assert shares.sum(axis=1) == pytest.approx([1, 1])


@pytest.mark.parametrize(
    "inside",
    [
        Candidate(1, 2, "salary", {}, "rule:salary"),
        Candidate(1, 2, "generic", "不", "negation", 0.5, negates=1),
        Candidate(1, 2, "position", "x", "edit distance", 0.9, Repair("a", "b", "pinyin")),
    ],
)
def test_amounts_negators_and_repairs_are_not_swallowed(inside: Candidate) -> None:
    span = Span(0, 2, "company", 0.9)
    assert not list(proposals("宏远", [unknown(0, 1), inside], [span]))


def test_a_known_word_is_not_cut_but_a_position_gives_up_its_head() -> None:
    path = [unknown(0, 2), known(2, 6)]
    spans = [Span(0, 4, "company", 0.9), Span(4, 6, "position", 0.9)]
    ((first, second),) = proposals("鼎盛物业保安", path, spans)
    assert first[1].value == "鼎盛物业"
    assert (second[1].value, second[1].attribute) == ("保安", "position")
    other = [Span(0, 4, "company", 0.9), Span(4, 6, "generic", 0.9)]
    assert not list(proposals("鼎盛物业保安", path, other))
    place = [unknown(0, 2), known(2, 6, "location")]
    assert not list(proposals("鼎盛物业保安", place, spans))


def test_a_position_keeps_the_name_of_the_known_one_at_its_end() -> None:
    span = Span(0, 4, "position", 0.9)
    ((pair,),) = proposals("数控普工", [unknown(0, 2), known(2, 4)], [span])
    assert (pair[1].start, pair[1].end, pair[1].value) == (0, 4, "普工")


def test_generic_takes_no_intent_away_and_signs_are_no_names() -> None:
    path = [unknown(0, 2), known(2, 4)]
    assert not list(proposals("宏远普工", path, [Span(0, 4, "generic", 0.9)]))
    assert not list(proposals("宏)", [unknown(0, 1), unknown(1, 2)], [Span(0, 2, "company", 1)]))


def test_a_silent_word_is_kept_only_before_a_part() -> None:
    span = Span(0, 2, "generic", 0.9)
    ((said,),) = proposals("今年普工", [unknown(0, 2), known(2, 4)], [span])
    assert (said[1].attribute, said[1].source, said[1].end) == ("generic", "tagger", 2)
    assert not list(proposals("今年招聘", [unknown(0, 2), known(2, 4, "generic")], [span]))
    assert not list(proposals("今年", [unknown(0, 2)], [span]))


def test_a_name_takes_in_only_what_belongs_into_it() -> None:
    path = [unknown(0, 2), known(2, 4, "job_type")]
    assert not list(proposals("轮胎学徒", path, [Span(0, 4, "position", 0.9)]))
    path = [unknown(0, 2), known(2, 4, "workplace")]
    assert not list(proposals("轮胎店里", path, [Span(0, 4, "position", 0.9)]))
    assert list(proposals("轮胎店里", path, [Span(0, 4, "company", 0.9)]))


def test_a_weakly_known_word_is_taken_in_beside_an_unknown_one_only() -> None:
    span = Span(0, 2, "company", 0.9)
    assert list(proposals("龙腾", [unknown(0, 1), known(1, 2, "location", 0.7)], [span]))
    assert not list(proposals("龙腾", [known(0, 2, "location", 0.7)], [span]))


def test_a_reader_uses_it_and_tells_who_found_the_part() -> None:
    model = Tagger(arrays(**COMPANY, **POSITION), ABOUT)
    intents = IntentReader(Taxonomy.load(), tagger=model).understand("宏远普工").intents
    assert [(i.text, i.attribute, i.source) for i in intents] == [
        ("宏远", "company", "tagger"),
        ("普工", "position", "taxonomy"),
    ]


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "t.safetensors"
    metadata = {"format": tagger.FORMAT, "tagger": json.dumps(ABOUT)}
    save_file(arrays(**COMPANY), file, metadata=metadata)
    assert read(tagger.load(file), "宏远", unknown(0, 2)) == [("宏远", "company")]


def test_a_bad_file_is_told_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "t.safetensors"
    with pytest.raises(TaggerError, match="hirelens train tagger"):
        tagger.load(file)
    file.write_bytes(b"no weights")
    with pytest.raises(TaggerError, match="hirelens train tagger"):
        tagger.load(file)
    save_file(arrays(), file, metadata={"format": "0", "tagger": "{}"})
    with pytest.raises(TaggerError, match="format '0'"):
        tagger.load(file)


def test_reading_with_a_tagger_imports_no_torch() -> None:
    code = (
        "import sys, search.intent.tagger, search.intent.reader; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
