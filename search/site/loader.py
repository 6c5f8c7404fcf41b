"""From the files of a folder to rules: every word is checked, then what the lines mean together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from enrich.taxonomy import Taxonomy
from search.site.files import Files, Problem, Row, SiteError, read
from search.site.known import known_in
from search.site.lines import Company, Lines, Rewrite, StopWord, Synonym
from search.site.model import PairKind, SiteRules, spelling
from search.site.rewrites import compiled
from search.site.rules import check, meanings

ACTIONS = ("forced", "blocked")
LONGEST = 50
"""Characters of a word; nobody types a longer one."""

_PUNCTUATION = re.compile(r"[^\w+#./&()·'\- ]")


def load(folder: Path, taxonomy: Taxonomy) -> SiteRules:
    """Return the rules of a folder.

    Args:
        folder: holds ``synonyms.tsv``, ``stop_words.tsv``, ``companies.tsv``, ``rewrites.tsv``,
            each of them optional.
        taxonomy: what positions there are.

    Raises:
        SiteError: something is wrong; names every problem.
    """
    rules, problems = examine(folder, taxonomy)
    if problems:
        raise SiteError(folder, problems)
    return rules


def examine(folder: Path, taxonomy: Taxonomy) -> tuple[SiteRules, tuple[Problem, ...]]:
    """Return the rules of a folder and every problem; with one, the rules are of no use."""
    files = read(folder)
    known = known_in(taxonomy)
    problems = list(files.problems)
    lines = parse(files, problems)
    found = meanings(lines, known)
    problems.extend(check(lines, known, found))
    if problems:
        order = {name: number for number, name in enumerate(files.rows)}
        problems.sort(key=lambda one: (order.get(one.file, -1), one.file, one.line))
        return SiteRules.none(), tuple(dict.fromkeys(problems))
    blocked, forced, keys = compiled(lines.rewrites, known, found)
    return SiteRules(
        synonyms=MappingProxyType(found),
        stop_words=frozenset(one.word for one in lines.stop_words),
        companies=MappingProxyType(
            {alias: one.name for one in lines.companies for alias in one.words}
        ),
        blocked=blocked,
        forced=MappingProxyType(forced),
        keys=MappingProxyType(keys),
        digest=files.digest,
    ), ()


def parse(files: Files, problems: list[Problem]) -> Lines:
    """Return the lines of the files whose fields are right each; tell of the others."""
    return Lines(
        tuple(_synonyms(files.rows["synonyms.tsv"], problems)),
        tuple(_stop_words(files.rows["stop_words.tsv"], problems)),
        tuple(_companies(files.rows["companies.tsv"], problems)),
        tuple(_rewrites(files.rows["rewrites.tsv"], problems)),
    )


def _synonyms(rows: tuple[Row, ...], problems: list[Problem]) -> Iterator[Synonym]:
    for row in rows:
        word, meaning = _word(row, "word", problems), _word(row, "meaning", problems, shortest=1)
        if word and meaning:
            yield Synonym(row, word, meaning)


def _stop_words(rows: tuple[Row, ...], problems: list[Problem]) -> Iterator[StopWord]:
    for row in rows:
        word = _word(row, "word", problems, shortest=1)
        if word:
            yield StopWord(row, word)


def _companies(rows: tuple[Row, ...], problems: list[Problem]) -> Iterator[Company]:
    for row in rows:
        name = _word(row, "name", problems)
        cell = row.cells["aliases"]
        items = [item.strip() for item in cell.split("|")] if cell else []
        if not all(items):
            problems.append(row.problem("aliases", "has an empty entry", "remove the extra |"))
        words = [_spelled(row, "aliases", item, problems) for item in items if item]
        if name:
            aliases = tuple(word for word in words if word)
            yield Company(row, " ".join(row.cells["name"].split()), name, aliases)


def _rewrites(rows: tuple[Row, ...], problems: list[Problem]) -> Iterator[Rewrite]:
    kinds: tuple[PairKind, ...] = get_args(PairKind)
    for row in rows:
        query, candidate = (_word(row, column, problems) for column in ("query", "candidate"))
        action, kind = row.cells["action"], row.cells["kind"]
        if action not in ACTIONS:
            remedy = f"use one of {', '.join(ACTIONS)}"
            problems.append(row.problem("action", f"{action!r} is unknown", remedy))
        if action == "blocked" and kind:
            remedy = "leave it empty: a blocked pair is none of them"
            problems.append(row.problem("kind", f"is {kind!r} for a blocked pair", remedy))
        chosen = next((one for one in kinds if one == (kind or "same")), None)
        if chosen is None:
            remedy = f"use one of {', '.join(kinds)}, or leave it empty for same"
            problems.append(row.problem("kind", f"{kind!r} is unknown", remedy))
        elif query and candidate and action in ACTIONS:
            yield Rewrite(row, query, candidate, action == "forced", chosen)


def _word(row: Row, column: str, problems: list[Problem], shortest: int = 2) -> str:
    """Return the spelling of a field, nothing where it is wrong."""
    cell = row.cells[column]
    if not cell:
        problems.append(row.problem(column, "is empty", "write a word, or remove the line"))
        return ""
    return _spelled(row, column, cell, problems, shortest)


def _spelled(row: Row, column: str, cell: str, problems: list[Problem], shortest: int = 2) -> str:
    word = spelling(cell)
    if not any(char.isalnum() for char in word):
        told = f"{cell!r} holds no letter or digit", "write a word, or remove the line"
    elif sign := _PUNCTUATION.search(word):
        told = f"{cell!r} holds {sign[0]!r}", "write words without punctuation, one a line"
    elif len(word) < shortest:
        told = f"{cell!r} has one character", "write at least two: one stands in too many words"
    elif len(word) > LONGEST:
        told = f"has {len(word)} characters", f"write at most {LONGEST}"
    else:
        return word
    problems.append(row.problem(column, *told))
    return ""
