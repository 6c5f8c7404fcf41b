"""Writes a site's files for tests."""

from __future__ import annotations

from pathlib import Path

from search.site.files import TABLES
from search.site.loader import examine, load
from search.site.model import SiteRules
from tests.search.search_support import TAXONOMY


def write(folder: Path, **files: str) -> Path:
    """Write files by the stem of their names: lines of cells parted by blanks, ``_`` for one."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, text in files.items():
        name = f"{stem}.tsv"
        lines = ["\t".join(TABLES[name].columns)]
        lines += ["\t".join(line.split()).replace("_", " ") for line in text.strip().split("\n")]
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def rules(folder: Path, **files: str) -> SiteRules:
    """Return the rules of files that must be right."""
    return load(write(folder, **files), TAXONOMY)


def told(folder: Path, **files: str) -> list[str]:
    """Return every problem of files."""
    return [str(problem) for problem in examine(write(folder, **files), TAXONOMY)[1]]
