"""From a query to the parts that must match: positions read ``offer``, all else reads ``text``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from enrich.reading import read
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from search.conditions import Boost, Held, Says
from search.index import Alternative, Either, Phrase, TextQuery
from search.intent.model import Attribute
from search.tokens import lexicon_of, plain_tokens, segments, word_cutter

MAX_QUERY = 500
"""Characters of a query that are read; nobody means more."""

_LIST = re.compile(r"[、,;/|](?=\D)|(?<=\D)[、,;/|]")
_EDGE = re.compile(r"^[^\w.]+|[^\w+#]+$")


@dataclass(frozen=True, slots=True)
class Part:
    """One required part: its text, the form it is exactly (if any) and what it asks the index.

    ``positions``: ids that the form itself names; ``wider``: ids of which it names a narrower kind.
    ``attribute``: what the words are; ``instead``: what is asked where nothing has these words.
    """

    text: str
    phrase: Phrase
    form: str | None = None
    positions: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()
    attribute: Attribute = "generic"
    instead: Part | None = None

    @property
    def asks_position(self) -> bool:
        """Tell whether posts that hire for a position can answer it."""
        return bool(self.form or self.positions)


class QueryParser:
    """Reads queries with one taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Build the lexicon and the word cutter, once for many queries."""
        self._taxonomy = taxonomy
        self._lexicon = lexicon_of(taxonomy)
        self._cutter = word_cutter(taxonomy)
        self._forms = {_close_scripts(form): form for form in sorted(taxonomy.forms)}

    def parse(self, query: str, *, rewrite: bool = True) -> tuple[Part, ...]:
        """Return the parts of a query, none where it holds no letter or digit.

        Neighbouring blank-separated strings that together are a form of a position are one part,
        the longest first. A string that is longer than the form it contains (会计专业) stays whole
        and reads ``text``. With ``rewrite`` a position part also matches posts that hire for the
        position under another name.
        """
        tokens = read(query[:MAX_QUERY], self._lexicon).normalized.text.split()
        parts: list[Part] = []
        at = 0
        while at < len(tokens):
            taken, form = self._longest_form(tokens[at:])
            if form is None:
                pieces = [piece for piece in _LIST.split(tokens[at]) if piece]
                if len(pieces) > 1:
                    # 服务员/保安 asks for two things; a form with a stroke was tried as a whole.
                    tokens[at : at + 1] = pieces
                    continue
                parts.extend(self._text_parts(tokens[at]))
            else:
                parts.append(self._position_part(form, rewrite=rewrite))
            at += taken
        return tuple(dict.fromkeys(parts))

    def _longest_form(self, tokens: Sequence[str]) -> tuple[int, str | None]:
        for length in range(len(tokens), 0, -1):
            joined = _EDGE.sub("", " ".join(tokens[:length]))
            form = self._forms.get(_close_scripts(joined))
            if form is not None:
                return length, form
        return 1, None

    def normalized(self, text: str) -> str:
        """Return a piece of a query as forms and posts are written."""
        return read(text, self._lexicon).normalized.text

    def named(self, form: str) -> frozenset[str]:
        """Return the ids that a form names by itself, those too of which it is a narrower kind."""
        return frozenset(sense.position for sense in self._taxonomy.senses(form))

    def alternative(
        self, text: str, ids: Sequence[str], asked: Iterable[str], weight: float
    ) -> Alternative | None:
        """Return what another name answers by: its positions where it has any, else its words.

        Args:
            text: the name.
            ids: positions that it names.
            asked: positions that are asked for already; who hires for them answers anyway.
            weight: its weight.
        """
        known = set(asked)
        new = [id_ for id_ in ids if not known.intersection((id_, *self._above(id_)))]
        if new:
            # Not the words: many a short name is an ordinary word in posts (产品, 助理).
            return Alternative((Held("position", self._with_former(new)),), weight)
        tokens = tuple(token for part in segments(normalize_query(text)) for token in part)
        return Alternative((Says(tokens, "offer"),), weight) if tokens and not ids else None

    def position(
        self,
        form: str,
        same: Iterable[str],
        wider: Iterable[str],
        alternatives: Iterable[Alternative] = (),
    ) -> Part:
        """Return the part of a position that is written in a normalised form."""
        ids = self._with_former(same)
        phrase = replace(self._phrase(form, ids), alternatives=tuple(alternatives))
        return Part(form, phrase, form, ids, self._with_former(wider), "position")

    def words(self, text: str, attribute: Attribute = "generic") -> tuple[Part, ...]:
        """Return the parts of normalised words that must stand in the text."""
        return tuple(
            replace(part, attribute=attribute)
            for token in text.split()
            for piece in _LIST.split(token)
            for part in self._text_parts(piece)
        )

    def _position_part(self, form: str, *, rewrite: bool) -> Part:
        senses = self._taxonomy.senses(form)
        same = self._with_former(s.position for s in senses if s.kind == "same")
        wider = self._with_former(s.position for s in senses if s.kind == "narrower")
        phrase = self._phrase(form, same if rewrite else ())
        return Part(form, phrase, form, same, wider, "position")

    def _phrase(self, form: str, ids: tuple[str, ...]) -> Phrase:
        # A form is one phrase whatever it contains: c++/java开发 has no border, 前端(web) has.
        tokens = [token for segment in segments(form) for token in segment]
        return Phrase(tuple(tokens), "offer", tuple(self._cutter.words(tokens)), ids)

    def _above(self, id_: str) -> tuple[str, ...]:
        current = self._taxonomy.current(id_)
        return self._taxonomy.ancestors(id_) if current in self._taxonomy.positions else ()

    def _with_former(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Add the retired ids of each position: documents not yet read again carry them."""
        return tuple(one for id_ in ids for one in (id_, *self._taxonomy.former(id_)))

    def _text_parts(self, token: str) -> list[Part]:
        return [
            Part(token, Phrase(tuple(tokens), "text", tuple(self._cutter.words(tokens))))
            for tokens in segments(token)
        ]


