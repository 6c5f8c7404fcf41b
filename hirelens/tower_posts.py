"""A home's own posts as training reads them: what its index says the model left of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from enrich.text import GAP, normalize
from hirelens.crowd import documents_of

if TYPE_CHECKING:
    from labels.train.towers.posts import ReadPost
    from search.index import Index


def read_posts(index: Index) -> Iterator[ReadPost]:
    """Yield the open posts of an index with their clean text, in the order of ids."""
    for document in documents_of(index):
        if document.display is not None and document.debug is not None:
            yield _read_post(document.id, document.display, document.debug)


def _read_post(id_: str, display: dict[str, Any], debug: dict[str, Any]) -> ReadPost:
    from labels.train.towers.posts import ReadPost

    raw = {name: str(display.get(name) or "") for name in ("title", "body")}
    clean = {
        name: normalize(_without(text, [s for s in debug["stripped"] if s["field"] == name])).text
        for name, text in raw.items()
    }
    return ReadPost(
        id_,
        clean["title"],
        clean["body"],
        normalize(raw["title"]).text,
        normalize(raw["body"]).text,
        tuple(position["id"] for position in debug["positions"]),
        str(display.get("company") or ""),
    )


def _without(text: str, spans: Sequence[dict[str, Any]]) -> str:
    """Return a text with a gap for each stripped span."""
    for span in sorted(spans, key=lambda span: -int(span["start"])):
        text = f"{text[: span['start']]}{GAP}{text[span['end'] :]}"
    return text
