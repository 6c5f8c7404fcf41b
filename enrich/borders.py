"""Telling a word from characters that are cut out of other words: 产品检索 holds no 品检.

Latin is written in runs, so a Latin word that a letter or digit continues is none. Of Chinese, a
dictionary segmenter (without word discovery, which would guess at names) cuts the text around
a short form. Where every character of the form belongs to longer words and one of them reaches
over the form's edge, the form is a piece of those words. A character left alone (连锁店|长) proves
nothing: the dictionary does not know every name.
"""

from __future__ import annotations

LONGEST = 3
"""Longer forms are hardly ever met by chance."""
_AROUND = 6
_WIDE = "\u2e80"
"""From here on stands Chinese; below it Latin, Greek and the like, which are written in runs."""


def is_cut_out(text: str, start: int, end: int) -> bool:
    """Tell whether ``[start, end)`` of normalised text is a piece of neighbouring words."""
    if end - start > LONGEST or text[start] < _WIDE or text[end - 1] < _WIDE:
        return False
    if not (is_ideograph(text[start - 1 : start]) or is_ideograph(text[end : end + 1])):
        return False
    import rjieba

    at = max(0, start - _AROUND)
    crosses = False
    for word in rjieba.cut(text[at : end + _AROUND], hmm=False):
        first, at = at, at + len(word)
        if at <= start:
            continue
        if first >= end:
            break
        if first <= start and at >= end:
            return False
        if len(word) == 1:
            return False
        crosses = crosses or first < start or at > end
    return crosses


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether neither end of ``[start, end)`` cuts a run of Latin letters or digits."""
    if start and (_in_run(text[start]) or text[start] == ".") and _in_run(text[start - 1]):
        return False
    return not (end < len(text) and _in_run(text[end - 1]) and _in_run(text[end]))


def is_ideograph(char: str) -> bool:
    """Tell whether a character (or none, at an end of the text) is part of a Chinese word."""
    return char >= _WIDE and char.isalpha()


def _in_run(char: str) -> bool:
    return char < _WIDE and char.isalnum()