def plain_parts(query: str, stream: Literal["plain", "title"]) -> tuple[Part, ...]:
    """Return the whole query as one phrase of the original text or title."""
    text = normalize_query(query[:MAX_QUERY])
    tokens = tuple(plain_tokens(text))
    return (Part(text, Phrase(tokens, stream)),) if tokens else ()


def text_query(
    parts: Sequence[Part], boosts: Sequence[Boost] = (), *, either: bool = False
) -> TextQuery:
    """Return what the text channel asks; ``either``: one of several positions is enough."""
    return _asking(parts, [part.phrase for part in parts], boosts, either=either)


def intent_query(
    parts: Sequence[Part], boosts: Sequence[Boost] = (), *, either: bool = False
) -> TextQuery | None:
    """Return what the intent channel asks: positions by id, the rest by text; None without any."""
    if not any(part.asks_position for part in parts):
        return None
    return _asking(parts, [_hired(part) for part in parts], boosts, either=either)


def _hired(part: Part) -> Phrase:
    if not part.asks_position:
        return part.phrase
    ids = part.positions + part.wider
    return replace(part.phrase, tokens=(), words=(), positions=ids, alternatives=())


def _asking(
    parts: Sequence[Part], phrases: Sequence[Phrase], boosts: Sequence[Boost], *, either: bool
) -> TextQuery:
    pairs = list(zip(parts, phrases, strict=True))
    places = [phrase for part, phrase in pairs if part.attribute == "position"]
    if not either or len(places) < 2:
        return TextQuery(tuple(phrases), tuple(boosts))
    rest = [phrase for part, phrase in pairs if part.attribute != "position"]
    return TextQuery((Either(tuple(places)), *rest), tuple(boosts))


def _close_scripts(text: str) -> str:
    """Drop blanks between Latin and Chinese: java 开发 is written java开发 as well."""
    return re.sub(r"(?<=[!-~]) (?=[^\x00-\x7f])|(?<=[^\x00-\x7f]) (?=[!-~])", "", text)
