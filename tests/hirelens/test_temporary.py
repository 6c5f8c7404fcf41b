"""Posts that are only measured reach nobody's database, queue or index."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from services.elastic import Elasticsearch

from hirelens.settings import Settings
from hirelens.temporary import temporary_place
from hirelens.wiring import Workplace
from search.elastic.config import ElasticConfig
from search.elastic.generations import Generations, Plan


def test_a_temporary_place_shares_nothing_with_the_callers(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "home",
        database_url="postgresql+psycopg://nobody@nowhere/none",
        broker_url="amqp://nobody@nowhere//",
        index_prefix="mine",
        threads=1,
    )
    with temporary_place(Workplace(settings)) as used:
        own = used.settings
        assert own.home.is_dir()
        assert own.database == own.home / "posts.db"
        assert not own.queued
        assert own.index_prefix.startswith("mine-temporary-")
        assert (own.model, own.threads, own.index) == (None, 1, "embedded")
        with temporary_place(Workplace(settings)) as other:
            assert other.settings.index_prefix != own.index_prefix
    assert not own.home.exists()
    assert not settings.home.exists()


def test_sigterm_leaves_nothing_behind() -> None:
    script = (
        "import time\n"
        "from hirelens.settings import Settings\n"
        "from hirelens.temporary import temporary_place\n"
        "from hirelens.wiring import Workplace\n"
        "with temporary_place(Workplace(Settings())) as used:\n"
        "    print(used.settings.home, flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        home = Path(run.stdout.readline().strip())
        assert home.is_dir()
        run.terminate()
        assert run.wait(30) == 128 + signal.SIGTERM
    assert not home.exists()


@pytest.mark.service
def test_its_indices_are_removed_and_no_others(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str], tmp_path: Path
) -> None:
    prefix = fresh_prefix()
    settings = Settings(
        home=tmp_path, index="elasticsearch", index_url=elasticsearch.url, index_prefix=prefix
    )
    generations = Generations.open(ElasticConfig((elasticsearch.url,), prefix))
    generations.create(Plan("space", None, 1, 0))
    with temporary_place(Workplace(settings)) as used:
        theirs = Generations.open(used.settings.elastic_config())
        for _ in range(2):
            theirs.create(Plan("space", None, 1, 0))
        assert len(theirs.all()) == 2
    assert theirs.all() == ()
    assert len(generations.all()) == 1
    theirs.close()
    generations.close()
