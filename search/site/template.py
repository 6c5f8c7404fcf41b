"""Empty files of a site, with what their lines mean, for editors to fill."""

from __future__ import annotations

from pathlib import Path

from search.site.files import TABLES


def template(name: str) -> str:
    """Return an empty file: remarks, the header, and an example behind a ``#``."""
    table = TABLES[name]
    remarks = [f"# {line}" for line in table.about]
    return "\n".join([*remarks, "\t".join(table.columns), f"# {table.example}", ""])


def make(folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Make a folder with the files that it lacks; return those made and those that were there."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    kept: list[Path] = []
    for name in TABLES:
        path = folder / name
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(template(name))
        except FileExistsError:
            kept.append(path)
        else:
            made.append(path)
    return tuple(made), tuple(kept)
