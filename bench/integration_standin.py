"""A worker whose network is a stand-in: everything else of reading a post is the product's.

Each mention is judged by a digest of its post's text and each vector drawn from one, so that posts
are stripped, tagged and built into documents of the usual size at no cost of the model.

python -m bench.integration_standin CHILDREN     (settings: HIRELENS_* variables)
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from enrich.pipeline import Enricher, ModelOutput
from enrich.post import Post
from enrich.reality import Judged, Verdict
from hirelens.provider import HomeProvider
from hirelens.settings import load
from worker.app import create_app, run_worker

HIRED = Verdict(0.9, 0.05, 0.05, "coop")
MENTIONED = Verdict(0.05, 0.9, 0.05, "coop")
HIRED_SHARE = 0.46
"""About the share of mentions that real posts hire for."""


class StandInEnricher(Enricher):
    """Reads posts with everything but the network."""

    def infer(self, posts: Sequence[Post]) -> list[ModelOutput]:
        """Draw verdicts and a unit vector for each post from its text."""
        return [self._draw(post) for post in posts]

    def _draw(self, post: Post) -> ModelOutput:
        (reading,) = self._read([post])
        chance = random.Random(post.title + post.body)
        count = len(reading.title.matches) + len(reading.body.matches)
        verdicts = tuple(
            HIRED if chance.random() < HIRED_SHARE else MENTIONED for _ in range(count)
        )
        numbers = np.random.default_rng(chance.getrandbits(32)).normal(size=self.vector_length)
        unit = numbers / np.linalg.norm(numbers)
        return ModelOutput(Judged(verdicts, False), "", tuple(np.round(unit, 6).tolist()))

    def _with_vectors(
        self, outputs: Sequence[ModelOutput], texts: Sequence[str]
    ) -> list[ModelOutput]:
        rows = zip(outputs, texts, strict=True)
        return [replace(output, vector_text=text) for output, text in rows]


class StandInProvider(HomeProvider):
    """What a worker works with, under the configured recipe's digests."""

    def enricher(self, recipe: str | None) -> Enricher:
        """Return the stand-in."""
        shipped = super().enricher(recipe)
        return StandInEnricher(shipped._bundle, shipped.towers, shipped.taxonomy)


def main() -> int:
    """Work until told to stop."""
    settings = load(None, os.environ)
    config = replace(settings.worker_config(), concurrency=int(sys.argv[1]))
    app = create_app(config, lambda: StandInProvider(settings))
    return run_worker(app, [config.live_queue, config.backfill_queue])


if __name__ == "__main__":
    sys.exit(main())
