"""What a post says of one tag that names a position, as numbers: no model runs here.

A tag is compared with every position word of the post; how it stands to each is a side: the very
word, a form of the same position, something narrower or broader, a word that holds the tag or is
held by it, one with the same ending, one of the same group or sector, a related one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from enrich.tagfit.side import Named, PostSide, plain, positions_of
from enrich.tags.dictionary import find_job_types
from enrich.taxonomy import Taxonomy

_KIN = ("exact", "same", "narrower", "broader", "holds", "held", "tail", "group", "near")
_SIDES = (*_KIN, "sector")
_TOLD = ("exact", "same", "narrower", "broader", "holds", "held")
_REASONS = ("coop", "manage", "exp", "exclude", "career", "compare", "context", "bait")
NAMES: tuple[str, ...] = (
    *(f"{side}_hired" for side in _SIDES),
    *(f"{side}_refused" for side in _SIDES),
    *("exact_title", "exact_body", "exact_title_hired", "exact_body_hired", "exact_unsure"),
    *(f"exact_{reason}" for reason in _REASONS),
    *("in_title", "in_body", "in_offer", "denied", "characters", "characters_offer", "bigrams"),
    *("best_hired", "none_hired", "several_hired", "title_refused", "no_word"),
    *("category_same", "category_other", "kind", "kind_offered", "kind_denied"),
    *("narrower", "ambiguous", "unknown", "length", "tags"),
    *("silent", "silent_foreign", "only_body", "exact_none_hired"),
    *("kin_hired", "kin_refused", "kin_refused_only", "bait", "bait_none_hired", "bait_silent"),
)  # fmt: skip
"""Names of the clues, in their order."""

_TAIL = 2
_DENIED_BEFORE = re.compile(
    r"(?:不招|不要|不收|不是|并非|非|别|没有|不用|不如|比|勿|无需|除了)[^,，。;；!！]{0,3}$"
)
_DENIED_AFTER = re.compile(
    r"^[^,，。;；!！]{0,3}(?:勿|免|绕行|已满|满了|招满|招齐|不要|不招|不收|别来|不是)"
)
_NEAR = 8

_Met = Mapping[str, Sequence[Named]]


def clues(tag: str, head: str, post: PostSide, taxonomy: Taxonomy) -> tuple[float, ...]:
    """Return the clues of one tag, in the order of ``NAMES``, each between 0 and 1.

    Args:
        tag: as the poster wrote it.
        head: the form that says which position it names (``head_of``).
        post: the post's side.
        taxonomy: where positions stand.
    """
    form = plain(tag)
    places = positions_of(head, taxonomy)
    tests = _sides(form, places, taxonomy)
    met = {side: [word for word in post.named if test(word)] for side, test in tests.items()}
    hired = [word for word in post.named if word.label == "H"]
    silent = not any(met[side] for side in _TOLD)
    found = [
        *(_hired(met[side]) for side in _SIDES),
        *(_refused(word for word in met[side] if word.label != "H") for side in _SIDES),
        *_exact(met["exact"]),
        *_spelled(form, post),
        _hired(post.named),
        not hired,
        len({word.form for word in hired}) > 1,
        any(word.title and word.label == "N" for word in post.named),
        not post.named,
        *_chosen(form, places, post, taxonomy),
        silent and form not in post.title + post.body,
        silent and bool(hired) and not met["group"],
        bool(met["exact"]) and not any(word.title for word in met["exact"]),
        bool(met["exact"]) and not hired,
        *_kin(met, post, none_hired=not hired, silent=silent),
    ]
    return tuple(map(float, found))


def _sides(
    form: str, places: frozenset[str], taxonomy: Taxonomy
) -> dict[str, Callable[[Named], bool]]:
    """Return how a word of the post can stand to the tag."""
    below = frozenset(child for id_ in places for child in taxonomy.descendants(id_))
    above = frozenset(parent for id_ in places for parent in taxonomy.ancestors(id_))
    groups = {taxonomy.position(id_).group for id_ in places}
    sectors = {taxonomy.path(id_)[0].id for id_ in places}
    near = {related.other for id_ in places for related in taxonomy.related(id_)}
    return {
        "exact": lambda w: w.form == form,
        "same": lambda w: bool(w.positions & places),
        "narrower": lambda w: bool(w.positions & below),
        "broader": lambda w: bool(w.positions & above),
        "holds": lambda w: form in w.form and form != w.form,
        "held": lambda w: w.form in form and form != w.form,
        "tail": lambda w: w.form[-_TAIL:] == form[-_TAIL:],
        "group": lambda w: any(taxonomy.position(id_).group in groups for id_ in w.positions),
        "near": lambda w: bool(w.positions & near),
        "sector": lambda w: any(taxonomy.path(id_)[0].id in sectors for id_ in w.positions),
    }


def _hired(words: Sequence[Named]) -> float:
    return max((word.hired for word in words), default=0.0)


def _refused(words: Iterable[Named]) -> float:
    return max((1 - word.hired for word in words), default=0.0)


def _exact(words: Sequence[Named]) -> list[float]:
    """Return where the very word stands, how sure its verdicts are, and why it is not hired."""
    reasons = {word.reason for word in words if word.label == "N"}
    return [
        any(word.title for word in words),
        any(not word.title for word in words),
        _hired([word for word in words if word.title]),
        _hired([word for word in words if not word.title]),
        max((1 - abs(2 * word.hired - 1) for word in words), default=0.0),
        *(f"N:{reason}" in reasons for reason in _REASONS),
    ]


def _kin(met: _Met, post: PostSide, *, none_hired: bool, silent: bool) -> list[float]:
    """Return what is said of words like the tag, and whether the post lures with any word."""
    kin = [word for side in _KIN for word in met[side]]
    hired = _hired(kin)
    refused = _refused([word for word in kin if word.label == "N"])
    bait = any(word.reason == "N:bait" and word.label == "N" for word in post.named)
    return [hired, refused, refused * (1 - hired), bait, bait and none_hired, bait and silent]


def _spelled(form: str, post: PostSide) -> list[float]:
    """Return how the tag's characters stand in the text."""
    both = f"{post.title}\n{post.body}"
    pairs = [form[i : i + 2] for i in range(len(form) - 1)] or [form]
    return [
        form in post.title,
        form in post.body,
        form in post.offer,
        _is_denied(form, both),
        _share(form, both),
        _share(form, post.offer),
        _share(pairs, post.offer),
    ]


