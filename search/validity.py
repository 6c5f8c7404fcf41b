"""What makes a document or a vector unfit for any index: the same on every back end."""

from __future__ import annotations

import math
from collections.abc import Sequence

from search.index import MAX_DEPTH, Document

_LENGTHS = (1e-18, 1e18)  # the square is a 32-bit number


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
    if not _LENGTHS[0] < math.hypot(*vector) < _LENGTHS[1]:
        return f"has length {math.hypot(*vector):g}; make it one"
    return None


def check_depth(depth: int) -> None:
    """Refuse a depth that a query by vector cannot have.

    Raises:
        ValueError: it is out of range.
    """
    if not 1 <= depth <= MAX_DEPTH:
        raise ValueError(f"depth {depth} is out of range; use 1 to {MAX_DEPTH}")


def space_problem(document: Document, space: str, held: str) -> str | None:
    """Return why a document with a vector must not be written to an index of another space."""
    if document.match is None or not document.match.vector or space == held:
        return None
    return (
        f"field 'vector': is of space {space!r}, the index holds {held!r}; "
        "write with the model of the index, or build a new index"
    )
