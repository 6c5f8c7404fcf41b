"""The verbs of those who keep a site running: recipes, reading again, recovery, what failed."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from sqlalchemy.orm import Session
from verbs_support import ok, write_lines

from enrich.bundle import BundleError
from enrich.post import Post
from enrich.taxonomy import Taxonomy
from enrich.towers.bundle import load_towers
from worker import deadletters, rejects
from worker.engine import create_engine, writing
from worker.posts import write
from worker.tables import outbox

Call = Callable[..., Result]
MARTIAN = {"id": "m1", "title": "招火星侍者", "body": "包吃住", "city": "长沙"}


@pytest.fixture
def filled(call: Call, posts_file: Path, tmp_path: Path) -> Call:
    """The command line with three posts put, and one whose position only an overlay knows."""
    ok(call("put", posts_file, write_lines(tmp_path / "more.jsonl", [MARTIAN])))
    return call


@pytest.fixture(scope="session")
def site_taxonomy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped taxonomy and one form more."""
    from labels.taxonomy.compile import compile_to
    from labels.taxonomy.loader import DATA

    folder = tmp_path_factory.mktemp("site")
    overlay = folder / "our-positions"
    overlay.mkdir()
    text = "action\tid\tvalue\nadd\twaiter\t火星侍者\n"
    (overlay / "changes.tsv").write_text(text, "utf-8")
    compile_to(folder / "site.json.gz", DATA, overlay)
    return folder / "site.json.gz"


@pytest.fixture
def strict_bundle(bundle: Path, tmp_path: Path) -> Path:
    """The tiny model with a threshold that no mention reaches: other labels."""
    folder = tmp_path / "strict"
    shutil.copytree(bundle, folder)
    path = folder / "calibration.json"
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**data, "threshold": 1.1}), "utf-8")
    return folder


def told(result: Result) -> Any:
    return json.loads(ok(result).stdout)


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in ok(result).stdout.splitlines()]


def refused(result: Result, *parts: str, status: int = 1) -> None:
    """Insist on a status and one message, no traceback, that holds the parts."""
    assert result.exit_code == status, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit), result.exception
    for part in parts:
        assert part in result.stderr


def found(call: Call, query: str) -> list[str]:
    hits = told(call("search", query, "--channel", "intent", "--json"))["hits"]
    return sorted(hit["id"] for hit in hits)


@contextmanager
def database(home: Path) -> Iterator[Session]:
    engine = create_engine(home / "posts.db")
    with writing(engine) as session:
        yield session
    engine.dispose()


# Recipes


def test_a_recipe_is_activated_read_with_and_rolled_back(
    filled: Call, site_taxonomy: Path, posts_file: Path
) -> None:
    (first,) = lines(filled("recipe", "list", "--json"))
    assert (first["active"], first["activations"], first["runs_here"]) == (True, [1], True)
    assert found(filled, "火星侍者") == []

    now = told(filled("recipe", "activate", "--taxonomy", site_taxonomy, "--json"))
    assert (now["activation"], now["stale"]) == (2, 4)
    second, *_ = lines(filled("recipe", "list", "--json"))
    assert (second["digest"], second["taxonomy_path"]) == (now["recipe"], str(site_taxonomy))
    # A put in between follows the recipe that the command has made active.
    assert told(filled("put", posts_file, "--json"))["indexing"] is None

    read = told(filled("reenrich", "--yes", "--json"))
    assert read["estimate"]["posts"] == 4
    # The one post that holds the new form has another text for the model; the others are cached.
    assert (read["estimate"]["cached"], read["estimate"]["uncached"]) == (3, 1)
    assert (read["asked"], read["indexing"]["indexed"]) == (4, 4)
    assert read["indexing"]["inferred"] == 0
    assert found(filled, "火星侍者") == ["m1", "p1", "p2"]

    back = told(filled("recipe", "rollback", "--json"))
    assert (back["recipe"], back["activation"], back["stale"]) == (first["digest"], 3, 4)
    assert told(filled("reenrich", "--yes", "--json"))["indexing"]["inferred"] == 0
    forward = told(filled("recipe", "rollback", "--json"))
    assert (forward["recipe"], forward["activation"]) == (now["recipe"], 4)
    shown = told(filled("recipe", "show", now["recipe"][:6], "--json"))
    assert [one["number"] for one in shown["activations"]] == [4, 2]
    assert shown["problem"] is None


