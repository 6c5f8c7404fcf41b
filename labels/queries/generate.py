"""Queries made from templates: which attributes, in which order, with what said around them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from labels.queries import names
from labels.queries.amounts import AMOUNTS
from labels.queries.model import GENERIC, JudgedQuery, Piece
from labels.queries.slips import slipped, typed
from labels.queries.words import Words, fillers, pool

ORDER = (
    *("location", "company", "workplace", "experience", "education", "age", "gender"),
    *("position", "job_type", "salary", "benefit"),
)
"""How most seekers order what they ask for."""

_CHANCES: Mapping[str, float] = {
    "position": 0.78,
    "company": 0.22,
    "workplace": 0.17,
    "location": 0.26,
    "salary": 0.13,
    "age": 0.05,
    "gender": 0.07,
    "education": 0.06,
    "experience": 0.07,
    "job_type": 0.15,
    "benefit": 0.16,
}
_MOST = 6
_SLIPS, _TYPED, _NEGATED = 0.04, 0.3, 0.03
_BEFORE, _AFTER, _ANY, _BETWEEN = 0.22, 0.27, 0.2, 0.12
_NEGATORS = ("不要", "不要", "非", "不做", "不想做", "除了", "拒绝", "不考虑", "不招", "不想要")


class Generator:
    """Makes judged queries from the words of one taxonomy; equal seeds give equal queries."""

    def __init__(self, words: Words, seed: int) -> None:
        """Set the seed of everything random."""
        self._words = words
        self._rng = random.Random(seed)  # noqa: S311 - templates, no secrets
        self._makers: Mapping[str, Callable[[], list[Piece]]] = {
            "position": self._position,
            "company": self._company,
            "workplace": self._workplace,
            "location": self._location,
            "benefit": lambda: [Piece(self._pick(words.benefits), "benefit", named=True)],
            "job_type": lambda: [Piece(self._pick(words.job_types), "job_type", named=True)],
        }

    def queries(self, count: int) -> Iterator[JudgedQuery]:
        """Yield ``count`` queries."""
        for _ in range(count):
            yield self._query()

    def _query(self) -> JudgedQuery:
        rng = self._rng
        kind = rng.random()
        if kind < 0.04:
            groups = [[self._aside()] for _ in range(rng.randrange(1, 4))]
        elif kind < 0.08:
            groups = [self._company(), [self._filler("after")]]
            if rng.random() < 0.4:
                groups.insert(0, self._location())
        else:
            groups = self._around(self._asked())
        return self._written(groups)

    def _asked(self) -> list[list[Piece]]:
        """Return what is asked for, a group of pieces for each attribute."""
        rng = self._rng
        chosen = [name for name in ORDER if rng.random() < _CHANCES[name]]
        chosen = chosen or [rng.choice(("position", "company", "position"))]
        while len(chosen) > _MOST:
            chosen.remove(rng.choice(chosen))
        style = rng.random()
        if style < 0.25:
            rng.shuffle(chosen)
        elif style < 0.5 and "position" in chosen:
            rest = [name for name in chosen if name != "position"]
            rng.shuffle(rest)
            chosen = ["position", *rest]
        groups = [self._made(name) for name in chosen]
        if "position" in chosen and rng.random() < 0.06:
            groups.insert(chosen.index("position") + 1, self._position())
        return groups

    def _made(self, attribute: str) -> list[Piece]:
        rng = self._rng
        maker = self._makers.get(attribute)
        if maker is None:
            return [Piece(AMOUNTS[attribute](rng), attribute)]
        made = maker()
        if len(made) == 1 and attribute != "location" and rng.random() < _NEGATED:
            only = made[0]
            return [replace(only, negator=rng.choice(_NEGATORS))]
        return made

    def _position(self) -> list[Piece]:
        rng, words = self._rng, self._words
        kind = rng.random()
        if kind < 0.35:
            return [Piece(self._pick(pool("common positions")), "position", named=True)]
        if kind < 0.62:
            return [Piece(self._pick(words.positions), "position", named=True)]
        if kind < 0.82:
            return [Piece(self._pick(words.rare), "position", named=True)]
        made = [Piece(names.position(rng), "position", named=True)]
        if rng.random() < 0.12:
            made.append(Piece("的", GENERIC))
        return made

    def _company(self) -> list[Piece]:
        rng = self._rng
        kind = rng.random()
        if kind < 0.3:
            name = self._pick(self._words.employers)
        elif kind < 0.4:
            name = names.brand(rng) + self._pick(self._words.workplaces)
        else:
            name = names.company(rng)
        return [Piece(name, "company", named=True)]

    def _workplace(self) -> list[Piece]:
        rng = self._rng
        known = rng.random() < 0.65
        name = self._pick(self._words.workplaces) if known else names.workplace(rng)
        return [Piece(name, "workplace", named=True)]

    def _location(self) -> list[Piece]:
        rng = self._rng
        kind = rng.random()
        if kind < 0.32:
            found = [self._pick(self._words.places)]
        elif kind < 0.36:
            found = [self._pick(pool("countries"))]
        elif kind < 0.6:
            above, stems = rng.choice(self._words.inside)
            stem = rng.choice(stems)
            found = [above, stem] if rng.random() < 0.6 else [stem]
        elif kind < 0.9:
            found = [names.place(rng)]
            if rng.random() < 0.5:
                found.insert(0, self._pick(self._words.places))
        else:
            found = ["附近"]
        if kind < 0.9 and rng.random() < 0.06:
            found.append("附近")
        return [Piece(name, "location", named=name != "附近") for name in found]

    def _filler(self, *where: str) -> Piece:
        found, weights = fillers(*where)
        return Piece(self._rng.choices(found, weights)[0].text, GENERIC, named=True)

    def _aside(self) -> Piece:
        """Return a word that asks for nothing and may stand anywhere."""
        kind = self._rng.random()
        if kind < 0.45:
            return self._filler("any")
        words = pool("talk") if kind < 0.75 else pool("things")
        words = self._words.certificates if kind > 0.88 else words
        return Piece(self._pick(words), GENERIC, named=True)

    def _around(self, groups: list[list[Piece]]) -> list[list[Piece]]:
        """Put fillers before, behind and between."""
        rng = self._rng
        if rng.random() < _ANY:
            groups.insert(rng.randrange(len(groups) + 1), [self._aside()])
        if len(groups) > 1 and rng.random() < _BETWEEN:
            groups.insert(rng.randrange(1, len(groups)), [self._filler("between")])
        if rng.random() < _BEFORE:
            groups.insert(0, [self._filler("before")])
        if rng.random() < _AFTER:
            groups.append([self._filler("after")])
        return groups

    def _written(self, groups: Sequence[Sequence[Piece]]) -> JudgedQuery:
        """Join the pieces, with blanks between groups or without."""
        rng = self._rng
        blank = rng.choices((0.0, 1.0, 0.4), (58, 27, 15))[0]
        text, pieces = "", []
        for group in groups:
            if text and rng.random() < blank:
                text += " "
            for piece in group:
                if piece.attribute == "position" and rng.random() < _SLIPS:
                    change = typed if rng.random() < _TYPED else slipped
                    piece = replace(piece, text=change(piece.text, rng))  # noqa: PLW2901
                text += piece.written
                pieces.append(piece)
        return JudgedQuery(text, tuple(pieces))

    def _pick(self, words: Sequence[str]) -> str:
        return self._rng.choice(words)
