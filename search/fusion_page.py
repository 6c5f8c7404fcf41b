"""What the first page must hold: neither exact matches nor near ones push the others out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from search.fusion import Fusion

T = TypeVar("T")


def first_page(
    ordered: Sequence[T], fusion: Fusion, near_only: Callable[[T], bool], size: int
) -> list[T]:
    """Return the same hits with a first page that keeps the quotas; pure.

    Among the first places (``fusion.page``, or ``size`` where fewer are shown) stand at least
    ``vector_least`` hits that the vector alone found, and at most ``vector_most``, as far as there
    are enough of either kind. Who must leave the page is the last of its kind, who comes in the
    first of the other behind it; on the page and behind it the order stays.
    """
    places = min(fusion.page, size, len(ordered))
    # A page shorter than the full one holds a proportional share, rounded down.
    least = fusion.vector_least * places // fusion.page
    most = -(-fusion.vector_most * places // fusion.page)
    near = [n for n, one in enumerate(ordered) if near_only(one)]
    exact = [n for n, one in enumerate(ordered) if not near_only(one)]
    held = sum(n < places for n in near)
    wanted = min(max(held, least), max(most, least))
    # As far as there are enough: places that the other kind cannot fill stay where they are.
    wanted = max(min(wanted, len(near), places), places - len(exact))
    page = sorted([*near[:wanted], *exact[: places - wanted]])
    on_page = set(page)
    rest = [n for n in range(len(ordered)) if n not in on_page]
    return [ordered[n] for n in (*page, *rest)]
