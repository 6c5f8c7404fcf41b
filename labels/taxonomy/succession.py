"""Handing on what named a retired position: broader positions and relations of its successor."""

from __future__ import annotations

from dataclasses import replace

from labels.taxonomy.rules import above, final
from labels.taxonomy.source import RelationRow, Source


def hand_on(source: Source, successors: dict[str, str]) -> Source:
    """Point everything that named a retired position to its successor."""
    ids = {id_: final(id_, successors) for id_ in successors}
    rows = {
        row.id: replace(row, broader=_repointed(row.broader, ids, row.id)) for row in source.rows
    }
    for heir in set(ids.values()) & rows.keys():
        # What the retired one was broader than may be broader than the heir: not any more.
        kept = (id_ for id_ in rows[heir].broader if heir not in above(id_, rows))
        rows[heir] = replace(rows[heir], broader=tuple(kept))
    return replace(source, rows=tuple(rows.values()), relations=_relations(source.relations, ids))


def _relations(relations: tuple[RelationRow, ...], ids: dict[str, str]) -> tuple[RelationRow, ...]:
    """Hand relations on to successors, except to what these are related to already."""
    kept, inherited = [], []
    for relation in relations:
        a = ids.get(relation.position, relation.position)
        b = ids.get(relation.other, relation.other)
        if (a, b) == (relation.position, relation.other):
            kept.append(relation)
        elif a != b:
            inherited.append(replace(relation, position=a, other=b))
    seen = {frozenset((relation.position, relation.other)) for relation in kept}
    for relation in inherited:
        pair = frozenset((relation.position, relation.other))
        if pair not in seen:
            seen.add(pair)
            kept.append(relation)
    return tuple(kept)


def _repointed(broader: tuple[str, ...], ids: dict[str, str], own: str) -> tuple[str, ...]:
    moved = (ids.get(id_, id_) for id_ in broader)
    return tuple(dict.fromkeys(id_ for id_ in moved if id_ != own))
