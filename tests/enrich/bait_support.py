"""Posts with a bait clause put in, for the tests that it moves nothing once it is stripped."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from enrich.pipeline import Enricher
from enrich.post import Enrichment, Post
from enrich.text import clauses, is_border
from labels.augment.clauses import CLASS_OF, DATA, fill, templates
from labels.augment.words import Words
from labels.evaluate.gate_posts import CLAUSES, duties, telling_post
from labels.train.data import Example, read_gold

GOLD = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[2].parent / "shared"))
REAL = GOLD / "data" / "gold" / "train.jsonl"
WRITTEN = (
    GOLD / "data" / "gold" / "train_manual.jsonl",
    GOLD / "data" / "gold" / "train_manual2.jsonl",
)
_KINDS = ("compare", "exclude", "exp", "coop", "career")
_SOURCES = (CLAUSES, DATA / "clauses.tsv")
_STRONG = "。!?;\n"
_BATCH = 32


@dataclass(frozen=True)
class Baited:
    """One post without and with a clause that names others; ``place``: where it was put in."""

    clause: str
    place: str
    before: Post
    after: Post


@cache
def enricher() -> Enricher:
    """The shipped models."""
    return Enricher.load()


def generated(count: int, seed: int) -> list[Example]:
    """Return posts from the project's own templates."""
    chance = random.Random(seed)
    jobs = sorted(duties())
    return [telling_post(chance.choice(jobs), chance) for _ in range(count)]


def judged(paths: Sequence[Path], count: int, seed: int) -> list[Example]:
    """Return some posts of judged files."""
    return random.Random(seed).sample(read_gold(paths), count)


def baited(examples: Sequence[Example], seed: int) -> Iterator[Baited]:
    """Put one clause into each post: at its start, between clauses, at its end, or in its title."""
    chance = random.Random(seed)
    words = Words(examples)
    for number, example in enumerate(examples):
        kind = _KINDS[number % len(_KINDS)]
        lines = [line for source in _SOURCES for line in templates(kind, source)]
        # Of a clause that holds a border, only one side is about somebody else.
        single = [line for line in lines if len(clauses(line)) == 1]
        clause = fill(chance.choice(single), CLASS_OF[kind], example, words, chance)
        if clause is None:
            continue
        name = "title" if number % 3 == 0 else "body"
        fields = {"title": example.title.text, "body": example.body.text}
        text = fields[name]
        at = chance.choice(_places(text, blanks=name == "title"))
        place = "start" if at == 0 else "end" if at == len(text) else "between"
        before = Post.from_mapping({"id": f"{number}", **fields})
        fields[name] = _put_in(text, at, clause.text, chance)
        after = Post.from_mapping({"id": f"{number}", **fields})
        yield Baited(clause.text, f"{name} {place}", before, after)


def enriched(posts: Sequence[Post]) -> list[Enrichment]:
    """Read posts in batches."""
    batches = (posts[at : at + _BATCH] for at in range(0, len(posts), _BATCH))
    return [one for batch in batches for one in enricher().enrich(batch)]


def strips(before: Enrichment, after: Enrichment) -> bool:
    """Tell whether all that came in was stripped, and every other mention is what it was."""
    was, now = (
        Counter((m.field, m.text, m.label) for m in one.mentions) for one in (before, after)
    )
    new = now - was
    return bool(new) and not was - now and {label for _, _, label in new} == {"N"}


def cosine(one: Enrichment, other: Enrichment) -> float:
    """Return the cosine of two vectors."""
    return sum(a * b for a, b in zip(one.vector, other.vector, strict=True))


def _places(text: str, *, blanks: bool) -> list[int]:
    """Return every place where a clause may be put in: the start, the end, behind a border."""
    found = {0, len(text)}
    for index, char in enumerate(text):
        ends = char in _STRONG + "," and is_border(text, index, char)
        between = blanks and char == " " and index + 1 < len(text)
        if ends or between:
            found.add(index + 1)
    return sorted(found)


def _put_in(text: str, at: int, clause: str, chance: random.Random) -> str:
    end = chance.choice(_STRONG + ",")
    before = text[at - 1 : at]
    if before == " ":
        end = " "
    if at < len(text):
        return text[:at] + clause + end + text[at:]
    return text + ("" if not before or before in _STRONG + ", " else end) + clause
