"""Why a post that contains a word is no answer to it: the clause that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from enrich.text import clauses, normalize, normalize_query
from hirelens.advice import reason_words


@dataclass(frozen=True, slots=True)
class Verdict:
    """The label of a word in a post that does not hire for it, with the clause as evidence."""

    label: str
    words: str
    clause: str


def why_not(query: str, post: Mapping[str, Any], debug: Mapping[str, Any]) -> Verdict | None:
    """Return why a post is not shown for a query; None where its mentions do not tell.

    A title's mention tells before a body's, a mention that is named but not hired before one that
    is no position.
    """
    word = normalize_query(query)
    told = [m for m in debug.get("mentions", ()) if word in undecorated(m["text"])]
    if any(m["label"] == "H" for m in told):
        return None
    told.sort(key=lambda m: (m["label"] != "N", m["field"] != "title", m["start"]))
    for mention in told:
        label = mention["reason"] or mention["label"]
        text = str(post.get(mention["field"], ""))
        return Verdict(label, reason_words(label), clause_of(text, mention["start"]))
    for name in ("title", "body"):
        text = str(post.get(name, ""))
        found = normalize(text)
        at = found.text.find(word)
        if at >= 0:
            return Verdict("X", reason_words("X"), clause_of(text, found.starts[at]))
    return None


def undecorated(text: str) -> str:
    """Return a mention as the lexicon knows it: 服*务*员 is 服务员."""
    normal = normalize_query(text)
    return normal if normal.isascii() else "".join(c for c in normal if c.isalnum() or c in "+#.")


def clause_of(text: str, place: int) -> str:
    """Return the clause of the original text around a code point."""
    normalized = normalize(text)
    for clause in clauses(normalized.text):
        start, end = normalized.span(clause.start, clause.end)
        if start <= place < end:
            return text[start:end]
    return text[place : place + 20]
