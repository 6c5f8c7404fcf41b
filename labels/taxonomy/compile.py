"""Checking the data files as a whole and compiling them into the artefact that enrich loads."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

from enrich.taxonomy import ARTEFACT, FORMAT, digest_of
from labels.taxonomy.loader import DATA, Row, Source, SourceError, load


def compile_to(path: Path = ARTEFACT, folder: Path = DATA) -> str:
    """Write the artefact and return its digest; equal data give equal bytes.

    Raises:
        SourceError: the data files hold problems.
    """
    raw = compiled(load(folder))
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as file:
        file.write(raw)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return digest_of(raw)


def compiled(source: Source) -> bytes:
    """Return the uncompressed artefact of loaded data files.

    Raises:
        SourceError: the data files hold problems.
    """
    problems = problems_of(source)
    if problems:
        raise SourceError(tuple(problems))
    rows = [row for row in source.rows if not row.is_category]
    known = {row.id for row in rows}
    forms: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        for spelling, kind, _ in row.forms:
            forms.setdefault(spelling, []).append((row.id, kind))
    data = {
        "format": FORMAT,
        "positions": sorted(
            [row.id, row.name, [parent for parent in row.parents if parent in known]]
            for row in rows
        ),
        "forms": {form: sorted(senses) for form, senses in sorted(forms.items())},
        "ambiguous": sorted(word.word for word in source.ambiguous),
        "lookalikes": sorted(word.word for word in source.lookalikes),
        "query_only": sorted(word.word for word in source.query_only),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def problems_of(source: Source) -> list[str]:
    """Return the problems of loaded data files: those of single lines, then those between them."""
    return [
        *source.problems,
        *_duplicate_ids(source.rows),
        *_parent_problems(source.rows),
        *_form_problems(source.rows),
        *_word_problems(source),
    ]


def _duplicate_ids(rows: tuple[Row, ...]) -> Iterator[str]:
    first: dict[str, Row] = {}
    for row in rows:
        if row.id in first:
            yield f"{row.where}: id {row.id!r} is also at {first[row.id].where}; rename one"
        first.setdefault(row.id, row)


def _parent_problems(rows: tuple[Row, ...]) -> Iterator[str]:
    by_id = {row.id: row for row in rows}
    for row in rows:
        if not row.parents and not row.is_category:
            yield f"{row.where}: parents is empty; name at least a category"
        for parent in row.parents:
            if parent not in by_id:
                yield f"{row.where}: parent {parent!r} is unknown; add it or correct the id"
            elif row.is_category and not by_id[parent].is_category:
                yield f"{row.where}: category {row.id!r} stands under a position; use a category"
        if row.id in _above(row, by_id):
            yield f"{row.where}: {row.id!r} is its own ancestor; remove a parent of the cycle"


def _above(row: Row, by_id: dict[str, Row]) -> set[str]:
    found: set[str] = set()
    queue = list(row.parents)
    while queue:
        parent = queue.pop()
        if parent not in found and parent in by_id:
            found.add(parent)
            queue.extend(by_id[parent].parents)
    return found


def _form_problems(rows: tuple[Row, ...]) -> Iterator[str]:
    first: dict[str, tuple[Row, bool]] = {}
    for row in rows:
        for spelling, _, shared in row.forms:
            if spelling not in first:
                first[spelling] = (row, shared)
                continue
            other, other_shared = first[spelling]
            if other is row:
                yield f"{row.where}: form {spelling!r} stands twice in the line; remove one"
            elif not (shared and other_shared):
                yield (
                    f"{row.where}: form {spelling!r} is also at {other.where}; "
                    "remove one or write & before both"
                )


def _word_problems(source: Source) -> Iterator[str]:
    forms = {spelling for row in source.rows for spelling, _, _ in row.forms}
    for words in (source.ambiguous, source.lookalikes, source.query_only):
        seen: set[str] = set()
        for word in words:
            if word.word in seen:
                yield f"{word.where}: {word.word!r} stands twice; remove one"
            seen.add(word.word)
    for word in (*source.ambiguous, *source.query_only):
        if word.word not in forms:
            yield f"{word.where}: {word.word!r} is no form; add it to a position"
    for word in source.lookalikes:
        if word.word in forms:
            yield f"{word.where}: {word.word!r} is a form too; remove it from one place"
