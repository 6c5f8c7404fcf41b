"""Pieces of help text."""

from __future__ import annotations


def examples(*lines: str) -> str:
    """Return examples as the end of a help page; the backspace keeps click from joining lines."""
    head = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(("\b", head, *(f"  {line}" for line in lines)))
