"""What changes between two taxonomies, before the new one is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.taxonomy import Taxonomy

Item = TypeVar("Item", str, tuple[str, str, str])


@dataclass(frozen=True, slots=True)
class FormChange:
    """A form and the positions that it named before and names now."""

    form: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostChange:
    """A post in which other forms are found now."""

    id: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryChange:
    """A query and the positions that it asked for before and asks for now."""

    query: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaxonomyDiff:
    """Everything that differs; ids of positions in sorted order.

    ``vanished`` ids have no successor: stored documents that carry them can no longer be found
    by them, so a diff that has some must not be applied.
    """

    added: tuple[str, ...]
    retired: tuple[tuple[str, str], ...]
    vanished: tuple[str, ...]
    renamed: tuple[tuple[str, str, str], ...]
    moved: tuple[str, ...]  # another group or other broader positions
    groups: tuple[str, ...]  # sectors and groups that are new, gone, renamed or elsewhere
    forms: tuple[FormChange, ...]
    relations_added: tuple[tuple[str, str, str], ...]
    relations_removed: tuple[tuple[str, str, str], ...]
    lookalikes_added: tuple[str, ...]
    lookalikes_removed: tuple[str, ...]
    ambiguous_added: tuple[str, ...]
    ambiguous_removed: tuple[str, ...]
    query_only_added: tuple[str, ...]
    query_only_removed: tuple[str, ...]
    posts_read: int = 0
    posts: tuple[PostChange, ...] = ()
    queries_read: int = 0
    queries: tuple[QueryChange, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def diff(
    old: Taxonomy,
    new: Taxonomy,
    posts: Iterable[tuple[str, str, str]] = (),
    queries: Iterable[QueryChange] = (),
) -> TaxonomyDiff:
    """Compare two taxonomies, and what they find in posts (id, title, body) and queries.

    What a query means is search's to say: each is given as read with both.
    """
    both = old.positions.keys() & new.positions.keys()
    gone = old.positions.keys() - new.positions.keys()
    posts_read, changed_posts = _posts(old, new, posts)
    asked = list(queries)
    return TaxonomyDiff(
        added=tuple(sorted(new.positions.keys() - old.positions.keys())),
        retired=tuple(sorted((id_, new.retired[id_]) for id_ in gone if id_ in new.retired)),
        vanished=tuple(
            sorted((gone | old.retired.keys()) - new.retired.keys() - new.positions.keys())
        ),
        renamed=tuple(
            (id_, old.positions[id_].name, new.positions[id_].name)
            for id_ in sorted(both)
            if old.positions[id_].name != new.positions[id_].name
        ),
        moved=tuple(id_ for id_ in sorted(both) if _place(old, id_) != _place(new, id_)),
        forms=tuple(_form_changes(old, new, sorted(old.forms.keys() | new.forms.keys()))),
        groups=tuple(sorted({id_ for id_, _ in old.categories.items() ^ new.categories.items()})),
        relations_added=_new(old.relations, new.relations),
        relations_removed=_new(new.relations, old.relations),
        lookalikes_added=_new(old.lookalikes, new.lookalikes),
        lookalikes_removed=_new(new.lookalikes, old.lookalikes),
        ambiguous_added=_new(old.ambiguous, new.ambiguous),
        ambiguous_removed=_new(new.ambiguous, old.ambiguous),
        query_only_added=_new(old.query_only, new.query_only),
        query_only_removed=_new(new.query_only, old.query_only),
        posts_read=posts_read,
        posts=changed_posts,
        queries_read=len(asked),
        queries=tuple(query for query in asked if query.before != query.after),
    )


def _new(before: Iterable[Item], after: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(set(after) - set(before)))


def _place(taxonomy: Taxonomy, id_: str) -> tuple[str, frozenset[str]]:
    position = taxonomy.positions[id_]
    return position.group, frozenset(position.broader)


def _form_changes(old: Taxonomy, new: Taxonomy, forms: Iterable[str]) -> Iterable[FormChange]:
    for form in forms:
        before, after = _named(old, form), _named(new, form)
        if before != after:
            yield FormChange(form, before, after)


def _named(taxonomy: Taxonomy, form: str) -> tuple[str, ...]:
    """Return the positions a form names, ``*`` behind those that it names more narrowly."""
    return tuple(
        sense.position + ("*" if sense.kind == "narrower" else "")
        for sense in taxonomy.senses(form)
    )


def _posts(
    old: Taxonomy, new: Taxonomy, posts: Iterable[tuple[str, str, str]]
) -> tuple[int, tuple[PostChange, ...]]:
    before, after = Lexicon(old), Lexicon(new)
    changes = []
    count = 0
    for id_, title, body in posts:
        count += 1
        had, has = (
            Counter(match.form for text in (title, body) for match in read(text, lexicon).matches)
            for lexicon in (before, after)
        )
        if had != has:
            gone, fresh = tuple(sorted(had - has)), tuple(sorted(has - had))
            changes.append(PostChange(id_, gone, fresh))
    return count, tuple(changes)
