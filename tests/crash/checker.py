"""What a crash run must have left behind, as a function from what was written and what is there.

The posts table is the truth for revisions, the writers' journals are its lower bound: a write
that was not acknowledged may or may not have happened, an acknowledged one must have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from enrich.post import Post, PostError
from search.index import ACTIVATIONS, Document
from tests.crash.encoder import RECIPE, document_of, vector_of
from tests.crash.history import Write

Violation = Literal[
    "lost",  # an acknowledged write, an open post's document or a tombstone is missing
    "stale",  # the index has an older revision
    "resurrected",  # a closed post is open in the index, or found by a query
    "ahead",  # the index has a revision or a post that the database has not
    "content",  # the database or the document holds what nobody wrote
    "vector",  # the vector or the text is another text's
    "dead",  # a dead letter that was not planted, or a planted one that is missing
    "unsettled",  # work that still waits
    "reject",  # a refused message that was not planted, or a planted one that is missing
    "went back",  # the watcher saw a version fall, or a document disappear
    "standby",  # the generation that stands by is not what the one that serves is
]
NO_ERROR = "none was reported"
"""What a letter says of a post that never failed by itself (worker.claim)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the posts table."""

    revision: int
    deleted: bool
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """One open dead letter."""

    post_id: str
    revision: int
    kind: str
    error: str = ""

    def fits(self, revision: int, fate: str) -> bool:
        """Tell whether this is what reading a doomed content leads to.

        The last strike of a post that fails may be the death of whatever held it alone.
        """
        taken = fate == "error" and self.kind == "lost" and NO_ERROR not in self.error
        return self.revision == revision and (self.kind == fate or taken)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read back after quiet; ``found`` are the ids that queries return."""

    posts: Mapping[str, Row]
    documents: Mapping[str, Document]
    found: Mapping[str, frozenset[str]]
    letters: Sequence[Letter] = ()
    waiting: Mapping[str, int] | None = None
    rejects: Sequence[str] = ()
    went_back: Sequence[str] = ()
    standby: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One violation: which, of which post, and what is wrong."""

    kind: Violation
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """All violations of a run and how many posts were looked at."""

    posts: int
    faults: tuple[Fault, ...]

    @property
    def counts(self) -> dict[str, int]:
        """The number of violations by kind; empty where all is well."""
        return dict(sorted(Counter(fault.kind for fault in self.faults).items()))

    def __str__(self) -> str:
        head = f"{self.posts} posts, violations: {self.counts or 'none'}"
        return "\n".join(
            [head, *(f"  {f.kind}: {f.subject}: {f.detail}" for f in self.faults[:40])]
        )


def check(history: Sequence[Write], acknowledged: Iterable[int], seen: Seen) -> Report:
    """Compare what was written with what is there.

    Args:
        history: every write that any writer may have made.
        acknowledged: the numbers of those that their writer knows to have happened.
        seen: what the database and the index hold.
    """
    done = frozenset(acknowledged)
    written = {(w.id, w.revision): w for w in history if w.kind != "refused"}
    faults = [
        *_acknowledged(history, done, seen),
        *_letters(written, seen),
        *_rejects(history, done, seen),
        *_queries(seen),
    ]
    for id_, row in sorted(seen.posts.items()):
        faults += _one(id_, row, written, seen)
    known = seen.posts.keys()
    faults += [
        Fault("ahead", id_, "a document of a post that the database does not know")
        for id_ in sorted(seen.documents.keys() - known)
    ]
    waiting = seen.waiting or {}
    faults += [Fault("unsettled", what, f"{n} waiting") for what, n in waiting.items() if n]
    faults += [Fault("went back", what.split(" ")[0], what) for what in seen.went_back]
    faults += [Fault("standby", what.split(" ")[0], what) for what in seen.standby]
    return Report(len(seen.posts), tuple(faults))


def _acknowledged(history: Sequence[Write], done: frozenset[int], seen: Seen) -> Iterator[Fault]:
    least: dict[str, int] = {}
    for write in history:
        if write.number in done and write.kind != "refused":
            least[write.id] = max(write.revision, least.get(write.id, 0))
    for id_, revision in sorted(least.items()):
        row = seen.posts.get(id_)
        if row is None or row.revision < revision:
            stored = "nothing" if row is None else f"revision {row.revision}"
            yield Fault("lost", id_, f"revision {revision} was acknowledged, {stored} is stored")


def _one(
    id_: str, row: Row, written: Mapping[tuple[str, int], Write], seen: Seen
) -> Iterator[Fault]:
    """Check one post of the database and its document."""
    write = written.get((id_, row.revision))
    if write is None:
        yield Fault("content", id_, f"revision {row.revision} is stored and was never written")
        return
    if not _same(row, write):
        yield Fault("content", id_, f"revision {row.revision} is stored with other content")
    document = seen.documents.get(id_)
    if write.fate is None or write.deleted:
        yield from _current(id_, write, document)
    if document is not None:
        yield from _own_content(id_, row, document, written)


def _same(row: Row, write: Write) -> bool:
    """Compare as posts: one way in stores every field, another what it was given."""
    if write.broken:
        return dict(row.payload) == write.payload()
    try:
        stored = Post.from_mapping(row.payload)
    except PostError:
        return False
    return row.deleted == write.deleted and stored == Post.from_mapping(write.payload())


def _current(id_: str, write: Write, document: Document | None) -> Iterator[Fault]:
    """A post that can be read, and was, has exactly its newest revision in the index."""
    if document is None:
        what = "tombstone" if write.deleted else "document"
        yield Fault("lost", id_, f"no {what} of revision {write.revision}")
        return
    revision = document.version // ACTIVATIONS
    if revision < write.revision:
        yield Fault("stale", id_, f"revision {revision} is indexed, {write.revision} is stored")
    if write.deleted and document.state == "open":
        yield Fault("resurrected", id_, f"closed by revision {write.revision}, open at {revision}")
    if document.recipe != RECIPE.digest:
        yield Fault("stale", id_, f"indexed under recipe {document.recipe}")


def _own_content(
    id_: str, row: Row, document: Document, written: Mapping[tuple[str, int], Write]
) -> Iterator[Fault]:
    """Whatever revision a document has: it holds that revision's content and no other."""
    revision = document.version // ACTIVATIONS
    if revision > row.revision:
        yield Fault("ahead", id_, f"revision {revision} is indexed, {row.revision} is stored")
    write = written.get((id_, revision))
    if write is None or write.broken:
        yield Fault("content", id_, f"revision {revision} is indexed and nobody can have read it")
        return
    expected = document_of(Post.from_mapping(write.payload()), document.version)
    if document.state != expected.state:
        kind: Violation = "resurrected" if expected.state == "closed" else "lost"
        yield Fault(kind, id_, f"revision {revision} is indexed as {document.state}")
        return
    if document.match is not None and expected.match is not None:
        if document.match.vector != vector_of(write.title, write.body):
            yield Fault("vector", id_, f"revision {revision} has the vector of another text")
        if replace(document.match, vector=expected.match.vector) != expected.match:
            yield Fault("vector", id_, f"revision {revision} has the streams of another text")
    shown = (document.display, document.filter, document.digest)
    if shown != (expected.display, expected.filter, expected.digest):
        yield Fault("content", id_, f"revision {revision} shows or filters by other content")


