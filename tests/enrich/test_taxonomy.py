import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from enrich.taxonomy import ARTEFACT, FORMAT, Category, Related, Sense, Taxonomy, TaxonomyError
from enrich.text import normalize_query


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return Taxonomy.load()


def write(path: Path, **changes: object) -> Path:
    data = {
        "format": 2,
        "categories": [["s", "行业", ""], ["g", "组", "s"]],
        "positions": [
            ["a", "甲工", "g", [], ["甲工"], []],
            ["b", "乙工", "g", ["a"], ["乙工"], []],
            ["c", "丙工", "g", ["b", "a"], [], []],
        ],
        "relations": [["a", "assistant-of", "b"], ["c", "near", "a"]],
        "retired": {"old": "b", "older": "b"},
        "shared": {"乙": [["b", "narrower"], ["c", "same"]]},
        "lookalikes": ["乙工程"],
        "ambiguous": ["乙"],
        "query_only": [],
        **changes,
    }
    path.write_bytes(gzip.compress(json.dumps(data).encode()))
    return path


def test_the_shipped_taxonomy_is_large_enough(shipped: Taxonomy) -> None:
    assert len(shipped.positions) >= 1500
    assert len(shipped.forms) >= 6000


def test_loading_is_quick() -> None:
    best = min(_seconds(Taxonomy.load) for _ in range(3))
    assert best < 0.2


def _seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def test_every_form_is_in_normalised_spelling_and_names_known_positions(shipped: Taxonomy) -> None:
    for form, senses in shipped.forms.items():
        assert form == normalize_query(form)
        assert senses
        assert all(sense.position in shipped.positions for sense in senses)


def test_every_position_is_found_by_its_name(shipped: Taxonomy) -> None:
    for position in shipped.positions.values():
        senses = shipped.senses(normalize_query(position.name))
        assert Sense(position.id, "same") in senses


def test_no_position_is_its_own_ancestor(shipped: Taxonomy) -> None:
    for id_ in shipped.positions:
        ancestors = shipped.ancestors(id_)
        assert id_ not in ancestors
        assert len(set(ancestors)) == len(ancestors)
        assert set(ancestors) <= set(shipped.positions)


def test_word_lists_are_disjoint_from_or_part_of_the_forms(shipped: Taxonomy) -> None:
    assert shipped.ambiguous <= set(shipped.forms)
    assert shipped.query_only <= set(shipped.forms)
    assert not shipped.lookalikes & set(shipped.forms)


@pytest.mark.parametrize(
    ("form", "other", "same"),
    [
        ("骑手", "送餐员", True),
        ("外卖员", "骑手", True),
        ("收银", "收银员", True),
        ("仓管", "仓库管理员", True),
        ("服务员", "传菜员", False),
        ("保姆", "月嫂", False),
        ("保安", "保洁", False),
        ("英语翻译", "英语老师", False),
    ],
)
def test_names_of_one_job_share_a_position_and_others_do_not(
    shipped: Taxonomy, form: str, other: str, same: bool
) -> None:
    positions = {sense.position for sense in shipped.senses(form)}
    others = {sense.position for sense in shipped.senses(other)}
    assert positions
    assert others
    assert bool(positions & others) is same


@pytest.mark.parametrize(
    ("narrow", "broad"),
    [
        ("电话销售", "销售"),
        ("货车司机", "司机"),
        ("java开发工程师", "工程师"),
        ("采购专员", "采购"),
    ],
)
def test_a_broader_position_is_an_ancestor(shipped: Taxonomy, narrow: str, broad: str) -> None:
    (sense,) = shipped.senses(narrow)
    (above,) = shipped.senses(broad)
    assert above.position in shipped.ancestors(sense.position)
    assert sense.position not in shipped.ancestors(above.position)


def test_forms_of_is_the_inverse_of_senses(shipped: Taxonomy) -> None:
    for id_ in shipped.positions:
        for form in shipped.forms_of(id_):
            assert id_ in {sense.position for sense in shipped.senses(form)}
    assert sum(len(shipped.forms_of(id_)) for id_ in shipped.positions) == sum(
        len(senses) for senses in shipped.forms.values()
    )


def test_unknown_things(shipped: Taxonomy) -> None:
    assert shipped.senses("不存在的词") == ()
    assert shipped.forms_of("no-such-id") == ()
    with pytest.raises(KeyError):
        shipped.position("no-such-id")


def test_a_small_artefact(tmp_path: Path) -> None:
    taxonomy = Taxonomy.load(write(tmp_path / "t.json.gz"))
    assert taxonomy.position("b").broader == ("a",)
    assert taxonomy.path("b") == (Category("s", "行业", ""), Category("g", "组", "s"))
    assert taxonomy.related("b") == (Related("assisted-by", "a"),)
    assert taxonomy.related("a") == (Related("assistant-of", "b"), Related("near", "c"))
    assert taxonomy.related("none") == ()
    assert taxonomy.ancestors("c") == ("b", "a")
    assert taxonomy.descendants("a") == {"b", "c"}
    assert taxonomy.descendants("c") == frozenset()
    assert taxonomy.senses("乙") == (Sense("b", "narrower"), Sense("c", "same"))
    assert taxonomy.forms_of("b") == ("乙工", "乙")
    assert taxonomy.lookalikes == {"乙工程"}
    assert taxonomy.ambiguous == {"乙"}


def test_a_retired_id_leads_to_its_successor(tmp_path: Path) -> None:
    taxonomy = Taxonomy.load(write(tmp_path / "t.json.gz"))
    assert taxonomy.current("old") == "b"
    assert taxonomy.current("b") == "b"
    assert taxonomy.position("older").id == "b"
    assert taxonomy.ancestors("old") == ("a",)
    assert taxonomy.former("b") == ("old", "older")
    assert taxonomy.former("a") == ()


def test_the_digest_tells_contents_apart(tmp_path: Path) -> None:
    one = Taxonomy.load(write(tmp_path / "1.json.gz"))
    again = Taxonomy.load(write(tmp_path / "2.json.gz"))
    other = Taxonomy.load(write(tmp_path / "3.json.gz", ambiguous=[]))
    assert one.digest == again.digest != other.digest


@pytest.mark.parametrize(
    "fault", ["missing", "no gzip", "cut", "no json", "format", "no positions"]
)
def test_a_damaged_artefact_is_refused_by_name(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "t.json.gz"
    whole = ARTEFACT.read_bytes()
    if fault == "no gzip":
        path.write_bytes(b"\x00\x01 binary")
    elif fault == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif fault == "no json":
        path.write_bytes(gzip.compress(b"{"))
    elif fault == "format":
        write(path, format=99)
    elif fault == "no positions":
        path.write_bytes(gzip.compress(json.dumps({"format": FORMAT}).encode()))
    with pytest.raises(TaxonomyError, match=r"t\.json\.gz: .*compile it again"):
        Taxonomy.load(path)
