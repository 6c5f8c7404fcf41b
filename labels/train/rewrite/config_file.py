"""Reading the settings of a run from TOML."""

from __future__ import annotations

from pathlib import Path

from labels.train.config_file import checked, read_toml, rooted
from labels.train.rewrite.config import RewriteConfig


def read_config(path: Path) -> RewriteConfig:
    """Read a TOML file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read, or an entry is unknown or wrong.
    """
    raw = rooted(read_toml(path), path.parent, ("judged", "out"), "base")
    return checked(RewriteConfig, raw, str(path))
