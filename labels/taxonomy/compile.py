"""Compiling the data files into the artefact that enrich and search load."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Container
from pathlib import Path

from enrich.taxonomy import ARTEFACT, FORMAT, Taxonomy, digest_of
from labels.taxonomy.loader import DATA
from labels.taxonomy.overlay import load_with
from labels.taxonomy.rules import final, problems_of
from labels.taxonomy.source import Row, Source, SourceError


def compile_to(path: Path = ARTEFACT, folder: Path = DATA, overlay: Path | None = None) -> str:
    """Write the artefact and return its digest; equal data give equal bytes.

    Raises:
        SourceError: the data files hold problems.
    """
    raw = compiled(load_with(overlay, folder))
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as file:
        file.write(raw)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(buffer.getvalue())
    new.replace(path)  # whoever reads it meanwhile gets the old or the new one, whole
    return digest_of(raw)


def taxonomy_of(source: Source) -> Taxonomy:
    """Return the taxonomy that loaded data files compile to, without a file between.

    Raises:
        SourceError: the data files hold problems.
    """
    return Taxonomy.from_bytes(compiled(source))


def compiled(source: Source) -> bytes:
    """Return the uncompressed artefact of loaded data files.

    Raises:
        SourceError: the data files hold problems.
    """
    problems = problems_of(source)
    if problems:
        raise SourceError(tuple(problems))
    senses: dict[str, list[tuple[str, str]]] = {}
    for row in source.positions:
        for form in row.forms:
            senses.setdefault(form.spelling, []).append((row.id, form.kind))
    shared = {form: sorted(found) for form, found in sorted(senses.items()) if len(found) > 1}
    successors = {item.id: item.successor for item in source.retired}
    data = {
        "format": FORMAT,
        "categories": sorted(
            [row.id, row.name, row.group] for row in source.rows if row.is_category
        ),
        "positions": sorted(
            [
                row.id,
                row.name,
                row.group,
                list(row.broader),
                *_own_forms(row, shared),
            ]
            for row in source.positions
        ),
        "shared": shared,
        "relations": sorted([r.position, r.kind, r.other] for r in source.relations),
        "retired": {id_: final(id_, successors) for id_ in sorted(successors)},
        "ambiguous": sorted(word.word for word in source.ambiguous),
        "lookalikes": sorted(word.word for word in source.lookalikes),
        "query_only": sorted(word.word for word in source.query_only),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _own_forms(row: Row, shared: Container[str]) -> tuple[list[str], list[str]]:
    """Return the forms that name this position only: the same ones, and narrower ones."""
    own = [form for form in row.forms if form.spelling not in shared]
    same = sorted(form.spelling for form in own if form.kind == "same")
    return same, sorted(form.spelling for form in own if form.kind == "narrower")
