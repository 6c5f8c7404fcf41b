"""Intents where they stand in the query, and which of them must be read together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.intent.dictionaries import GENERIC, NEGATION, SKILL
from search.intent.model import Intent
from search.query import MAX_QUERY
from search.site.model import STOP

_TALK = frozenset({GENERIC, STOP, NEGATION})
_CERTIFICATES = "dictionary:certificates"
_FIELDS = frozenset({"专业", "部门", "部"})
"""Behind a position these make a field of work of it, as an unknown word does: 会计专业."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An intent as written; ``glued``: nothing lies between it and the one before."""

    intent: Intent
    written: str
    glued: bool


def pieces_of(query: str, intents: Sequence[Intent]) -> list[Piece]:
    """Return the intents with their place in a query; what is no letter and no digit only parts.

    Their texts, joined, are the query without blanks.
    """
    found: list[Piece] = []
    at = 0
    glued = False
    for intent in intents:
        start = at
        while query[start].isspace():
            start += 1
        end = start
        for _ in intent.text:
            while query[end].isspace():
                end += 1
            end += 1
        if start >= MAX_QUERY:
            break
        written = query[start:end]
        if any(char.isalnum() for char in written):
            found.append(Piece(intent, written, glued and start == at))
            glued = True
        else:
            glued = False
        at = end
    return found


def runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield what is read together: unknown words, a position with such behind it, or one piece."""
    run: list[Piece] = []
    for piece in pieces:
        if run and piece.glued and _continues(run[-1], piece):
            run.append(piece)
            continue
        if run:
            yield run
        run = [piece]
    if run:
        yield run


def is_talk(intent: Intent) -> bool:
    """Tell whether known words ask nothing that a post must say."""
    return intent.attribute == "generic" and (intent.source in _TALK or is_skill(intent))


def is_skill(intent: Intent) -> bool:
    """Tell whether known words tell a post from another one: c1, 健康证, 英语; not 招聘, 工作."""
    return intent.attribute == "generic" and intent.source in {SKILL, _CERTIFICATES}


def _continues(before: Piece, piece: Piece) -> bool:
    if before.intent.negated or piece.intent.attribute != "generic" or piece.intent.negated:
        return False
    unknown = not is_talk(piece.intent)
    if before.intent.attribute == "position":
        return unknown or piece.written in _FIELDS
    return unknown and before.intent.attribute == "generic" and not is_talk(before.intent)
