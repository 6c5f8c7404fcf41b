from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from worker import schema
from worker.engine import create_engine
from worker.tables import metadata

ROOT = Path(__file__).parents[2]


def test_the_migrations_make_exactly_the_tables(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert schema.current(engine) == schema.head() == "0004"


def test_upgrading_twice_changes_nothing(engine: sa.Engine) -> None:
    schema.upgrade(engine)
    assert schema.current(engine) == schema.head()


def test_a_failed_migration_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(tmp_path / "x.db")

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", broken)
        with pytest.raises(RuntimeError, match="power cut"):
            schema.upgrade(engine)
    assert sa.inspect(engine).get_table_names() == []
    schema.upgrade(engine)
    assert schema.current(engine) == schema.head()
    engine.dispose()


def test_a_writer_of_the_file_does_not_hold_up_who_only_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.engine.BUSY_TIMEOUT_S", 0.1)
    engine = create_engine(tmp_path / "x.db")
    schema.upgrade(engine)
    with engine.begin() as writer:
        writer.exec_driver_sql("SELECT 1")
        assert schema.current(engine) == schema.head()
        schema.upgrade(engine)  # nothing to do: no lock is asked for
    engine.dispose()


def test_several_processes_may_start_at_once(tmp_path: Path) -> None:
    path = tmp_path / "home %20 空.db"
    script = (
        "import sys, pathlib; from worker import schema, engine;"
        "e = engine.create_engine(pathlib.Path(sys.argv[1])); schema.upgrade(e)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT) for _ in range(4)
    ]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]
    engine = create_engine(path)
    assert schema.current(engine) == schema.head()
    engine.dispose()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_importing_the_worker_imports_no_model() -> None:
    script = (
        "import sys, pkgutil, importlib, worker;"
        "found = pkgutil.walk_packages(worker.__path__, 'worker.');"
        "[importlib.import_module(m.name) for m in found if not m.name.endswith('migrations.env')];"
        "heavy = {'torch', 'transformers', 'faiss'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
