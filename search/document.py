"""From a post and its enrichment to the document that the index stores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from enrich.post import Enrichment, Post, digest
from enrich.taxonomy import Taxonomy
from enrich.text import normalize
from search.denied import denied
from search.facets import facets, stated_tags, tag_values
from search.index import Document, MatchSection
from search.tokens import GAP, char_stream, lexicon_of, plain_stream, word_cutter


def build(post: Post, enrichment: Enrichment, version: int, taxonomy: Taxonomy) -> Document:
    """Return the document of an open post; a deleted one becomes a tombstone."""
    if post.deleted:
        return tombstone(post.id, version, enrichment.recipe)
    match = _match(post, enrichment, taxonomy)
    section = facets(post, enrichment)
    display = post.to_mapping()
    debug = _debug(enrichment, version)
    # Where they are empty, a document that was stored before there were these fields is the same.
    unlike = {"vector", *(name for name in ("named", "denied") if not getattr(match, name))}
    # Floats of the model may differ in the last bits between batches, so that vector and scores
    # stay outside: equal texts, labels and recipe are equal content.
    content = {
        "content_hash": enrichment.content_hash,
        "recipe": enrichment.recipe,
        "match": {k: v for k, v in asdict(match).items() if k not in unlike},
        "filter": asdict(section),
        "display": display,
        "labels": [
            [m.field, m.start, m.end, m.position, m.label, m.reason] for m in enrichment.mentions
        ],
        "rejected": [tag.model_dump() for tag in enrichment.rejected_tags],
    }
    return Document(
        id=post.id,
        version=version,
        state="open",
        recipe=enrichment.recipe,
        digest=digest(content),
        match=match,
        filter=section,
        display=display,
        debug=debug,
    )


def tombstone(id: str, version: int, recipe: str) -> Document:  # noqa: A002 - the field's name
    """Return the document of a closed post."""
    return Document(
        id=id, version=version, state="closed", recipe=recipe, digest=digest(["closed", recipe])
    )


def position_ids(ids: Iterable[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return position ids with all their ancestors, each once, in a stable order."""
    found = {found: None for id_ in ids for found in (id_, *taxonomy.ancestors(id_))}
    return tuple(sorted(found))


def _match(post: Post, enrichment: Enrichment, taxonomy: Taxonomy) -> MatchSection:
    title, body = normalize(post.title).text, normalize(post.body).text
    text = f"{enrichment.clean_title}{GAP}{enrichment.clean_body}"
    offer = _blanked(f"{enrichment.offer_title}{GAP}{enrichment.offer_body}", taxonomy)
    cutter = word_cutter(taxonomy)
    tags = stated_tags(enrichment)
    return MatchSection(
        text_words=cutter.stream(text),
        text_chars=char_stream(text),
        offer_words=cutter.stream(offer),
        offer_chars=char_stream(offer),
        plain_chars=plain_stream(title, body),
        title_chars=plain_stream(title),
        positions=position_ids((hired.id for hired in enrichment.positions), taxonomy),
        tags=tag_values(tags, post.city),
        vector=enrichment.vector,
        named=_named(enrichment, taxonomy),
        denied=denied(tags),
    )


def _named(enrichment: Enrichment, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the ids whose names stand there for something else, nor wider or narrower than hired.

    Mentioned only (N), or no position at all there (X): 会计专业 hires no 会计.
    """
    hired = {one.id for one in enrichment.positions}
    wider = set(position_ids(hired, taxonomy))
    mentions = [m for m in enrichment.mentions if m.position]  # a found name has no id
    named = {mention.position for mention in mentions if mention.label in {"N", "X"}}
    return tuple(sorted(id_ for id_ in named - wider if not hired & {*taxonomy.ancestors(id_)}))


def _blanked(offer: str, taxonomy: Taxonomy) -> str:
    """Blank look-alikes (会计师事务所 holds 会计): they name no position at all."""
    for match in reversed(lexicon_of(taxonomy).lookalikes(offer)):
        offer = f"{offer[: match.start]}{GAP}{offer[match.end :]}"
    return offer


def _debug(enrichment: Enrichment, version: int) -> dict[str, Any]:
    data = enrichment.to_mapping()
    kept = ("recipe", "positions", "mentions", "stripped", "rejected_tags", "truncated")
    return {"version": version, **{name: data[name] for name in kept}}
