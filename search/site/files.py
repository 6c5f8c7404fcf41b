"""Reading the four files of a site; every problem is told with file, line, field and remedy."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

MAX_BYTES = 4_000_000
"""A larger file is no list that people keep."""
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns, how many of them every line needs, what a line is."""

    columns: tuple[str, ...]
    needed: int
    about: tuple[str, ...]
    example: str


TABLES: Mapping[str, Table] = {
    "synonyms.tsv": Table(
        ("word", "meaning"),
        2,
        (
            "A word of this site's queries, and what it is read as: a name of a position, or any",
            "word that queries are read with (see: hirelens intent MEANING).",
        ),
        "端盘子的\t服务员",
    ),
    "stop_words.tsv": Table(
        ("word",),
        1,
        ("A word that says nothing: a post need not hold it.",),
        "求职信息",
    ),
    "companies.tsv": Table(
        ("name", "aliases"),
        1,
        ("An employer of this site, and its other names with | between.",),
        "宏远精密\t宏远精密制造有限公司|宏远厂",
    ),
    "rewrites.tsv": Table(
        ("query", "candidate", "action", "kind"),
        3,
        (
            "A name that is searched for, and another name: never (blocked) or always (forced)",
            "taken for it. It holds for all names of the two positions, in this direction only.",
            "kind of a forced one: same (if left out), narrower or related.",
        ),
        "月嫂\t育儿嫂\tforced\trelated",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of the files, and what to do about it; line 0: the whole file."""

    file: str
    line: int
    field: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        named = f" field {self.field!r}:" if self.field else ""
        return f"{place}:{named} {self.problem}; {self.remedy}"

    def to_mapping(self) -> dict[str, str | int]:
        """Return the JSON form."""
        return asdict(self)


class SiteError(ValueError):
    """A site's files hold problems; carries all of them."""

    def __init__(self, folder: Path, problems: tuple[Problem, ...]) -> None:
        """Show the first few, keep all."""
        shown = [str(problem) for problem in problems[:SHOWN]]
        count = len(problems)
        check = f"{count} problem{'s' * (count > 1)}; see hirelens site check {folder}"
        super().__init__("\n".join((f"{folder}:", *shown, f"({check})")))
        self.folder = folder
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file; a column that is left out is empty."""

    file: str
    line: int
    cells: Mapping[str, str]

    @property
    def place(self) -> str:
        """Where it stands, as other lines name it."""
        return f"{self.file}:{self.line}"

    def problem(self, column: str, problem: str, remedy: str) -> Problem:
        """Return a problem of one of its fields."""
        return Problem(self.file, self.line, column, problem, remedy)


@dataclass(frozen=True, slots=True)
class Files:
    """The rows of a folder by file, what is wrong with single lines, a digest of all bytes."""

    rows: Mapping[str, tuple[Row, ...]]
    problems: tuple[Problem, ...]
    digest: str = field(default="")


def read(folder: Path) -> Files:
    """Read the files of a folder, all of them optional; never raises for what stands there."""
    if not os.path.isdir(folder):  # noqa: PTH112 - never raises, whatever may not be read
        problem = Problem(str(folder), 0, "", "is no folder", "make it: hirelens site init")
        return Files(dict.fromkeys(TABLES, ()), (problem,))
    problems = list(_strangers(folder))
    digest = hashlib.sha256()
    rows: dict[str, tuple[Row, ...]] = {}
    for name, table in TABLES.items():
        raw = _bytes(folder / name, problems)
        digest.update(f"{name} {len(raw)}\n".encode() + raw)
        rows[name] = tuple(_rows(name, table, raw, problems))
    return Files(rows, tuple(problems), digest.hexdigest()[:16])


def _strangers(folder: Path) -> Iterator[Problem]:
    """Tell of tables with another name: nobody would notice that they are not read."""
    for path in sorted(folder.glob("*.[tc]sv")):
        # Editors keep their locks and copies in files that begin with a point.
        if path.name not in TABLES and not path.name.startswith("."):
            yield Problem(path.name, 0, "", "is not read", f"name it one of {', '.join(TABLES)}")


def _bytes(path: Path, problems: list[Problem]) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            problem = f"is larger than {MAX_BYTES // 1_000_000} MB"
            problems.append(Problem(path.name, 0, "", problem, "keep fewer lines"))
            return b""
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        problem = f"cannot be read ({error.strerror or error})"
        problems.append(Problem(path.name, 0, "", problem, "make it a file that may be read"))
        return b""


def _rows(name: str, table: Table, raw: bytes, problems: list[Problem]) -> Iterator[Row]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = raw.count(b"\n", 0, error.start) + 1
        remedy = f"convert it: iconv -f GB18030 -t UTF-8 {name}"
        problems.append(Problem(name, at, "", f"is not UTF-8 ({error.reason})", remedy))
        return
    header = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if not header:
            header = True
            if tuple(cells) == table.columns:
                continue
            remedy = f"write above all other lines, with tabs between: {' '.join(table.columns)}"
            problems.append(Problem(name, number, "", f"the header is {line.strip()!r}", remedy))
            return
        while len(cells) > len(table.columns) and not cells[-1]:
            cells.pop()
        if table.needed <= len(cells) <= len(table.columns):
            filled = cells + [""] * (len(table.columns) - len(cells))
            yield Row(name, number, dict(zip(table.columns, filled, strict=True)))
            continue
        wanted = " ".join(table.columns)
        problem = f"has {len(cells)} columns, not {len(table.columns)} ({wanted})"
        problems.append(Problem(name, number, "", problem, "write one tab between two columns"))
