"""Reading the settings of a run from TOML."""

from __future__ import annotations

from pathlib import Path

from labels.train.config_file import checked, read_toml
from labels.train.rewrite.config import RewriteConfig


def read_config(path: Path) -> RewriteConfig:
    """Read a TOML file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read, or an entry is unknown or wrong.
    """
    raw = read_toml(path)
    if isinstance(raw.get("judged"), list):
        raw["judged"] = [path.parent / p if isinstance(p, str) else p for p in raw["judged"]]
    if isinstance(raw.get("out"), str):
        raw["out"] = path.parent / raw["out"]
    base = raw.get("base")
    if isinstance(base, str) and (path.parent / base).exists():
        raw["base"] = str(path.parent / base)
    return checked(RewriteConfig, raw, str(path))
