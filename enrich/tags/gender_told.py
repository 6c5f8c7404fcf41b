"""Whether a 男 or 女 is told of somebody who is not looked for: customers, staff, a couple.

Who is spoken of is told by the words around (``is_told``); where no word asks for anybody, by how
the clause goes on (``is_unasked``).
"""

from __future__ import annotations

import re

from enrich.tags.gender_cues import ROLE, after, before, clause_before, is_contact, sought

_COUNT = "(?:[一二两三四五六七八九十]|\\d{1,2})[个名位]"
_DIVIDED = re.compile(
    r"(?:^|(?<=[,。;:\s]))[男女]的(?=[^也都要来优最更行可适合,。;\d一二两三四五六七八九十])"
    r"(?!不[要收招])[\u4e00-\u9fff]{2,12}[,;、][男女]的[\u4e00-\u9fff]{2}"
)
"""A couple's work, hers and his: 男的看门，女的做饭."""
_LISTED_ON = re.compile("、|等(?![都均也皆])")
_IS_WORD = re.compile("[\u4e00-\u9fff]")
_ASKED_AFTER = re.compile(
    rf"来(?!自)|[^,。;!?\s]{{0,5}}?(?:包[吃住]|管[吃住饭]|底薪|日结|[早中晚夜白]班|自[带备]|必须|要?有证|要有)"
    rf"|[^,。;!?\s]{{0,5}}?(?:{_COUNT}|[\d十]岁|[一二两三四五六七八九十][人,。;]|若干|[数多几]名"
    r"|\d|身高|年龄|形象)"
)
"""After people who are looked for: how many, what they get, what they must be."""
_ASKED_BEFORE = re.compile(r"(?:[\d岁员工只仅]|以[上下内]|左右|上下|要求|性别|已[婚育]|[熟生]手)$")
_ONE_LINE = 30
"""A text of so few characters is an offer by itself: 日餐女前台."""
_DESCRIBED = re.compile("[^是有跟和给家店厂班边]{2,9}的")
"""What somebody who is looked for is like, before a person that ends a clause."""
_COUNTED = re.compile(r"(?:[一二两三四五六七八九十几]|\d{1,2})[个位]")
_TALE = re.compile("[\u4e00-\u9fff]{5,}")
"""So much after 男 or 女 in one go is more than the name of a position."""
_COUPLE = re.compile("(?:夫妻|夫妇|两口子)[^。!\n]*$")


def is_told(text: str, start: int, end: int) -> bool:
    """Tell whether somebody else is spoken of: 有一位女司机, 客户多是女性, 夫妻中男的看门."""
    lead = clause_before(text, start)
    if before("told_before").search(lead) or after("told_after").match(text, end):
        return True
    if text.startswith("士", start + 1) and is_contact(text, start):
        return True
    # A list of subjects or customers: 时尚、女性、母婴.
    if lead == "" and text[start - 1 : start] == "、" and _LISTED_ON.match(text, end):
        return not text[start - 2 : start - 1].isdigit()
    if text[end - 1 : end] != "的" or after("accepted").match(text, end):
        return False
    return _of_couple(text, start, end)


def is_unasked(text: str, start: int, end: int) -> bool:
    """Tell whether people are spoken of where nobody is looked for.

    Without a request near them, told are a number of people who do something (三个女生合开的店),
    staff (女员工有例假), and in a longer text people inside a clause (懂得欣赏女性的美).
    """
    lead = clause_before(text, start)
    goes_on = bool(_IS_WORD.match(text, end))
    person = end - start > 1
    counted = person and goes_on and _COUNTED.fullmatch(lead)
    staff = goes_on and text.startswith(("员工", "职工"), start + 1)
    inside = (person or goes_on) and _IS_WORD.match(lead[-1:]) and len(text) > _ONE_LINE
    if not goes_on and (_DESCRIBED.fullmatch(lead) or (text[end - 1] == "工" and len(lead) <= 3)):
        return False  # 细心的女生; 质检女工
    if not (counted or staff or inside or _tale(text, start, end)):
        return False
    if sought(text[max(0, start - 24) : start], 16) or _ASKED_BEFORE.search(lead):
        return False
    if after("accepted", "question", gap=ROLE).match(text, end):
        return False
    if before("rhetorical").search(lead):
        return False
    return not _ASKED_AFTER.match(text, end)


def _tale(text: str, start: int, end: int) -> bool:
    """Tell whether more than the name of a position follows: 男经理负责排班.

    Not so where the other gender has the same post: 女教练教儿童，男教练教成人.
    """
    tale = _TALE.match(text, end)
    alone = tale and start == 0 and tale.end() == len(text)
    if not tale or alone or text.startswith("生", start + 1):
        return False
    other = "男" if text[start] == "女" else "女"
    same = text[start + 1 : start + (2 if text.startswith(("性", "士", "工"), start + 1) else 3)]
    return other + same not in text


def _of_couple(text: str, start: int, end: int) -> bool:
    if _COUPLE.search(text[max(0, start - 30) : start]):
        return True
    divided = _DIVIDED.finditer(text, max(0, start - 16), end + 16)
    return any(match.start() <= start < match.end() for match in divided)
