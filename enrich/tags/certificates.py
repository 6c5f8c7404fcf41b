"""Certificates and licences that a post asks for: 健康证, 叉车证, C1驾照, 教师资格证."""

from __future__ import annotations

import re
from functools import cache

from enrich.borders import stands_alone
from enrich.tags import polarity
from enrich.tags.spans import Found, clause_end, clause_start, longest_first
from enrich.tags.tables import Finder, forms

_HELD = re.compile(r"持|有|具备|考取|考过|取得|获得?|通过|须|需要?|证|资格|职称|[、/或和及]\s?$")
"""Before a word that is a post or a subject too: 持有二级建造师, 有CPA."""

_HELD_AFTER = re.compile(r"[^,。;；\n]{0,6}?(?:证|资格|职称|优先|持有|以上|尤佳|为佳|加分)")
_OTHER_AFTER = re.compile(
    r"(?:考试)?(?:培训|课程|讲师|老师|教师(?!资格)|教材|教研|学员|考生|题库|辅导|项目|业务|报名|机构|系统|推广|结算|广告|产品)"
)
_CUT_OFF = {"证": "券明件据监实", "照": "顾常片相明射护看料", "本": "科人地次职岗", "票": "据务"}
"""The last character of a form that begins another word with one of these."""

_CLASS = re.compile(r"(?<![a-z0-9])[abc][123](?![a-z0-9])")
_LICENCE = re.compile(r"驾照|驾驶证|驾驶执照|驾龄|准驾|驾驶资格")
_NOT_ASKED = re.compile(r"不(?:做|作)?要求(?:有|持有)?$")
_NOT_ASKED_AFTER = re.compile(r"(?:都|均)?不(?:做|作)?要求|(?:都|均)?不限|不是必须")


def find_certificates(text: str) -> list[Found]:
    """Return the certificates that a normalised text states; the value is the usual name."""
    names = forms("certificates.tsv", "form", "name")
    found = [
        _found(text, start, end, names[text[start:end]])
        for start, end, use in _machine().longest(text)
        if _is_whole(text, start, end)
        and not _OTHER_AFTER.match(text, end)
        and (use == "sure" or _is_held(text, start, end))
    ]
    taken = [(item.start, item.end) for item in found]
    for match in _CLASS.finditer(text):
        start, end = match.span()
        clause = text[clause_start(text, start, 14) : clause_end(text, end, 14)]
        inside = any(low <= start < high for low, high in taken)
        if _LICENCE.search(clause) and not inside:
            found.append(_found(text, start, end, f"{match[0].upper()}驾驶证"))
    return longest_first(found)


@cache
def _machine() -> Finder:
    return Finder(forms("certificates.tsv", "form", "use"))


def _found(text: str, start: int, end: int, name: str) -> Found:
    before = text[clause_start(text, start, 10) : start]
    asked = not (_NOT_ASKED.search(before) or _NOT_ASKED_AFTER.match(text, end))
    return Found(start, end, name, polarity.of_offer(text, start, end) if asked else "-")


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether a form is no part of a longer word: no pmp in pmps, no c照 in c照片."""
    if not stands_alone(text, start, end):
        return False
    return not (end < len(text) and text[end] in _CUT_OFF.get(text[end - 1], ""))


def _is_held(text: str, start: int, end: int) -> bool:
    before = text[clause_start(text, start, 10) : start]
    return bool(_HELD.search(before) or _HELD_AFTER.match(text, end))
