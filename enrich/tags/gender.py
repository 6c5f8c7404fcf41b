"""Who is accepted by gender: 限女, 男女不限, 女士优先, 招女工; never words like 男装 or 儿女.

In a post 男 and 女 speak of applicants unless the words around them say otherwise; words for
people (阿姨, 小哥) do so only where the text looks for them (``people``).
"""

from __future__ import annotations

import re
from functools import cache

from enrich.tags.gender_cues import (
    ROLE,
    after,
    before,
    clause_before,
    is_contact,
    meant,
    one_of,
    sought,
)
from enrich.tags.people import find_people
from enrich.tags.spans import Found, first_wins, near

_GENDER = {"男": "male", "女": "female"}
_NUMBER = "(?:[一二两三四五六七八九十]|\\d{1,2})[个名位]?"
_NO_REQUEST = "(?:没有?|无|不作|不做)(?:什么|特别)?(?:要求|限制)"
_TRAIT = "(?:年龄|学历|经验|户籍|户口|地域|专业|身高|婚否|婚姻|国籍|民族)"
_UNLIMITED_CUE = re.compile(r"男\s?女|性\s?别")
_LISTED = rf"(?:[、和及与/,\s]{{0,2}}{_TRAIT})*"
_DIVIDED = re.compile(
    r"(?:^|(?<=[,。;:\s]))[男女]的(?=[^也都要来优最更行可适合,。;\d一二两三四五六七八九十])"
    r"(?!不[要收招])[\u4e00-\u9fff]{2,12}[,;、][男女]的[\u4e00-\u9fff]{2}"
)
"""A couple's work, hers and his: 男的看门，女的做饭."""
_LISTED_ON = re.compile("、|等(?![都均也皆])")
_IS_WORD = re.compile("[\u4e00-\u9fff]")
_ASKED_AFTER = re.compile(
    rf"来(?!自)|[^,。;!?\s]{{0,5}}?(?:包[吃住]|管[吃住饭]|底薪|日结|[早中晚夜白]班|自[带备]|必须|要有)"
    rf"|[^,。;!?\s]{{0,5}}?(?:{_NUMBER.removesuffix('?')}|[\d十]岁|[一二两三四五六七八九十][人,。;]|若干|[数多几]名|\d|身高|年龄|形象)"
)
"""After people who are looked for: how many, what they get, what they must be."""
_ASKED_BEFORE = re.compile(r"(?:[\d岁员工只仅]|以[上下内]|左右|上下|要求|性别|已[婚育]|[熟生]手)$")
_ONE_LINE = 30
"""A text of so few characters is an offer by itself: 日餐女前台."""
_POST = 3
"""So many characters name the post of a 女工."""
_COUNTED = re.compile(r"(?:[一二两三四五六七八九十几]|\d{1,2})[个位]")
_TALE = re.compile("[\u4e00-\u9fff]{5,}")
"""So much after 男 or 女 in one go is more than the name of a position."""
_DONE_BY_BOTH = re.compile("[都均皆](?!有名额)")
"""After both genders and no word of acceptance: customers, as in 小宝贝男女都拍."""
_COUPLE = re.compile("(?:夫妻|夫妇|两口子)[^。!\n]*$")


def find_genders(text: str) -> list[Found]:
    """Return the gender statements of a normalised text."""
    people = find_people(text)
    if not re.search("[男女]|性别", text):
        return people
    found = first_wins([_unlimited(text), _both(text), people, _one(text)])
    return [item for item in found if item.value is not None]


def _unlimited(text: str) -> list[Found]:
    """Find statements that gender does not matter: 性别不限, 不分男女."""
    matches = near(_unlimited_pattern(), text, _UNLIMITED_CUE, back=24, ahead=40)
    return [Found(*match.span(), "any") for match in matches]


def _both(text: str) -> list[Found]:
    """Find both genders named together: 男女都要, 一男一女, 男的女的都行.

    Where the two speak of nobody's gender (男女装), a find without a value holds their place.
    """
    found = []
    for match in _both_pattern().finditer(text):
        start, end = match.span("who")
        done = not match["asked"] and _DONE_BY_BOTH.match(text, end)
        single = text.endswith("单身", 0, start)  # 单身男女 are customers, a 单身女性 is not
        asked = match["asked"]  # 男女都要 is plain, whoever is spoken of before it
        if (
            done
            or single
            or _other_word(text, start, end)
            or (not asked and _told(text, start, end))
        ):
            found.append(Found(start, end, None))
        else:
            polarity, _ = meant(text, start, end)
            found.append(Found(start, match.end(), "any", polarity))
    return found


