"""Documents as Elasticsearch stores them: sections, one array value a clause, packed vectors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from search.elastic.roles import Generation
from search.index import Document, FilterSection, MatchSection
from search.tokens import GAP

MAX_ID_BYTES = 512
"""What Elasticsearch takes as ``_id``."""

_STREAMS = ("text_words", "text_chars", "offer_words", "offer_chars")
_PLAIN = {"text": "plain_chars", "title": "title_chars"}
_BREAK = f" {GAP} "
_LISTS = frozenset({"job_type", "benefit"})


def doc_id(id: str) -> str:  # noqa: A002 - the field's name
    """Return a post's ``_id``: its own, or a digest where that is too long."""
    raw = id.encode()
    return id if len(raw) <= MAX_ID_BYTES else hashlib.sha256(raw).hexdigest()


def to_source(document: Document, generation: Generation) -> dict[str, Any]:
    """Return what is sent for a document.

    Args:
        document: the document; its vector must be of the generation's space.
        generation: where it goes.
    """
    source: dict[str, Any] = {
        "id": document.id,
        "version": document.version,
        "state": document.state,
        "recipe": document.recipe,
        "digest": document.digest,
    }
    if document.match is not None:
        source.update(_match(document.match, generation))
    if document.filter is not None:
        source["filter"] = {k: v for k, v in asdict(document.filter).items() if v is not None}
    if document.display is not None:
        source["display"] = document.display
    if document.debug is not None:
        source["debug"] = document.debug
    return source


def from_source(source: Mapping[str, Any], generation: Generation) -> Document:
    """Return the document of a stored source; sections that were not asked for are None."""
    match = source.get("match")
    section = source.get("filter")
    return Document(
        id=source["id"],
        version=source["version"],
        state=source["state"],
        recipe=source["recipe"],
        digest=source["digest"],
        match=None if match is None else _read_match(match, source["plain"], generation),
        filter=None if section is None else _read_filter(section),
        display=source.get("display"),
        debug=source.get("debug"),
    )


def pack(vector: Sequence[float]) -> str:
    """Return a vector as base64 of big-endian 32-bit floats, which servers from 9.3 on take."""
    return base64.b64encode(np.asarray(vector, dtype=">f4").tobytes()).decode()


def _match(match: MatchSection, generation: Generation) -> dict[str, Any]:
    section: dict[str, Any] = {name: _clauses(getattr(match, name)) for name in _STREAMS}
    section["positions"] = list(match.positions)
    section["named"] = list(match.named)
    section["denied"] = list(match.denied)
    section["tags"] = {name: list(values) for name, values in match.tags.items()}
    if match.vector:
        name = generation.field.removeprefix("match.")
        section[name] = pack(match.vector)
    plain = {name: _clauses(getattr(match, stream)) for name, stream in _PLAIN.items()}
    return {"match": section, "plain": plain}


def _read_match(
    match: Mapping[str, Any], plain: Mapping[str, Any], generation: Generation
) -> MatchSection:
    vector = match.get(generation.field.removeprefix("match."))
    return MatchSection(
        **{name: _BREAK.join(match[name]) for name in _STREAMS},
        **{stream: _BREAK.join(plain[name]) for name, stream in _PLAIN.items()},
        positions=tuple(match["positions"]),
        named=tuple(match.get("named", ())),
        denied=tuple(match.get("denied", ())),
        tags={name: tuple(values) for name, values in match["tags"].items()},
        # As 32-bit floats, which both back ends hold.
        vector=() if vector is None else tuple(np.asarray(vector, dtype="<f4").tolist()),
    )


def _read_filter(section: Mapping[str, Any]) -> FilterSection:
    values: dict[str, Any] = {k: tuple(v) if k in _LISTS else v for k, v in section.items()}
    return FilterSection(**values)


def _clauses(stream: str) -> list[str]:
    return stream.split(_BREAK) if stream else []
