"""What makes a document or a vector unfit for any index: the same on every back end."""

from __future__ import annotations

import math
from collections.abc import Sequence

from search.index import Document


def document_problem(document: Document, length: int | None) -> str | None:
    """Return what is wrong with a document, naming the field and the remedy, or None.

    Args:
        document: what is to be written.
        length: of the vectors that the index holds; None where it holds none yet.
    """
    if (document.state == "open") != (document.match is not None):
        return f"field 'match': an {document.state} document must not be written so; build it again"
    if document.match is None or not document.match.vector:
        return None
    wrong = vector_problem(document.match.vector, length)
    return f"field 'vector': {wrong}; encode the post again" if wrong else None


def vector_problem(vector: Sequence[float], length: int | None) -> str | None:
    """Return what is wrong with a vector, or None."""
    if length is not None and len(vector) != length:
        return f"has {len(vector)} numbers, the index holds vectors of {length}"
    if not all(map(math.isfinite, vector)):
        return "holds a number that is not finite"
    if not any(vector):
        return "has no direction: every number is zero"
    return None


def space_problem(document: Document, space: str, held: str) -> str | None:
    """Return why a document with a vector must not be written to an index of another space."""
    if document.match is None or not document.match.vector or space == held:
        return None
    return (
        f"field 'vector': is of space {space!r}, the index holds {held!r}; "
        "write with the model of the index, or build a new index"
    )
