"""What the form of a position names: canonical name, same-as forms, ids."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from enrich.taxonomy import Taxonomy

_RANKS = frozenset(
    {"助理", "主管", "经理", "总监", "学徒", "组长", "领班", "师傅", "司机", "老师", "教练"}
    | {"专员", "阿姨", "工程师", "实习生", "店长", "管理员", "技术员", "操作员", "顾问"}
)
"""Behind another position these say which rank of it is meant."""
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*")


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
        """
        senses = self._taxonomy.senses(form)
        ids = [sense.position for sense in senses]
        others = [sense.position for sense in self._taxonomy.senses(bare) if sense.kind == "same"]
        every = dict.fromkeys(self._taxonomy.position(id_).name for id_ in ids)
        every |= dict.fromkeys(filter(None, (self._cased(form), form, written)))
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

    def knows(self, form: str) -> bool:
        """Tell whether a form names a position."""
        return form in self._taxonomy.forms

    def separate(self, one: str, other: str) -> bool:
        """Tell whether two words name a position each, and not one together: 会计 助理."""
        weak = self._taxonomy.query_only
        return (
            all(self.knows(word) and word not in weak for word in (one, other))
            and other not in _RANKS
        )

    def canonical(self) -> frozenset[str]:
        """Return the names of the positions themselves."""
        return frozenset(position.name.casefold() for position in self._taxonomy.positions.values())

    def names_same(self, form: str) -> bool:
        """Tell whether a form is a name of a position, not of something narrower."""
        return any(sense.kind == "same" for sense in self._taxonomy.senses(form))


def _case(names: Iterable[str]) -> dict[str, str]:
    """Return the usual spelling of each Latin word in the names of positions."""
    found: Counter[str] = Counter(word for name in names for word in _LATIN.findall(name))
    usual: dict[str, str] = {}
    for word, _ in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        usual.setdefault(word.lower(), word)
    return usual
