"""Loading a recipe by its digest from where the registry says that its parts lie, each checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hirelens.threads import keep_to_threads
from hirelens.wiring import WiringError, Workplace

if TYPE_CHECKING:
    from enrich.pipeline import Enricher
    from enrich.taxonomy import Taxonomy
    from enrich.towers.bundle import Towers
    from hirelens.settings import Settings
    from worker.registry import Registered


def load_recipe(place: Workplace, digest: str) -> Enricher:
    """Load the registered recipe with this digest, the parts checked against it.

    Raises:
        RecipeMismatch: it was never registered, is of another version, or its parts have changed.
    """
    from worker import registry
    from worker.engine import reading
    from worker.recipes import RecipeMismatch

    with reading(place.engine) as session:
        row = registry.find(session, digest)
    if row is None:
        raise RecipeMismatch(
            f"recipe {digest} is active and was never registered here; activate one that this "
            "machine has: hirelens recipe activate --model DIR --taxonomy FILE"
        )
    return load_registered(place, row)


def load_registered(place: Workplace, row: Registered) -> Enricher:
    """Load a registered recipe, the configured one from where it is loaded already.

    Raises:
        RecipeMismatch: it is of another version, or its parts have changed.
    """
    from worker.recipes import RecipeMismatch

    wrong = why_not_here(row)
    if wrong is not None:
        raise RecipeMismatch(wrong)
    parts = _path(row.model_path), _path(row.taxonomy_path), _path(row.towers_path)
    found = load_parts(place, *parts)
    if found.recipe.digest == row.digest:
        return found
    if found.recipe.taxonomy != row.taxonomy:
        part, where = "taxonomy", row.taxonomy_path
    elif found.recipe.vector_space != row.vector_space:
        part, where = "towers", row.towers_path
    else:
        part, where = "model", row.model_path
    raise RecipeMismatch(_changed(row, part, where))


def why_not_here(row: Registered) -> str | None:
    """Say why this version cannot run a recipe, None where it can; reads no model."""
    from enrich.recipe import rules_digest

    rules = rules_digest()
    if row.rules == rules:
        return None
    return (
        f"recipe {row.digest} has the rules {row.rules}, and this version of hirelens has {rules}; "
        "install the version that it was registered by, and run the command there"
    )


def load_parts(
    place: Workplace, model: Path | None, taxonomy: Path | None, towers: Path | None
) -> Enricher:
    """Load a model with a taxonomy and towers; of each, None is the shipped one."""
    settings = place.settings
    configured = settings.model, settings.taxonomy, settings.towers
    if [*map(_whole, (model, taxonomy, towers))] == [*map(_whole, configured)]:
        return place.enricher
    from enrich.pipeline import Enricher
    from enrich.taxonomy import Taxonomy

    keep_to_threads(settings)
    return Enricher.load(model, Taxonomy.load(taxonomy), towers)


def load_query_towers(settings: Settings, row: Registered | None) -> Towers:
    """Load what encodes queries: the configured towers, or a recipe's of another space.

    Args:
        settings: name the configured towers.
        row: the pinned recipe, where there is one.

    Raises:
        BundleError: a bundle is missing or broken.
        RecipeMismatch: the recipe's towers have changed since it was registered.
    """
    from enrich.towers.bundle import SHIPPED, load_towers, towers_digest
    from worker.recipes import RecipeMismatch

    keep_to_threads(settings)
    configured = settings.towers or SHIPPED
    if row is None or towers_digest(configured) == row.vector_space:
        return load_towers(configured)
    found = load_towers(_path(row.towers_path) or SHIPPED)
    if found.digest != row.vector_space:
        raise RecipeMismatch(_changed(row, "towers", row.towers_path))
    return found


def _changed(row: Registered, part: str, where: str | None) -> str:
    return (
        f"recipe {row.digest}: its {part} ({where or 'the shipped one'}) has been changed since it "
        "was registered; restore it, or activate what is there now: hirelens recipe activate"
    )


def register(
    place: Workplace,
    enricher: Enricher,
    model: Path | None,
    taxonomy: Path | None,
    towers: Path | None,
) -> Registered:
    """Keep a loaded recipe and where its parts lie, as whole paths."""
    from worker import registry, retry

    places = _whole(model), _whole(taxonomy), _whole(towers)
    return retry.run(
        place.engine, lambda session: registry.register(session, enricher.recipe, *places)
    )


def register_configured(place: Workplace) -> Registered:
    """Keep the configured recipe, so that a later roll-back can find it."""
    settings = place.settings
    return register(place, place.enricher, settings.model, settings.taxonomy, settings.towers)


def pinned(place: Workplace) -> Registered | None:
    """Return the recipe that a command has made active, None where there is none."""
    from worker import recipes, registry
    from worker.engine import reading

    with reading(place.engine) as session:
        active = recipes.active(session)
        if active is None or not active.pinned:
            return None
        return registry.find(session, active.recipe)


def pinned_taxonomy(place: Workplace) -> Taxonomy | None:
    """Return the taxonomy of a pinned recipe where it is another than the configured one.

    None too where its file is gone or changed: searching must not depend on it.
    """
    from enrich.taxonomy import Taxonomy, TaxonomyError

    row = pinned(place)
    if row is None or row.taxonomy == place.taxonomy.digest:
        return None
    try:
        found = Taxonomy.load(_path(row.taxonomy_path))
    except (TaxonomyError, OSError):
        return None
    return found if found.digest == row.taxonomy else None


def check_space(place: Workplace, enricher: Enricher) -> None:
    """Refuse a recipe whose vectors the index cannot hold: every post would become a dead letter.

    Raises:
        WiringError: the index holds vectors of another model.
    """
    held = place.index.vector_space
    recipe = enricher.recipe
    if recipe.vector_space == held:
        return
    if place.settings.embedded:
        raise WiringError(
            f"{place.settings.home}: the index holds vectors of space {held}, and the towers "
            f"give {recipe.vector_space}; put the posts into a new home with it: "
            "hirelens put FILE --home NEW"
        )
    raise WiringError(
        f"the index holds vectors of space {held}, and recipe {recipe.digest} gives "
        f"{recipe.vector_space}; bring it by a generation of its own: hirelens index create "
        f"--recipe {recipe.digest[:12]}, hirelens index catch-up, hirelens index switch (or go "
        "back to the generation before: hirelens index rollback)"
    )


def _whole(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
