"""What queries ask for under two taxonomies, as search reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from labels.taxonomy.diff import QueryChange
from search.query import QueryParser

if TYPE_CHECKING:
    from enrich.taxonomy import Taxonomy


def meanings(queries: Iterable[str], old: Taxonomy, new: Taxonomy) -> Iterator[QueryChange]:
    """Yield each query with the positions that it asks for before and after."""
    before, after = QueryParser(old), QueryParser(new)
    for query in queries:
        yield QueryChange(query, _positions(before, query), _positions(after, query))


def _positions(parser: QueryParser, query: str) -> tuple[str, ...]:
    """Return the ids, ``*`` behind those of which the query names a narrower kind."""
    return tuple(
        id_
        for part in parser.parse(query)
        for id_ in (*part.positions, *(f"{wider}*" for wider in part.wider))
    )