def _letters(written: Mapping[tuple[str, int], Write], seen: Seen) -> Iterator[Fault]:
    """Dead letters are exactly the posts whose newest content cannot be read, once each."""
    planted = {}
    for id_, row in seen.posts.items():
        write = written.get((id_, row.revision))
        if write is not None and write.fate is not None and not write.deleted:
            planted[id_] = (row.revision, write.fate)
    found: dict[str, list[Letter]] = {}
    for letter in seen.letters:
        found.setdefault(letter.post_id, []).append(letter)
    for id_, letters in sorted(found.items()):
        if id_ not in planted:
            yield Fault("dead", id_, f"an unplanned dead letter: {letters[0]}")
        elif len(letters) > 1:
            yield Fault("dead", id_, f"{len(letters)} open dead letters for one post")
        elif not letters[0].fits(*planted[id_]):
            yield Fault("dead", id_, f"{letters[0]}, planned was {planted[id_]}")
    for id_ in sorted(planted.keys() - found.keys()):
        yield Fault("dead", id_, f"no dead letter, planned was {planted[id_]}")


def _rejects(history: Sequence[Write], done: frozenset[int], seen: Seen) -> Iterator[Fault]:
    """Each planted refusal that was sent is kept once; an unacknowledged one may be there."""
    planted = {w.id: w.number in done for w in history if w.kind == "refused"}
    found = Counter(seen.rejects)
    for id_, count in sorted(found.items()):
        if id_ not in planted:
            yield Fault("reject", id_, "an unplanned reject")
        elif count > 1:
            yield Fault("reject", id_, f"kept {count} times")
    for id_ in sorted(id_ for id_, sent in planted.items() if sent and id_ not in found):
        yield Fault("reject", id_, "was refused and is not kept")


def _queries(seen: Seen) -> Iterator[Fault]:
    """A query finds the open documents and no other."""
    shown = {id_ for id_, document in seen.documents.items() if document.state == "open"}
    for channel, ids in sorted(seen.found.items()):
        for id_ in sorted(ids - shown):
            yield Fault("resurrected", id_, f"found by {channel}, and no open document")
        for id_ in sorted(shown - ids):
            yield Fault("lost", id_, f"open, and not found by {channel}")