def test_what_the_verbs_say_to_people(filled: Call, site_taxonomy: Path) -> None:
    shown = ok(filled("recipe", "activate", "--taxonomy", site_taxonomy)).stdout
    assert "4 posts are to be read again: hirelens reenrich" in shown
    listed = ok(filled("recipe", "list")).stdout
    assert "site.json.gz" in listed
    assert "*" in listed
    digest = listed.split("│")[8].strip() if "│" in listed else ""
    estimate = ok(filled("reenrich", "--dry-run", "--where", "city=长沙")).stdout
    assert "estimate for city=长沙" in estimate
    assert "time measured on 1 texts just now" in estimate
    assert "3 posts asked for" in ok(filled("reenrich", "--yes", "--where", "city=长沙")).stdout
    assert "4 posts" not in digest
    assert "reality" in ok(filled("recipe", "show", active_recipe(filled))).stdout


def active_recipe(call: Call) -> str:
    return next(one["digest"] for one in lines(call("recipe", "list", "--json")) if one["active"])


def test_a_registered_recipe_is_activated_by_its_digest(filled: Call, site_taxonomy: Path) -> None:
    first = active_recipe(filled)
    ok(filled("recipe", "activate", "--taxonomy", site_taxonomy))
    assert told(filled("recipe", "activate", first[:8], "--json"))["recipe"] == first
    refused(filled("recipe", "activate", "zz"), "recipe 'zz' is not known", "recipe list")
    both = filled("recipe", "activate", first, "--taxonomy", site_taxonomy)
    refused(both, "not both", status=2)


def test_activating_what_is_active_makes_nothing_stale(filled: Call) -> None:
    first = told(filled("recipe", "activate", "--json"))
    again = told(filled("recipe", "activate", "--json"))
    assert (first["stale"], again["stale"]) == (0, 0)
    assert again["activation"] == first["activation"]


def test_towers_of_another_space_are_refused_before_anything_changes(
    filled: Call, towers: Path, tmp_path: Path
) -> None:
    before = active_recipe(filled)
    other = tmp_path / "towers"
    shutil.copytree(towers, other)
    path = other / "config.json"
    path.write_text(path.read_text("utf-8").replace('"tokens": 32', '"tokens": 31'), "utf-8")
    (other / "names.npz").unlink()
    refused(filled("recipe", "activate", "--towers", other), "holds vectors", "--home NEW")
    assert active_recipe(filled) == before
    assert len(lines(filled("recipe", "list", "--json"))) == 1


