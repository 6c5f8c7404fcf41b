"""Posts that templates of the project's own make, for counterfactual gates."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

from enrich.encoder import CLASSES
from enrich.text import normalize_query
from enrich.windows import MarkedText
from labels.augment.clauses import filled, templates
from labels.augment.edits import HIRED, Phrase, joined
from labels.augment.words import Words
from labels.train.data import Example

DATA = Path(__file__).parent / "data"
CLAUSES = DATA / "gate_clauses.tsv"
"""Bait clauses by kind; none of them is among those that training posts are augmented with."""

_POSTS = DATA / "gate_posts.tsv"
_NOTHING = MarkedText("", ())


@cache
def duties() -> dict[str, str]:
    """Return the positions that posts hire for, each with duties that name no position."""
    rows = (DATA / "gate_jobs.tsv").read_text("utf-8").splitlines()[1:]
    return {job: normalize_query(text) for job, text in (row.split("\t") for row in rows)}


def rival_of(job: str, words: Words, rng: random.Random) -> str:
    """Draw a position that is no kin of ``job``."""
    return rng.choice([other for other in duties() if not words.kin(job, other)])


def plain_post(job: str, rng: random.Random, rival: str = "") -> Example:
    """Write a post that would be true of any position; with a rival it compares the two."""
    body = [_draw("open", rng), _draw("general", rng)]
    body += [_draw("compare", rng)] if rival else []
    return _post(job, rival, [*body, _draw("middle", rng), _draw("close", rng)], rng)


def telling_post(job: str, rng: random.Random) -> Example:
    """Write a post whose duties show the position."""
    body = [_draw("open", rng), duties()[job] + "。", _draw("general", rng)]
    return _post(job, "", [*body, _draw("middle", rng), _draw("close", rng)], rng)


def _post(job: str, rival: str, body: list[str], rng: random.Random) -> Example:
    words = {"h": (job, HIRED), "a": (rival, CLASSES.index("N:compare"))}
    title = filled(_draw("title", rng), words)
    text = Phrase("")
    for part in body:
        text = text + filled(part, words)
    return joined(Example(job, job, _NOTHING, _NOTHING, ()), title, text)


def _draw(kind: str, rng: random.Random) -> str:
    return rng.choice(templates(kind, _POSTS))
