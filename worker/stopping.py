"""Being told to stop: a process that stays ends in order on SIGTERM and SIGINT."""

from __future__ import annotations

import signal
import threading


def on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set; to be called in the main thread."""
    stop = threading.Event()

    def told(*_signal: object) -> None:
        # Not here: the main thread may hold the event's lock just now, and would wait for itself.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stop
