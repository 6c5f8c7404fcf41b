"""How much of a disk must stay free: the server's watermarks, as it states them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_BYTES = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of one node, in bytes."""

    node: str
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Watermark:
    """So many bytes must stay free, or so large a share of the disk, that at most ``headroom``."""

    free: float = 0.0
    share: float = 0.0
    headroom: float | None = None

    def free_needed(self, total: int) -> float:
        """Return the bytes that must stay free on a disk of ``total`` bytes."""
        needed = max(self.free, self.share * total)
        return needed if self.headroom is None else min(needed, self.headroom)


@dataclass(frozen=True, slots=True)
class Watermarks:
    """The three marks; below them nodes get no new shards, lose shards, close to writes."""

    enabled: bool
    low: Watermark
    high: Watermark
    flood: Watermark


def watermarks(disk: Mapping[str, Any]) -> Watermarks:
    """Read the server's ``cluster.routing.allocation.disk`` settings, defaults included."""
    found = disk.get("watermark", {})
    return Watermarks(
        str(disk.get("threshold_enabled", "true")).lower() != "false",
        *(_one(found, name) for name in ("low", "high", "flood_stage")),
    )


def _one(found: Mapping[str, Any], name: str) -> Watermark:
    """Read one mark: a size is what must stay free, a share is what may be used."""
    text = str(found.get(name, "100%"))
    size = _bytes(text)
    if size is not None:
        return Watermark(free=size)
    share = float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    return Watermark(share=1 - share, headroom=_bytes(str(found.get(f"{name}.max_headroom", ""))))


def _bytes(text: str) -> float | None:
    matched = _BYTES.fullmatch(text.strip())
    return None if matched is None else float(matched[1]) * _UNITS[matched[2].lower()]
