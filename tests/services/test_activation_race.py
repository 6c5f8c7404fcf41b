"""A claim and an activation never pass each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.services.databases import opened
from tests.worker.fakes import post, put
from worker import lease, outbox, recipes
from worker.claim import claim
from worker.engine import reading, writing


@pytest.fixture(params=["postgresql", "mariadb"])
def engine(
    request: pytest.FixtureRequest, fresh_database: Callable[[Any], str]
) -> Iterator[sa.Engine]:
    for made in opened(request, fresh_database):
        with writing(made) as session:
            recipes.activate(session, "a")
        yield made


def activate(engine: sa.Engine) -> threading.Thread:
    def run() -> None:
        with writing(engine) as session:
            recipes.activate(session, "b", ask=False)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_an_activation_waits_for_a_claim_and_ends_its_lease(engine: sa.Engine) -> None:
    put(engine, post())
    with writing(engine) as session:
        recipes.ensure(session, "a")
        thread = activate(engine)
        time.sleep(0.3)
        assert thread.is_alive()
        taken = claim(session, batch=1, lease_seconds=60)
        assert len(taken.items) == 1
    thread.join(10)
    with reading(engine) as session:
        assert outbox.waiting(session) == {"waiting": 1, "leased": 0}
    with writing(engine) as session:
        assert not lease.settle(session, taken.token, taken.items[0])


def test_a_claim_waits_for_an_activation_and_is_refused(engine: sa.Engine) -> None:
    put(engine, post())
    refused: list[BaseException] = []

    def ensure() -> None:
        try:
            with writing(engine) as session:
                recipes.ensure(session, "a")
        except recipes.RecipeMismatch as error:
            refused.append(error)

    with writing(engine) as session:
        recipes.activate(session, "b", ask=False)
        thread = threading.Thread(target=ensure)
        thread.start()
        time.sleep(0.3)
        assert thread.is_alive()
    thread.join(10)
    assert len(refused) == 1


def test_claims_do_not_wait_for_each_other(engine: sa.Engine) -> None:
    with writing(engine) as session:
        recipes.ensure(session, "a")
        began = time.monotonic()
        with writing(engine) as other:
            recipes.ensure(other, "a")
        assert time.monotonic() - began < 0.3
