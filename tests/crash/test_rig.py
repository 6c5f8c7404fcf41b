"""Crash runs without servers: the product must pass the checker, whatever overlaps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.crash.elastic_rig import ElasticRig
from tests.crash.readback import drift_of
from tests.crash.rig import Rig


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_overlapping_writers_and_workers_leave_nothing_behind(tmp_path: Path, seed: int) -> None:
    rig = Rig(tmp_path, seed=seed)
    report = rig.run()
    assert len(rig.acknowledged) == len(rig.history)
    assert report.counts == {}, str(report)
    assert drift_of(rig.engine, rig.index) == [], "reconcile sees what the checker does not"
    rig.close()


def test_so_does_one_on_elasticsearch_whose_generations_change(
    tmp_path: Path, elasticsearch: Any, fresh_prefix: Callable[[], str]
) -> None:
    rig = ElasticRig(tmp_path, writes=200, node=elasticsearch, prefix=fresh_prefix())
    report = rig.run()
    assert len(rig.acknowledged) == len(rig.history)
    assert report.counts == {}, str(report)
    assert {"created", "switched", "dropped"} <= set(rig.steps)
    assert drift_of(rig.engine, rig.index) == []
    rig.close()
