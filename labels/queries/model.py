"""A query made of judged pieces, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a query and the attribute that they ask for; ``generic`` where none.

    ``named``: a name that a dictionary may lack (an employer, a position, a place).
    ``negator``: the words before ``text`` that say that it is not wanted (不要); part of the piece.
    """

    text: str
    attribute: str
    named: bool = False
    negator: str = ""

    @property
    def written(self) -> str:
        """What stands in the query."""
        return self.negator + self.text


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query as typed, blanks included, and its pieces in order; joined they are the query."""

    query: str
    pieces: tuple[Piece, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form that ``hirelens evaluate intent`` reads."""
        return {
            "query": self.query,
            "intents": [
                {"text": "".join(piece.written.split()), "attribute": piece.attribute}
                | ({"negated": True} if piece.negator else {})
                for piece in self.pieces
            ],
        }

    def marks(self) -> tuple[str, ...]:
        """Return the mark of each character that is no blank: ``B-company``, ``I-company``, ….

        A negator is a generic piece of its own here, as it is among the readings of a query.
        """
        found: list[str] = []
        for piece in self.pieces:
            for text, attribute in ((piece.negator, GENERIC), (piece.text, piece.attribute)):
                for number, _ in enumerate("".join(text.split())):
                    found.append(f"{'I' if number else 'B'}-{attribute}")
        return tuple(found)
