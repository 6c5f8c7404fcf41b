"""Cutting a post into windows of tokens in which every mention is whole tokens.

Text is cut at the edges of mentions before it is tokenised, so one encoder pass serves every
mention of the post (as in PURE, Zhong and Chen 2021, "A Frustratingly Easy Approach for Entity
and Relation Extraction", with the mention's own tokens in place of levitated markers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, cast

MAX_TITLE_TOKENS = 64
WINDOW = 320
OVERLAP = 64
MAX_WINDOWS = 16


@dataclass(frozen=True, slots=True)
class Specials:
    """Ids of the special tokens; the defaults are those of the XLM-R vocabulary."""

    bos: int = 0
    pad: int = 1
    eos: int = 2
    unk: int = 3


class Encoding(Protocol):
    """What is used of a tokenizer's result."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class Tokenizer(Protocol):
    """What is used of a ``tokenizers.Tokenizer``."""

    def encode_batch(self, input: list[str], *, add_special_tokens: bool) -> list[Encoding]:  # noqa: A002
        """Tokenise texts without special tokens."""
        ...


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a ``tokenizer.json``."""
    import tokenizers

    return cast("Tokenizer", tokenizers.Tokenizer.from_file(str(path)))


@dataclass(frozen=True, slots=True)
class MarkedText:
    """Normalised text of one field with the spans of its mentions, in order, not overlapping."""

    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class TokenField:
    """Token ids of one field and the token span of each of its mentions.

    ``places``: the characters ``[start, end)`` of each token, where they were asked for.
    """

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """One model input ``<s> title </s> body part </s>``.

    ``mentions``: (number of the mention in the post, title mentions first; start; end) in tokens.
    ``title``: token span of the title; ``body``: of the body part, which begins at the body's
    token ``first``.
    """

    ids: tuple[int, ...]
    mentions: tuple[tuple[int, int, int], ...]
    title: tuple[int, int]
    body: tuple[int, int]
    first: int = 0


def tokenize(
    tokenizer: Tokenizer, fields: Sequence[MarkedText], specials: Specials, *, places: bool = False
) -> list[TokenField]:
    """Tokenise fields in one batch, cut at the edges of their mentions.

    Args:
        tokenizer: the bundle's.
        fields: the texts.
        specials: ids of its special tokens.
        places: whether to tell which characters each token stands for.
    """
    pieces: list[str] = []
    plans: list[list[tuple[int, bool]]] = []
    for field in fields:
        plan: list[tuple[int, bool]] = []
        at = 0
        for start, end in field.spans:
            if start > at:
                plan.append((len(pieces), False))
                pieces.append(field.text[at:start])
            plan.append((len(pieces), True))
            pieces.append(field.text[start:end])
            at = end
        if at < len(field.text):
            plan.append((len(pieces), False))
            pieces.append(field.text[at:])
        plans.append(plan)
    results = tokenizer.encode_batch(pieces, add_special_tokens=False)
    encoded = [item.ids for item in results]
    joined = [_join(plan, encoded, specials.unk) for plan in plans]
    if not places:
        return joined
    offsets = [item.offsets for item in results]
    return [
        replace(field, places=_places(plan, pieces, offsets))
        for field, plan in zip(joined, plans, strict=True)
    ]


def _join(plan: list[tuple[int, bool]], encoded: list[list[int]], unk: int) -> TokenField:
    ids: list[int] = []
    spans: list[tuple[int, int]] = []
    for piece, is_mention in plan:
        start = len(ids)
        ids.extend(encoded[piece] or ([unk] if is_mention else []))
        if is_mention:
            spans.append((start, len(ids)))
    return TokenField(tuple(ids), tuple(spans))


def _places(
    plan: list[tuple[int, bool]], pieces: list[str], offsets: list[list[tuple[int, int]]]
) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    at = 0
    for piece, is_mention in plan:
        length = len(pieces[piece])
        inside = offsets[piece] or ([(0, length)] if is_mention else [])
        found.extend((at + start, at + end) for start, end in inside)
        at += length
    return tuple(found)


def cut_windows(
    title: TokenField,
    body: TokenField,
    specials: Specials,
    limit: int = WINDOW,
    overlap: int = OVERLAP,
) -> tuple[list[Window], bool]:
    """Return the windows of one post and whether it was truncated.

    The title (at most 64 tokens) opens every window; body parts overlap; a mention that a part
    cuts is left to the next part. At most 16 windows.
    """
    head = title.ids[:MAX_TITLE_TOKENS]
    title_mentions = [
        (number, start + 1, end + 1)
        for number, (start, end) in enumerate(title.spans)
        if end <= len(head)
    ]
    offset = len(head) + 2
    room = limit - offset - 1
    windows: list[Window] = []
    start = 0
    while True:
        part = body.ids[start : start + room]
        mentions = title_mentions + [
            (len(title.spans) + number, first - start + offset, last - start + offset)
            for number, (first, last) in enumerate(body.spans)
            if first >= start and last <= start + len(part)
        ]
        ids = (specials.bos, *head, specials.eos, *part, specials.eos)
        windows.append(
            Window(ids, tuple(mentions), (1, 1 + len(head)), (offset, offset + len(part)), start)
        )
        if start + room >= len(body.ids):
            return windows, len(title.ids) > MAX_TITLE_TOKENS
        if len(windows) == MAX_WINDOWS:
            return windows, True
        start += room - overlap


def batches(lengths: Sequence[int], budget: int = 4096) -> list[list[int]]:
    """Group items of like length so that no batch holds more than ``budget`` padded tokens."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    groups: list[list[int]] = []
    current: list[int] = []
    for item in order:
        if current and lengths[item] * (len(current) + 1) > budget:
            groups.append(current)
            current = []
        current.append(item)
    if current:
        groups.append(current)
    return groups
