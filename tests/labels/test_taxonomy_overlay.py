import re
from pathlib import Path

import pytest
from taxonomy_support import folder

from enrich.taxonomy import Related, Sense, Taxonomy
from labels.taxonomy.compile import taxonomy_of
from labels.taxonomy.diff import QueryChange, diff
from labels.taxonomy.overlay import load_with
from labels.taxonomy.report import check

WORDS = {"ambiguous": ["传菜\ta task"], "lookalikes": ["服务员工\tstaff"]}
SHIPPED = {
    "relations": ["runner\tnear\twaiter"],
    "retired": ["old\twaiter\tthe same job"],
    **WORDS,
}


def with_overlay(tmp_path: Path, *changes: str, **files: list[str]) -> Taxonomy:
    base = folder(tmp_path / "base", **SHIPPED)  # type: ignore[arg-type]
    rows = files.pop("rows", [])
    overlay = folder(tmp_path / "site", rows, changes=changes, **files)
    return taxonomy_of(load_with(overlay, base))


def test_a_new_position_group_and_words(tmp_path: Path) -> None:
    taxonomy = with_overlay(
        tmp_path,
        rows=["cat-bar\t酒吧\tcat-a\t\t\t\tcategory", "barman\t调酒师\tcat-bar\twaiter\t\t\t"],
        ambiguous=["调酒师\tx"],
    )
    assert [category.id for category in taxonomy.path("barman")] == ["cat-a", "cat-bar"]
    assert taxonomy.ancestors("barman") == ("waiter",)
    assert taxonomy.ambiguous == {"传菜", "调酒师"}


def test_rename_keeps_the_id_and_the_old_name(tmp_path: Path) -> None:
    taxonomy = with_overlay(tmp_path, "rename\twaiter\t餐厅服务员")
    assert taxonomy.position("waiter").name == "餐厅服务员"
    assert taxonomy.senses("服务员") == taxonomy.senses("餐厅服务员") == (Sense("waiter", "same"),)


def test_forms_are_added_and_removed(tmp_path: Path) -> None:
    taxonomy = with_overlay(
        tmp_path, "add\twaiter\t跑堂", "add-narrower\twaiter\t企台", "remove\trunner\t传菜"
    )
    assert taxonomy.senses("跑堂") == (Sense("waiter", "same"),)
    assert taxonomy.senses("企台") == (Sense("waiter", "narrower"),)
    assert taxonomy.senses("传菜") == ()
    assert taxonomy.ambiguous == frozenset()


def test_a_form_may_be_shared_with_a_shipped_position(tmp_path: Path) -> None:
    taxonomy = with_overlay(tmp_path, "add\trunner\t&侍应")
    assert {sense.position for sense in taxonomy.senses("侍应")} == {"runner", "waiter"}


def test_a_shipped_lookalike_may_become_a_form(tmp_path: Path) -> None:
    taxonomy = with_overlay(tmp_path, "add\twaiter\t服务员工")
    assert taxonomy.lookalikes == frozenset()
    assert taxonomy.senses("服务员工") == (Sense("waiter", "same"),)


@pytest.mark.parametrize(("action", "kept"), [("merge", True), ("retire", False)])
def test_a_retired_id_points_to_its_successor(tmp_path: Path, action: str, kept: bool) -> None:
    taxonomy = with_overlay(tmp_path, f"{action}\twaiter\trunner")
    assert set(taxonomy.positions) == {"runner"}
    assert taxonomy.position("waiter").id == "runner"
    assert taxonomy.former("runner") == ("old", "waiter")
    assert taxonomy.ancestors("runner") == ()
    assert taxonomy.related("runner") == ()
    assert bool(taxonomy.senses("侍应")) is kept


def test_relations_follow_to_the_successor_that_has_none_of_its_own(tmp_path: Path) -> None:
    rows = ["server\t上菜员\tcat-front\t\t\t\t"]
    merged = with_overlay(tmp_path / "1", "merge\trunner\tserver", rows=rows)
    assert merged.related("server") == (Related("near", "waiter"),)
    own = with_overlay(
        tmp_path / "2",
        "merge\trunner\tserver",
        rows=rows,
        relations=["server\tsenior-of\twaiter"],
    )
    assert own.related("server") == (Related("senior-of", "waiter"),)
    assert own.related("runner") == ()


