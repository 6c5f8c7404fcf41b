"""Our own tokeniser, the same on every back end: characters for containment, words for scoring.

All functions take normalised text (``enrich.text.normalize``). A token holds no blank, so that a
stream is stored as tokens separated by single blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from enrich import text as enrich_text
from enrich.lexicon import Lexicon
from enrich.taxonomy import Taxonomy

GAP = "…"
"""The sentinel token that no phrase crosses; no text can produce it, punctuation is dropped."""

_WIDE = "\u2e80"
_RUN = rf"[^\W_{_WIDE}-\U0010ffff]"
# Elasticsearch cuts longer tokens; cut here, they are the same on every back end.
_MOST = 255
# In this order: .net; node.js and asp.net; c# and f#; c++; a run of letters and digits; one
# character of a script that is written without blanks.
_TOKEN = re.compile(
    rf"(?<!{_RUN})\.net(?!{_RUN})"
    rf"|[a-z][a-z0-9]{{0,{_MOST - 5}}}\.(?:js|net)(?!{_RUN})"
    rf"|(?<!{_RUN})[cfj]#"
    rf"|{_RUN}{{0,{_MOST - 3}}}[a-z]\+\+"
    rf"|{_RUN}{{1,{_MOST}}}"
    r"|[^\W_]"
)


def segments(text: str) -> list[list[str]]:
    """Return the character tokens of normalised text, cut at clause borders and cuts."""
    found: list[list[str]] = []
    start = 0
    for index, char in enumerate(text):
        if enrich_text.is_border(text, index, char):
            found.append(_TOKEN.findall(text[start:index]))
            start = index + 1
    found.append(_TOKEN.findall(text[start:]))
    return [tokens for tokens in found if tokens]


def char_stream(text: str) -> str:
    """Return the characters stream, a gap at each clause border and cut."""
    return f" {GAP} ".join(" ".join(tokens) for tokens in segments(text))


def plain_tokens(text: str) -> list[str]:
    """Return every letter, digit and character alone, without gaps: a phrase is a substring."""
    return [char for token in _TOKEN.findall(text) for char in token]


def plain_stream(*texts: str) -> str:
    """Return the plain stream of several fields; no phrase crosses from one to the next."""
    return f" {GAP} ".join(filter(None, (" ".join(plain_tokens(text)) for text in texts)))


class WordCutter:
    """Cuts text into words with the taxonomy's forms in the dictionary."""

    def __init__(self, forms: Iterable[str]) -> None:
        """Build an own segmenter; the library's shared one stays as it is."""
        import rjieba

        self._jieba: Any = rjieba.Jieba()
        for form in forms:
            if len(form) > 1 and all(char >= _WIDE for char in form):
                self._jieba.add_word(form, None, None)

    def words(self, tokens: Sequence[str]) -> list[str]:
        """Join neighbouring single characters and cut them into words; runs stay whole."""
        words: list[str] = []
        pending: list[str] = []
        for token in (*tokens, ""):
            if token and token[0] >= _WIDE:
                pending.append(token)
                continue
            if pending:
                words.extend(self._jieba.cut("".join(pending), False))
                pending = []
            if token:
                words.append(token)
        return words

    def stream(self, text: str) -> str:
        """Return the words stream of normalised text, with the gaps of the characters stream."""
        return f" {GAP} ".join(" ".join(self.words(tokens)) for tokens in segments(text))


_CUTTERS: dict[str, WordCutter] = {}
_LEXICONS: dict[str, Lexicon] = {}


def word_cutter(taxonomy: Taxonomy) -> WordCutter:
    """Return the cutter of a taxonomy, built once a process (hundreds of milliseconds)."""
    if taxonomy.digest not in _CUTTERS:
        _CUTTERS[taxonomy.digest] = WordCutter(taxonomy.forms)
    return _CUTTERS[taxonomy.digest]


def lexicon_of(taxonomy: Taxonomy) -> Lexicon:
    """Return the lexicon of a taxonomy, built once a process."""
    if taxonomy.digest not in _LEXICONS:
        _LEXICONS[taxonomy.digest] = Lexicon(taxonomy)
    return _LEXICONS[taxonomy.digest]
