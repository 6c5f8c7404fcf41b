"""What the form of a position names: canonical name, same-as forms, ids."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from enrich.taxonomy import Taxonomy

RANKS = frozenset(
    {"助理", "主管", "经理", "总监", "学徒", "组长", "领班", "师傅", "司机", "老师", "教练"}
    | {"专员", "阿姨", "工程师", "实习生", "店长", "管理员", "技术员", "操作员", "顾问"}
)
"""Behind another position these say which rank of it is meant."""
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")


SEVERAL = "|"
"""Between the positions that one word may name."""
_TITLES = ("专员", "人员", "员", "师", "工程师")
"""Behind a field of work these say who works in it; the last only where the field is no job."""


@dataclass(frozen=True, slots=True)
class Named:
    """The meaning of a form: the name of its first position, names of the same, and the ids."""

    value: str
    forms: tuple[str, ...]
    positions: tuple[str, ...]
    wider: tuple[str, ...]


class Names:
    """Looks up the meaning of forms in one taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Collect the same-as forms of every position."""
        self._taxonomy = taxonomy
        same: defaultdict[str, list[str]] = defaultdict(list)
        for form, senses in taxonomy.forms.items():
            for sense in senses:
                if sense.kind == "same":
                    same[sense.position].append(form)
        self._case = _case(position.name for position in taxonomy.positions.values())
        self._same = {id_: tuple(forms) for id_, forms in same.items()}

    def of(self, form: str, written: str = "", bare: str = "") -> Named:
        """Return what a form names; an unknown one names itself.

        Args:
            form: the form, perhaps with the kind of place before it (酒店前台).
            written: what stands in the query where that differs; it is one of the names.
            bare: the form without the place; its names are good ones too.

        A form that leaves it open (带孩子: 保姆|育儿嫂) has the names of all that it may mean.
        """
        if SEVERAL in form:
            return _merged([self.of(one, written, one) for one in form.split(SEVERAL)])
        senses = self._taxonomy.senses(form)
        ids = [sense.position for sense in senses]
        others = [sense.position for sense in self._taxonomy.senses(bare) if sense.kind == "same"]
        every = dict.fromkeys(self._taxonomy.position(id_).name for id_ in ids)
        every |= dict.fromkeys(filter(None, (self._cased(form), form, written)))
        every |= dict.fromkeys(self._longer(form))
        for id_ in (*ids, *others):
            for name in self._same.get(id_, ()):
                every |= {self._cased(name): None, name: None}
        names = tuple(every)
        return Named(
            names[0] if names else form,
            names,
            tuple(sense.position for sense in senses if sense.kind == "same"),
            tuple(sense.position for sense in senses if sense.kind == "narrower"),
        )

    def _cased(self, form: str) -> str:
        """Write the Latin words of a form as the names of positions write them: ui -> UI."""
        return _LATIN.sub(lambda match: self._case.get(match[0], match[0]), form)

    def _longer(self, form: str) -> list[str]:
        """Return the names that say no more than a short form: 行政 and 行政专员."""
        endings = _TITLES if form in self._taxonomy.query_only else _TITLES[:-1]
        return [self._cased(form + end) for end in endings if self.knows(form + end)]

    def knows(self, form: str) -> bool:
        """Tell whether a form names a position."""
        return form in self._taxonomy.forms

    @cached_property
    def _leads(self) -> frozenset[str]:
        forms = self._taxonomy.forms
        cuts = ((form[:at], form[at:]) for form in forms for at in range(2, len(form) - 1))
        return frozenset(lead for lead, rest in cuts if rest in forms)

    def leads(self, word: str) -> bool:
        """Tell whether a word stands before a position in the name of another: 数控|车工."""
        return word in self._leads

    def names_surely(self, form: str) -> bool:
        """Tell whether a form names a position wherever it stands."""
        return self.knows(form) and form not in self._taxonomy.query_only

    def separate(self, one: str, other: str) -> bool:
        """Tell whether two words name a position each, and not one together: 会计 助理."""
        return self.names_surely(one) and self.names_surely(other) and other not in RANKS

    def canonical(self) -> frozenset[str]:
        """Return the names of the positions themselves."""
        return frozenset(position.name.casefold() for position in self._taxonomy.positions.values())

    def names_same(self, form: str) -> bool:
        """Tell whether a form is a name of a position, not of something narrower."""
        return any(sense.kind == "same" for sense in self._taxonomy.senses(form))


def _merged(several: Sequence[Named]) -> Named:
    """Return what a word names that may mean several positions; the first gives the name."""
    return Named(
        several[0].value,
        tuple(dict.fromkeys(name for one in several for name in one.forms)),
        tuple(dict.fromkeys(id_ for one in several for id_ in one.positions)),
        tuple(dict.fromkeys(id_ for one in several for id_ in one.wider)),
    )


def _case(names: Iterable[str]) -> dict[str, str]:
    """Return the usual spelling of each Latin word in the names of positions."""
    found: Counter[str] = Counter(word for name in names for word in _LATIN.findall(name))
    usual: dict[str, str] = {}
    for word, _ in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        usual.setdefault(word.lower(), word)
    return usual
