"""``hirelens init``: make a home."""

from __future__ import annotations

import click

from hirelens.options import json_option, with_home
from hirelens.output import emit_json, emit_text
from hirelens.settings import FILE_NAME, template
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("init", epilog=examples("hirelens init --home ./hirelens-home"))
@json_option
@with_home
def command(place: Workplace, as_json: bool) -> None:
    """Make a home with its database and settings file; what exists is left as it is."""
    home = place.settings.home
    place.engine.connect().close()
    path = home / FILE_NAME
    made = not path.exists()
    if made:
        path.write_text(template(), "utf-8")
    if as_json:
        emit_json({"home": str(home), "settings": str(path), "settings_made": made})
        return
    option = f" --home {home}"
    emit_text(f"home: {home}\nsettings: {path}{'' if made else ' (kept)'}\n")
    emit_text("next:")
    emit_text(
        f"  hirelens put posts.jsonl{option}     # one JSON object a line: id, title, body, …"
    )
    emit_text(f"  hirelens search 服务员{option}")
    emit_text(f"  hirelens doctor{option}")
