"""A worker or a relay in its own process, as the front door runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BATCH = 32


@dataclass(frozen=True)
class Processes:
    """The relay and the worker."""

    started: tuple[subprocess.Popen[bytes], ...]

    def check(self) -> None:
        """Raise ``RuntimeError`` where one has ended; its last words stand above."""
        for process in self.started:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args} has ended with {process.returncode}")

    def pids(self) -> list[int]:
        """Return the processes and their children."""
        return [pid for process in self.started for pid in (process.pid, *_children(process.pid))]


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return what processes have used, their ended children included."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):  # it has ended meanwhile
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
            ticks += sum(int(number) for number in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in path.read_text("utf-8").split()]
    return found + [below for child in found for below in _children(child)]


@contextmanager
def running(
    database: str,
    broker: str,
    index: Path,
    *,
    children: int,
    real: bool,
    threads: int = 1,
    read_s: float = 0.0,
) -> Iterator[Processes]:
    """Run one relay and one worker with its children; both end with the block.

    ``read_s`` is what an enricher that is not ``real`` takes for a post.
    """
    common = [database, broker, str(index)]
    worker = [str(children), str(int(real)), str(threads), str(read_s)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.worker_process", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=sys.stderr,
        )
        for arguments in (["relay", *common], ["worker", *common, *worker])
    ]
    try:
        yield Processes(tuple(started))
    finally:
        for process in started:
            process.terminate()
        for process in started:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _relay(database: str, broker: str, _index: str) -> None:
    import signal
    import threading

    from worker.config import WorkerConfig
    from worker.engine import create_engine
    from worker.relay import Relay

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Relay(WorkerConfig(broker_url=broker, batch=_BATCH), create_engine(database)).run(stop)


def _worker(
    database: str, broker: str, index: str, children: str, real: str, threads: str, read_s: str
) -> None:
    from bench.worker_stage import BenchProvider
    from worker.app import create_app, run_worker
    from worker.config import WorkerConfig

    config = WorkerConfig(broker_url=broker, batch=_BATCH, concurrency=int(children))

    def provider() -> BenchProvider:
        return BenchProvider(
            database,
            Path(index),
            real=real == "1",
            threads=int(threads),
            read_s=float(read_s),
        )

    app = create_app(config, provider)
    run_worker(app, [config.live_queue, config.backfill_queue])


def main(arguments: Sequence[str]) -> None:
    """Run the role that the first argument names."""
    role, *rest = arguments
    {"relay": _relay, "worker": _worker}[role](*rest)


if __name__ == "__main__":
    main(sys.argv[1:])
