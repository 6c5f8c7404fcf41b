"""Scoring the intents of queries against judged ones: pure, from rows of values.

A row is a query with its parts (``text``, ``attribute``, ``value``, ``forms``, ``negated``), in
order. Each character that is no blank has the attribute of its part; figures count characters,
``exact`` and ``position`` count queries. Intervals are drawn over queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labels.evaluate.bootstrap import Bootstrap, Estimate

GENERIC = "generic"
POSITION = "position"
COMPARED = ("salary", "age", "gender", "education", "experience")
"""Attributes whose values are compared; names of the others are a matter of taste."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AttributeFigures:
    """Characters of one attribute: judged, found, both, and parts met whose value agrees.

    ``recall`` and ``precision`` are the shares with their intervals; None where nothing is counted.
    """

    name: str
    judged: int
    found: int
    right: int
    met: int
    value_right: int
    recall: Estimate | None = None
    precision: Estimate | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form; the value's share only where values are compared."""
        data: dict[str, Any] = {
            "judged": self.judged,
            "found": self.found,
            "recall": round(self.right / max(self.judged, 1), 3),
            "precision": round(self.right / max(self.found, 1), 3),
            "intervals": {
                name: [round(share.low, 3), round(share.high, 3)]
                for name, share in (("recall", self.recall), ("precision", self.precision))
                if share is not None
            },
        }
        if self.name in COMPARED:
            data["value"] = round(self.value_right / max(self.met, 1), 3)
        return data


@dataclass(frozen=True, slots=True)
class IntentFigures:
    """All figures; a figure is None where nothing is counted.

    ``coverage``: judged intents that are given any; ``accuracy``: of these the rightly named;
    ``noise``: generic characters that are given an intent; ``exact``: queries without a wrong
    character; ``position``: queries whose positions are the judged ones.
    """

    queries: int
    missing: int
    coverage: Estimate | None
    accuracy: Estimate | None
    noise: Estimate | None
    exact: Estimate | None
    position: Estimate | None
    attributes: tuple[AttributeFigures, ...]
    wrong: tuple[str, ...]

    def figures(self) -> dict[str, Estimate | None]:
        """Return the figures by name."""
        names = ("coverage", "accuracy", "noise", "exact", "position")
        return {name: getattr(self, name) for name in names}

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form; ``wrong`` names the queries that are not exact."""
        figures = {name: e.to_mapping() if e else None for name, e in self.figures().items()}
        return {
            "queries": self.queries,
            "missing": self.missing,
            **figures,
            "attributes": {item.name: item.to_mapping() for item in self.attributes},
            "wrong": list(self.wrong),
        }


def score_intents(gold_rows: Iterable[Row], predicted_rows: Iterable[Row]) -> IntentFigures:
    """Score predicted queries against judged ones; a query without a prediction has no intents."""
    gold = list(gold_rows)
    predicted: dict[str, Sequence[Row]] = {row["query"]: row["intents"] for row in predicted_rows}
    guesses = [predicted.get(row["query"], ()) for row in gold]
    counts = np.array(
        [_counts(row, guess) for row, guess in zip(gold, guesses, strict=True)], dtype=int
    ).reshape(len(gold), len(_COLUMNS))
    draws = Bootstrap(len(gold))
    column = {name: counts[:, number] for number, name in enumerate(_COLUMNS)}
    return IntentFigures(
        len(gold),
        sum(row["query"] not in predicted for row in gold),
        draws.ratio(column["covered"], column["own"]),
        draws.ratio(column["right"], column["covered"]),
        draws.ratio(column["noise"], column["generic"]),
        draws.ratio(column["exact"], column["query"]),
        draws.ratio(column["same"], column["positions"]),
        tuple(_by_attribute(gold, guesses, draws)),
        tuple(row["query"] for row, exact in zip(gold, column["exact"], strict=True) if not exact),
    )


def attributes(query: str, intents: Sequence[Row]) -> list[str]:
    """Return the attribute of each character of a query that is no blank.

    A part whose text does not follow in the query is passed over.
    """
    text = "".join(query.split())
    marks = [GENERIC] * len(text)
    for start, end, intent in _spans(text, intents):
        marks[start:end] = [intent["attribute"]] * (end - start)
    return marks


_COLUMNS = ("query", "exact", "own", "covered", "right", "generic", "noise", "positions", "same")


def _spans(text: str, intents: Sequence[Row]) -> list[tuple[int, int, Row]]:
    found: list[tuple[int, int, Row]] = []
    at = 0
    for intent in intents:
        piece = "".join(intent["text"].split())
        start = text.find(piece, at)
        if start >= 0:
            at = start + len(piece)
            found.append((start, at, intent))
    return found


def _counts(row: Row, guess: Sequence[Row]) -> list[int]:
    want = attributes(row["query"], row["intents"])
    got = attributes(row["query"], guess)
    pairs = list(zip(want, got, strict=True))
    positions = _positions(row["intents"])
    return [
        1,
        want == got,
        sum(a != GENERIC for a in want),
        sum(a != GENERIC and b != GENERIC for a, b in pairs),
        sum(a != GENERIC and a == b for a, b in pairs),
        sum(a == GENERIC for a in want),
        sum(a == GENERIC and b != GENERIC for a, b in pairs),
        bool(positions),
        bool(positions) and _same(positions, _positions(guess)),
    ]


def _positions(intents: Sequence[Row]) -> list[set[str]]:
    """Return, for each position asked for, the names that it goes by."""
    return [
        {str(intent.get("value") or intent["text"]), *map(str, intent.get("forms") or ())}
        for intent in intents
        if intent["attribute"] == POSITION and not intent.get("negated")
    ]


def _same(judged: Sequence[set[str]], guessed: Sequence[set[str]]) -> bool:
    left = list(guessed)
    for names in judged:
        match = next((guess for guess in left if names & guess), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _by_attribute(
    gold: Sequence[Row], guesses: Sequence[Sequence[Row]], draws: Bootstrap
) -> Iterable[AttributeFigures]:
    # By attribute, a line a query: judged, found, right, met, value right.
    totals: dict[str, np.ndarray[Any, np.dtype[np.int64]]] = {}

    def count(attribute: str, query: int, column: int, number: int = 1) -> None:
        if attribute not in totals:
            totals[attribute] = np.zeros((len(gold), 5), dtype=np.int64)
        totals[attribute][query, column] += number

    for query, (row, guess) in enumerate(zip(gold, guesses, strict=True)):
        for a, b in zip(
            attributes(row["query"], row["intents"]),
            attributes(row["query"], guess),
            strict=True,
        ):
            count(a, query, 0)
            count(b, query, 1)
            count(a, query, 2, a == b)
        text = "".join(row["query"].split())
        values = {(s, e, i["attribute"]): i.get("value") for s, e, i in _spans(text, guess)}
        for start, end, intent in _spans(text, row["intents"]):
            key = (start, end, intent["attribute"])
            if key in values:
                count(key[2], query, 3)
                count(key[2], query, 4, values[key] == intent.get("value"))
    for name in sorted(totals):
        judged, found, right, _, _ = totals[name].T
        all_of, given, both, met, agree = (int(total) for total in totals[name].sum(axis=0))
        shares = draws.ratio(right, judged), draws.ratio(right, found)
        yield AttributeFigures(name, all_of, given, both, met, agree, *shares)
