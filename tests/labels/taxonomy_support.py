"""Folders of taxonomy data for tests."""

from collections.abc import Sequence
from pathlib import Path

from labels.taxonomy.loader import (
    CHANGE_COLUMNS,
    COLUMNS,
    RELATION_COLUMNS,
    RETIRED_COLUMNS,
    WORD_COLUMNS,
)

GOOD = (
    "cat-a\t餐饮\t\t\t\t\tcategory",
    "cat-front\t前厅\tcat-a\t\t\t\tcategory",
    "waiter\t服务员\tcat-front\t\t侍应|服務生\t包房服务员\t",
    "runner\t传菜员\tcat-front\twaiter\t传菜\t\t",
)


def folder(
    path: Path,
    rows: Sequence[str] = GOOD,
    *,
    relations: Sequence[str] = (),
    retired: Sequence[str] = (),
    changes: Sequence[str] = (),
    **lists: Sequence[str],
) -> Path:
    """Write a folder of data files; only what is given is written."""
    files = {
        "positions/catering.tsv": (COLUMNS, rows),
        "relations/catering.tsv": (RELATION_COLUMNS, relations),
        "retired.tsv": (RETIRED_COLUMNS, retired),
        "changes.tsv": (CHANGE_COLUMNS, changes),
        **{f"{name}.tsv": (WORD_COLUMNS, lines) for name, lines in lists.items()},
    }
    for name, (columns, lines) in files.items():
        if lines:
            target = path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("\n".join(["\t".join(columns), *lines]) + "\n", encoding="utf-8")
    path.mkdir(parents=True, exist_ok=True)
    return path
