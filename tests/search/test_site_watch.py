"""Rules that change while queries are answered: taken when whole, kept when the new are wrong."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from search_support import TAXONOMY
from site_support import write

from enrich.taxonomy import Taxonomy
from search.site import watch as module
from search.site.model import SiteRules
from search.site.watch import INTERVAL_S, Following, SiteState, SiteWatch


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def look(self) -> None:
        """Let the next question look at the files."""
        self.now += INTERVAL_S


class Site:
    """A folder, its watch, and what the watch has told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.told: list[SiteState] = []
        self.watch = SiteWatch(folder, TAXONOMY, on_change=self.told.append, clock=self.clock)

    def stop_words(self) -> frozenset[str]:
        """Look and return the stop words."""
        self.clock.look()
        return self.watch.current().stop_words


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(write(tmp_path / "site", stop_words="旧词"))


def test_a_change_is_taken_once_it_stays(site: Site) -> None:
    before = site.watch.current()
    write(site.folder, stop_words="新词")
    assert site.stop_words() == {"旧词"}  # It may not be whole yet.
    assert site.stop_words() == {"新词"}
    assert [state.rules.stop_words for state in site.told] == [{"新词"}]
    assert site.watch.current() is not before


def test_a_change_that_is_old_is_taken_at_the_first_look(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site.folder, stop_words="新词")
    later = time.time_ns() + 5_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    assert site.stop_words() == {"新词"}


def test_the_files_are_looked_at_once_a_second(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Path] = []
    signature = module._signature
    monkeypatch.setattr(
        module, "_signature", lambda folder: looks.append(folder) or signature(folder)
    )
    for _ in range(40):
        site.clock.now += INTERVAL_S / 8
        site.watch.current()
    assert len(looks) == 5


def test_half_a_file_is_never_taken(site: Site) -> None:
    path = site.folder / "stop_words.tsv"
    for text in ("", "wo", "word\n新", "word\n新词\n"):
        path.write_text(text, "utf-8")
        assert site.stop_words() == {"旧词"}
    assert site.stop_words() == {"新词"}
    assert len(site.told) == 1
    assert not site.told[0].problems


def test_wrong_rules_are_told_and_the_last_good_ones_kept(site: Site) -> None:
    good = site.watch.current()
    write(site.folder, stop_words="服务员\n骑手")
    site.stop_words()
    assert site.stop_words() == {"旧词"}
    assert site.watch.current() is good
    (note,) = site.watch.state.notes
    assert "the last good rules are kept: stop_words.tsv:2: field 'word'" in note
    assert "(and 1 more problems)" in note
    assert len(site.told) == 1
    assert len(site.told[0].problems) == 2
    write(site.folder, stop_words="新词")
    site.stop_words()
    assert site.stop_words() == {"新词"}
    assert site.watch.state.notes == ()


def test_going_back_to_the_same_bytes_keeps_what_was_built(site: Site) -> None:
    good = site.watch.current()
    raw = (site.folder / "stop_words.tsv").read_bytes()
    for text in (b"nonsense", raw):
        (site.folder / "stop_words.tsv").write_bytes(text)
        site.stop_words()
        site.stop_words()
    assert site.watch.current() is good
    assert not site.watch.state.problems


def test_a_folder_that_goes_keeps_the_rules_and_a_file_that_goes_takes_its_own(
    site: Site, tmp_path: Path
) -> None:
    site.folder.rename(tmp_path / "away")
    site.stop_words()
    assert site.stop_words() == {"旧词"}
    assert "is no folder" in site.watch.state.notes[0]
    (tmp_path / "away").rename(site.folder)
    site.stop_words()
    site.stop_words()
    assert not site.watch.state.problems
    (site.folder / "stop_words.tsv").unlink()
    site.stop_words()
    assert site.stop_words() == frozenset()


