"""Whether a statement is offered or required, denied or only preferred, by its context."""

from __future__ import annotations

import re

from enrich.post import Polarity
from enrich.tags.spans import clause_end, clause_start

_DENIED_BEFORE = re.compile(
    r"(?:不(?!限|仅|只|但|光|论|管|错|要求|同|断)(?:用|需要?|再|能|会|是|包|含|带|提供|设|安排|招收?|收|要|上|做|接受?|考虑|交|缴|买|给|管|办|发|享|倒|值|走)?"
    r"|无(?!责|需经|忧|论|限)(?:需|须|任何)?(?:上|倒)?|没有?(?:什么|任何)?|暂?未|非(?!常)|免(?!费)|谢绝|拒绝|拒收|勿|别|暂无|暂不(?:提供|包|安排|招|收)?)(?:你|任何|的是|了)?\s?$"
)
_LISTED = re.compile(
    r"(?:不(?:收|招|要|接受|考虑|包|交|提供|用上|上)|没有|谢绝|无需|无)[^,，。;；:!\n是有但包]{1,8}[、/和或]$"
)
_DENIED_AFTER = re.compile(
    r"(?:工|生|的|岗)?\s?(?:勿扰|勿投|勿|免谈|不要(?!紧|求)|不收|不招|不考虑|不接受|别来|先?别投|的先别|名额已满|已满|已招满|满员|请绕|莫扰|除外|都?没有|自理|自费|自付|自行解决|不包(?![吃住食餐饭])|不管(?![吃住饭])|不交|不提供|不缴|暂停|免进|不用上|不合适)"
)
_PREFER_AFTER = re.compile(r"[^,，。;；\n]{0,4}?(?:优先|最好|为佳|尤佳|更佳|加分)")


def of_offer(text: str, start: int, end: int) -> Polarity:
    """Return the polarity of a dictionary word at ``[start, end)``."""
    before = text[clause_start(text, start, 12) : start]
    after = text[end : clause_end(text, end, 10)]
    if _DENIED_BEFORE.search(before) or _LISTED.search(_wide(text, start)):
        return "-"
    if _DENIED_AFTER.match(after):
        return "-"
    return "prefer" if _PREFER_AFTER.match(after) else "+"


def _wide(text: str, start: int) -> str:
    # A list separator is a clause border, so the clause is looked for by sentence ends here.
    low = max(0, start - 14)
    piece = text[low:start]
    cut = max(piece.rfind(mark) for mark in ",，。;；!\n")
    return piece[cut + 1 :]
