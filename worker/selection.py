"""Which posts ``reenrich`` is asked for: fields of the post and of its document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from enrich.post import Post, digest
from enrich.text import normalize, normalize_query
from search.index import Stamp

FIELDS = ("city", "category", "company", "id", "recipe", "word")
_HEADS = frozenset({"id", "recipe"})


class SelectionError(ValueError):
    """A condition cannot be understood; names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions by field: all fields must hold, of one field any of its values.

    ``id`` and ``recipe`` are beginnings (of the post's id, of the document's digest), ``word``
    stands in title or body, the others are equal to the post's.
    """

    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Selection:
        """Read conditions of the form ``FIELD=VALUE``.

        Raises:
            SelectionError: one has another form or names another field.
        """
        found: dict[str, set[str]] = {}
        for text in texts:
            name, equals, value = text.partition("=")
            if not equals or name not in FIELDS or not value:
                raise SelectionError(
                    f"--where {text!r} is no condition; write FIELD=VALUE with one of "
                    f"{', '.join(FIELDS)}"
                )
            found.setdefault(name, set()).add(value)
        return cls(tuple((name, tuple(sorted(found[name]))) for name in sorted(found)))

    @property
    def digest(self) -> str:
        """Equal for equal conditions, in whatever order they were given."""
        return digest([[name, list(values)] for name, values in self.conditions])

    @property
    def reads_posts(self) -> bool:
        """Tell whether a condition needs the post itself."""
        return any(name not in _HEADS for name, _ in self.conditions)

    def takes_id(self, id_: str, stamp: Stamp | None) -> bool:
        """Tell whether the conditions that need no post hold."""
        return all(
            any(held.startswith(value) for value in values)
            for name, values in self.conditions
            if (held := _head(name, id_, stamp)) is not None
        )

    def takes_post(self, post: Post) -> bool:
        """Tell whether the conditions on the post itself hold."""
        return all(_holds(name, values, post) for name, values in self.conditions)

    def __str__(self) -> str:
        """Return the conditions for people."""
        parts = [f"{name}={value}" for name, values in self.conditions for value in values]
        return ", ".join(parts) or "all posts"


def _head(name: str, id_: str, stamp: Stamp | None) -> str | None:
    if name == "id":
        return id_
    if name == "recipe":
        return "" if stamp is None else stamp.recipe
    return None


def _holds(name: str, values: tuple[str, ...], post: Post) -> bool:
    if name in _HEADS:
        return True
    if name == "word":
        return contains(post, values)
    return getattr(post, name) in values


def contains(post: Post, words: Iterable[str]) -> bool:
    """Tell whether one of the words stands in title or body, as written or in normal form."""
    given = tuple(words)
    if any(word in post.title or word in post.body for word in given):
        return True
    texts = [normalize(text).text for text in (post.title, post.body)]
    return any(normalize_query(word) in text for word in given for text in texts)
