"""What pass 2 reads of a post: clean text only, so that what was stripped leaves no trace."""

from __future__ import annotations

import re
from typing import Literal

from enrich.text import GAP, clauses

Reads = Literal["title", "sentence", "lead", "full"]
"""The clean title; with the first sentence that says something; with the leading clauses; all."""

MAX_CLAUSES = 12
"""Clauses of each field that ``lead`` reads."""
_LEAST_SAID = 6
_SENTENCE_END = re.compile(r"[。！？；!?;\n\r]+")
_WORD = re.compile(r"\w")


def vector_text(clean_title: str, clean_body: str, reads: Reads = "lead") -> str:
    """Return the text of which a post's vector is made."""
    if reads == "title":
        return _joined(clean_title)
    if reads == "sentence":
        return ",".join(filter(None, (_joined(clean_title), _joined(_sentence(clean_body)))))
    most = MAX_CLAUSES if reads == "lead" else None
    return ",".join(filter(None, (_joined(clean_title, most), _joined(clean_body, most))))


def _joined(text: str, most: int | None = None) -> str:
    """Return the clauses of a text; gaps vanish here."""
    found = clauses(text.replace(GAP, "\n"))
    return ",".join(text[clause.start : clause.end] for clause in found[:most])


def _sentence(text: str) -> str:
    """Return the first sentence that says more than a heading does."""
    for sentence in _SENTENCE_END.split(text.replace(GAP, ",")):
        if len(_WORD.findall(sentence)) >= _LEAST_SAID:
            return sentence
    return text
