"""Hard negatives among real posts: near to the query, of another work, and not too good."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from enrich.towers.encode import Vectors
from enrich.towers.net import Side
from labels.train.rewrite.kinship import Kin
from labels.train.towers.config import DrawConfig
from labels.train.towers.examples import Makes, Style
from labels.train.towers.posts import ReadPost

Encode = Callable[[Sequence[str], Side], Vectors]


def mine(
    makes: Makes, posts: Sequence[ReadPost], config: DrawConfig, encode: Encode
) -> dict[tuple[str, str], tuple[ReadPost, ...]]:
    """Return for each post and position it hires for the near posts that are wrong.

    Positive-aware: a post above ``mine_below`` of the right post's own cosine may well be right
    and is left out (Moreira et al. 2024, "NV-Retriever: Improving text embedding models with
    effective hard-negative mining"). Kin positions are left out as well.
    """
    if not posts or not config.mined:
        return {}
    items = [makes.post(post, Style(makes.form.texts == "raw")) for post in posts]
    vectors = encode([item.text for item in items], "post")
    positions = sorted({id_ for post in posts for id_ in post.hired})
    queries = encode([makes.taxonomy.position(id_).name for id_ in positions], "query")
    place = {id_: row for row, id_ in enumerate(positions)}
    similar = queries @ vectors.T
    names = np.zeros((len(posts), len(makes.kinship.ids)), dtype=np.float32)
    for row, item in enumerate(items):
        names[row, sorted(item.positions)] = 1
    rows = [makes.kinship.place[id_] for id_ in positions]
    is_kin = names @ (makes.kinship.table[rows] > Kin.NONE).T.astype(np.float32) > 0
    found: dict[tuple[str, str], tuple[ReadPost, ...]] = {}
    for column, id_ in enumerate(positions):
        own = similar[place[id_]]
        wrong = np.flatnonzero(~is_kin[:, column])
        nearest = wrong[np.argsort(-own[wrong], kind="stable")[: config.mine_depth]]
        for number, post in enumerate(posts):
            if id_ in post.hired:
                most = config.mine_below * own[number]
                found[post.id, id_] = tuple(posts[i] for i in nearest if own[i] <= most)
    return found