def test_a_relation_on_the_same_line_of_a_file_of_the_same_name_hides_none(tmp_path: Path) -> None:
    taxonomy = with_overlay(
        tmp_path,
        rows=["server\t上菜员\tcat-front\t\t\t\t"],
        relations=["server\tnear\twaiter"],
    )
    assert {related.other for related in taxonomy.related("waiter")} == {"runner", "server"}


def test_a_site_may_name_an_id_that_the_shipped_data_have_retired_since(tmp_path: Path) -> None:
    taxonomy = with_overlay(
        tmp_path,
        rows=["server\t上菜员\tcat-front\told\t\t\t"],
        relations=["server\tnear\told"],
    )
    assert taxonomy.ancestors("server") == ("waiter",)
    assert taxonomy.related("server") == (Related("near", "waiter"),)


def test_a_position_takes_over_one_that_it_is_a_kind_of(tmp_path: Path) -> None:
    taxonomy = with_overlay(
        tmp_path,
        "merge\twaiter\tnight-runner",
        rows=["night-runner\t夜班跑菜\tcat-front\trunner\t\t\t"],
    )
    assert taxonomy.ancestors("night-runner") == ()
    assert taxonomy.ancestors("runner") == ("night-runner",)


def test_merges_follow_each_other_and_changes_go_in_order(tmp_path: Path) -> None:
    taxonomy = with_overlay(
        tmp_path,
        "move\trunner\tcat-bar",
        "merge\twaiter\trunner",
        "rename\trunner\t服务员",
        "merge\trunner\tserver",
        "remove\tserver\t侍应",
        rows=["cat-bar\t酒吧\tcat-a\t\t\t\tcategory", "server\t上菜员\tcat-bar\t\t\t\t"],
    )
    assert set(taxonomy.positions) == {"server"}
    assert taxonomy.former("server") == ("old", "runner", "waiter")
    assert taxonomy.position("old").id == "server"
    assert taxonomy.senses("服务员") == taxonomy.senses("传菜员") == (Sense("server", "same"),)
    assert taxonomy.senses("侍应") == ()


def test_a_group_is_renamed_by_any_name(tmp_path: Path) -> None:
    taxonomy = with_overlay(tmp_path, "rename\tcat-front\t前厅、吧台")
    assert taxonomy.categories["cat-front"].name == "前厅、吧台"


def test_a_shared_form_is_removed_at_one_position(tmp_path: Path) -> None:
    taxonomy = with_overlay(tmp_path, "add\trunner\t&侍应", "remove\twaiter\t&侍应")
    assert taxonomy.senses("侍应") == (Sense("runner", "same"),)


def test_an_overlay_that_changes_nothing_is_told(tmp_path: Path) -> None:
    base = folder(tmp_path / "base")
    (told,) = check(base, folder(tmp_path / "site", ()))
    assert "site: changes nothing; write changes.tsv" in told


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("rename\twaiter\t", "value is empty; write what rename needs"),
        ("add\twaiter\t跑堂|店小二", "value holds |; write one line for each form"),
    ],
)
def test_a_change_of_a_wrong_value_is_told_once(tmp_path: Path, change: str, problem: str) -> None:
    base = folder(tmp_path / "base")
    told = check(base, folder(tmp_path / "site", (), changes=[change]))
    assert told == [f"site/changes.tsv:2: {problem}"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("fly\twaiter\tx", "changes.tsv:2: action 'fly' is unknown"),
        ("rename\tnobody\t某人", "changes.tsv:2: 'nobody' is no position"),
        ("add\tnobody\t某人", "changes.tsv:2: 'nobody' is no position"),
        ("add\tcat-a\t某人", "changes.tsv:2: 'cat-a' is no position"),
        ("add\twaiter\t传菜", "form '传菜' is also at site/changes.tsv:2"),
        ("add\trunner\t侍应", "site/changes.tsv:2: form '侍应' is also at base/positions/catering"),
        ("add\twaiter\t", "changes.tsv:2: value is empty"),
        (
            "remove\twaiter\t服务员",
            "changes.tsv:2: '服务员' is the name; rename the position first",
        ),
        ("add-narrower\twaiter\t服務員", "changes.tsv:2: '服務員' is the name"),
        ("remove\twaiter\t保安", "changes.tsv:2: 'waiter' has no form '保安'"),
        ("merge\twaiter\tnobody", "changes.tsv:2: 'nobody' is no position"),
        ("merge\twaiter\twaiter", "changes.tsv:2: 'waiter' is its own successor"),
        ("move\twaiter\tnowhere", "changes.tsv:2: group 'nowhere' is unknown"),
        ("move\twaiter\tcat-a", "changes.tsv:2: group 'cat-a' is no group"),
        ("move\twaiter\trunner", "changes.tsv:2: group 'runner' is no group"),
        ("add\told\t跑堂", "'old' is retired (base/retired.tsv:2); write its successor 'waiter'"),
        ("rename\told\t跑堂", "write its successor 'waiter'"),
    ],
)
def test_a_wrong_change_is_named(tmp_path: Path, change: str, problem: str) -> None:
    base = folder(tmp_path / "base", **SHIPPED)  # type: ignore[arg-type]
    told = check(base, folder(tmp_path / "site", (), changes=[change]))
    assert any(problem in line for line in told), told


