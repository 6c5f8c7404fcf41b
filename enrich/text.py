"""Normalising text one code point at a time, with a map back to the original, and clauses.

NFKC is applied to single code points (so that every normalised character has one origin),
traditional characters become simplified ones by OpenCC's character table, case is folded, HTML
remains become what they stand for. Nothing else is judged here: joining 服 务 员 needs the lexicon.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

GAP = "…"
"""Stands in clean text where something was cut out; no phrase crosses it."""

# Element names are listed, since people write <Java> and <HR> too.
_BLOCK = "br|p|div|li|ul|ol|dl|dt|dd|tr|td|th|table|tbody|thead|h[1-6]|section|article|blockquote"
_INLINE = "a|b|big|center|code|em|font|i|img|label|o:p|pre|s|small|span|strike|strong|sub|sup|u"
_HTML = re.compile(
    rf"<!--.{{0,400}}?-->|</?(?:{_BLOCK}|{_INLINE})(?:\s[^<>]{{0,300}})?/?>|&#?[a-z0-9]{{1,10}};",
    re.DOTALL | re.IGNORECASE,
)
_BREAKING = re.compile(rf"</?(?:{_BLOCK})\b", re.IGNORECASE)
_CLAUSE_END = frozenset("。！？；，、：…\n\r!?;,:~|•·●■◆★☆▪►【】[]「」『』〔〕()")
_INVISIBLE = frozenset({"Cf", "Cc", "Mn", "Me", "Cs"})


@dataclass(frozen=True, slots=True)
class Normalized:
    """Normalised text; character ``i`` stems from ``original[starts[i]:ends[i]]``."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that the normalised ``[start, end)`` stems from."""
        if start >= end:
            raise ValueError("an empty span has no origin")
        return self.starts[start], self.ends[end - 1]

    def inner(self, start: int, end: int) -> tuple[int, int]:
        """Return the normalised span that stems from the original ``[start, end)`` alone."""
        return bisect_left(self.starts, start), bisect_right(self.ends, end)

    def without(self, drop: set[int]) -> Normalized:
        """Return the text without the normalised characters at the given places."""
        if not drop:
            return self
        keep = [i for i in range(len(self.text)) if i not in drop]
        return Normalized(
            self.original,
            "".join(self.text[i] for i in keep),
            tuple(self.starts[i] for i in keep),
            tuple(self.ends[i] for i in keep),
        )


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of normalised text ``[start, end)`` between two clause borders."""

    start: int
    end: int


def normalize(original: str) -> Normalized:
    """Normalise a text; works on any string, returns the map back to code points of it."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def put(text: str, start: int, end: int) -> None:
        for char in text:
            chars.append(char)
            starts.append(start)
            ends.append(end)

    at = 0
    for markup in _HTML.finditer(original):
        for index in range(at, markup.start()):
            put(_fold(original[index]), index, index + 1)
        replacement = "".join(map(_fold, _markup_text(markup.group())))
        put(replacement, markup.start(), markup.end())
        at = markup.end()
    for index in range(at, len(original)):
        put(_fold(original[index]), index, index + 1)
    return Normalized(original, "".join(chars), tuple(starts), tuple(ends))


def normalize_query(text: str) -> str:
    """Return the normalised form of a short text whose origin does not matter."""
    return " ".join(normalize(text).text.split())


def clauses(text: str) -> list[Clause]:
    """Cut normalised text at punctuation and line breaks; blanks around a clause are left out.

    A point or comma between digits (3.5, 4,000) and a colon in a time (8:30) end no clause.
    """
    found: list[Clause] = []
    start = 0
    for index, char in enumerate(text):
        if is_border(text, index, char):
            _add_clause(found, text, start, index)
            start = index + 1
    _add_clause(found, text, start, len(text))
    return found


def is_border(text: str, index: int, char: str) -> bool:
    """Tell whether the character at ``index`` of normalised text ends a clause."""
    if char not in _CLAUSE_END:
        return False
    if char in ",:" and 0 < index < len(text) - 1:
        return not (text[index - 1].isdigit() and text[index + 1].isdigit())
    return True


def _add_clause(found: list[Clause], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append(Clause(start, end))


def _markup_text(markup: str) -> str:
    if markup.startswith("&"):
        text = html.unescape(markup)
        return text if len(text) == 1 else markup
    return "\n" if _BREAKING.match(markup) else ""


@lru_cache(maxsize=65536)
def _fold(char: str) -> str:
    if char in "\n\r":
        return "\n"
    if char.isspace():
        return " "
    folded = unicodedata.normalize("NFKC", char)
    folded = "".join(_simplified(part) for part in folded).casefold()
    return "".join(
        " " if part.isspace() else part
        for part in folded
        if unicodedata.category(part) not in _INVISIBLE or part.isspace()
    )


def _simplified(char: str) -> str:
    return str(_converter().convert(char)) if "\u3400" <= char <= "\u9fff" else char


@cache
def _converter() -> Any:  # noqa: ANN401 - the library ships no types
    import opencc

    return opencc.OpenCC("t2s")
