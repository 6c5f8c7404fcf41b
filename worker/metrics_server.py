"""Answering scrapes for a parent process and its forked children, the dead ones included."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, mmap_dict, multiprocess, start_http_server
from prometheus_client.registry import Collector

FOLD_ABOVE = 8
"""Dead children whose files may lie about before their counts are folded into one file."""
_FOLDED = "dead"
# These parts of the client carry no types.
_MmapedDict: Any = mmap_dict.MmapedDict
_Collector: Any = multiprocess.MultiProcessCollector
_forget: Any = multiprocess.mark_process_dead


@dataclass(frozen=True, slots=True)
class Server:
    """A running HTTP server; ``close`` ends it."""

    http: WSGIServer
    thread: threading.Thread

    @property
    def port(self) -> int:
        """The TCP port that it listens on."""
        return int(self.http.server_port)

    def close(self) -> None:
        """Stop answering and free the port."""
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(timeout=5)


def start(registry: CollectorRegistry, port: int, address: str) -> Server:
    """Serve a registry from a daemon thread."""
    http, thread = start_http_server(port, address, registry)
    # A child that outlives its parent would keep the port from the next one.
    os.register_at_fork(after_in_child=http.socket.close)
    return Server(http, thread)


def folder_registry(folder: Path) -> CollectorRegistry:
    """Return a registry that reads the values of all processes from their folder."""
    registry = CollectorRegistry()
    registry.register(_Folder(folder))
    return registry


def forget_gauges(pid: int, folder: Path) -> None:
    """Remove what a process that has ended last said of now; its counts stay."""
    _forget(pid, str(folder))


class _Folder(Collector):
    """All values in the folder; children that were killed are noticed here, by their pid."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Any]:
        with self._lock:
            dead = [pid for pid in self._pids() if not _lives(pid)]
            for pid in dead:
                forget_gauges(pid, self._folder)
            if len(dead) > FOLD_ABOVE:
                for kind in ("counter", "histogram"):
                    self._fold(kind, dead)
            found: Iterable[Any] = _Collector(None, str(self._folder)).collect()
            return found

    def _pids(self) -> set[int]:
        names = (path.stem.rpartition("_")[2] for path in self._folder.glob("*.db"))
        return {int(name) for name in names if name.isdigit()}

    def _fold(self, kind: str, dead: Iterable[int]) -> None:
        """Add the dead children's counts up in one file: recycled children are many."""
        folded = self._folder / f"{kind}_{_FOLDED}.db"
        gone = [self._folder / f"{kind}_{pid}.db" for pid in dead]
        gone = [path for path in gone if path.exists()]
        sources = [str(path) for path in (folded, *gone) if path.exists()]
        written = self._folder / f"{kind}_{_FOLDED}.new"
        written.unlink(missing_ok=True)
        target = _MmapedDict(str(written))
        for metric in _Collector.merge(sources, accumulate=False):
            for sample in metric.samples:
                names = list(sample.labels)
                key = mmap_dict.mmap_key(
                    metric.name,
                    sample.name,
                    names,
                    [sample.labels[name] for name in names],
                    metric.documentation,
                )
                target.write_value(key, sample.value, 0.0)
        target.close()
        written.replace(folded)
        for path in gone:
            path.unlink()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
