"""Who is accepted by gender: 限女, 男女不限, 女士优先, 招女工; never words like 男装 or 儿女.

In a post 男 and 女 speak of applicants unless the words around them say otherwise; words for
people (阿姨, 小哥) do so only where the text looks for them (``people``).
"""

from __future__ import annotations

import re
from functools import cache

from enrich.tags.gender_cues import before, meant, one_of
from enrich.tags.gender_told import is_told, is_unasked
from enrich.tags.people import find_people
from enrich.tags.spans import Found, first_wins, near

_GENDER = {"男": "male", "女": "female"}
_NUMBER = "(?:[一二两三四五六七八九十]|\\d{1,2})[个名位]?"
_NO_REQUEST = "(?:没有?|无|不作|不做)(?:什么|特别)?(?:要求|限制)"
_TRAIT = "(?:年龄|学历|经验|户籍|户口|地域|专业|身高|婚否|婚姻|国籍|民族)"
_UNLIMITED_CUE = re.compile(r"男\s?女|性\s?别")
_OR = r"\s?(?:[、/和及与]|或者?)\s?"
_LISTED = rf"(?:[、和及与/,\s]{{0,2}}{_TRAIT})*"
_DONE_BY_BOTH = re.compile("[都均皆](?!有名额)")
"""After both genders and no word of acceptance: customers, as in 小宝贝男女都拍."""


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
        single = text.endswith("单身", 0, start)  # 单身男女 are customers, a 单身女性 is not
        # 男女都要 is plain, whoever is spoken of before it.
        others = not match["asked"] and (
            _DONE_BY_BOTH.match(text, end) or is_told(text, start, end)
        )
        if single or others or _other_word(text, start, end):
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
        if _other_word(text, start, end) or is_told(text, start, end):
            continue
        polarity, last = meant(text, start, end)
        if polarity == "+" and is_unasked(text, start, end):
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
        rf"男\s?女|女\s?男|{_NUMBER}男{_NUMBER}女|{_NUMBER}女{_NUMBER}男|是男是女"
        r"|男的也行,?女的|女的也行,?男的"
        rf"|男{person}?{_OR}女{person}?|女{person}?{_OR}男{person}?"
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
