"""A workplace for posts that are only measured or shown: its own home, database and index."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hirelens.wiring import Workplace

_PATIENT = {"encode_s": 3600.0, "load_s": 3600.0, "channel_s": 3600.0}
"""What is measured waits for every channel: on a busy machine a figure must not lack one."""


@contextmanager
def temporary_place(place: Workplace) -> Iterator[Workplace]:
    """Give a workplace that is removed afterwards; model and back end are the caller's.

    Nothing of it reaches the caller's database, queues or index: posts that are measured must not
    be found by anybody else.
    """
    settings = place.settings
    with _ended_in_order(), tempfile.TemporaryDirectory(prefix="hirelens-") as folder:
        own = settings.model_copy(
            update={
                "home": Path(folder),
                "database_url": None,
                "broker_url": None,
                "index_prefix": f"{settings.index_prefix}-temporary-{uuid.uuid4().hex[:8]}",
                "index_replicas": 0,
                "limits": _PATIENT,
            }
        )
        with closing(Workplace(own)) as used:
            try:
                yield used
            finally:
                if not own.embedded:
                    from search.elastic.discard import discard

                    discard(own.elastic_config())


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM end what runs inside as an exception does, so that nothing is left behind."""
    own = threading.current_thread() is threading.main_thread()
    if not own or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield  # somebody else has decided what it does
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, _frame: object) -> None:
    # A second signal must not break off the removal.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + number)
