"""Times for people, from and to milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime

import click


def shown(milliseconds: int | None) -> str:
    """Return a time in UTC to the second, a dash for none."""
    if milliseconds is None:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def duration(seconds: float) -> str:
    """Return a span of time in two units at most."""
    for size, unit, small, less in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            whole, rest = divmod(int(seconds), size)
            return f"{whole} {unit} {rest // small} {less}"
    if seconds >= 60:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """Read an option's time (ISO 8601; without a zone it is UTC) as milliseconds since 1970."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is no time; write 2026-01-31 or 2026-01-31T08:00"
        ) from None
    zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
    return int(zoned.timestamp() * 1000)
