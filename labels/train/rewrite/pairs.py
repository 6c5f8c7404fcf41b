"""Pairs that measure: of positions that training never saw, and judged ones of our own."""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from labels.train.rewrite.kinship import Kin, kinship

_ENDS: tuple[Callable[[str], str], ...] = (
    lambda text: f"…{text[-2:]}",
    lambda text: f"{text[:2]}…",
    lambda text: f"…{text[-1:]}",
)


_TRIES = 10


class PairsError(ValueError):
    """A file of judged pairs is wrong; the message names the file, the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A query, a candidate for rewriting it, and 2 the same, 1 acceptable, 0 wrong.

    ``kind``: how the pair was made or which half of a judged file it stands in.
    """

    query: str
    candidate: str
    label: int
    kind: str


def is_held_out(key: str, share: float) -> bool:
    """Tell whether an id is held out: by itself alone, so new ones do not move old ones."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


def is_hidden(taxonomy: Taxonomy, form: str, share: float) -> bool:
    """Tell whether training must not see a form.

    All forms of held-out positions are hidden, and as large a share of the forms of the others,
    but never a position's main name.
    """
    senses = taxonomy.senses(form)
    if any(is_held_out(sense.position, share) for sense in senses):
        return True
    if not senses or not is_held_out(f"form {form}", share):
        return False
    return form not in {normalize_query(taxonomy.positions[s.position].name) for s in senses}


def held_out_pairs(taxonomy: Taxonomy, share: float, seed: int = 0) -> tuple[Pair, ...]:
    """Return pairs with a name that training does not see, the same for the same taxonomy.

    Around each held-out position up to three pairs that are the same, one kind, two related ones;
    for each hidden form of another position one that is the same. As many wrong ones, of which
    four in five share their beginning or their end with the query.
    """
    makers = _Makers(taxonomy, random.Random(f"{seed} pairs"))  # noqa: S311 - no secret
    found: list[Pair] = []
    for id_ in makers.known.ids:
        if is_held_out(id_, share):
            right = makers.around_position(id_)
        else:
            own = makers.forms[id_]["same"]
            hidden = [form for form in own if is_hidden(taxonomy, form, share)]
            right = [pair for form in hidden if (pair := makers.around_form(form, own))]
        found += right
        found += [wrong for pair in right if (wrong := makers.wrong(pair.query, id_))]
    return tuple(dict.fromkeys(found))


class _Makers:
    """Makes pairs from a taxonomy and random numbers."""

    def __init__(self, taxonomy: Taxonomy, rng: random.Random) -> None:
        self.known = kinship(taxonomy)
        self._place = self.known.place
        self._rng = rng
        self.forms: dict[str, dict[str, list[str]]] = {
            id_: {"same": [], "narrower": []} for id_ in taxonomy.positions
        }
        self._alike: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for form, senses in sorted(taxonomy.forms.items()):
            if len(senses) == 1:
                self.forms[senses[0].position][senses[0].kind].append(form)
                if senses[0].kind == "same":
                    for end in _ENDS:
                        self._alike[end(form)].append((form, senses[0].position))

    def around_position(self, id_: str) -> list[Pair]:
        own, rng = self.forms[id_]["same"], self._rng
        if len(own) < 2:
            return []
        drawn = [rng.sample(own, 2) for _ in range(3)]
        found = [Pair(query, candidate, 2, "same") for query, candidate in drawn]
        if self.forms[id_]["narrower"]:
            found.append(Pair(rng.choice(own), rng.choice(self.forms[id_]["narrower"]), 1, "kind"))
        row = self.known.table[self._place[id_]]
        related = [self.known.ids[i] for i, kin in enumerate(row) if kin == Kin.RELATED]
        for other in rng.sample(related, min(2, len(related))):
            if self.forms[other]["same"]:
                candidate = rng.choice(self.forms[other]["same"])
                found.append(Pair(rng.choice(own), candidate, 1, "related"))
        return found

    def around_form(self, form: str, own: Sequence[str]) -> Pair | None:
        others = [other for other in own if other != form]
        return Pair(form, self._rng.choice(others), 2, "form") if others else None

    def wrong(self, query: str, id_: str) -> Pair | None:
        end = self._rng.choices((*_ENDS, None), (0.4, 0.25, 0.15, 0.2))[0]
        if end is None:
            other = self._rng.choice(self.known.ids)
            options = [(form, other) for form in self.forms[other]["same"]]
        else:
            options = self._alike[end(query)]
        kind = "random" if end is None else "alike"
        row = self.known.table[self._place[id_]]
        for form, other in self._rng.sample(options, min(_TRIES, len(options))):
            if row[self._place[other]] == Kin.NONE:
                return Pair(query, form, 0, kind)
        return None


def read_judged(path: Path) -> tuple[Pair, ...]:
    """Read judged pairs, names normalised; the kind is the half.

    Raises:
        PairsError: a line lacks a field or has a wrong label or half.
    """
    found = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
                query, candidate = (normalize_query(row[n]) for n in ("query", "candidate"))
                pair = Pair(query, candidate, row["label"], row["half"])
            except (ValueError, KeyError, TypeError) as error:
                raise PairsError(
                    f"{path}:{number}: {error!r}; write query, candidate, label and half"
                ) from None
            if pair.label not in (0, 1, 2) or pair.kind not in ("look", "blind"):
                raise PairsError(f"{path}:{number}: label is 0, 1 or 2, half look or blind")
            found.append(pair)
    return tuple(found)
