"""What all processes of one crash run are told, and where its files lie."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.crash.indexes import Where
from worker.config import WorkerConfig

BATCH = 4
LIMITS: dict[bool, dict[str, float]] = {
    False: {"soft_limit_s": 5.0, "hard_limit_s": 6.0, "lease_s": 8.0},
    # A batch waits for a node that does not answer, twice its time for each of three requests.
    True: {"soft_limit_s": 9.0, "hard_limit_s": 11.0, "lease_s": 12.5},
}
"""Of workers on the embedded index, and on Elasticsearch."""


@dataclass(frozen=True, slots=True)
class Setup:
    """One run. ``pace_s``: mean pause of a writer between two groups of writes.

    ``linger_s``: the longest pause of a worker in each part of a batch, so that kills fall there.
    """

    folder: str
    database_url: str
    broker_url: str
    index: Where
    seed: int
    writes: int
    writers: int = 3
    pace_s: float = 0.2
    linger_s: float = 0.03
    defect: str | None = None

    @property
    def path(self) -> Path:
        """The folder of the run."""
        return Path(self.folder)

    @property
    def config(self) -> WorkerConfig:
        """Short times, so that quiet comes soon after the last fault."""
        return WorkerConfig(
            broker_url=self.broker_url,
            batch=BATCH,
            batch_deadline_s=BATCH,
            backoff_s=0.2,
            poll_s=0.2,
            **LIMITS[self.index.is_elastic],
        ).check()

    def journal(self, writer: int) -> Path:
        """Where one writer notes what it knows to have happened."""
        return self.path / f"writer-{writer}.jsonl"

    def log(self, name: str) -> Path:
        """Where one process writes its events."""
        return self.path / f"{name}.log"

    @property
    def steps(self) -> Path:
        """Where the one who switches generations notes what was done."""
        return self.path / "steps.jsonl"

    @property
    def busy(self) -> Path:
        """Where children with a batch in hand leave a file named by their pid."""
        return self.path / "busy"

    @property
    def file(self) -> Path:
        """Where the set-up itself lies."""
        return self.path / "setup.json"

    def save(self) -> None:
        """Write it for the processes."""
        self.busy.mkdir(exist_ok=True)
        self.file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, file: str) -> Setup:
        """Read what ``save`` wrote."""
        data: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
        return cls(**{**data, "index": Where.of(data["index"])})