def _one(text: str) -> list[Found]:
    """Find one gender: 限女, 招女服务员, 男的勿扰."""
    found = []
    for match in _one_pattern().finditer(text):
        start, end = match.span()
        if _other_word(text, start, end) or _told(text, start, end):
            continue
        polarity, last = meant(text, start, end)
        if polarity == "+" and _unasked(text, start, end):
            continue
        found.append(Found(start, last, _GENDER[text[start]], polarity))
    return found


@cache
def _one_pattern() -> re.Pattern[str]:
    return re.compile(rf"[男女]{one_of('person')}?")


@cache
def _both_pattern() -> re.Pattern[str]:
    person = one_of("person")
    together = (
        rf"男\s?女|女\s?男|{_NUMBER}男{_NUMBER}女|{_NUMBER}女{_NUMBER}男|是男是女|男的也行,?女的|女的也行,?男的"
        rf"|男{person}?\s?(?:[、/和及与]|或者?)\s?女{person}?|女{person}?\s?(?:[、/和及与]|或者?)\s?男{person}?"
        rf"|男{person}女{person}|女{person}男{person}"
        r"|男(?P<post>[\u4e00-\u9fff]{1,4})女(?P=post)(?=\s?[都均皆])"
    )
    return re.compile(
        rf"(?P<who>{together})(?:老少)?{person}?"
        rf"(?P<asked>\s?[都均皆俱各]?\s?(?:{one_of('unlimited', 'accepted')}|{_NO_REQUEST}"
        r"|[都均皆俱兼通]?(?:[可收招行宜缺]|要(?![擦洗扫穿戴教管打]))))?"
    )


@cache
def _unlimited_pattern() -> re.Pattern[str]:
    word = one_of("unlimited")
    every = "[都均皆全也]?(?:统统|一律)?"
    return re.compile(
        rf"(?:{word}|无|没有?)\s?(?:男女|性别)(?:要求|限制)?"
        rf"|(?:{word}|无|不受)(?:{_TRAIT}[、和及与/,]\s?){{1,4}}性别(?:要求|限制)?"
        rf"|(?:男\s?女|性\s?别){_LISTED}\s?(?:要求)?[:\s】]{{0,2}}"
        rf"{every}\s?(?:不\s?限|{word}|{_NO_REQUEST}|(?<=[:】])无|(?<=:\s)无|(?<=[:别])[均都皆]可以?)"
    )


@cache
def _thing_after() -> re.Pattern[str]:
    return re.compile(rf"[男女](?:[性士生工](?:的|可)?|的|老少)?{one_of('thing')}")


def _other_word(text: str, start: int, end: int) -> bool:
    """Tell whether 男 or 女 is part of another word: 女装, 子女, 男宾, 女生宿舍."""
    last = max(text.rfind("男", start, end), text.rfind("女", start, end))
    return bool(_thing_after().match(text, last)) or bool(
        before("family").search(text[max(0, start - 3) : start])
    )


def _told(text: str, start: int, end: int) -> bool:
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


def _unasked(text: str, start: int, end: int) -> bool:
    """Tell whether people are spoken of where nobody is looked for.

    Without a request near them, told are a number of people who do something (三个女生合开的店),
    staff (女员工有例假), and in a longer text people inside a clause (懂得欣赏女性的美).
    """
    lead = clause_before(text, start)
    goes_on = bool(_IS_WORD.match(text, end))
    person = end - start > 1
    counted = person and goes_on and _COUNTED.fullmatch(lead)
    staff = goes_on and text.startswith(("员工", "职工"), start + 1)
    if not goes_on and re.fullmatch("[^是有跟和给家店厂班边]{2,9}的", lead):
        return False
    titled = text[end - 1 : end] == "工" and len(lead) <= _POST and not goes_on  # 质检女工
    inside = (person or goes_on) and _IS_WORD.match(lead[-1:]) and len(text) > _ONE_LINE
    if titled:
        return False
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
