"""Drawing batches from three sources: written blocks, real posts, names of positions."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labels.train.towers.config import DrawConfig
from labels.train.towers.examples import Example, Item, Makes, Style
from labels.train.towers.posts import ReadPost
from labels.train.towers.reading import key_of
from labels.train.towers.written import Block, WrittenPost

Mined = Mapping[tuple[str, str], Sequence[ReadPost]]
"""Near posts that hire for something else, by the id of a post and a position it hires for."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Written blocks, their posts as the model reads them (by ``key_of``), and real posts."""

    blocks: tuple[Block, ...]
    read: Mapping[str, ReadPost]
    posts: tuple[ReadPost, ...]


class Drawer:
    """Draws batches; the same random numbers give the same batches."""

    def __init__(
        self,
        makes: Makes,
        config: DrawConfig,
        sources: Sources,
        mined: Mined,
    ) -> None:
        """Index the sources; positions are drawn first, then one of their posts."""
        self._makes, self._config, self._mined = makes, config, mined
        self._blocks, self._read = sources.blocks, sources.read
        by_position: defaultdict[str, list[ReadPost]] = defaultdict(list)
        for post in sources.posts:
            for id_ in post.hired:
                by_position[id_].append(post)
        self._by_position = dict(sorted(by_position.items()))
        self._positions = tuple(self._by_position)
        taxonomy = makes.taxonomy
        self._named = tuple(
            id_ for id_ in sorted(taxonomy.positions) if len(taxonomy.forms_of(id_)) > 1
        )

    def batch(self, rng: random.Random) -> list[Example]:
        """Return the examples of one batch."""
        config = self._config
        found = []
        if self._blocks:
            chosen = rng.sample(self._blocks, min(config.written, len(self._blocks)))
            found += [self._written(block, rng) for block in chosen]
        if self._positions:
            found += [self._real(rng) for _ in range(config.real)]
        return found + [self._name(rng) for _ in range(config.names)]

    def _written(self, block: Block, rng: random.Random) -> Example:
        right = block.of(2)
        if block.of(1) and rng.random() < self._config.acceptable:
            right = block.of(1)
        wrong = block.of(0)
        chosen = rng.sample(wrong, min(self._config.hard, len(wrong)))
        # Two authors may have written for one query: the posts of either answer it.
        origin = f"query {block.query}"
        makes = self._makes
        return Example(
            makes.query(block.query, origin),
            self._post(rng.choice(right), origin, rng),
            tuple(self._post(post, origin, rng) for post in chosen),
            math.log(self._config.written / len(self._blocks) / len(right)),
        )

    def _post(self, post: WrittenPost, origin: str, rng: random.Random) -> Item:
        read = self._read[key_of(post.title, post.body)]
        return self._makes.post(read, Style(raw=self._is_raw(rng)), origin)

    def _is_raw(self, rng: random.Random) -> bool:
        """Tell whether a text stands as it came: what the model leaves in must not mislead."""
        return self._makes.form.texts == "raw" or rng.random() < self._config.raw

    def _real(self, rng: random.Random) -> Example:
        position = rng.choice(self._positions)
        post = rng.choice(self._by_position[position])
        form = rng.choice(self._makes.taxonomy.forms_of(position))
        near = self._mined.get((post.id, position), ())
        wrong = rng.sample(near, min(self._config.mined, len(near)))
        nameless = rng.random() < self._config.nameless
        chance = sum(
            1 / len(self._by_position[id_]) for id_ in post.hired if id_ in self._by_position
        )
        return Example(
            self._makes.query(form, post.id),
            self._makes.post(post, Style(self._is_raw(rng), nameless, position)),
            tuple(self._makes.post(one, Style(self._is_raw(rng))) for one in wrong),
            math.log(self._config.real * chance / len(self._positions)),
        )

    def _name(self, rng: random.Random) -> Example:
        """Return two names of one position, the second as the shortest post there is."""
        makes = self._makes
        position = rng.choice(self._named)
        query, title = rng.sample(makes.taxonomy.forms_of(position), 2)
        chance = self._config.names / len(self._named)
        chance /= len(makes.taxonomy.forms_of(position))
        item = makes.query(title, position)
        return Example(makes.query(query, position), item, (), math.log(chance))
