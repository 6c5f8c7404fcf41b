"""What becomes of a document whose version is not above the stored one: on every back end alike."""

from __future__ import annotations

from search.index import Document, Outcome, WriteOutcome


def refused(document: Document, version: int, digest: str) -> WriteOutcome:
    """Return the outcome of a document by what is stored: an equal or higher version.

    Args:
        document: what was to be written.
        version: of the stored document.
        digest: of the stored document's content.
    """
    if version > document.version:
        return WriteOutcome(document.id, Outcome.SUPERSEDED, version)
    if digest == document.digest:
        return WriteOutcome(document.id, Outcome.SAME, version)
    error = f"version {version} is stored with other content; write it under the next activation"
    return WriteOutcome(document.id, Outcome.CONFLICT, version, error)
