"""What a text names: positions of the taxonomy, and what makes it narrower than they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

from enrich.taxonomy import Taxonomy
from search.intent.model import Intent
from search.intent.path import UNKNOWN
from search.intent.reader import IntentReader
from search.site.model import spelling

RANKS = (
    *("中高级", "初中级", "高级", "资深", "中级", "初级", "首席", "金牌", "专业", "熟练"),
    *("实习", "储备", "见习", "兼职", "全职", "急招", "急聘", "诚聘", "招聘"),
)
"""Words before a name that leave the position what it is."""
_EMPTY = frozenset({"工", "员", "师", "生", "手", "岗", "部", "人员"})
"""Ends of names that say nothing by themselves: 端菜工."""
_LIST = re.compile(r"[\s、,;/|]+")
_RANK = re.compile(rf"^(?:{'|'.join(RANKS)})+(?=..)")


@dataclass(frozen=True, slots=True)
class Name:
    """A text as rewriting sees it; all words in the spelling of ``search.site.model.spelling``.

    ``core``: the words that name the position; all of the text where none do. ``positions``: ids
    that it names; ``wider``: ids of which it names a narrower kind that has no entry. ``extra``:
    places of work and unknown words that narrow it further; ``places``: those of work among them.
    """

    text: str
    core: str
    positions: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()
    extra: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Tell whether the taxonomy knows a position in it."""
        return bool(self.positions or self.wider)


class Namer:
    """Reads texts with one taxonomy and its intent reader."""

    def __init__(self, taxonomy: Taxonomy, reader: IntentReader) -> None:
        """Collect the forms in the spelling that texts are compared in."""
        self._taxonomy = taxonomy
        self._reader = reader
        self._forms = {spelling(form): form for form in sorted(taxonomy.forms)}

    def with_reader(self, reader: IntentReader) -> Namer:
        """Return the same with another reader of the same taxonomy: one with a site's rules."""
        other = copy(self)
        other._reader = reader
        return other

    def read(self, text: str) -> Name:
        """Return what a text names; works on any text."""
        word = spelling(text)
        return self._form(word) or self._pieces(word)

    def _form(self, word: str) -> Name | None:
        """Return what a form names; 资深产品经理, a narrower name, is 产品经理 here."""
        senses = self._taxonomy.senses(self._forms.get(word, ""))
        same = tuple(sense.position for sense in senses if sense.kind == "same")
        bare = _RANK.sub("", word)
        if not same and bare != word and (found := self._form(bare)):
            return replace(found, text=word)
        if not senses:
            return None
        wider = tuple(sense.position for sense in senses if sense.kind == "narrower")
        return Name(word, word, same, wider)

    def _pieces(self, word: str) -> Name:
        """Return what the pieces of a list name together: 服务员/收银员 asks for either."""
        pieces = [piece for piece in _LIST.split(word) if piece]
        names = [self._form(piece) or self._piece(piece) for piece in pieces]
        known = [name for name in names if name.known]
        if len(known) == 1 or not known:
            return self._piece(word)
        return Name(
            word,
            "/".join(name.core for name in known),
            tuple(dict.fromkeys(id_ for name in known for id_ in name.positions)),
            tuple(dict.fromkeys(id_ for name in known for id_ in name.wider)),
            frozenset().union(*(name.extra for name in known)),
            frozenset().union(*(name.places for name in known)),
        )

    def _piece(self, word: str) -> Name:
        """Return what the last position of a piece names: who repairs 咖啡机 is no 咖啡师."""
        intents = [one for one in self._reader.understand(word).intents if not one.negated]
        places = tuple(spelling(one.text) for one in intents if one.attribute == "workplace")
        named = [one for one in intents if one.attribute == "position"]
        if not named:
            return Name(word, word)
        name = self._part(named[-1], places)
        extra = {spelling(one.text) for one in intents if _narrows(one) or one in named[:-1]}
        extra = {one for one in extra if one not in name.core} | name.extra
        extra -= _EMPTY
        here = frozenset(extra.intersection(places))
        return replace(name, text=word, extra=frozenset(extra), places=here)

    def _part(self, part: Intent, places: Sequence[str]) -> Name:
        """Return what one part names; what the form that ends it leaves over narrows it."""
        written = spelling(part.repair.meant if part.repair else part.text)
        here = Name(written, written, part.positions, part.wider)
        for place in places:
            # In its place it may be another position: 店员 in a 药店.
            joined = self._form(place + written)
            if joined and {*joined.positions, *joined.wider} == {*here.positions, *here.wider}:
                return replace(here, core=place + written)
        ending = next((at for at in range(len(written)) if self._form(written[at:])), 0)
        before = _RANK.sub("", written[:ending] + "..")[:-2]
        return replace(here, core=written[ending:], extra=frozenset({before} - {""}))


def _narrows(part: Intent) -> bool:
    return part.attribute == "workplace" or part.source == UNKNOWN
