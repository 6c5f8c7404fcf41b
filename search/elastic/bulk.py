"""Bulk requests without I/O: cutting documents into requests, and reading what became of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from search.elastic.client import answered
from search.elastic.config import ElasticConfig
from search.index import IndexUnavailableError, Trouble

ANSWER = ",".join(f"items.*.{name}" for name in ("status", "_index", "error.type", "error.reason"))
"""What of a bulk answer is read; the rest is not even sent."""

_TEXT = 300
_FIELD = re.compile(r"field \[([^\]]+)\]")
_STRANGER = re.compile(r"introduction of \[([^\]]+)\] within \[([^\]]+)\]")
_VECTOR = ("element_type", "similarity", "Base64", "vector")


class Kind(StrEnum):
    """What the server made of one document."""

    TAKEN = "taken"
    KNOWN = "known"  # the same or a newer version is there, or its tombstone
    AGAIN = "again"  # the node has too much to do: send it again after a pause
    LATER = "later"  # the index cannot take it now, which is not the document's fault
    REFUSED = "refused"  # the document itself is wrong
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one document in one index; ``trouble`` and ``error`` where it was not taken.

    ``index``: the name that the server gives: the index itself, or the alias that was written to
    where the document came no further.
    """

    kind: Kind
    index: str | None = None
    trouble: Trouble | None = None
    error: str | None = None


def line(id: str, version: int, source: Mapping[str, Any]) -> bytes:  # noqa: A002 - as elsewhere
    """Return a document as the two lines of a bulk request, the last line break included.

    Raises:
        ValueError: the source holds a number that is not finite, which the server cannot read.
    """
    action = {"index": {"_id": id, "version": version, "version_type": "external"}}
    return b"%b\n%b\n" % (_json(action), _json(source))


def fitting(sizes: Iterable[int], most: int, most_bytes: int) -> int:
    """Return how many leading documents make one request; the first always goes.

    Args:
        sizes: bytes of the documents in order; read no further than needed.
        most: documents of a request.
        most_bytes: bytes of a request; a document above it goes alone.
    """
    taken = total = 0
    for size in sizes:
        total += size
        if taken == most or (taken and total > most_bytes):
            break
        taken += 1
    return taken


def halves(places: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return both halves, in order; for a request that was refused as a whole."""
    middle = len(places) // 2
    return list(places[:middle]), list(places[middle:])


def waves(ids: Sequence[str]) -> list[list[int]]:
    """Return the places of a batch in rounds that name each id once, in the order of the batch.

    An id that is named twice is written twice, one after the other: each outcome is then that of
    its turn, as if the documents had come one by one.
    """
    rounds: list[list[int]] = []
    seen: dict[str, int] = {}
    for place, id_ in enumerate(ids):
        turn = seen[id_] = seen.get(id_, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(place)
    return rounds


def read(answer: Mapping[str, Any], config: ElasticConfig) -> Item:
    """Return what one item of a bulk answer says.

    Args:
        answer: the item, without the name of its action.
        config: for names in texts.
    """
    index = answer.get("_index")
    status = int(answer["status"])
    if status < 300:
        return Item(Kind.TAKEN, index)
    error = answer.get("error") or {}
    kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
    if status == 409:
        return Item(Kind.KNOWN, index)
    found = answered(status, kind, reason, config) or _not_its_fault(kind, reason, config)
    if found is not None:
        again = Kind.AGAIN if found.reason is Trouble.BUSY else Kind.LATER
        return Item(again, index, found.reason, str(found))
    return Item(Kind.REFUSED, index, error=refusal(kind, reason))


def refusal(kind: str, reason: str) -> str:
    """Return the text for a document that the server does not take; it names the field."""
    named = _FIELD.search(reason)
    if named is None and any(word in reason for word in _VECTOR):
        field = "field 'vector': "
    else:
        field = f"field {named[1]!r}: " if named else ""
    # Without the preview of the value: texts of posts do not belong into logs.
    told = reason.partition(" Preview of")[0].replace("\n", " ")[:_TEXT]
    return f"{field}Elasticsearch refuses it ({kind}: {told}); mend the post at its source"


def too_large(size: int, most: int | None) -> Item:
    """Return the verdict on a document of ``size`` bytes; ``most`` None: the server said so."""
    limit = f"{most:,} are taken" if most else "the server takes fewer (http.max_content_length)"
    return Item(
        Kind.TOO_LARGE,
        error=f"the document has {size:,} bytes, {limit}; shorten the post at its source",
    )


def _not_its_fault(kind: str, reason: str, config: ElasticConfig) -> IndexUnavailableError | None:
    """Return what an item's 400 says of the index; None: it is about the document."""
    if kind == "strict_dynamic_mapping_exception":
        # Every field name that is sent is ours, so the mapping is of another format or the alias
        # has just moved to a generation of another vector space.
        named = _STRANGER.search(reason)
        field = f"{named[2]}.{named[1]}".removeprefix("_doc.") if named else reason[:_TEXT]
        return IndexUnavailableError(
            Trouble.FOREIGN,
            f"the index has no field {field!r}",
            "while generations are switched it goes on by itself; else build a new one: "
            "hirelens index create",
        )
    if kind == "index_closed_exception":
        return IndexUnavailableError(
            Trouble.MISSING,
            f"the index behind {config.write_alias} is closed",
            "open it, or switch to another: hirelens index list",
        )
    if kind == "illegal_argument_exception" and "no write index" in reason:
        return IndexUnavailableError(
            Trouble.AMBIGUOUS,
            f"an alias of {config.prefix} leads to several indices ({reason[:_TEXT]})",
            "leave it on one of them: hirelens index list",
        )
    return None


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half a surrogate pair is taken by the server as it is and comes back as it was.
    return text.encode("utf-8", "surrogatepass")
