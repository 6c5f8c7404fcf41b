"""Compiling the data files into the artefact that enrich and search load."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

from enrich.taxonomy import ARTEFACT, FORMAT, Taxonomy, digest_of
from labels.taxonomy.loader import DATA
from labels.taxonomy.overlay import load_with
from labels.taxonomy.rules import final, problems_of
from labels.taxonomy.source import Source, SourceError


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
    path.write_bytes(buffer.getvalue())
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
    forms: dict[str, list[tuple[str, str]]] = {}
    for row in source.positions:
        for form in row.forms:
            forms.setdefault(form.spelling, []).append((row.id, form.kind))
    successors = {item.id: item.successor for item in source.retired}
    data = {
        "format": FORMAT,
        "categories": sorted(
            [row.id, row.name, row.group] for row in source.rows if row.is_category
        ),
        "positions": sorted(
            [row.id, row.name, row.group, list(row.broader)] for row in source.positions
        ),
        "forms": {form: sorted(senses) for form, senses in sorted(forms.items())},
        "relations": sorted([r.position, r.kind, r.other] for r in source.relations),
        "retired": {id_: final(id_, successors) for id_ in sorted(successors)},
        "ambiguous": sorted(word.word for word in source.ambiguous),
        "lookalikes": sorted(word.word for word in source.lookalikes),
        "query_only": sorted(word.word for word in source.query_only),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
