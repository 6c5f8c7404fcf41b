"""The words that decide who is accepted, and how a mention of a gender is meant.

The words are in ``data/gender_cues.tsv``, by kind; each entry is a pattern.
"""

from __future__ import annotations

import re
from functools import cache

from enrich.post import Polarity
from enrich.tags.spans import clause_start
from enrich.tags.tables import rows

_REACH = 14
"""So many characters before a mention tell of it."""


@cache
def one_of(*kinds: str) -> str:
    """Return one pattern for all entries of some kinds."""
    entries = [row["pattern"] for row in rows("gender_cues.tsv") if row["kind"] in kinds]
    return f"(?:{'|'.join(entries)})"


@cache
def before(*kinds: str, gap: str = "") -> re.Pattern[str]:
    """Return a pattern for a cue that ends, a gap later, right before a mention."""
    return re.compile(rf"{one_of(*kinds)}{gap}\s?$")


@cache
def after(*kinds: str, gap: str = "") -> re.Pattern[str]:
    """Return a pattern for a cue that begins, a gap later, right after a mention."""
    return re.compile(rf"{gap}\s?(?P<cue>{one_of(*kinds)})")


def clause_before(text: str, at: int) -> str:
    """Return what stands before ``at`` in its clause."""
    return text[clause_start(text, at, _REACH) : at]


def sought(lead: str, gap: int = 10) -> bool:
    """Tell whether the text looks for somebody at most ``gap`` characters before a mention."""
    return bool(before("wanted", gap=rf"[^,。;!?]{{0,{gap}}}?").search(lead))


def is_contact(text: str, start: int) -> bool:
    """Tell whether a surname stands before a mention: 联系王女士, 找陈大姐."""
    return bool(_surname().search(text, max(0, start - 3), start))


def meant(text: str, start: int, end: int) -> tuple[Polarity, int]:
    """Return how the mention at ``[start, end)`` is meant, and where its statement ends.

    A statement of preference holds its cue (女士优先); of others the mention is enough.
    """
    lead = clause_before(text, start)
    asked = after("question").match(text, end)
    if asked:  # 女的收不收? 不收: the answer counts
        refused = re.compile("[,。!\\s]?不").match(text, asked.end())
        return ("-" if refused else "+"), end
    if before("denied_before").search(lead) or _denied_after(text, end):
        return ("+" if before("rhetorical").search(lead) else "-"), end
    preferred = after("prefer_after", gap=ROLE).match(text, end)
    if preferred:
        direct = preferred.start("cue") - end <= 1
        return "prefer", preferred.end() if direct else end
    if before("prefer_before", gap=_DESCRIBED).search(lead):
        return "prefer", end
    return "+", end


@cache
def _surname() -> re.Pattern[str]:
    return re.compile(rf"(?:^|[^\u4e00-\u9fff]|[人系找问是长事员理务计板])(?:{one_of('surname')})$")


_DESCRIBED = r"(?:一?[个位名]|[^,。;!?]{1,8}的|[^,。;!?有做会带]{1,3})?"
"""What may stand between a cue and a mention: 最好是个男的, 适合在家带孩子的宝妈."""
ROLE = r"(?:[^,。;!?\s\d男女、/(]{0,5}?|(?:净?身高)?\d{3}(?:cm)?以上)"
"""The post that a person is wanted for, between the mention and its cue: 女教练优先."""


def _denied_after(text: str, end: int) -> bool:
    denied = after("denied_after", gap=ROLE).match(text, end)
    if denied:  # 收女不收男: what is refused there is named after the cue.
        return text[denied.end() : denied.end() + 1] not in {"男", "女"}
    return bool(after("unable").match(text, end))
