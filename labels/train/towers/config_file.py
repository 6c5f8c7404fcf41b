"""Reading the settings of a run from TOML."""

from __future__ import annotations

from pathlib import Path

from labels.train.config_file import checked, read_toml
from labels.train.towers.config import TowersConfig


def read_config(path: Path) -> TowersConfig:
    """Read a TOML file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read, or an entry is unknown or wrong.
    """
    raw = read_toml(path)
    for name in ("written", "graded", "exclude"):
        if isinstance(raw.get(name), list):
            raw[name] = [path.parent / p if isinstance(p, str) else p for p in raw[name]]
    for name in ("out", "read"):
        if isinstance(raw.get(name), str):
            raw[name] = path.parent / raw[name]
    base = raw.get("base")
    if isinstance(base, str) and (path.parent / base).exists():
        raw["base"] = str(path.parent / base)
    return checked(TowersConfig, raw, str(path))
