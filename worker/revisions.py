"""Which of two writes of one post is the newer: the rules of revisions, pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from enrich.post import MAX_REVISION, Post, PostError, content_hash

WriteKind = Literal["written", "unchanged", "superseded"]


class RevisionConflict(ValueError):  # noqa: N818 - the name of the contract
    """A post was refused because of its revision; the message names the post and the remedy."""

    def __init__(self, post_id: str, problem: str, remedy: str) -> None:
        """Keep the parts apart, so that programs can read them."""
        super().__init__(f"post {post_id!r}: field 'revision': {problem}; {remedy}")
        self.post_id = post_id
        self.field = "revision"
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A row of ``posts``; ``counted``: its revisions are counted here."""

    id: str
    revision: int
    payload: Any
    deleted: bool
    counted: bool


def decode(payload: object) -> Mapping[str, Any]:
    """Return the object that a payload's text holds.

    Raises:
        PostError: it holds something else.
    """
    try:
        found = json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, ValueError) else "nested too deeply"
        remedy = "write the post as a JSON object"
        raise PostError("payload", f"cannot be decoded ({problem})", remedy) from None
    if not isinstance(found, Mapping):
        raise PostError("payload", "is no JSON object", "write the post as a JSON object")
    return found


def from_row(id_: str, revision: int, payload: object, *, deleted: bool) -> Post:
    """Return the post of a row, which another system may have written; its columns win.

    Raises:
        PostError: the columns are no post's, or the payload is none and the post is not closed.
    """
    columns = {"id": id_, "revision": revision, "deleted": deleted}
    try:
        return Post.from_mapping({**decode(payload), **columns})
    except PostError:
        if not deleted:
            raise
        return Post.from_mapping(columns)


def post_of(stored: StoredPost) -> Post:
    """Return the stored post.

    Raises:
        PostError: another system has written what is no post.
    """
    return from_row(stored.id, stored.revision, stored.payload, deleted=stored.deleted)


def _same(stored: StoredPost, post: Post) -> bool:
    try:
        return content_hash(post_of(stored)) == content_hash(post)
    except PostError:
        return False  # what another system wrote is no post: anything is a change


def compare(stored: StoredPost, post: Post) -> WriteKind | None:
    """Say why a write changes nothing, or None when it does change something.

    Raises:
        RevisionConflict: the revision contradicts what is stored.
    """
    if post.revision is None:
        if _same(stored, post):
            return "unchanged"
        if not stored.counted:
            raise RevisionConflict(
                post.id,
                f"is missing, and the stored post has {stored.revision} from its source",
                f"give a revision above {stored.revision}",
            )
        return None
    if stored.counted:
        raise RevisionConflict(
            post.id, "is given, and this post's revisions are counted here", "leave it out"
        )
    if post.revision < stored.revision:
        return "superseded"
    if post.revision > stored.revision:
        return None
    if _same(stored, post):
        return "unchanged"
    raise RevisionConflict(
        post.id,
        f"{post.revision} is stored already with other content",
        f"give a revision above {stored.revision}",
    )


def next_revision(stored: StoredPost | None, post: Post) -> int:
    """Return the revision under which a changed post is stored.

    Raises:
        RevisionConflict: there is no higher one.
    """
    if post.revision is not None:
        return post.revision
    return checked(post.id, 1 if stored is None else stored.revision + 1)


def checked(post_id: str, revision: int) -> int:
    """Return a revision that is not too high.

    Raises:
        RevisionConflict: it is.
    """
    if revision > MAX_REVISION:
        raise RevisionConflict(post_id, "has reached its highest value", "use a new id")
    return revision
