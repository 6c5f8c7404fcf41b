"""What a switch leaves behind in the old generation when it falls between a post's two writes.

The standby is written first. Once it serves, the post is found there and taken for done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from enrich.post import Post
from search.elastic.roles import Generation
from search.elastic.round import Round
from tests.crash import switcher
from tests.crash.elastic_rig import ElasticRig
from tests.crash.history import Write
from worker.engine import writing
from worker.posts import write


class Died(BaseException):
    """The worker is killed here."""


@pytest.fixture
def rig(
    tmp_path: Path, elasticsearch: Any, fresh_prefix: Callable[[], str]
) -> Iterator[ElasticRig]:
    """Two level generations with one post."""
    made = ElasticRig(tmp_path, writes=60, node=elasticsearch, prefix=fresh_prefix())
    store(made, first_of(made))
    made._drain(9)
    made.switcher.step()
    made.stage.catch_up()
    yield made
    made.close()


def first_of(rig: ElasticRig) -> Write:
    return next(w for w in rig.history if w.fate is None and not w.broken)


def second_of(rig: ElasticRig) -> Write:
    first = first_of(rig)
    return replace(first, revision=first.revision + 1, title=f"{first.title}新")


def test_a_worker_that_dies_leaves_the_old_one_behind_until_it_is_filled(
    rig: ElasticRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = rig.stage.check()
    assert gate.is_open()
    served: list[str] = []
    serve = Round._serve

    def interrupted(self: Round, generation: Generation, places: list[int]) -> None:
        if served:
            rig.stage.switch(gate)
            raise Died
        served.append(generation.name)
        serve(self, generation, places)

    store(rig, second_of(rig))
    with monkeypatch.context() as broken:
        broken.setattr(Round, "_serve", interrupted)
        with pytest.raises(Died):
            rig._drain(9)
    assert served == [rig.stage.generations.roles()[0].name]
    only_the_new_one_has_it(rig)


def test_so_does_a_block_on_the_current_one_alone(rig: ElasticRig) -> None:
    current, _ = rig.stage.generations.roles()
    store(rig, second_of(rig))
    block(rig, current.name, True)
    rig._drain(9)
    gate = rig.stage.check()
    assert (gate.is_open(), gate.excused) == (True, 1), "it waits to be written anyway"
    block(rig, current.name, None)
    rig.stage.switch(gate)
    only_the_new_one_has_it(rig)


def only_the_new_one_has_it(rig: ElasticRig) -> None:
    """Check so, when all is settled; filling mends it."""
    rig._drain(9)
    rig._drain(9)
    second = second_of(rig)
    current, old = rig.stage.generations.roles()
    assert rig.index.get([second.id])[second.id].display["title"] == second.title
    (told,) = switcher.differences(rig.stage, fill=False)
    assert f"{old.name} beside {current.name}: older: 1" in told
    assert "run catch-up" in told
    assert switcher.differences(rig.stage, fill=True) == []


def block(rig: ElasticRig, name: str, on: bool | None) -> None:
    rig.node.request("PUT", f"/{name}/_settings", {"index.blocks.write": on})


def store(rig: ElasticRig, one: Write) -> None:
    with writing(rig.engine) as session:
        write(session, Post.from_mapping(one.payload()))
