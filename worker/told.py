"""Texts of errors as every database can keep them."""

from __future__ import annotations

MAX_ERROR = 2000


def told(error: str) -> str:
    """Return an error's text without NUL and lone surrogates, cut to ``MAX_ERROR`` characters."""
    whole = error[:MAX_ERROR].replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return whole.encode("utf-8", "replace").decode("utf-8")
