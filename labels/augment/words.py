"""Which positions are kin, and drawing others that a post has nothing to do with."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from functools import cache

from enrich.taxonomy import Sense, Taxonomy
from enrich.text import normalize_query
from labels.augment.edits import FIRST_NAMED, HIRED, hired_names, labelled_words, whole_text
from labels.train.data import Example

_TRIES = 12
_SAME_SECTOR = 0.4
_EVERYWHERE = {"cat-generic", "cat-parttime"}
_SUFFIX = re.compile(r"(?:人员|专员|工程师|师傅|岗|师|员|工|生)$")
_SHORTEST = 2
"""Characters that a word must keep without its suffix."""
_LOWER = ("组长", "领班", "班长", "队长", "主管", "储备干部")
_UPPER = ("店长", "经理", "区域经理", "部门经理", "总监", "副总")


class Words:
    """The positions that training posts name, beside those of the taxonomy.

    ``positions``: distinct words that judges took for positions, in order.
    """

    def __init__(self, examples: Iterable[Example], taxonomy: Taxonomy | None = None) -> None:
        """Collect the words of examples; the shipped taxonomy says which are kin."""
        self.taxonomy = taxonomy or shipped()
        self.positions = position_words(examples)
        self._kin: dict[str, frozenset[str]] = {}
        self._by_sector: dict[str, list[str]] = {}
        odd = self.taxonomy.ambiguous | self.taxonomy.query_only
        self._members: dict[str, list[str]] = {}
        for position in self.taxonomy.positions.values():
            if position.name not in odd:
                name = normalize_query(position.name)
                self._members.setdefault(position.group, []).append(name)
        self._drawn: list[str] = []
        for word in self.positions:
            sectors = self.sectors([word])
            if sectors or not self.taxonomy.senses(word):
                self._drawn.append(word)
            for sector in sectors:
                self._by_sector.setdefault(sector, []).append(word)

    def sectors(self, words: Iterable[str]) -> frozenset[str]:
        """Return the ids of the taxonomy's sectors that words name positions of.

        Ranks and kinds of work (工程师, 实习生) are of every sector, hence of none here.
        """
        found = {self.taxonomy.path(id_)[0].id for id_ in self.ids(words)}
        return frozenset(found - _EVERYWHERE)

    def groups(self, words: Iterable[str]) -> frozenset[str]:
        """Return the ids of the taxonomy's groups that words name positions of."""
        return frozenset(self.taxonomy.path(id_)[1].id for id_ in self.ids(words))

    def kin(self, one: str, other: str) -> bool:
        """Tell whether a seeker of one may accept the other, or the lexicon may mix them up."""
        if any(a in b or b in a for a, b in ((one, other), (_stem(one), _stem(other)))):
            return True
        known, others = self.ids([one]), self.ids([other])
        if known and others:
            return not known.isdisjoint(self._family(other))
        return not _pairs(one).isdisjoint(_pairs(other))

    def strangers(
        self,
        example: Example,
        count: int,
        rng: random.Random,
        pool: Sequence[str] | None = None,
        *,
        apart: bool = False,
    ) -> list[str]:
        """Draw up to ``count`` positions that are no kin of any hired one, nor in the post.

        Some stem from the hired positions' own sector, so that they are no easy bait; ``apart``:
        none from their groups, where the text does not say that they are not hired.
        """
        hired, text = hired_names(example), whole_text(example)
        groups = self.groups(hired) if apart else frozenset()
        near = [w for s in sorted(self.sectors(hired)) for w in self._by_sector.get(s, ())]
        drawn: list[str] = []
        for _ in range(_TRIES * count):
            if len(drawn) == count:
                break
            source = pool or (near if near and rng.random() < _SAME_SECTOR else self._drawn)
            if not source:
                break
            word = rng.choice(source)
            if word in text or not groups.isdisjoint(self.groups([word])):
                continue
            if not any(self.kin(word, w) for w in (*hired, *drawn)):
                drawn.append(word)
        return drawn

    def siblings(self, example: Example) -> list[str]:
        """Return names of positions of the hired positions' groups: 送餐员 beside 快递员."""
        groups = sorted(self.groups(hired_names(example)))
        return [name for group in groups for name in self._members.get(group, ())]

    def rungs(self, example: Example, rng: random.Random) -> list[str]:
        """Draw two rungs of a career ladder above the hired positions, none of them in the post."""
        hired, text = hired_names(example), whole_text(example)
        above = [
            normalize_query(self.taxonomy.position(related.other).name)
            for word in hired
            for sense in self.taxonomy.senses(word)
            for related in self.taxonomy.related(sense.position)
            if related.role == "junior-of"
        ]
        rungs: list[str] = []
        for step in ([*above, *_LOWER], _UPPER):
            fit = [w for w in dict.fromkeys(step) if self._fits(w, [*hired, *rungs], text)]
            rungs += [rng.choice(fit)] if fit else []
        return rungs

    @staticmethod
    def _fits(word: str, hired: Sequence[str], text: str) -> bool:
        return word not in text and not any(word in other or other in word for other in hired)

    def ids(self, words: Iterable[str]) -> frozenset[str]:
        """Return the ids of the positions that words name."""
        return frozenset(s.position for word in words for s in self.taxonomy.senses(word))

    def names(self, words: Sequence[str], text: str) -> list[str]:
        """Return other names, not in the text, of the very positions that words name."""
        odd = self.taxonomy.ambiguous | self.taxonomy.query_only
        return [
            form
            for position in sorted(self.ids(words))
            for form in self.taxonomy.forms_of(position)
            if form not in text and form not in odd and self.taxonomy.senses(form)
            == (Sense(position, "same"),)
        ]  # fmt: skip

    def _family(self, word: str) -> frozenset[str]:
        found = self._kin.get(word)
        if found is None:
            found = frozenset(
                other
                for id_ in self.ids([word])
                for other in (
                    id_,
                    *self.taxonomy.ancestors(id_),
                    *self.taxonomy.descendants(id_),
                    *(related.other for related in self.taxonomy.related(id_)),
                )
            )
            self._kin[word] = found
        return found


def position_words(examples: Iterable[Example]) -> list[str]:
    """Return the distinct words that a judge took for a position somewhere, in order."""
    words = {
        word
        for example in examples
        for word, label in labelled_words(example)
        if label == HIRED or label >= FIRST_NAMED
    }
    return sorted(word for word in words if not word.isascii())


@cache
def shipped() -> Taxonomy:
    """Return the taxonomy that ships with the product."""
    return Taxonomy.load()


def _stem(word: str) -> str:
    """Return 数据分析 of 数据分析师 and 数据分析人员."""
    stem = _SUFFIX.sub("", word)
    return stem if len(stem) >= _SHORTEST else word


def _pairs(word: str) -> frozenset[str]:
    return frozenset(word[i : i + 2] for i in range(len(word) - 1))
