"""``hirelens worker``: bring posts into the index, take posts of other systems in."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hirelens.options import with_home
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.config import WorkerConfig

PORT = click.IntRange(0, 65535)
metrics_option = click.option(
    "--metrics-port", type=PORT, help="Serve Prometheus metrics here; 0 takes a free port."
)
address_option = click.option(
    "--metrics-address", default="127.0.0.1", show_default=True, help="Where they are served."
)
log_option = click.option(
    "--log-json/--log-short",
    "log_json",
    default=None,
    help="JSON lines or short lines.  [default: short on a terminal]",
)


@click.command(
    "worker",
    epilog=examples("hirelens worker --concurrency 2 --metrics-port 9101", "hirelens relay"),
)
@click.option("--concurrency", type=click.IntRange(1, 256), help="Child processes.")
@click.option(
    "--only",
    type=click.Choice(["drain", "ingest"]),
    help="Only index posts, or only take them in; both otherwise.",
)
@metrics_option
@address_option
@log_option
@with_home
def command(
    place: Workplace,
    concurrency: int | None,
    only: str | None,
    metrics_port: int | None,
    metrics_address: str,
    log_json: bool | None,
) -> None:
    """Work until told to stop; SIGTERM finishes the batch in hand.

    Needs a broker (HIRELENS_BROKER_URL) and a relay that wakes it. Each child loads the model
    when its first batch comes.
    """
    from worker import log
    from worker.app import create_app, run_worker

    config = place.settings.worker_config()
    if concurrency is not None:
        config = replace(config, concurrency=concurrency)
    log.setup(json=log_json)
    with ExitStack() as stack:
        if metrics_port is not None:
            stack.enter_context(_measured(metrics_port, metrics_address))
        app = create_app(config, place.provider_factory)
        status = run_worker(app, _queues(config, only))
    raise click.exceptions.Exit(status)


def _queues(config: WorkerConfig, only: str | None) -> list[str]:
    drain = [] if only == "ingest" else [config.live_queue, config.backfill_queue]
    return drain + ([] if only == "drain" else [config.ingest_queue])


@contextmanager
def _measured(port: int, address: str) -> Iterator[None]:
    """Serve the metrics of this process and its children; they meet in a folder."""
    import tempfile
    from pathlib import Path

    from worker import metrics

    with tempfile.TemporaryDirectory(prefix="hirelens-metrics-") as folder:
        metrics.prepare(Path(folder))
        server = metrics.serve(port, address)
        try:
            yield
        finally:
            server.close()