def _share(parts: Sequence[str], text: str) -> float:
    return sum(part in text for part in parts) / max(1, len(parts))


def _is_denied(form: str, text: str) -> bool:
    """Tell whether the word stands beside a denial: 不招X, X已满."""
    places = (match.span() for match in re.finditer(re.escape(form), text) if form)
    return any(
        _DENIED_BEFORE.search(text[max(0, start - _NEAR) : start])
        or _DENIED_AFTER.search(text[end : end + _NEAR])
        for start, end in places
    )


def _chosen(form: str, places: frozenset[str], post: PostSide, taxonomy: Taxonomy) -> list[float]:
    """Return what the poster's other choices and the kind of the tag say."""
    kin = places | {above for id_ in places for above in taxonomy.ancestors(id_)}
    said = find_job_types(form)
    kinds = {str(found.value) for found in said}
    in_category = any(piece & kin for piece in post.category)
    return [
        in_category,
        bool(post.category) and not in_category,
        any(found.end - found.start == len(form) for found in said),
        bool(kinds & post.kinds),
        bool(kinds & post.denied),
        any(sense.kind == "narrower" for sense in taxonomy.senses(form)),
        form in taxonomy.ambiguous,
        not taxonomy.senses(form),
        min(len(form), 8) / 8,
        min(post.tags, 5) / 5,
    ]
