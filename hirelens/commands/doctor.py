"""``hirelens doctor``: is everything in order?"""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from hirelens.health import checks
from hirelens.options import fail, json_option, with_home
from hirelens.output import emit_json, emit_text, safe
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("doctor", epilog=examples("hirelens doctor"))
@json_option
@with_home
def command(place: Workplace, as_json: bool) -> None:
    """Check everything that hirelens stands on; each line says ok, warn or fail.

    That is Python, SQLite, the model, the taxonomy, the home, and the servers that are set. The
    exit status is 1 where something failed.
    """
    found = []
    for check in checks(place, os.environ):
        found.append(check)
        if not as_json:
            emit_text(f"{check.level:<5} {check.name:<15} {safe(check.detail)}")
            if check.remedy:
                emit_text(f"      {'':<15} -> {safe(check.remedy)}")
    failed = any(check.level == "fail" for check in found)
    if as_json:
        emit_json({"ok": not failed, "checks": [asdict(check) for check in found]})
    if failed:
        fail()
