"""Checks of the dictionaries, for those who edit them: every wrong line, with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from enrich.tags.education import LEVELS
from enrich.tags.streets import NONE
from enrich.tags.tables import Line, lines
from enrich.text import normalize_query

_USES = frozenset({"sure", "context"})
_KINDS = frozenset(
    [
        "beauty",
        "building",
        "catering",
        "computer",
        "driving",
        "electric",
        "finance",
        "health",
        "household",
        "language",
        "law",
        "lifting",
        "manufacture",
        "media",
        "medical",
        "office",
        "property",
        "safety",
        "special",
        "sport",
        "teaching",
        "transport",
        "welding",
    ]
)
_SECTORS = frozenset(
    [
        "catering",
        "education",
        "energy",
        "finance",
        "health",
        "hotel",
        "it",
        "logistics",
        "manufacturing",
        "property",
        "retail",
    ]
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a dictionary: its key columns, which are unique, and its values."""

    key: tuple[str, ...] = ("form",)
    columns: tuple[str, ...] = ("form",)
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    """Columns of names with ``|`` between; ``-`` for none."""

    patterns: bool = False
    """Whether the key is a regular expression, so that no spelling is asked of it."""


RULES: Mapping[str, Rule] = {
    "areas.tsv": Rule(
        columns=("form", "kind", "use", "city", "district"),
        values={
            "kind": frozenset({"area", "nickname", "lookalike"}),
            "use": _USES | {"never"},
        },
        lists=("city", "district"),
    ),
    "benefit_patterns.tsv": Rule(("pattern",), ("pattern", "name"), patterns=True),
    "benefits.tsv": Rule(columns=("form", "name")),
    "certificates.tsv": Rule(
        columns=("form", "name", "kind", "use"), values={"kind": _KINDS, "use": _USES}
    ),
    "common_names.tsv": Rule(("name",), ("name",)),
    "company_suffixes.tsv": Rule(("suffix",), ("suffix",)),
    "education.tsv": Rule(columns=("form", "level"), values={"level": frozenset(LEVELS)}),
    "employers.tsv": Rule(("name",), ("name", "sector"), {"sector": _SECTORS}),
    "job_types.tsv": Rule(columns=("form", "name")),
    "places.tsv": Rule(
        columns=("form", "kind", "use"),
        values={"kind": frozenset({"province", "region", "city", "district"}), "use": _USES},
    ),
    "street_words.tsv": Rule(),
    "streets.tsv": Rule(
        ("province", "city", "district"),
        ("province", "city", "district", "streets", "towns", "townships", "other"),
        lists=("streets", "towns", "townships", "other"),
    ),
    "workplace_modifiers.tsv": Rule(),
    "workplaces.tsv": Rule(columns=("form", "use"), values={"use": _USES}),
}


def problems(name: str, text: str | None = None) -> list[str]:
    """Return what is wrong in a dictionary, each as file, line and remedy.

    Args:
        name: the file's name in ``data``; one of ``RULES``.
        text: its content; by default that of the shipped file.

    Raises:
        DictionaryError: a line has not as many columns as the header.
    """
    rule = RULES[name]
    seen: dict[tuple[str, ...], int] = {}
    found: list[str] = []
    for line in lines(name, text):
        if tuple(line.cells) != rule.columns:
            return [f"{name}: columns {list(line.cells)}; write {list(rule.columns)}"]
        key = tuple(line.cells[column] for column in rule.key)
        if key in seen:
            found.append(f"{name}, line {line.number}: {key[-1]} stands on line {seen[key]} too")
        seen.setdefault(key, line.number)
        found += [f"{name}, line {line.number}: {what}" for what in _wrong(rule, line)]
    return found


def _wrong(rule: Rule, line: Line) -> Iterator[str]:
    for column, cell in line.cells.items():
        if not cell or cell != cell.strip():
            yield f"{column} is empty or has blanks at its borders"
        elif cell not in rule.values.get(column, {cell}):
            yield f"{column} {cell}: one of {sorted(rule.values[column])}"
        elif column in rule.lists:
            yield from _wrong_list(column, cell)
        elif column in rule.key:
            yield from _wrong_key(rule, column, cell)


def _wrong_list(column: str, cell: str) -> Iterator[str]:
    names = cell.split("|")
    if cell == NONE:
        return
    if len(set(names)) < len(names):
        yield f"{column} has a name twice"
    for name in names:
        if not name or name != normalize_query(name):
            yield f"{column} {name!r}: write {normalize_query(name)!r}"


def _wrong_key(rule: Rule, column: str, cell: str) -> Iterator[str]:
    if rule.patterns:
        try:
            re.compile(cell)
        except re.error as error:
            yield f"{column} {cell}: no regular expression: {error}"
    elif cell != normalize_query(cell):
        yield f"{column} {cell}: write {normalize_query(cell)}"
