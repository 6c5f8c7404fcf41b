"""From a base to a network that is worth training: its weights, and projections that keep most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from enrich.encoder import padded
from enrich.towers.encode import Vectors, encode, tokens
from enrich.towers.net import Side, TowerNet, TowerShape
from enrich.windows import batches
from labels.train.base import Base, BaseError
from labels.train.towers.base import EarlierTowers
from labels.train.towers.config import FormConfig

SAMPLE = 2000
"""Texts of which the first projections are computed."""


def shape_of(form: FormConfig) -> TowerShape:
    """Return the shape that a bundle of this form states."""
    return TowerShape(form.reads, form.tokens, form.pooling, form.dimensions)


def net_of(base: Base, form: FormConfig, dropout: float) -> TowerNet:
    """Return the network with a base's weights; random projections where it has none.

    Raises:
        BaseError: it has some, for vectors of another form.
    """
    config = {
        **base.config,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": dropout,
    }
    net = TowerNet(config, shape_of(form))
    net.encoder.load_state_dict(base.weights)
    if isinstance(base, EarlierTowers):
        _take_over(net, base, form)
    return net


def _take_over(net: TowerNet, base: EarlierTowers, form: FormConfig) -> None:
    state = net.state_dict().items()
    own = {name: value.shape for name, value in state if not name.startswith("encoder.")}
    if own != {name: value.shape for name, value in base.projections.items()}:
        raise BaseError(
            f"form {form.name!r}: {base.origin} make other vectors; give their dimensions and "
            "pooling, or another base"
        )
    if form.tokens > (most := base.shape.tokens):
        raise BaseError(
            f"form {form.name!r}: {base.origin} read at most {most} tokens; give tokens = {most}"
        )
    net.load_state_dict(base.projections, strict=False)


def keep_most(net: TowerNet, pooled: Vectors) -> None:
    """Set both projections to the first principal components of pooled vectors, centred.

    So training starts from the geometry of the base instead of from noise.
    """
    mean = pooled.mean(axis=0)
    _, _, components = np.linalg.svd(pooled - mean, full_matrices=False)
    kept = components[: net.post.out_features]
    for projection in (net.query, net.post):
        with torch.no_grad():
            projection.weight.zero_()
            projection.weight[: len(kept)] = torch.from_numpy(kept)
            projection.bias.zero_()
            projection.bias[: len(kept)] = torch.from_numpy(-kept @ mean)


def pooled_of(net: TowerNet, rows: Sequence[Sequence[int]], pad: int, *, half: bool) -> Vectors:
    """Return what the projections read of tokenised texts, shape (texts, width)."""
    found: Vectors = np.zeros((len(rows), net.post.in_features), dtype=np.float32)
    net.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
        for group in batches([len(row) for row in rows]):
            found[group] = net.pooled(*padded([rows[i] for i in group], pad)).float().numpy()
    return found


def rows_of(base: Base, form: FormConfig, texts: Sequence[str], side: Side) -> list[list[int]]:
    """Return the token ids of texts."""
    return tokens(base.tokenizer, base.specials, texts, shape_of(form), side)


def vectors_of(
    net: TowerNet, base: Base, form: FormConfig, texts: Sequence[str], side: Side, *, half: bool
) -> Vectors:
    """Return the unit vectors of texts, shape (texts, dimensions)."""
    net.eval()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        return encode(net, rows_of(base, form, texts, side), base.specials.pad, side)


def plain_base(base: Base) -> tuple[TowerNet, FormConfig]:
    """Return the base as it comes: mean pooling and no projection, full texts.

    Earlier towers as they are.
    """
    name = "the base as it comes"
    if isinstance(base, EarlierTowers):
        kept = base.shape
        form = FormConfig(
            name=name,
            reads=kept.reads,
            tokens=kept.tokens,
            pooling=kept.pooling,
            dimensions=kept.dimensions,
        )
        return net_of(base, form, 0.0), form
    width = int(base.config["hidden_size"])
    form = FormConfig(name=name, reads="full", tokens=256, dimensions=width)
    net = net_of(base, form, 0.0)
    with torch.no_grad():
        for projection in (net.query, net.post):
            projection.weight.copy_(torch.eye(width))
            projection.bias.zero_()
    return net, form
