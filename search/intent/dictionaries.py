"""The words that queries and posts share: offers, kinds of work, places, employers, certificates.

Each yields entries; ``data/words.tsv`` adds what only queries say, and what says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, cast

from enrich.tags.tables import forms, lines, rows
from enrich.text import normalize_query
from search.intent.model import Attribute, Value

GENERIC, SKILL, NEGATION = "words", "skill", "negation"
EMPLOYERS, QUERIES = "dictionary:employers", "dictionary:queries"
SPEAKS = ("会", "会说", "会讲", "懂", "讲", "说")
"""What stands before a language and belongs to it."""
_TONGUES = ("语", "话")
KINDS_OF_WORK = frozenset({"日结", "周结", "月结"})
"""How it is paid out: posts state it as a benefit, a seeker asks for it as a kind of work."""

_UNSTATED: dict[str, Value] = {
    "salary": MappingProxyType({"min": None, "max": None, "unit": "month"}),
    "age": MappingProxyType({"min": None, "max": None}),
    "experience": MappingProxyType({"min": 0, "max": None}),
    "education": MappingProxyType({"level": "college"}),
}
"""What is asked for without a number: 高薪, 大龄, 校招, 专升本."""

_NEGATES: dict[str, Literal[-1, 1]] = {"negator": 1, "refusal": -1}
_WORDS = "words.tsv"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a word is; ``weight``: the worth of one of its characters on the best path.

    ``cued``: it is that only where what stands beside it says so.
    """

    attribute: Attribute
    value: Value
    source: str
    weight: float
    negates: Literal[-1, 0, 1] = 0
    cued: bool = False


def entries() -> Iterator[tuple[str, Entry]]:
    """Yield every word of the dictionaries, in normalised spelling, with what it is."""
    yield from _offers()
    yield from _places()
    yield from _employers()
    for row in rows("certificates.tsv"):
        if row["use"] == "sure":
            # 执业药师 is a position too, which is what a seeker more often means.
            entry = Entry("generic", row["name"], "dictionary:certificates", 0.98)
            yield normalize_query(row["form"]), entry
    for row in data_rows(_WORDS):
        word = normalize_query(row["word"])
        entry = _entry(word, row["attribute"], row["value"])
        yield word, entry
        if entry.source == SKILL and word.endswith(_TONGUES):
            yield from ((verb + word, entry) for verb in SPEAKS)


@cache
def modifiers() -> tuple[str, ...]:
    """Return the words that stand before a kind of place and belong to it: 社区|医院."""
    return tuple(normalize_query(row["form"]) for row in rows("workplace_modifiers.tsv"))


def offer_kind(name: str) -> Attribute:
    """Return what somebody who searches means by the name of a benefit."""
    return "job_type" if name in KINDS_OF_WORK else "benefit"


def _offers() -> Iterator[tuple[str, Entry]]:
    for word, name in forms("benefits.tsv", "form", "name").items():
        yield word, Entry(offer_kind(name), name, "dictionary:benefits", 1.0)
    for word, name in forms("job_types.tsv", "form", "name").items():
        yield word, Entry("job_type", name, "dictionary:job_types", 1.03)


def _places() -> Iterator[tuple[str, Entry]]:
    for word in forms("workplaces.tsv", "form", "use"):
        yield word, Entry("workplace", word, "dictionary:workplaces", 1.0)
    for table in ("places.tsv", "areas.tsv"):
        for word, use in forms(table, "form", "use").items():
            if use != "never":
                weight = 0.97 if use == "sure" else 0.85
                yield word, Entry("location", word, "dictionary:places", weight)


def _employers() -> Iterator[tuple[str, Entry]]:
    places = forms("workplaces.tsv", "form", "use")
    common = {normalize_query(row["name"]) for row in rows("common_names.tsv")}
    for row in rows("employers.tsv"):
        word = normalize_query(row["name"])
        # 菜鸟驿站 says what kind of place it is.
        weight = 0.7 if word in common else 0.99 if word in places else 1.01
        yield word, Entry("company", word, EMPLOYERS, weight)
    for row in data_rows("employers.tsv"):
        word = normalize_query(row["name"])
        cued = row["use"] == "cued"
        yield word, Entry("company", word, EMPLOYERS, 0.8 if cued else 1.01, cued=cued)


def _entry(word: str, attribute: str, value: str) -> Entry:
    if attribute in _NEGATES:
        # 不做|销售的, not 不|做销售的.
        weight = 0.5 if len(word) == 1 else 1.25
        return Entry("generic", word, NEGATION, weight, _NEGATES[attribute])
    if attribute == "skill":
        return Entry("generic", word, SKILL, 0.6)
    if attribute in {"generic", "plain"}:
        return Entry("generic", word, GENERIC, 0.5 if attribute == "generic" else 1.1)
    weight = {"job_type": 1.03, "company": 1.01}.get(attribute, 1.0)
    kind = cast("Attribute", attribute)
    return Entry(kind, _UNSTATED.get(kind, value), QUERIES, weight)


@cache
def data_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the entries of a dictionary of ``search/intent/data``, by their columns."""
    text = resources.files("search.intent").joinpath("data", name).read_text(encoding="utf-8")
    return tuple(line.cells for line in lines(name, text))
