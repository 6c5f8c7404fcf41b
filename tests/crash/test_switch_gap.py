"""A switch between a worker's two writes, and its death after the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from enrich.post import Post
from search.elastic.roles import Generation
from search.elastic.round import Round
from tests.crash import switcher
from tests.crash.elastic_rig import ElasticRig
from worker.engine import writing
from worker.posts import write


class Died(BaseException):
    """The worker is killed here."""


def test_the_old_generation_is_behind_until_it_is_filled_and_the_new_one_is_right(
    tmp_path: Path,
    elasticsearch: Any,
    fresh_prefix: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = ElasticRig(tmp_path, writes=60, node=elasticsearch, prefix=fresh_prefix())
    first = next(w for w in rig.history if w.fate is None and not w.broken)
    second = replace(first, revision=first.revision + 1, title=f"{first.title}新", late=None)
    store(rig, first.payload())
    rig._drain(9)
    rig.switcher.step()
    rig.stage.catch_up()
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

    store(rig, second.payload())
    with monkeypatch.context() as broken:
        broken.setattr(Round, "_serve", interrupted)
        with pytest.raises(Died):
            rig._drain(9)
    rig._drain(9)
    rig._drain(9)

    current, old = rig.stage.generations.roles()
    assert served == [current.name], "the standby of then is written first, and serves now"
    assert rig.index.get([first.id])[first.id].display["title"] == second.title
    (told,) = switcher.differences(rig.stage, fill=False)
    assert f"{old.name} beside {current.name}: older: 1" in told
    assert "run catch-up" in told
    assert switcher.differences(rig.stage, fill=True) == []
    rig.close()


def store(rig: ElasticRig, payload: dict[str, Any]) -> None:
    with writing(rig.engine) as session:
        write(session, Post.from_mapping(payload))
