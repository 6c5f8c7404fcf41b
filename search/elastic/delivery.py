"""The way of a batch into the generations: who has answered for which document, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from search import versions
from search.elastic.bulk import Item, Kind
from search.elastic.roles import Generation, Roles
from search.index import Document, IndexUnavailableError, Outcome, Trouble, WriteOutcome

_OUTCOMES = {
    Kind.TAKEN: Outcome.OK,
    Kind.REFUSED: Outcome.PERMANENT,
    Kind.TOO_LARGE: Outcome.TOO_LARGE,
}


@dataclass(slots=True)
class _Way:
    document: Document
    answers: dict[str, Item] = field(default_factory=dict)  # by name of the index
    end: WriteOutcome | None = None


class Delivery:
    """Documents of different ids on their way; a document is named by its place in the list."""

    def __init__(self, documents: Sequence[Document]) -> None:
        """Begin; nobody has answered."""
        self._ways = [_Way(document) for document in documents]

    def __getitem__(self, place: int) -> Document:
        return self._ways[place].document

    @property
    def answered(self) -> bool:
        """Whether the server has said something of any document."""
        return any(way.answers for way in self._ways)

    def open(self) -> list[int]:
        """Return the places whose fate is not decided yet."""
        return [place for place, way in enumerate(self._ways) if way.end is None]

    def next(self, roles: Roles) -> tuple[Generation, list[int]] | None:
        """Return a generation that lacks documents, and which; None when none does.

        The standby comes first. Whoever finds a version in the current generation takes the
        document for written and does not send it again, so it must not be there while the standby
        lacks it. A document that one generation cannot take now goes to no other either.
        """
        for generation in reversed(roles.all):
            places = [
                place
                for place in self.open()
                if generation.name not in self._ways[place].answers
                and self._hindrance(self._ways[place], roles) is None
            ]
            if places:
                return generation, places
        return None

    def record(self, place: int, index: str, item: Item) -> None:
        """Note what an index said of a document."""
        answers = self._ways[place].answers
        # Where an alias has moved in between, an index may be asked again for what it just took.
        if not (item.kind is Kind.KNOWN and index in answers and answers[index].kind is Kind.TAKEN):
            answers[index] = item

    def finish(self, place: int, outcome: Outcome, error: str) -> None:
        """Decide a document's fate before anybody has said anything."""
        self._ways[place].end = WriteOutcome(self._ways[place].document.id, outcome, error=error)

    def known(self, index: str) -> list[int]:
        """Return the places of which an index said that it has the version, or a newer one."""
        return [
            place
            for place in self.open()
            if (item := self._ways[place].answers.get(index)) and item.kind is Kind.KNOWN
        ]

    def settle_known(self, place: int, stored: tuple[int, str] | None) -> None:
        """Decide a document whose version was refused, by what is stored: version and digest."""
        way = self._ways[place]
        way.end = refused(way.document, stored)

    def settle(self, roles: Roles) -> None:
        """Decide every document that all generations have answered for, or that one hinders."""
        for place in self.open():
            way = self._ways[place]
            item = self._hindrance(way, roles)
            if item is None and all(one.name in way.answers for one in roles.all):
                item = way.answers[roles.current.name]
            if item is not None and item.kind is not Kind.KNOWN:
                way.end = _ended(way.document, item)

    def give_up(self, error: IndexUnavailableError) -> None:
        """Give every open document back for later."""
        for place in self.open():
            way = self._ways[place]
            way.end = WriteOutcome(
                way.document.id, Outcome.RETRY, error=str(error), trouble=error.reason
            )

    def refused_by(self, index: str) -> list[tuple[Document, Item]]:
        """Return what an index will never take."""
        return [
            (way.document, item)
            for way in self._ways
            if (item := way.answers.get(index)) and item.kind in (Kind.REFUSED, Kind.TOO_LARGE)
        ]

    def outcomes(self) -> list[WriteOutcome]:
        """Return the outcome of every document, in order; all must be decided."""
        return [way.end for way in self._ways if way.end is not None]

    @staticmethod
    def _hindrance(way: _Way, roles: Roles) -> Item | None:
        """Return why a generation that takes part now cannot take the document for now."""
        for generation in roles.all:
            item = way.answers.get(generation.name)
            if item is not None and item.kind is Kind.LATER:
                if generation is roles.current:
                    return item
                text = f"standby index {generation.name}: {item.error}"
                return Item(Kind.LATER, item.index, item.trouble, text)
        return None


def refused(document: Document, stored: tuple[int, str] | None) -> WriteOutcome:
    """Return the outcome of a document whose version was refused.

    Args:
        document: what was to be written.
        stored: version and digest of what is there; None: nothing.
    """
    if stored is None or stored[0] < document.version:
        error = (
            "its version was refused, and no such version is stored: it was deleted by hand "
            "(forgotten after index.gc_deletes, 60 s); it is written again later"
        )
        return WriteOutcome(document.id, Outcome.RETRY, stored and stored[0], error)
    return versions.refused(document, *stored)


def _ended(document: Document, item: Item) -> WriteOutcome:
    if item.kind is Kind.TAKEN:
        return WriteOutcome(document.id, Outcome.OK, document.version)
    outcome = _OUTCOMES.get(item.kind, Outcome.RETRY)
    trouble: Trouble | None = item.trouble if outcome is Outcome.RETRY else None
    return WriteOutcome(document.id, outcome, error=item.error, trouble=trouble)
