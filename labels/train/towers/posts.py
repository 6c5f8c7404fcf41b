"""Real posts as examples: a position that one hires for is a query that the post answers."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from enrich.taxonomy import Taxonomy
from labels.train.rewrite.pairs import is_held_out as key_is_held_out


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post that the reality model has read: normalised text, clean and as it came.

    ``hired``: ids of the positions hired for; ``company``: never parted between training and
    measuring.
    """

    id: str
    title: str
    body: str
    raw_title: str
    raw_body: str
    hired: tuple[str, ...]
    company: str = ""


def balanced(
    posts: Sequence[ReadPost], most: int, seed: int, refused: Collection[str] = ()
) -> list[ReadPost]:
    """Return at most ``most`` posts of each position, drawn at random, in the order of ids.

    A post counts for the rarest of its positions. Posts whose id or company is refused are left
    out, and so are those that hire for nothing or for more than four positions: lists of
    everything.
    """
    usable = [
        post
        for post in posts
        if 0 < len(post.hired) <= 4 and post.id not in refused and post.company not in refused
    ]
    counts: defaultdict[str, int] = defaultdict(int)
    for post in usable:
        for position in post.hired:
            counts[position] += 1
    by_position: defaultdict[str, list[ReadPost]] = defaultdict(list)
    for post in sorted(usable, key=lambda post: post.id):
        by_position[min(post.hired, key=lambda id_: (counts[id_], id_))].append(post)
    rng = random.Random(f"{seed} posts")  # noqa: S311 - nothing is kept secret by it
    chosen = {
        post.id
        for _, group in sorted(by_position.items())
        for post in rng.sample(group, min(most, len(group)))
    }
    return [post for post in sorted(usable, key=lambda post: post.id) if post.id in chosen]


def is_held_out(post: ReadPost, share: float) -> bool:
    """Tell whether a post is kept from training, by its company's or its own digest."""
    return key_is_held_out(f"towers {post.company or post.id}", share)


def without_names(text: str, positions: Sequence[str], taxonomy: Taxonomy) -> str:
    """Return a text without any form of the positions and of what they descend from."""
    forms = {
        form
        for id_ in positions
        for other in (id_, *taxonomy.ancestors(id_))
        if other in taxonomy.positions
        for form in taxonomy.forms_of(other)
    }
    if not forms:
        return text
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.sub("|".join(map(re.escape, longest_first)), "", text)
