"""Posts that are measured beside a crowd: documents of a home, copied into a temporary index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hirelens.judged import GoldError
from hirelens.progress import progress
from hirelens.temporary import temporary_place
from hirelens.wiring import WiringError, Workplace

if TYPE_CHECKING:
    from enrich.post import Enrichment, Post
    from search.index import Document, Index

_PART = 250


@contextmanager
def beside_crowd(place: Workplace, measured: Sequence[Workplace]) -> Iterator[Workplace]:
    """Give a workplace with the documents of a home and of measured ones; nothing is read anew.

    Args:
        place: the home whose posts are the crowd; it is only read.
        measured: temporary homes whose posts stand among them.

    Raises:
        GoldError: a measured post has the id of one in the crowd.
        WiringError: the home holds no posts, or vectors of another model.
    """
    from search.copying import copy, write_patiently
    from search.parts import parts_of

    _check(place, measured)
    with temporary_place(place) as both:
        if place.settings.embedded:
            _copy_file(place.settings.index_file, both.settings.index_file)
        else:
            both.ensure_index()
            with progress("copied") as advance:
                copy(place.index, both.index, on_progress=advance)
        for one in measured:
            for part in parts_of(list(documents_of(one.index)), _PART):
                write_patiently(both.index, part)
        both.index.refresh()
        yield both


def _copy_file(source: Path, target: Path) -> None:
    """Copy an embedded index as it is at one moment, though it may be written meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    address = f"{source.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as held,
        closing(sqlite3.connect(target)) as made,
    ):
        held.backup(made)


def _check(place: Workplace, measured: Sequence[Workplace]) -> None:
    place.require()
    crowd = place.index
    for one in measured:
        if crowd.vector_space != one.index.vector_space:
            raise WiringError(
                f"{place.settings.home}: holds vectors of another model than the posts that are "
                "measured; read its posts again (hirelens reenrich), or leave --crowd out"
            )
        same = crowd.get(list(ids_of(one.index)), match=False)
        if same:
            raise GoldError(
                f"post {min(same)!r} is in {place.settings.home} too; rename it, or measure beside "
                "another home"
            )


def ids_of(index: Index) -> Iterator[str]:
    """Yield the ids of all documents of an index, in their order."""
    after = ""
    while page := list(index.scan(after)):
        yield from (stamp.id for stamp in page if stamp.state == "open")
        after = page[-1].id


def documents_of(index: Index, *, match: bool = True) -> Iterator[Document]:
    """Yield all open documents of an index, in the order of ids."""
    from search.parts import parts_of

    for part in parts_of(list(ids_of(index)), _PART):
        stored = index.get(part, match=match)
        yield from (stored[id_] for id_ in part if id_ in stored)


@contextmanager
def unstripped_home(place: Workplace, posts: Sequence[Post]) -> Iterator[Workplace]:
    """Give a workplace with posts as an index without the reality model would hold them.

    Nothing is stripped, whatever position a post names counts as hired, and its vector is made of
    the whole text.
    """
    from search.copying import write_patiently
    from search.document import build
    from search.index import document_version
    from search.parts import parts_of

    with temporary_place(place) as measured:
        measured.ensure_index()
        taxonomy, version = measured.taxonomy, document_version(1, 0)
        with progress("read without stripping", len(posts)) as advance:
            for part in parts_of(posts, place.settings.batch):
                read = zip(part, _unstripped(measured, part), strict=True)
                documents = [build(post, found, version, taxonomy) for post, found in read]
                for outcome in write_patiently(measured.index, documents):
                    if outcome.error:
                        raise GoldError(f"post {outcome.id!r}: {outcome.error}")
                advance(len(part))
        measured.index.refresh()
        yield measured


def _unstripped(place: Workplace, posts: Sequence[Post]) -> list[Enrichment]:
    from dataclasses import replace

    outputs = place.enricher.infer(posts)
    # A mention without a verdict counts as hired: the rules of enrich, asked of no model.
    blind = [
        replace(one, judged=replace(one.judged, verdicts=(None,) * len(one.judged.verdicts)))
        for one in outputs
    ]
    return place.enricher.assemble(posts, blind)
