"""What else answers for a part of a query: its rewrites by the rule, an employer of that name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.conditions import Held
from search.facets import key
from search.index import Alternative
from search.needs import says
from search.query import Part, QueryParser
from search.rewrite.model import Expansion, Kind, Rewritten, Source
from search.rule import Rule

MOST_ALTERNATIVES = 16
"""Expansions that a part is asked by: forced ones, then the heaviest."""

EMPLOYER_WEIGHT = 0.9
"""Of a post whose company is named by words that nothing else explains."""


def alternatives(
    parser: QueryParser,
    rewritten: Rewritten | None,
    rule: Rule,
    form: str,
    asked_for: Sequence[str],
) -> tuple[Alternative, ...]:
    """Return what a name is rewritten to as the index is asked for it, the heaviest first.

    Args:
        parser: turns names into what the index is asked for.
        rewritten: the rewrites; None where nothing rewrites.
        rule: the weight of each kind; 0 leaves a kind out.
        form: the name itself.
        asked_for: ids of the positions that are asked for already.
    """
    found: dict[Alternative, bool] = {}
    own = says(form).tokens
    for one in rewritten.expansions if rewritten else ():
        weight = _weight(one, rule)
        if weight <= 0 or says(one.text).tokens == own:
            continue
        other = parser.alternative(one.text, one.positions, asked_for, weight)
        if other is not None:
            found[other] = found.get(other, False) or one.source is Source.EDITOR
    # What a site's editors force is asked always.
    heavy = sorted(found, key=lambda other: (not found[other], -other.weight, repr(other)))
    most = max(MOST_ALTERNATIVES, sum(found.values()))
    return tuple(heavy[:most])


def heeded(rewritten: Rewritten, rule: Rule) -> Rewritten:
    """Return the rewrites with those expansions only that are asked by the rule."""
    return replace(
        rewritten,
        expansions=tuple(one for one in rewritten.expansions if _weight(one, rule) > 0),
    )


def forced(rewritten: Rewritten | None, *kinds: Kind) -> tuple[str, ...]:
    """Return the ids of the positions that a site's editors force, of some kinds."""
    every = rewritten.expansions if rewritten else ()
    found = (one for one in every if one.source is Source.EDITOR and one.kind in kinds)
    return tuple(dict.fromkeys(id_ for one in found for id_ in one.positions))


def or_employer(part: Part) -> Part:
    """Let unknown words and places of work (星河商务酒店) be an employer's name too."""
    name = key(part.text)
    if part.attribute not in {"generic", "workplace"} or name is None:
        return part
    employer = Alternative((Held("company", (name,)),), EMPLOYER_WEIGHT)
    return replace(part, phrase=replace(part.phrase, alternatives=(employer,)))


def _weight(expansion: Expansion, rule: Rule) -> float:
    if expansion.kind is Kind.RELATED and expansion.score < rule.related_from:
        return 0.0
    # In steps: those of one weight are one question to the index.
    return min(round(rule.weights[expansion.kind] * expansion.score, 1), 0.9)
