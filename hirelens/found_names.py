"""Reading posts for names that no form covers, with the configured bundle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hirelens.errors import ForeseenError

if TYPE_CHECKING:
    from enrich.bundle import Bundle
    from enrich.names.bundle import NameHead
    from enrich.taxonomy import Taxonomy
    from labels.taxonomy.found import FoundName


def _shipped(folder: Path, bundle: Bundle) -> NameHead | None:
    from enrich.names.bundle import SHIPPED_HEAD, load_names

    width = bundle.model.encoder.config.hidden_size
    try:
        return load_names(SHIPPED_HEAD, folder / "model.safetensors", width)
    except ValueError:
        return None


def found_in(
    model: Path | None,
    posts: Iterable[tuple[str, str, str]],
    taxonomy: Taxonomy,
    refused: Iterable[str],
    at_least: int,
) -> list[FoundName]:
    """Return the names that a bundle (None: the shipped one) finds in posts.

    A bundle without a head of its own has the shipped one where that fits its encoder.

    Raises:
        ForeseenError: the bundle is broken, or no head for unknown names fits it.
    """
    from enrich.bundle import SHIPPED, BundleError, load_bundle
    from labels.taxonomy.found import found_names

    folder = model or SHIPPED
    try:
        bundle = load_bundle(folder)
    except BundleError as error:
        raise ForeseenError(str(error)) from None
    bundle = replace(bundle, names=bundle.names or _shipped(folder, bundle))
    if bundle.names is None:
        raise ForeseenError(
            f"the bundle {folder} has no head for unknown names; train one with "
            "'hirelens train names', or leave out --found"
        )
    return found_names(posts, bundle, taxonomy, refused, at_least=at_least)
