"""Posts for tests of labelling functions, with their mentions marked in the text itself."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from labels.weak.functions import load
from labels.weak.reader import JudgedPost, Reader
from labels.weak.seen import SeenMention
from labels.weak.votes import LabellingFunction, Vote

_MARK = re.compile(r"\{([^}]*)\}|<([^>]*)>")


@cache
def reader() -> Reader:
    """One reader with the shipped taxonomy for all tests."""
    return Reader()


@cache
def functions() -> dict[str, LabellingFunction]:
    """All labelling functions by name."""
    return {function.name: function for function in load()}


def row(
    title: str, body: str, labels: str = "", id_: str = "t1", **fields: Any
) -> tuple[dict[str, Any], int]:
    """Return a judged row from texts in which {X} is a mention and <X> the one that is meant.

    ``labels``: one a mention, blank-separated; undecided where there are fewer.
    """
    given = iter(labels.split())
    mentions: list[dict[str, Any]] = []
    meant = 0
    plain: dict[str, str] = {}
    for field, marked in (("title", title), ("body", body)):
        text, at = "", 0
        for found in _MARK.finditer(marked):
            text += marked[at : found.start()]
            word = found.group(1) or found.group(2)
            if found.group(2):
                meant = len(mentions)
            mentions.append(
                {
                    "field": field,
                    "start": len(text),
                    "end": len(text) + len(word),
                    "text": word,
                    "label": next(given, "?"),
                }
            )
            text += word
            at = found.end()
        plain[field] = text + marked[at:]
    return {"id": id_, **plain, "mentions": mentions, **fields}, meant


def judged(title: str, body: str, labels: str = "", id_: str = "t1", **fields: Any) -> JudgedPost:
    """Read a judged post."""
    return reader().read_judged(row(title, body, labels, id_, **fields)[0], "test:1")


def mention(title: str, body: str, **fields: Any) -> SeenMention:
    """Return the mention that is meant."""
    given, meant = row(title, body, **fields)
    return reader().read_judged(given, "test:1").read.seen.mentions[meant]


def vote(name: str, title: str, body: str, **fields: Any) -> Vote | None:
    """Let one function vote on the mention that is meant."""
    return functions()[name](mention(title, body, **fields))
