"""The clock of a MariaDB server whose local time has an hour twice, at the end of summer time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from services import MariaDB
from services.fixtures import obtain
from worker import outbox, schema
from worker.clock import now_ms
from worker.engine import create_engine, reading
from worker.tables import outbox as rows
from worker.tables import posts

# Half past two in Berlin, in summer time and an hour later in winter time.
TWICE = (1_792_888_200, 1_792_888_200 + 3600)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        server = obtain(MariaDB)
        with server:
            made = create_engine(server.fresh_database())
            schema.upgrade(made)
            yield made
            made.dispose()


@pytest.mark.service
@pytest.mark.parametrize("seconds", TWICE)
def test_the_clock_goes_on_at_the_end_of_summer_time(engine: sa.Engine, seconds: int) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(f"SET timestamp = {seconds}.25"))
        local = connection.scalar(sa.text("SELECT CAST(NOW() AS CHAR)"))
        told = connection.scalar(select(now_ms()))
        connection.execute(rows.insert().values(post_id=f"p{seconds}", revision=1))
        connection.execute(posts.insert().values(id=f"p{seconds}", revision=1, payload={}))
        due = connection.scalar(select(rows.c.due_at).where(rows.c.post_id == f"p{seconds}"))
        written = connection.scalar(select(posts.c.written_at).where(posts.c.id == f"p{seconds}"))
        connection.execute(sa.text("SET timestamp = DEFAULT"))
    assert local == "2026-10-25 02:30:00", "the session follows the zone of the server"
    assert told == due == written == seconds * 1000 + 250


@pytest.mark.service
def test_a_claim_reads_the_index_up_to_now(engine: sa.Engine) -> None:
    with reading(engine) as session:
        query = outbox.due("live", rows).limit(32).with_for_update(skip_locked=True)
        text = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
        plan = session.execute(sa.text("EXPLAIN " + text)).mappings().one()
    assert (plan["key"], plan["type"]) == ("ix_outbox_due", "range")
    assert "filesort" not in plan["Extra"]
