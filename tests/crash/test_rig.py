"""Crash runs without servers: the product must pass the checker, whatever overlaps."""

from __future__ import annotations

from pathlib import Path

import pytest

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
