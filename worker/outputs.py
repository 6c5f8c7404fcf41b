"""Model outputs of posts through the cache."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from enrich.post import Enrichment, Post
from worker import cache, metrics, retry
from worker.engine import reading
from worker.ports import Enricher, Parse, Recipe

BATCH = 32


@dataclass(frozen=True, slots=True)
class Pace:
    """How long this machine takes: seconds of the model a text, of the rest a post."""

    text_s: float
    post_s: float
    texts: int


def model_digest(recipe: Recipe) -> str:
    """Return the digest under which a recipe's model outputs are cached.

    A vector of another space is the cheaper part and is computed anew.
    """
    return recipe.reality


def cached(engine: sa.Engine, enricher: Enricher, keys: Sequence[str]) -> set[str]:
    """Return which of the keys are in the cache."""
    with reading(engine) as session:
        return set(cache.load(session, model_digest(enricher.recipe), keys))


def read_posts(
    engine: sa.Engine, enricher: Enricher, parse: Parse, posts: Sequence[Post]
) -> list[Enrichment]:
    """Read posts under a recipe; what the model had to say anew is kept in the cache."""
    found: list[Enrichment] = []
    for start in range(0, len(posts), BATCH):
        part = posts[start : start + BATCH]
        keys = enricher.cache_keys(part)
        with reading(engine) as session:
            texts = cache.load(session, model_digest(enricher.recipe), keys)
        missing = {key: post for key, post in zip(keys, part, strict=True) if key not in texts}
        texts |= infer(engine, enricher, missing)
        found += enricher.assemble(part, [parse(texts[key]) for key in keys])
    return found


def measure(
    engine: sa.Engine,
    enricher: Enricher,
    parse: Parse,
    uncached: Sequence[Post],
    others: Sequence[Post],
) -> Pace:
    """Read a few posts now to know the pace; the outputs stay in the cache, so nothing is wasted.

    Args:
        engine: the database with the cache.
        enricher: reads the posts.
        parse: reads a cached model output back.
        uncached: posts with different texts that the model must read; the first is a warm-up.
        others: posts whose texts are cached.
    """
    infer(engine, enricher, _by_key(enricher, uncached[:1]))
    todo = _by_key(enricher, uncached[1:] or uncached)
    began = time.perf_counter()
    infer(engine, enricher, todo)
    text_s = (time.perf_counter() - began) / max(len(todo), 1)
    began = time.perf_counter()
    read_posts(engine, enricher, parse, [*uncached, *others])
    post_s = (time.perf_counter() - began) / max(len(uncached) + len(others), 1)
    return Pace(text_s, post_s, len(todo))


def _by_key(enricher: Enricher, posts: Sequence[Post]) -> dict[str, Post]:
    return dict(zip(enricher.cache_keys(posts), posts, strict=True))


def infer(engine: sa.Engine, enricher: Enricher, missing: Mapping[str, Post]) -> dict[str, str]:
    """Run the model on texts that are not cached, each once, and keep what it says.

    Returns:
        the outputs by cache key, as the cache has them: where another process has read the same
        text meanwhile, the first output counts.
    """
    if not missing:
        return {}
    model = model_digest(enricher.recipe)
    began = time.monotonic()
    outputs = zip(missing, enricher.infer(list(missing.values())), strict=True)
    metrics.inference(time.monotonic() - began)
    fresh = {key: output.to_json() for key, output in outputs}

    def keep(session: Session) -> dict[str, str]:
        cache.save(session, model, fresh)
        return cache.load(session, model, fresh)

    return retry.run(engine, keep)