def test_a_position_that_is_shipped_is_not_written_again(tmp_path: Path) -> None:
    base = folder(tmp_path / "base")
    overlay = folder(tmp_path / "site", ["waiter\t侍者\tcat-front\t\t\t\t"])
    assert any(
        "id 'waiter' is already at base/positions/catering.tsv:4" in told
        for told in check(base, overlay)
    )


def test_the_difference_of_an_overlay(tmp_path: Path) -> None:
    base = taxonomy_of(load_with(None, folder(tmp_path / "old", **SHIPPED)))  # type: ignore[arg-type]
    new = with_overlay(
        tmp_path,
        "rename\twaiter\t餐厅服务员",
        "add\trunner\t跑菜",
        "rename\tcat-front\t大堂",
        rows=["cat-bar\t酒吧\tcat-a\t\t\t\tcategory", "barman\t调酒师\tcat-bar\t\t\t\t"],
        relations=["barman\tnear\twaiter"],
        ambiguous=["跑菜\tx"],
        query_only=["侍应\tx"],
    )
    posts = [("p1", "招跑菜", "服务员"), ("p2", "招保安", ""), ("p3", "", "餐厅服务员")]
    changed = QueryChange("跑菜", (), ("runner",))
    told = diff(base, new, posts, [changed, QueryChange("保安", (), ())])
    assert told.added == ("barman",)
    assert told.renamed == (("waiter", "服务员", "餐厅服务员"),)
    assert told.groups == ("cat-bar", "cat-front")
    assert [change.form for change in told.forms] == ["调酒师", "跑菜", "餐厅服务员"]
    assert [(post.id, post.gone, post.new) for post in told.posts] == [
        ("p1", (), ("跑菜",)),
        ("p3", ("服务员",), ("餐厅服务员",)),
    ]
    assert told.queries == (changed,)
    assert (told.posts_read, told.queries_read, told.vanished) == (3, 2, ())
    assert (told.relations_added, told.relations_removed) == ((("barman", "near", "waiter"),), ())
    assert (told.ambiguous_added, told.query_only_added) == (("跑菜",), ("侍应",))
    back = diff(new, base)
    assert (back.ambiguous_removed, back.query_only_removed) == (("跑菜",), ("侍应",))
    assert back.relations_removed == told.relations_added


def test_a_lost_id_is_told_and_a_retired_one_is_not_lost(tmp_path: Path) -> None:
    old = taxonomy_of(load_with(None, folder(tmp_path / "old", **SHIPPED)))  # type: ignore[arg-type]
    merged = with_overlay(tmp_path, "merge\trunner\twaiter")
    assert diff(old, merged).retired == (("runner", "waiter"),)
    assert diff(old, merged).vanished == ()
    assert diff(merged, old).vanished == ()
    other = with_overlay(tmp_path / "2", "merge\twaiter\trunner")
    assert diff(merged, other).vanished == ()
    rows = [
        "cat-a\t餐\t\t\t\t\tcategory",
        "cat-b\t厅\tcat-a\t\t\t\tcategory",
        "x\t某工\tcat-b\t\t\t\t",
    ]
    lost = taxonomy_of(load_with(None, folder(tmp_path / "3", rows)))
    assert diff(merged, lost).vanished == ("old", "runner", "waiter")


def test_the_example_of_the_documentation_works_on_the_shipped_data(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text(encoding="utf-8")
    files = re.findall(r"`our-positions/([a-z/]+\.tsv)`:\n\n```\n(.*?)```", text, re.DOTALL)
    assert len(files) == 2
    for name, content in files:
        path = tmp_path / "our-positions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    told = diff(Taxonomy.load(), taxonomy_of(load_with(tmp_path / "our-positions")))
    assert (len(told.added), len(told.renamed)) == (1, 1)
    assert len(told.forms) >= 2
    assert told.vanished == ()
