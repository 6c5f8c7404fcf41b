"""Clauses about other positions, composed from the project's own templates."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from enrich.encoder import CLASSES
from enrich.text import normalize_query
from labels.augment.edits import HIRED, Phrase, hired_names, hired_words
from labels.augment.words import Words
from labels.train.data import Example

DATA = Path(__file__).parent / "data"

CLASS_OF = {
    "compare": "N:compare",
    "exclude": "N:exclude",
    "exp": "N:exp",
    "coop": "N:coop",
    "career": "N:career",
    "chain": "N:compare",
    "exclusion": "N:exclude",
    "ladder": "N:career",
    "stuff": "N:bait",
}
"""The class of the other positions in a kind of clause; a rung is N:career, the hired word H."""

_SLOT = re.compile(r"\{(\w+)\}")
_OTHERS = "abc"
_RUNGS = "rs"


@cache
def templates(kind: str, source: Path = DATA / "clauses.tsv") -> tuple[str, ...]:
    """Return the templates of a kind, in normalised spelling; ``compare+`` are honest twins.

    ``{a} {b} {c}`` are other positions, ``{r} {s}`` rungs, ``{h}`` the hired one.
    """
    rows = source.read_text("utf-8").splitlines()[1:]
    return tuple(
        normalize_query(template) for k, template in (row.split("\t") for row in rows) if k == kind
    )


def compose(
    kind: str,
    example: Example,
    words: Words,
    rng: random.Random,
    honest: float = 0.0,
    pool: list[str] | None = None,
) -> Phrase | None:
    """Compose a clause for a post; with probability ``honest`` it names the hired position.

    Others stem from ``pool`` where it is given. None where nothing fits.
    """
    twin = rng.random() < honest
    template = rng.choice(templates(kind + "+" if twin else kind))
    return fill(template, CLASS_OF[kind], example, words, rng, pool)


def fill(
    template: str,
    named: str,
    example: Example,
    words: Words,
    rng: random.Random,
    pool: list[str] | None = None,
) -> Phrase | None:
    """Fill a template's slots for a post; ``named``: class of the other positions.

    None where it is not known what the post hires for: it could be the very word that is drawn.
    """
    if not hired_names(example):
        return None
    hired = [word for word in hired_words(example) if not word.isascii()]
    slots = _SLOT.findall(template)
    others = words.strangers(example, sum(s in _OTHERS for s in set(slots)), rng, pool)
    rungs = words.rungs(example, rng) if any(s in _RUNGS for s in slots) else []
    number = CLASSES.index(named)
    put = dict(zip(_OTHERS, ((w, number) for w in others), strict=False))
    put |= dict(zip(_RUNGS, ((w, CLASSES.index("N:career")) for w in rungs), strict=False))
    put |= {"h": (rng.choice(hired), HIRED)} if hired else {}
    return filled(template, put) if all(slot in put for slot in slots) else None


def listing(marked: Sequence[tuple[str, int]], separator: str) -> Phrase:
    """Return words with their classes as a list."""
    made = Phrase("")
    for number, (word, label) in enumerate(marked):
        made = made + (separator if number else "") + Phrase(word, ((0, len(word)),), (label,))
    return made


def filled(template: str, put: dict[str, tuple[str, int]]) -> Phrase:
    """Return a template with every slot taken by a word of a class."""
    made = Phrase("")
    for number, part in enumerate(_SLOT.split(template)):
        if number % 2:
            word, label = put[part]
            made = made + Phrase(word, ((0, len(word)),), (label,))
        else:
            made = made + part
    return made
