"""What measuring needs to know of every post of a crowd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from enrich.text import normalize, normalize_query
from hirelens.crowd import documents_of
from hirelens.progress import progress

if TYPE_CHECKING:
    from enrich.taxonomy import Taxonomy
    from search.index import Index


@dataclass(frozen=True, slots=True)
class CrowdPost:
    """A post's normalised title and body, and the positions that the model says it hires for."""

    text: str
    hired: frozenset[str]


def crowd_posts(index: Index) -> dict[str, CrowdPost]:
    """Return all open posts of an index by id."""
    found = {}
    with progress("looked at") as advance:
        for document in documents_of(index):
            shown, read = document.display or {}, document.debug or {}
            text = f"{shown.get('title') or ''}\n{shown.get('body') or ''}"
            hired = frozenset(str(one["id"]) for one in read.get("positions", ()))
            found[document.id] = CrowdPost(normalize(text).text, hired)
            advance(1)
    return found


def hired_of(
    posts: Mapping[str, CrowdPost], judged: Sequence[Mapping[str, Any]], taxonomy: Taxonomy
) -> dict[str, frozenset[str]]:
    """Return what each post hires for: by its judge where it has one, else by the model."""
    found = {id_: post.hired for id_, post in posts.items()}
    for row in judged:
        if row["id"] in found:
            words = [normalize_query(m["text"]) for m in row["mentions"] if m["label"] == "H"]
            senses = [sense.position for word in words for sense in taxonomy.senses(word)]
            found[row["id"]] = frozenset(map(taxonomy.current, senses))
    return found
