"""A home's own posts as training reads them: what its index says the model left of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from enrich.text import GAP, normalize

if TYPE_CHECKING:
    from labels.train.towers.posts import ReadPost
    from search.index import Index

_BATCH = 500


def read_posts(index: Index, limit: int | None = None) -> Iterator[ReadPost]:
    """Yield the open posts of an index with their clean text, in the order of ids."""
    ids = [stamp.id for stamp in _stamps(index, limit) if stamp.state == "open"]
    for at in range(0, len(ids), _BATCH):
        for _, document in sorted(index.get(ids[at : at + _BATCH]).items()):
            if document.display is not None and document.debug is not None:
                yield _read_post(document.id, document.display, document.debug)


def _stamps(index: Index, limit: int | None) -> Iterator[Any]:
    after, seen = "", 0
    while True:
        page = list(index.scan(after))
        for stamp in page:
            if limit is not None and seen >= limit:
                return
            seen += 1
            yield stamp
        if not page:
            return
        after = page[-1].id


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
