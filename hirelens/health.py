"""The checks of ``hirelens doctor``: each says ok, warn or fail, and the remedy."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hirelens.errors import explain
from hirelens.settings import Settings, unknown_variables
from hirelens.wiring import Workplace

Level = Literal["ok", "warn", "fail"]
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    name: str
    level: Level
    detail: str
    remedy: str = ""


def checks(place: Workplace, environment: Mapping[str, str]) -> Iterator[Check]:
    """Yield every check; none of them changes anything but a file that it removes again."""
    settings = place.settings
    named: list[tuple[str, Callable[[], Check]]] = [
        ("python", _python),
        ("sqlite", _sqlite),
        ("threads", lambda: _threads(settings)),
        ("allocator", lambda: _allocator(environment)),
        ("variables", lambda: _variables(environment)),
        ("model", lambda: _model(place)),
        ("towers", lambda: _towers(place)),
        ("taxonomy", lambda: Check("taxonomy", "ok", f"digest {place.taxonomy.digest}")),
        ("site", lambda: _site(place)),
        ("rewriting", lambda: _rewriting(place)),
        ("home", lambda: _home(settings.home)),
        ("database", lambda: _database(place)),
        ("broker", lambda: _broker(place)),
        ("index", lambda: _index(place)),
        ("searchlog", lambda: _searchlog(place)),
    ]
    for name, check in named:
        yield _guarded(name, check)
    if not settings.embedded:
        yield from _cluster(place)


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever is broken
        return _broken(name, error)


def _broken(name: str, error: Exception) -> Check:
    problem, _, remedy = (explain(error) or f"{type(error).__name__}: {error}").partition("; ")
    return Check(name, "fail", problem, remedy or "please report this")


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Check("python", "fail", version, "install Python 3.11 or newer")
    return Check("python", "ok", version)


def _sqlite() -> Check:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    except sqlite3.OperationalError:
        remedy = "use a Python whose SQLite has FTS5, for example from conda or uv"
        return Check("sqlite", "fail", f"{sqlite3.sqlite_version}, without FTS5", remedy)
    finally:
        connection.close()
    return Check("sqlite", "ok", f"{sqlite3.sqlite_version}, FTS5")


def _threads(settings: Settings) -> Check:
    import torch

    count = settings.threads or torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if cores and count > cores:
        detail = f"{count} threads on {cores} usable cores"
        return Check("threads", "warn", detail, f"set HIRELENS_THREADS={cores}")
    return Check("threads", "ok", f"torch {torch.__version__}, {count} threads")


def _allocator(environment: Mapping[str, str]) -> Check:
    preloaded = environment.get("LD_PRELOAD", "")
    if "jemalloc" in preloaded or "tcmalloc" in preloaded:
        return Check("allocator", "ok", preloaded)
    remedy = "for long runs preload jemalloc: LD_PRELOAD=libjemalloc.so.2"
    return Check("allocator", "warn", "the system's; memory grows more over long runs", remedy)


def _variables(environment: Mapping[str, str]) -> Check:
    unknown = unknown_variables(environment)
    if unknown:
        remedy = f"nothing reads it; known are {', '.join(Settings.model_fields)}"
        return Check("variables", "warn", ", ".join(unknown), remedy)
    return Check("variables", "ok", "every HIRELENS_* variable is known")


def _model(place: Workplace) -> Check:
    from enrich.bundle import SHIPPED, bundle_digest

    folder = place.settings.model or SHIPPED
    size = (folder / "model.safetensors").stat().st_size / 1e6
    return Check("model", "ok", f"digest {bundle_digest(folder)}, {size:.1f} MB ({folder})")


def _towers(place: Workplace) -> Check:
    from enrich.towers.bundle import SHIPPED, towers_digest

    folder = place.settings.towers or SHIPPED
    length, floor = place.enricher.vector_length, place.enricher.floor
    size = (folder / "model.safetensors").stat().st_size / 1e6
    detail = f"digest {towers_digest(folder)}, {size:.1f} MB, vectors of {length}, floor {floor}"
    return Check("towers", "ok", f"{detail} ({folder})")


def _site(place: Workplace) -> Check:
    folder = place.settings.site_folder
    if folder is None:
        return Check("site", "ok", "none: no rules of a site's own")
    from search.site.loader import examine

    rules, problems = examine(folder, place.query_taxonomy)
    if problems:
        count = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        detail = f"{folder}: {count}, the first: {problems[0]}"
        remedy = f"see them all: hirelens site check {folder}; until then no change is taken"
        return Check("site", "fail", detail, remedy)
    return Check("site", "ok", f"{folder}: {rules.counted}, digest {rules.digest}")


def _rewriting(place: Workplace) -> Check:
    from hirelens.rewriting import clicks_of, near_of

    clicks = clicks_of(place)
    _, notes = near_of(place)
    if notes:
        problem, _, remedy = " ".join(notes).rpartition("; ")
        return Check("rewriting", "warn", problem, remedy)
    told = f", co-clicks of {place.settings.clicks}" if clicks else ""
    return Check("rewriting", "ok", f"taxonomy, encoder with its table{told}")


def _home(home: Path) -> Check:
    if not home.exists():
        return Check("home", "warn", f"{home} does not exist yet", "make it: hirelens init")
    with tempfile.TemporaryFile(dir=home):
        return Check("home", "ok", f"{home.resolve()}, writable")


def _database(place: Workplace) -> Check:
    target = place.settings.database
    if isinstance(target, Path) and not target.is_file():
        return Check("database", "warn", "does not exist yet", "make it: hirelens init")
    from worker.engine import create_engine
    from worker.schema import current, head

    engine = create_engine(target)
    try:
        found, newest = current(engine), head()
    finally:
        engine.dispose()
    if found != newest:
        detail = f"schema {found}, this version writes {newest}"
        return Check("database", "warn", detail, "the next put brings it up to date")
    waiting = place.waiting()
    if waiting:
        remedy = (
            "workers index them: hirelens worker, hirelens relay"
            if place.settings.queued
            else "finish them: hirelens put (any file) again"
        )
        return Check("database", "warn", f"schema {found}, {waiting} posts wait", remedy)
    return Check("database", "ok", f"schema {found}, nothing waits")


def _broker(place: Workplace) -> Check:
    if not place.settings.queued:
        return Check("broker", "ok", "none: put indexes by itself")
    from kombu.connection import Connection

    config = place.settings.worker_config()
    with Connection(config.broker_url, connect_timeout=5) as connection:
        connection.ensure_connection(max_retries=1)
        return Check("broker", "ok", f"{connection.as_uri()}, the chain of times is in order")


def _index(place: Workplace) -> Check:
    if not place.settings.embedded:
        config = place.settings.elastic_config()
        return Check("index", "ok", f"elasticsearch, {config.read_alias} at {config.shown}")
    if not place.settings.index_file.is_file():
        return Check("index", "warn", "does not exist yet", "put posts: hirelens put FILE")
    held = place.index.vector_space
    if held != place.vector_space:
        detail = f"holds vectors of space {held}, the towers give {place.vector_space}"
        remedy = "use the towers that it was built with, or put the posts into a new home"
        return Check("index", "fail", detail, remedy)
    counts = {"open": 0, "closed": 0}
    after = ""
    while page := list(place.index.scan(after)):
        for stamp in page:
            counts[stamp.state] += 1
        after = page[-1].id
    return Check("index", "ok", f"readable, {counts['open']} open and {counts['closed']} closed")


def _searchlog(place: Workplace) -> Check:
    from hirelens.searchlogging import oldest_days

    kept, days = oldest_days(place.settings), place.settings.search_log_days
    if kept is None:
        return Check("searchlog", "ok", f"{place.settings.search_log}, nothing is kept")
    if kept > days + 1:
        detail = f"holds answers of {kept:.0f} days ago, search_log_days is {days}"
        return Check("searchlog", "warn", detail, "run every day: hirelens searchlog tidy")
    return Check("searchlog", "ok", f"{place.settings.search_log}, goes back {kept:.0f} days")


_LEVELS: Mapping[str, Level] = {"ok": "ok", "warning": "warn", "error": "fail"}


def _cluster(place: Workplace) -> Iterator[Check]:
    """Yield what is found in the Elasticsearch cluster, one check for each kind of finding."""
    try:
        from search.elastic.diagnose import look

        found = look(place.settings.elastic_config(), place.vector_space)
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever is broken
        yield _broken("es-cluster", error)
        return
    for one in found:
        yield Check(f"es-{one.kind}", _LEVELS[one.level], one.text, one.remedy)
    if all(one.level != "error" for one in found if one.kind in ("reachable", "roles")):
        yield from _halfway(place)


def _halfway(place: Workplace) -> Iterator[Check]:
    """Tell of a switch that was stopped between the index and the database."""
    target = place.settings.database
    if isinstance(target, Path) and not target.is_file():
        return
    from hirelens.generations import Stage

    stage = Stage(place)
    try:
        one = stage.unfinished()
    except Exception as error:  # noqa: BLE001 - as above
        yield _broken("es-switch", error)
        return
    finally:
        stage.close()
    if one is not None and one.recipe is not None:
        detail = f"{one.name} is of another recipe than the active one: a switch was stopped"
        yield Check("es-switch", "fail", detail, "finish it: hirelens index switch")
