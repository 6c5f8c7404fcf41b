"""The card of a bundle of towers."""

from __future__ import annotations

from labels.train.towers.config import FormConfig, TowersConfig


def card(
    config: TowersConfig, form: FormConfig, origin: str, table: str, kept: str, queries: int
) -> str:
    """Return the card; ``table``: Markdown; ``kept``: the model that is in the bundle."""
    return "\n".join(
        [
            "# Towers: vectors of job posts and of queries",
            "",
            f"Unit vectors of {form.dimensions} dimensions; a post is near to its queries.",
            "",
            f"- base: {origin}, {form.layers} layers, vocabulary cut to job posts",
            f"- reads: {form.reads}, at most {form.tokens} tokens; {form.texts} text",
            f"- trained on {queries} hand-written queries with graded posts,",
            "  on real posts and the positions they hire for, on names of one position",
            f"- {config.fit.steps} steps, in-batch softmax with logQ correction",
            f"- kept: {kept}",
            "- limits: job posts in Chinese; what is not stripped of a post can mislead it",
            "",
            table,
        ]
    )
