"""Making the tagger of queries: generated queries, read with words forgotten, into numbers."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enrich.taxonomy import Taxonomy
from labels.queries.forgetting import forgotten
from labels.queries.generate import Generator
from labels.queries.judged import shipped
from labels.queries.model import JudgedQuery
from labels.queries.words import words_of
from labels.train.tagger import NOTHING, Line, Sizes, TaggerConfig, fit
from labels.train.thresholds import thresholds
from search.intent import tagger
from search.intent.marks import ATTRIBUTES, MARKS
from search.intent.model import Candidate
from search.intent.proposals import proposals
from search.intent.reader import IntentReader
from search.tokens import WordCutter

_HELD_OUT = 0.1
_SEEN = 3
"""How often a character must stand in the queries to have a vector of its own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A judged query as the tagger meets it: normalised text, path, mark of each character."""

    text: str
    path: tuple[Candidate, ...]
    marks: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What was trained and how often each attribute's readings of held out queries are right."""

    queries: int
    loss: float
    temperature: float
    thresholds: dict[str, float]
    said: dict[str, dict[str, float]]
    bytes: int


class ForgetfulReader(IntentReader):
    """Reads queries as if some words stood in no dictionary; keeps what a tagger would get."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Build the reader, and a cutter that does not know the taxonomy."""
        super().__init__(taxonomy, tagger=self._keep)
        self._plain = WordCutter(())
        self._forgotten: frozenset[str] = frozenset()
        self._kept: tuple[str, tuple[Candidate, ...]] = ("", ())

    def met(self, query: JudgedQuery, forgotten: frozenset[str]) -> Seen | None:
        """Return a query as the tagger meets it; None where normalising moves its characters."""
        self._forgotten = forgotten
        self.understand(query.query)
        text, path = self._kept
        marks = iter(query.marks())
        if len("".join(text.split())) != len("".join(query.query.split())):
            return None
        return Seen(text, path, tuple(None if char.isspace() else next(marks) for char in text))

    def _keep(self, text: str, path: Sequence[Candidate]) -> Iterable[Candidate]:
        self._kept = text, tuple(path)
        return ()

    def _candidates(self, text: str, words: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
        for item in super()._candidates(text, words):
            if text[item.start : item.end] not in self._forgotten:
                yield item

    def _cut(self, run: str) -> Sequence[str]:
        if self._forgotten and run >= "\u2e80":
            return self._plain.words(list(run))
        return super()._cut(run)


def generated(taxonomy: Taxonomy, count: int, seed: int, by_hand: int) -> list[JudgedQuery]:
    """Return judged queries made of the words of a taxonomy, those judged by hand among them.

    ``by_hand``: how often each of these stands there, to be read each time with other words
    forgotten.
    """
    made = [*Generator(words_of(taxonomy), seed).queries(count), *(shipped() * by_hand)]
    random.Random(seed).shuffle(made)  # noqa: S311 - an order is no secret
    return made


def train(
    taxonomy: Taxonomy,
    queries: Sequence[JudgedQuery],
    config: TaggerConfig,
    *,
    precision: float,
    out: Path,
    say: Callable[[str], None],
) -> Report:
    """Train on queries, choose thresholds on a tenth of them, write the tagger to ``out``."""
    rng = random.Random(config.seed)  # noqa: S311 - what is forgotten is no secret
    reader = ForgetfulReader(taxonomy)
    seen = [met for query in queries if (met := reader.met(query, forgotten(query, rng)))]
    say(f"{len(seen)} queries read")
    cut = int(len(seen) * (1 - _HELD_OUT))
    characters = _characters(item.text for item in seen[:cut])
    numbers = {char: number for number, char in enumerate(characters, 2)}
    lines = [_line(item, numbers) for item in seen]
    sizes = Sizes(len(characters) + 2, tagger.KINDS, tagger.STRENGTHS, len(MARKS))
    fitted = fit(lines[:cut], lines[cut:], sizes, config, say)
    about: dict[str, Any] = {
        "characters": characters,
        "dilations": list(config.dilations),
        "temperature": fitted.temperature,
        "thresholds": dict.fromkeys(ATTRIBUTES, 0.0),
        "config": asdict(config),
        "queries": len(seen),
        "precision": precision,
        "taxonomy": taxonomy.digest,
    }
    said = list(_said(tagger.Tagger(fitted.arrays, about), seen[cut:]))
    about["thresholds"] = thresholds(said, precision)
    size = _write(out, fitted.arrays, about)
    return Report(
        len(seen),
        round(fitted.loss, 4),
        fitted.temperature,
        about["thresholds"],
        _summary(said, about["thresholds"]),
        size,
    )


def _characters(texts: Iterable[str]) -> str:
    """Return the characters that stand often enough, the commonest first."""
    counts = Counter(char for text in texts for char in text if not char.isspace())
    often = [char for char, count in counts.items() if count >= _SEEN]
    return "".join(sorted(often, key=lambda char: (-counts[char], char)))


def _line(seen: Seen, numbers: dict[str, int]) -> Line:
    marks: NDArray[np.int64] = np.array(
        [NOTHING if mark is None else MARKS.index(mark) for mark in seen.marks]
    )
    return Line(tagger.inputs(seen.text, seen.path, numbers), marks)


def _said(model: tagger.Tagger, seen: Iterable[Seen]) -> Iterator[tuple[str, float, bool]]:
    """Yield what the tagger proposes for queries: attribute, how sure, whether it is right."""
    for item in seen:
        spans = model.spans(item.text, item.path)
        for said in proposals(item.text, item.path, spans):
            for span, _ in said:
                judged = {str(mark)[2:] for mark in item.marks[span.start : span.end]}
                yield span.attribute, span.confidence, judged == {span.attribute}


def _summary(
    said: Iterable[tuple[str, float, bool]], least: dict[str, float]
) -> dict[str, dict[str, float]]:
    """Return for each attribute how many readings there are, are kept, and how many are right."""
    found: dict[str, list[int]] = {}
    for name, sure, right in said:
        row = found.setdefault(name, [0, 0, 0])
        kept = sure >= least[name]
        row[0] += 1
        row[1] += kept
        row[2] += kept and right
    return {
        name: {"said": all_, "kept": kept, "right": round(right / max(kept, 1), 3)}
        for name, (all_, kept, right) in sorted(found.items())
    }


def _write(out: Path, arrays: Any, about: dict[str, Any]) -> int:  # noqa: ANN401
    """Write the weights with what is needed to read them; return the bytes."""
    from safetensors.numpy import save

    out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(about, ensure_ascii=False)
    data = save(dict(arrays), metadata={"format": tagger.FORMAT, "tagger": text})
    fresh = out.with_suffix(".part")
    fresh.write_bytes(data)
    fresh.replace(out)
    return len(data)
