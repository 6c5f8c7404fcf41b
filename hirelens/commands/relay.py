"""``hirelens relay``: wake workers for posts that wait."""

from __future__ import annotations

import click

from hirelens.commands.worker import address_option, log_option, metrics_option
from hirelens.options import with_home
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("relay", epilog=examples("hirelens relay --metrics-port 9102"))
@metrics_option
@address_option
@log_option
@with_home
def command(
    place: Workplace, metrics_port: int | None, metrics_address: str, log_json: bool | None
) -> None:
    """Look at the outbox for ever and wake workers, live posts first.

    One relay is enough; a second one only makes needless hints. What waits, and for how long, is
    in its metrics.
    """
    from worker import log, metrics, stopping
    from worker.relay import Relay

    config = place.settings.worker_config()
    log.setup(json=log_json)
    server = None
    if metrics_port is not None:
        metrics.prepare()
        server = metrics.serve(metrics_port, metrics_address)
    stop = stopping.on_signals()
    try:
        Relay(config, place.engine).run(stop)
    finally:
        if server is not None:
            server.close()