def test_a_file_that_is_replaced_is_seen_whatever_its_time_and_size(site: Site) -> None:
    path = site.folder / "stop_words.tsv"
    stat = path.stat()
    fresh = site.folder / "fresh.tmp"
    fresh.write_text("word\n新词\n", "utf-8")
    os.utime(fresh, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert fresh.stat().st_size == stat.st_size
    fresh.replace(path)
    site.stop_words()
    assert site.stop_words() == {"新词"}


def test_a_change_while_the_files_are_read_is_read_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = module.load

    def disturbed(folder: Path, taxonomy: Taxonomy) -> SiteRules:
        found = load(folder, taxonomy)
        monkeypatch.setattr(module, "load", load)
        write(site.folder, stop_words="再新")
        return found

    write(site.folder, stop_words="新词")
    monkeypatch.setattr(module, "load", disturbed)
    site.stop_words()
    assert site.stop_words() == {"旧词"}
    site.stop_words()
    assert site.stop_words() == {"再新"}


def test_a_watch_that_starts_with_wrong_files_has_no_rules(tmp_path: Path) -> None:
    site = Site(tmp_path / "none")
    assert site.watch.current() is SiteRules.none()
    assert "there are none so far" in site.watch.state.notes[0]
    write(site.folder, stop_words="新词")
    site.stop_words()
    assert site.stop_words() == {"新词"}


def test_a_folder_that_need_not_be_there(tmp_path: Path) -> None:
    clock = Clock()
    watch = SiteWatch(tmp_path / "none", TAXONOMY, optional=True, clock=clock)
    assert watch.state == SiteState(SiteRules.none())
    write(tmp_path / "none", stop_words="新词")
    for _ in range(2):
        clock.look()
        found = watch.current()
    assert found.stop_words == {"新词"}


def test_what_follows_is_built_once_for_each_change(site: Site) -> None:
    built: list[SiteRules] = []

    def build(rules: SiteRules) -> int:
        built.append(rules)
        return len(built)

    following = Following(site.watch, build)
    assert [following.get(), following.get()] == [1, 1]
    write(site.folder, stop_words="新词")
    site.stop_words()
    site.stop_words()
    assert [following.get(), following.get()] == [2, 2]
    assert [rules.stop_words for rules in built] == [{"旧词"}, {"新词"}]
    assert Following(None, lambda rules: rules).get() is SiteRules.none()


def test_nobody_waits_while_one_thread_builds(site: Site) -> None:
    entered, release = threading.Event(), threading.Event()

    def build(rules: SiteRules) -> frozenset[str]:
        if "新词" in rules.stop_words:
            entered.set()
            assert release.wait(20)
        return rules.stop_words

    following = Following(site.watch, build)
    assert following.get() == {"旧词"}
    write(site.folder, stop_words="新词")
    site.stop_words()
    site.stop_words()
    found: list[frozenset[str]] = []
    thread = threading.Thread(target=lambda: found.append(following.get()))
    thread.start()
    assert entered.wait(20)
    assert following.get() == {"旧词"}
    release.set()
    thread.join(20)
    assert found == [{"新词"}]
    assert following.get() == {"新词"}


def test_many_threads_and_an_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INTERVAL_S", 0.001)
    folder = write(tmp_path / "site", stop_words="词00")
    watch = SiteWatch(folder, TAXONOMY)
    following = Following(watch, lambda rules: rules.stop_words)
    whole = {frozenset({f"词{number:02}", f"语{number:02}"}) for number in range(1, 40)}
    seen: list[frozenset[str]] = []
    errors: list[Exception] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                seen.append(following.get())
            except Exception as error:  # noqa: BLE001 - told below
                errors.append(error)
            time.sleep(0.001)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 40):
        fresh = folder / "fresh.tmp"
        fresh.write_text(f"word\n词{number:02}\n语{number:02}\n", "utf-8")
        fresh.replace(folder / "stop_words.tsv")
        time.sleep(0.005)
    until = time.monotonic() + 20
    while following.get() != {"词39", "语39"} and time.monotonic() < until:
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not errors
    assert following.get() == {"词39", "语39"}
    assert set(seen) <= whole | {frozenset({"词00"})}
