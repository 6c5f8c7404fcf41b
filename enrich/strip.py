"""Taking misleading text out: what search reads of a post once its mentions are labelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from enrich.text import GAP, clauses

Label = Literal["H", "N", "X"]


@dataclass(frozen=True, slots=True)
class LabelledSpan:
    """A mention on normalised text with its verdict."""

    start: int
    end: int
    label: Label
    reason: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A removed piece of normalised text with the mention's reason."""

    start: int
    end: int
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Clean:
    """What stays: ``text`` without N mentions, ``offer`` without X mentions as well.

    ``hired``: the words of the H mentions.
    """

    text: str
    offer: str
    cuts: tuple[Cut, ...]
    hired: tuple[str, ...] = ()


# What a clause may say around a mention without saying anything of its own: comparing, excluding,
# listing, addressing. A clause with any other word keeps it.
_EMPTY_WORDS = re.compile(
    "不如做|不如当|不如|比不上|比做|比当|比|强多了|强|别再做|别再当|别当|别做|不用做|不想做|不想当"
    "|不再做|不再当|不是|并非|绝非|非|不招|不要|勿扰|勿投|免谈|请绕行|绕行|拒绝"
    "|配合|协助|以及|还是|或者|或|和|与|及|等|都|也|的|者|们|跟|同|、|/|\\+|&|\\||-|—"
    "|当过|做过|干过|优先|均可|皆可|可以|可|来|快来|看过来|看这里|关键词|关键字|搜索|标签|tag|tags|#"
    "|\\s|[\"'“”‘’<>《》()（）\\[\\]【】*·.]"
)


def strip(text: str, mentions: Sequence[LabelledSpan]) -> Clean:
    """Cut N mentions out of normalised text, with their clause where it says nothing else.

    Every cut leaves one gap sign, which no phrase crosses; X mentions stay in ``text`` and leave a
    gap in ``offer``.
    """
    cuts = _merge(_clause_cuts(text, mentions))
    covered = [(cut.start, cut.end) for cut in cuts]
    blanks = covered + [(m.start, m.end) for m in mentions if m.label == "X"]
    hired = tuple(text[m.start : m.end] for m in mentions if m.label == "H")
    return Clean(_without(text, covered), _without(text, sorted(blanks)), tuple(cuts), hired)


def _clause_cuts(text: str, mentions: Sequence[LabelledSpan]) -> list[Cut]:
    cuts: list[Cut] = []
    pending = [m for m in mentions if m.label == "N"]
    kept = [m for m in mentions if m.label != "N"]
    for clause in clauses(text):
        inside = [m for m in pending if m.start >= clause.start and m.end <= clause.end]
        if not inside:
            continue
        pending = [m for m in pending if m not in inside]
        others = any(m.start < clause.end and m.end > clause.start for m in kept)
        if not others and _says_nothing(text, clause.start, clause.end, inside):
            best = max(inside, key=lambda m: m.score)
            cuts.append(Cut(clause.start, clause.end, best.reason or "N:other", best.score))
        else:
            cuts.extend(_span_cut(m) for m in inside)
    cuts.extend(_span_cut(m) for m in pending)
    return sorted(cuts, key=lambda cut: cut.start)


def _span_cut(mention: LabelledSpan) -> Cut:
    return Cut(mention.start, mention.end, mention.reason or "N:other", mention.score)


def _says_nothing(text: str, start: int, end: int, inside: Sequence[LabelledSpan]) -> bool:
    rest = _without(text[start:end], [(m.start - start, m.end - start) for m in inside])
    return not _EMPTY_WORDS.sub("", rest.replace(GAP, " "))


def _merge(cuts: list[Cut]) -> list[Cut]:
    merged: list[Cut] = []
    for cut in cuts:
        if merged and cut.start < merged[-1].end:
            continue
        merged.append(cut)
    return merged


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        if start < at:
            at = max(at, end)
            continue
        parts.append(text[at:start])
        parts.append(GAP)
        at = end
    parts.append(text[at:])
    return re.sub(rf"{GAP}(?:\s*{GAP})+", GAP, "".join(parts))