def test_names_of_towers_are_made_anew(
    call: Call, towers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Towers of another space are refused for their old names, and found good with new ones."""
    own = tmp_path / "own"
    shutil.copytree(towers, own)
    path = own / "config.json"
    path.write_text(path.read_text("utf-8").replace('"tokens": 32', '"tokens": 31'), "utf-8")
    with pytest.raises(BundleError, match="train towers-names"):
        load_towers(own)
    whole = Taxonomy.load()
    few = replace(whole, positions={"waiter": whole.position("waiter")})
    monkeypatch.setattr(Taxonomy, "load", lambda *_: few)
    told = ok(call("train", "towers-names", "--towers", own)).stdout
    assert told.strip() == f"{own}: vectors of 1 positions"
    loaded = load_towers(own)
    assert list(loaded.names.rows) == ["waiter"]
    assert len(loaded.names.of("waiter") or ()) == loaded.shape.dimensions


def test_nothing_to_roll_back_to(filled: Call) -> None:
    refused(filled("recipe", "rollback"), "no recipe was active before")


@pytest.mark.parametrize("damage", ["rules", "changed", "missing"])
def test_a_recipe_that_cannot_be_had_here_is_not_rolled_back_to(
    filled: Call, site_taxonomy: Path, tmp_path: Path, home: Path, damage: str
) -> None:
    own = tmp_path / "own.json.gz"
    shutil.copy(site_taxonomy, own)
    ok(filled("recipe", "activate", "--taxonomy", own))
    ok(filled("recipe", "activate"))
    if damage == "rules":
        with database(home) as session:
            session.execute(sa.text("UPDATE recipes SET rules = 'older' WHERE taxonomy_path > ''"))
    elif damage == "changed":
        from enrich.taxonomy import ARTEFACT

        shutil.copy(ARTEFACT, own)
    else:
        own.unlink()
    before = active_recipe(filled)
    says = {"rules": "install the version", "changed": "has been changed", "missing": str(own)}
    refused(filled("recipe", "rollback"), says[damage])
    assert active_recipe(filled) == before


def test_diff_tells_words_posts_and_reasons(
    filled: Call, site_taxonomy: Path, strict_bundle: Path
) -> None:
    first = active_recipe(filled)
    ok(filled("recipe", "activate", "--taxonomy", site_taxonomy))
    second = active_recipe(filled)
    data = told(filled("recipe", "diff", first[:8], second[:8], "--json"))
    assert (data["before"], data["after"], data["posts"]) == (first, second, 4)
    assert data["changed"] == 1
    words = {one["word"]: one for one in data["words"]}
    assert {"火星侍者", "服务员"} <= words.keys()
    (change,) = words["火星侍者"]["appear"]
    assert (change["id"], change["before"]["label"]) == ("m1", "-")
    assert (change["after"]["label"], change["after"]["clause"]) == ("H", "招火星侍者")
    assert words["服务员"]["disappear"] == []

    lost = told(filled("recipe", "diff", first, strict_bundle, "--word", "会计", "--json"))
    assert (lost["posts"], lost["changed"]) == (1, 1)
    (one,) = lost["words"]
    assert one["word"] == "会计"
    assert one["disappear"][0]["before"]["label"] == "H"
    assert one["disappear"][0]["after"]["label"] != "H"

    assert told(filled("recipe", "diff", first, first, "--json"))["words"] == []
    assert told(filled("recipe", "diff", first, second, "--limit", 2, "--json"))["posts"] == 2
    shown = ok(filled("recipe", "diff", first, second)).stdout
    assert "1 of 4 posts change" in shown
    assert "+ 火星侍者  m1  - -> H" in shown
    refused(filled("recipe", "diff", first, "nobody"), "'nobody' is not known")


# Reading again


def test_reenrich_insists_on_an_answer(filled: Call, site_taxonomy: Path) -> None:
    ok(filled("recipe", "activate", "--taxonomy", site_taxonomy))
    refused(filled("reenrich"), "--yes", status=2)
    refused(filled("reenrich", "--where", "town=长沙"), "town=长沙", "FIELD=VALUE")
    dry = told(filled("reenrich", "--dry-run", "--json"))
    assert (dry["estimate"]["posts"], dry["asked"]) == (4, 0)
    part = told(filled("reenrich", "--where", "word=火星侍者", "--yes", "--json"))
    assert part["asked"] == 1
    assert "m1" in found(filled, "火星侍者")
    rest = told(filled("reenrich", "--yes", "--backlog", 1, "--json"))
    assert rest["asked"] == 3
    assert told(filled("reenrich", "--json"))["estimate"]["posts"] == 0


def test_reenrich_of_an_empty_home_says_what_to_do(call: Call) -> None:
    refused(call("reenrich", "--yes"), "holds no posts yet")


# A restored database


def test_recover_brings_back_what_was_lost(filled: Call, home: Path, tmp_path: Path) -> None:
    copied = copy_of(home, tmp_path)
    edit = [{"id": "p1", "title": "招领班", "body": "包吃住"}, {"id": "n1", "title": "招保安"}]
    ok(filled("put", write_lines(tmp_path / "edit.jsonl", edit)))
    ok(filled("delete", "p3"))
    restore(home, copied)
    assert "招服务员" not in json.dumps(told(filled("explain", "p1", "--json")))

    dry = told(filled("recover", "--dry-run", "--json"))
    assert (dry["ahead"], dry["unknown"], dry["closed"]) == (2, 1, 1)
    since = told(filled("recover", "--dry-run", "--restored-at", "2000-01-31T08:00", "--json"))
    assert (since["kept"], since["ahead"], since["unknown"]) == (2, 0, 1)
    refused(filled("recover", "--restored-at", "noon"), "'noon' is no time", status=2)
    shown = ok(filled("recover")).stdout
    assert "3 came back: 2 that were older in the database, 1 that it did not know" in shown
    assert told(filled("explain", "p1", "--json"))["post"]["title"] == "招领班"
    assert told(filled("explain", "p3", "--json"))["closed"]
    assert told(filled("explain", "n1", "--json"))["revision"] == 1
    assert told(filled("recover", "--json"))["unknown"] == 0
    again = [{"id": "p1", "title": "招店长", "body": "包吃住"}]
    ok(filled("put", write_lines(tmp_path / "again.jsonl", again)))
    assert told(filled("explain", "p1", "--json"))["index"]["version"] // 4096 == 3
    ok(filled("reconcile", "--once"))


def test_recover_into_an_empty_database_asks_who_counts(filled: Call, home: Path) -> None:
    for path in home.glob("posts.db*"):
        path.unlink()
    refused(filled("recover"), "--revisions given", "--revisions counted")
    assert told(filled("recover", "--revisions", "counted", "--json"))["unknown"] == 4
    assert told(filled("reconcile", "--once", "--json"))["drift"] == {}


def test_a_document_without_a_post_is_named(filled: Call, home: Path) -> None:
    with sqlite3.connect(home / "index.db") as index:
        index.execute("UPDATE docs SET id = 'odd', display = '{}' WHERE id = 'p1'")
    result = filled("recover", "--json")
    refused(result, "1 documents hold no post and were left: odd")
    assert json.loads(result.stdout)["unreadable"] == ["odd"]


def copy_of(home: Path, tmp_path: Path) -> Path:
    with sqlite3.connect(home / "posts.db") as source, sqlite3.connect(tmp_path / "copy") as copy:
        source.backup(copy)
    return tmp_path / "copy"


def restore(home: Path, copied: Path) -> None:
    for path in home.glob("posts.db*"):
        path.unlink()
    shutil.copy(copied, home / "posts.db")


# Comparing


def test_reconcile_once_mends_what_is_missing_and_tells_what_it_cannot(
    filled: Call, home: Path
) -> None:
    with sqlite3.connect(home / "index.db") as index:
        index.execute("DELETE FROM docs WHERE id = 'p1'")
    walk = told(filled("reconcile", "--once", "--json"))
    assert (walk["seen"], walk["asked"], walk["drift"]) == (4, 1, {"missing": 1})
    assert told(filled("explain", "p1", "--json"))["index"]["state"] == "open"
    assert "4 compared, 0 differ" in ok(filled("reconcile", "--once")).stderr

    with sqlite3.connect(home / "index.db") as index:
        index.execute("UPDATE docs SET id = 'x', version = 8193 WHERE id = 'p1'")
        index.execute("UPDATE docs SET version = version + 4096 WHERE id = 'p2'")
    result = filled("reconcile", "--once")
    assert result.exit_code == 1
    assert "hirelens recover" in result.stdout
    assert "ahead    p2: index version 8193, database revision 1" in result.stdout
    assert "unknown  x" in result.stdout
    assert told(filled("stats", "--json"))["walk"]["drift"] == {
        "missing": 1, "ahead": 1, "unknown": 1}  # fmt: skip


def test_reconcile_as_a_process_walks_until_it_is_asked_to_stop(filled: Call, home: Path) -> None:
    with sqlite3.connect(home / "index.db") as index:
        index.execute("DELETE FROM docs WHERE id = 'p1'")
    command = [sys.executable, "-m", "hirelens", "reconcile", "--home", str(home)]
    process = subprocess.Popen([*command, "--interval", "0.05", "--log-json"],
                               stderr=subprocess.PIPE, text=True)  # fmt: skip
    try:
        wait_for(lambda: told(filled("stats", "--json"))["walk"] is not None)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, log
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events[0] == "started"
    assert "reconciled" in events
    assert events[-1] == "stopped"
    stats = told(filled("stats", "--json"))
    assert stats["lanes"]["backfill"]["waiting"] == 1
    assert stats["walk"]["drift"] == {} or stats["walk"]["drift"] == {"missing": 1}


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


# What failed


@pytest.fixture
def buried(filled: Call, home: Path) -> Call:
    """Three open dead letters."""
    with database(home) as session:
        for id_, kind, error in (
            ("p1", "permanent", "field 'vector': is of another length"),
            ("p2", "lost", "the process died"),
            ("p3", "lost", "the process died again"),
        ):
            deadletters.bury(session, id_, 1, kind=kind, error=error, attempts=5)
    return filled


def test_dead_letters_are_listed_and_shown(buried: Call) -> None:
    assert [x["post_id"] for x in lines(buried("dead", "list", "--json"))] == ["p1", "p2", "p3"]
    lost = lines(buried("dead", "list", "--kind", "lost", "--error", "again", "--json"))
    assert [x["post_id"] for x in lost] == ["p3"]
    assert lines(buried("dead", "list", "--before", "2020-01-31", "--json")) == []
    assert "3 shown, 3 open" in ok(buried("dead", "list")).stderr
    shown = told(buried("dead", "show", "1", "--json"))
    assert (shown["kind"], shown["post"]["title"]) == ("permanent", "招聘服务员")
    assert "招聘服务员" in ok(buried("dead", "show", "1")).stdout
    refused(buried("dead", "show", "99"), "dead letter 99")
    refused(buried("dead", "list", "--before", "soon"), "'soon' is no time", status=2)


def test_dead_letters_are_replayed_one_by_filter_and_all(buried: Call) -> None:
    one = told(buried("dead", "replay", "1", "--json"))
    assert (one["replayed"], one["indexing"]["unchanged"]) == (1, 1)
    refused(buried("dead", "replay", "1"), "dead letter 1 is not open")
    assert told(buried("dead", "replay", "--error", "died again", "--json"))["replayed"] == 1
    assert told(buried("dead", "replay", "--all", "--json"))["replayed"] == 1
    assert told(buried("dead", "replay", "--all", "--json"))["replayed"] == 0
    states = {x["post_id"]: x["state"] for x in lines(buried("dead", "list", "--state", "all",
                                                             "--json"))}  # fmt: skip
    assert states == {"p1": "replayed", "p2": "replayed", "p3": "replayed"}


@pytest.mark.parametrize("args", [[], ["1", "--all"], ["1", "--kind", "lost"]])
def test_which_dead_letters_must_be_said_once(buried: Call, args: list[str]) -> None:
    refused(buried("dead", "replay", *args), "NUMBER, or a filter", status=2)
    refused(buried("dead", "close", *args, "--reason", "x"), "NUMBER, or a filter", status=2)


def test_dead_letters_are_closed_with_a_reason(buried: Call) -> None:
    refused(buried("dead", "close", "1"), "--reason", status=2)
    assert "1 closed" in ok(buried("dead", "close", "1", "--reason", "an advertisement")).stdout
    closed = told(buried("dead", "close", "--kind", "lost", "--reason", "old", "--json"))
    assert closed == {"closed": 2}
    reasons = [x["reason"] for x in lines(buried("dead", "list", "--state", "closed", "--json"))]
    assert reasons == ["an advertisement", "old", "old"]


@pytest.fixture
def sent(filled: Call, home: Path) -> Call:
    """Two refused messages: one that the sender has meanwhile made possible, one hopeless."""
    with database(home) as session:
        payload = json.dumps({"id": "s1", "title": "招司机"}, ensure_ascii=False)
        rejects.store(session, task_id="t1", payload=payload, error="was refused once", field="id")
        rejects.store(session, task_id="t2", payload='{"id": "s2"}', error="is empty",
                      field="title", post_id="s2")  # fmt: skip
    return filled


def test_rejects_are_listed_shown_and_replayed(sent: Call, tmp_path: Path) -> None:
    assert [x["field"] for x in lines(sent("rejects", "list", "--json"))] == ["id", "title"]
    assert [x["id"] for x in lines(sent("rejects", "list", "--field", "title", "--json"))] == [2]
    assert "2 shown" in ok(sent("rejects", "list")).stderr
    assert told(sent("rejects", "show", "2", "--json"))["payload"] == '{"id": "s2"}'
    assert "is empty" in ok(sent("rejects", "show", "2")).stdout
    result = sent("rejects", "replay", "--all", "--json")
    refused(result, "reject 2: field 'title'")
    data = json.loads(result.stdout)
    assert (data["replayed"], data["refused"], data["indexing"]["indexed"]) == (1, [2], 1)
    assert found(sent, "司机") == ["s1"]
    corrected = write_lines(tmp_path / "s2.json", [{"id": "s2", "title": "招会计"}])
    assert "1 replayed" in ok(sent("rejects", "replay", "2", "--payload", corrected)).stdout
    assert found(sent, "会计") == ["p3", "s2"]
    assert lines(sent("rejects", "list", "--json")) == []
    refused(sent("rejects", "replay", "2"), "reject 2 is not open")
    refused(sent("rejects", "replay", "--all", "--payload", corrected), "NUMBER", status=2)
    refused(sent("rejects", "replay"), "NUMBER, or --field, or --all", status=2)


def test_a_reject_that_was_overtaken_is_left_unless_forced(
    sent: Call, home: Path, tmp_path: Path
) -> None:
    for id_ in ("p1", "p2"):
        with database(home) as session:
            payload = json.dumps({"id": id_, "title": "招保安"}, ensure_ascii=False)
            rejects.store(session, task_id=f"late-{id_}", payload=payload, error="was late",
                          field="(message)")  # fmt: skip
    newer = [{"id": id_, "title": "招领班"} for id_ in ("p1", "p2")]
    ok(sent("put", write_lines(tmp_path / "newer.jsonl", newer)))
    refused(sent("rejects", "replay", "3"), "reject 3 gives no revision", "--force")
    result = ok(sent("rejects", "replay", "--field", "(message)", "--json"))
    data = json.loads(result.stdout)
    assert (data["replayed"], data["refused"], data["overtaken"]) == (0, [], [3, 4])
    assert "2 left: a newer text" in ok(sent("rejects", "replay", "--field", "(message)")).stdout
    assert found(sent, "领班") == ["p1", "p2"]
    assert told(sent("rejects", "replay", "4", "--force", "--json"))["replayed"] == 1
    assert found(sent, "领班") == ["p1"]


@pytest.mark.parametrize("args", ["replay 4", "replay --kind gone"])
def test_a_dead_letter_without_a_post_stays_open(buried: Call, home: Path, args: str) -> None:
    with database(home) as session:
        deadletters.bury(session, "ghost", 1, kind="gone", error="is in no row", attempts=5)
    refused(buried("dead", *args.split()), "no row of posts", "4")
    assert [x["id"] for x in lines(buried("dead", "list", "--kind", "gone", "--json"))] == [4]


@pytest.mark.parametrize(
    "args", ["delete p3", "reconcile --once", "recover", "rejects replay 1", "dead replay 2"]
)
def test_posts_given_up_on_the_way_are_told(
    sent: Call, buried: Call, home: Path, args: str
) -> None:
    del buried  # the same command line, with dead letters
    if args == "recover":
        with sqlite3.connect(home / "index.db") as index:
            index.execute("UPDATE docs SET version = version + 4096 WHERE id = 'm1'")
    if args == "reconcile --once":
        with sqlite3.connect(home / "index.db") as index:
            index.execute("DELETE FROM docs WHERE id = 'm1'")
    with database(home) as session:
        # A row that no post belongs to, at its last try.
        row = {"post_id": "ghost", "revision": 1, "strikes": 4}
        session.execute(sa.insert(outbox).values(**row))
    refused(sent(*args.split()), "1 were given up; see 'hirelens dead list'")


def test_rejects_are_closed_with_a_reason(sent: Call) -> None:
    assert told(sent("rejects", "close", "1", "--reason", "was a test", "--json"))["closed"] == 1
    assert "1 closed" in ok(sent("rejects", "close", "--all", "--reason", "sender told")).stdout
    shown = [x["reason"] for x in lines(sent("rejects", "list", "--state", "closed", "--json"))]
    assert shown == ["was a test", "sender told"]


# Figures


def test_stats(buried: Call, home: Path) -> None:
    with database(home) as session:
        write(session, Post(id="waits", title="招保安"), lane="backfill")
    ok(buried("delete", "m1"))
    with database(home) as session:
        write(session, Post(id="waits", title="招保洁"))
    stats = told(buried("stats", "--json"))
    assert (stats["open"], stats["closed"], stats["rejects"]) == (4, 1, 0)
    assert stats["dead_letters"] == {"lost": 2, "permanent": 1}
    assert stats["lanes"]["live"]["waiting"] == stats["lanes"]["live"]["due"] == 1
    assert stats["lanes"]["backfill"]["waiting"] == 0
    recipe = stats["activation"]["recipe"]
    assert stats["documents"] == {"open": {recipe: 4}, "closed": {recipe: 1}}
    assert (stats["documents_seen"], stats["walk"]) == (5, None)
    shown = ok(buried("stats")).stdout
    assert "posts          4 open, 1 closed" in shown
    assert "2 lost, 1 permanent" in shown
    assert "none yet: hirelens reconcile" in shown


def test_stats_of_an_empty_home(call: Call, home: Path) -> None:
    stats = told(call("stats", "--json"))
    assert (stats["open"], stats["documents"], stats["activation"]) == (0, {}, None)
    assert not (home / "index.db").exists()
    assert "none is active yet" in ok(call("stats")).stdout


def test_tidy(buried: Call, home: Path) -> None:
    ok(buried("dead", "replay", "--all"))
    with database(home) as session:
        session.execute(sa.text("UPDATE dead_letters SET changed_at = 0 WHERE id < 3"))
    dry = told(buried("tidy", "--dry-run", "--json"))
    assert dry == {"dead_letters": 2, "rejects": 0, "cursors": 0, "outputs": 0, "dry_run": True}
    assert "removed: 2 dead letters, 0 refused messages" in ok(buried("tidy")).stdout
    assert [x["id"] for x in lines(buried("dead", "list", "--state", "all", "--json"))] == [3]
    assert told(buried("tidy", "--json"))["dead_letters"] == 0
    refused(buried("tidy", "--older-than", "0"), "--older-than", status=2)


def test_tidy_of_an_empty_home_says_what_to_do(call: Call) -> None:
    refused(call("tidy"), "holds no posts yet")


# The page for whoever keeps it running


def page_lines() -> list[str]:
    """The lines of the page's blocks that need no server; those that do are marked bash."""
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    blocks = page.split("```")[1::2]
    return [
        line for block in blocks if block.startswith("sh\n") for line in block.split("\n")[1:-1]
    ]


def test_the_examples_of_the_page_work_in_their_order(
    sent: Call, buried: Call, site_taxonomy: Path, home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    del buried  # the same command line, with dead letters
    (tmp_path / "hirelens-home").symlink_to(home)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIRELENS_HOME", "hirelens-home")
    shutil.copy(site_taxonomy, "taxonomy.json.gz")
    write_lines(Path("corrected.json"), [{"id": "s1", "title": "招司机"}])
    (old,) = [one["digest"] for one in lines(sent("recipe", "list", "--json"))]
    ran = 0
    for line in page_lines():
        words = shlex.split(line)
        if words[0] != "hirelens":
            subprocess.run(line, shell=True, check=True)
            continue
        digests = {"OLD": old, "NEW": active_recipe(sent)}
        result = sent(*(digests.get(word, word) for word in words[1:]))
        assert result.exit_code == 0, (line, result.output, result.exception)
        ran += 1
    assert ran >= 25
    assert told(sent("stats", "--json"))["dead_letters"] == {}


def test_the_page_names_every_verb_of_operating() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    for verb in ("worker", "relay", "reconcile", "reenrich", "recipe", "recover", "dead",
                 "rejects", "stats", "tidy", "doctor", "explain"):  # fmt: skip
        assert f"hirelens {verb}" in page
