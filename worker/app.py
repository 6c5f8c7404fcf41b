"""The Celery app: its settings as one system. Importing this imports no model."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from celery import Celery, signals

from worker import log, tasks, topology
from worker.config import WorkerConfig
from worker.log import LogEvent, emit
from worker.ports import ProviderFactory
from worker.seat import Seat

LOST_WAIT_S = 1.0
# Sockets that wait for ever would keep a dead broker's connection.
_SOCKET_TIMEOUT_S = 30


SHUTDOWN_SPARE_S = 5.0
"""Beyond the hard limit of a batch, until a worker that was told to stop ends for sure."""


class App(Celery):  # type: ignore[misc]  # Celery has no types
    """An app that asks no environment variable for its broker."""

    seat: Seat
    """What a child process works with; kept here as the receiver of signals."""
    config: WorkerConfig

    def connection_for_read(self, url: str | None = None, **more: Any) -> Any:  # noqa: ANN401
        """Connect to the configured broker (Celery would prefer CELERY_BROKER_URL)."""
        return self._connection(url or self.config.broker_url, **more)

    connection_for_write = connection_for_read
    connection = connection_for_read


def create_app(config: WorkerConfig, factory: ProviderFactory) -> App:
    """Return an app with its queues and tasks; nothing is opened or connected yet.

    Args:
        config: the settings.
        factory: makes a child's provider, in the child.

    Raises:
        SettingsError: the settings cannot work together.
    """
    config.check()
    app = App("hirelens", set_as_current=False, changes=settings(config))
    app.config = config
    app.seat = Seat(factory)
    tasks.register(app, config, app.seat)
    signals.worker_process_init.connect(app.seat.reset)
    signals.worker_process_shutdown.connect(app.seat.close)
    return app


def settings(config: WorkerConfig) -> dict[str, Any]:
    """Return Celery's settings by their names."""
    return {
        "broker_url": config.broker_url,
        "broker_transport": "worker.redisbroker:Transport" if config.is_redis else None,
        "broker_transport_options": transport_options(config),
        # A broker that is away is waited for, at the start and later, for ever.
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_channel_error_retry": True,
        "broker_heartbeat": 30,
        # JSON only, and nobody asks for results.
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        "result_backend": None,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        # The queues are these and no others, each reached through the default exchange.
        "task_queues": topology.queues(config),
        "task_default_queue": config.live_queue,
        "task_default_exchange": "",
        "task_create_missing_queues": False,
        # Children are forked before any model is loaded, bounded and replaced.
        "worker_pool": "prefork",
        "worker_consumer": "worker.consumer:Consumer",
        "worker_concurrency": config.concurrency,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": config.max_tasks_per_child,
        "worker_max_memory_per_child": config.max_memory_mb * 1024,
        "worker_proc_alive_timeout": config.alive_timeout_s,
        # A killed child keeps its place for so long; should its result still come, the message
        # that is delivered again changes nothing.
        "worker_lost_wait": LOST_WAIT_S,
        "worker_detect_quorum_queues": True,
        "worker_enable_prefetch_count_reduction": False,
        # A batch goes on when the broker goes away; an ingested post is written once anyway.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # SIGTERM waits for the batch in hand; SIGQUIT at most this long.
        "worker_soft_shutdown_timeout": config.hard_limit_s,
        "task_soft_time_limit": config.soft_limit_s,
        "task_time_limit": config.hard_limit_s,
        # No remote control: a stranger at the broker could stop workers and revoke posts.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


def transport_options(config: WorkerConfig) -> dict[str, Any]:
    """Return the options of kombu's transport, for every process that connects."""
    if not config.is_redis:
        return {
            "confirm_publish": True,
            "read_timeout": _SOCKET_TIMEOUT_S,
            "write_timeout": _SOCKET_TIMEOUT_S,
        }
    return {
        "visibility_timeout": config.visibility_timeout_s,
        "socket_connect_timeout": _SOCKET_TIMEOUT_S,
        "socket_keepalive": True,
        "health_check_interval": 10,
        # Another Celery on the same server must not give our messages back by its own timeout.
        "unacked_key": f"{config.prefix}.unacked",
        "unacked_index_key": f"{config.prefix}.unacked_index",
        "unacked_mutex_key": f"{config.prefix}.unacked_mutex",
    }


def run_worker(app: App, queues: Sequence[str]) -> int:
    """Run a worker in this process until it is told to stop; returns its exit status.

    SIGTERM: no new message, the batch in hand is finished. Logging is left as it is set up.

    Args:
        app: the app.
        queues: names of the queues that it reads.

    Raises:
        SettingsError: a queue is at the broker with other properties.
    """
    _declare(app)
    # Celery sets logging up by itself unless somebody listens here.
    signals.setup_logging.connect(keep_logging)
    signals.worker_ready.connect(_told)
    bound = partial(end_for_sure, app.config.hard_limit_s + SHUTDOWN_SPARE_S)
    signals.worker_shutting_down.connect(bound, weak=False)
    worker = app.Worker(
        queues=list(queues),
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        hostname=f"hirelens-{os.getpid()}@{socket.gethostname()}",
    )
    worker.start()
    status = int(worker.exitcode or 0)
    emit(LogEvent.STOPPED, role="worker", reason="asked to" if status == 0 else f"status {status}")
    return status


def end_for_sure(after_s: float, **_signal: Any) -> threading.Timer:  # noqa: ANN401
    """End this process when its orderly end takes longer than any batch can.

    Celery's pool has been seen to wait for ever for a message that no child would take any more;
    by then every batch is settled or was ended by its time limit.
    """

    def end() -> None:
        emit(LogEvent.STOPPED, role="worker", reason="asked to; the pool did not end by itself")
        os._exit(0)

    timer = threading.Timer(after_s, end)
    timer.daemon = True
    timer.start()
    return timer


def _declare(app: App) -> None:
    """Declare the queues before anything starts: what is wrong with them is told in one line."""
    with app.connection_for_write() as connection:
        try:
            connection.connect()
            topology.declare(connection, topology.queues(app.config))
        except (OSError, *connection.connection_errors) as error:
            # The worker itself waits for a broker that is away.
            emit(LogEvent.CONNECTION_LOST, peer="broker", role="worker", error=str(error))


def _told(**_signal: Any) -> None:  # noqa: ANN401
    emit(LogEvent.STARTED, role="worker")


def keep_logging(**_signal: Any) -> None:  # noqa: ANN401
    """Write what Celery has to say the way that our own events are written."""
    ours = logging.getLogger(log.NAME).handlers
    for name in ("celery", "kombu", "multiprocessing"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.handlers[:] = ours or logger.handlers
        logger.propagate = not ours
