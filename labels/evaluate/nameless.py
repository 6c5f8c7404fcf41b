"""The name-deleted test: does a position's name find a post that hires for it and never says so?

Pure: copies of judged posts without any name of what they hire for, and how high one stands among
posts that do not say it either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from enrich.taxonomy import Taxonomy
from enrich.text import normalize, normalize_query
from labels.train.towers.posts import without_names

FIRST = 60
SUFFIX = "-nameless"


@dataclass(frozen=True, slots=True)
class Nameless:
    """A copy of a post, what it is asked by, and its judged row's other fields.

    ``position``: the one that the post's title says first, else the one that it says most often;
    ``query``: its name.
    """

    id: str
    origin: str
    position: str
    query: str
    title: str
    body: str
    row: Mapping[str, Any]

    def to_row(self) -> dict[str, Any]:
        """Return the copy as a row of a judged file."""
        return {**self.row, "id": self.id, "title": self.title, "body": self.body}


def nameless_posts(rows: Iterable[Mapping[str, Any]], taxonomy: Taxonomy) -> list[Nameless]:
    """Return a copy of each judged post that hires for a position of the taxonomy.

    Every form of every position that it hires for is taken out, and of those that these descend
    from. Posts of which nothing else is left are passed over.
    """
    found = []
    for row in rows:
        hired = _hired(row, taxonomy)
        if not hired:
            continue
        title, body = (
            without_names(normalize(str(row[name])).text, sorted(hired), taxonomy)
            for name in ("title", "body")
        )
        if not (title + body).strip():
            continue
        position = _foremost(hired)
        query = taxonomy.position(position).name
        found.append(
            Nameless(f"{row['id']}{SUFFIX}", str(row["id"]), position, query, title, body, row)
        )
    return found


def _hired(row: Mapping[str, Any], taxonomy: Taxonomy) -> Counter[str]:
    """Return what a post hires for, each position with its weight: the title before the body."""
    mentions = [m for m in row["mentions"] if m["label"] == "H"]
    mentions.sort(key=lambda m: (m["field"] != "title", m["start"]))
    found: Counter[str] = Counter()
    for place, mention in enumerate(mentions):
        senses = taxonomy.senses(normalize_query(mention["text"]))
        first_of_title = place == 0 and mention["field"] == "title"
        for sense in senses[:1]:
            found[taxonomy.current(sense.position)] += len(mentions) if first_of_title else 1
    return found


def _foremost(hired: Counter[str]) -> str:
    return min(hired, key=lambda id_: (-hired[id_], id_))


def silent(texts: Mapping[str, str], position: str, taxonomy: Taxonomy) -> set[str]:
    """Return the posts that contain no form of a position; ``texts``: normalised, by post id."""
    forms = taxonomy.forms_of(position)
    return {id_ for id_, text in texts.items() if not any(form in text for form in forms)}


def placed(
    ranking: Sequence[tuple[str, float]], own: str, others: Collection[str]
) -> tuple[bool, float]:
    """Return whether a post is among the first sixty of some posts, and the share that it is above.

    Args:
        ranking: ids and scores, best first, of any posts.
        own: the post that is to be found.
        others: the posts that it competes with; others in the ranking are passed over.

    Those of one score, and those that were not returned where it was not returned either, count
    half in the share: the area under the curve of one right answer.
    """
    total = len(others)
    if not total:
        return True, 1.0
    score = next((score for id_, score in ranking if id_ == own), None)
    before = above = equal = 0
    seen = False
    for id_, value in ranking:
        if id_ == own:
            seen = True
        elif id_ in others:
            before += not seen
            above += score is None or value > score
            equal += score is not None and value == score
    if score is None:
        equal = total - above
    return score is not None and before < FIRST, 1 - (above + equal / 2) / total
