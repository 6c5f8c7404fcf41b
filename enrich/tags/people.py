"""Who is accepted, by words for people: 阿姨也行, 找个小哥; never 打饭阿姨 or 跟宝妈聊天."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from enrich.tags.gender_cues import (
    after,
    before,
    clause_before,
    is_contact,
    meant,
    one_of,
    sought,
)
from enrich.tags.spans import Found

_COUNT = r"(?:[一两二三四五六七八十百\d]{1,3}[名个位](?![人月都已])|若干|数名|不限)"
_OBJECT = re.compile(
    r"(?:跟|给|和|对|帮|陪|为|与|向|让|叫|问|替|教|约|安排|照顾|伺候|接待|客户|公司[请有]|(?<!宿)管|哄|我|她|他|徒弟|男|女)$"
)
"""Before a person who is not the one to be hired: 跟宝妈聊天."""
_JOB_WORD = re.compile("阿姨|小[哥妹]|妈妈")
"""With its work before it such a word names a position: 打饭阿姨, 外卖小哥, 档口小妹."""
_KIND_OF_PERSON = re.compile(
    r"(?:^|的|[个位名]|招|找|聘|请|缺|要|收|求|急需|急招|全职|待业|下岗|靠谱|带娃|年轻|退休|勤快|干净|利索|附近|本地|外地"
    r"|最好.{0,3}|优先.{0,3}|(?:岁|左右|上下|出头|以[上下内])|农村|中年|热心|、|叔叔|大叔|大哥|大爷)$"
)
_CHARACTER = re.compile("[姨姐嫂妈娘妹妇女媳奶婆婶太叔爷哥弟伙仔男汉]")
_DESCRIBED = re.compile(
    r"(?:(?:岁|以[内下上]|出头|上下|点)[^,。;!?]{0,4}|勤快|干净|利[索落]|麻利|手[快巧]|细心|能干|肯干)的$"
)
"""Before a person who is a clause of its own and wanted: 手快的姐姐, 五十岁上下的大姐."""
SHORT = 60
"""A text this short is an offer: a person with a number in it is looked for."""


def find_people(text: str) -> list[Found]:
    """Return the gender statements made by words for people in a normalised text."""
    return list(_statements(text)) if _CHARACTER.search(text) else []


def _statements(text: str) -> Iterator[Found]:
    for match in _person().finditer(text):
        start, end = match.span("who")
        lead = clause_before(text, start)
        if (
            _OBJECT.search(lead)
            or before("told_before").search(lead)
            or _names_position(text, match, lead)
            or (match["who"][0] in "大阿" and is_contact(text, start))
        ):
            continue
        polarity, last = meant(text, start, match.end())
        if polarity != "+" or _looked_for(text, match, lead):
            yield Found(start, last if last > match.end() else end, _gender(match), polarity)


@cache
def _person() -> re.Pattern[str]:
    female, male = one_of("female"), one_of("male")
    link = r"们?\s?(?:[、/和与]|或者?)?\s?"
    return re.compile(
        rf"(?P<who>(?P<both>{female}{link}{male}|{male}{link}{female})|{female}|(?P<male>{male}))们?"
    )


def _gender(match: re.Match[str]) -> str:
    if match["both"]:
        return "any"
    return "male" if match["male"] else "female"


def _names_position(text: str, match: re.Match[str], lead: str) -> bool:
    if not _JOB_WORD.fullmatch(match["who"]) or _KIND_OF_PERSON.search(lead):
        return False
    return not after("prefer_after").match(text, match.end())  # 洗碗阿姨优先


def _looked_for(text: str, match: re.Match[str], lead: str) -> bool:
    """Tell whether the text looks for the person or lets them come."""
    other = rf"(?:学生党?|大学生|白领|退休人员|上班族|[^,。;!?、]{{0,2}}{one_of('female', 'male')})"
    others = rf"(?:\s?[、/和或]?{other})*[^,。;!?\s]{{0,2}}?"
    if after("accepted", gap=others).match(text, match.end()):
        return True
    if sought(lead):
        return True
    counted = re.compile(rf"\s?{_COUNT}").match(text, match.end())
    if counted:
        return len(text) < SHORT or match.start() == 0
    return _alone(text, match, lead)


def _alone(text: str, match: re.Match[str], lead: str) -> bool:
    """Tell whether the person is a clause of its own: 传菜, 男孩子, 能熬夜; 谁家有闲着的姐妹?"""
    ends = text[match.end() : match.end() + 1]
    if re.search("谁|哪位|有没有|有无", lead):
        return ends in {"?", ",", "。", "!", ""}
    if ends not in {",", "。", ";", "!", "、", ")", ""}:
        return False
    if _DESCRIBED.search(lead):
        return True
    if match.group().endswith("们"):  # 姐妹们, ...: they are only addressed
        return False
    if lead == "" and text[match.start() - 1 : match.start()] in {",", "。", ";"} and ends != "、":
        return True
    young = re.fullmatch("男孩子?|女孩子?|小伙子?|小?姑娘|妹子|小姐姐|小哥哥|姐妹", match["who"])
    return bool(young) and lead in {"", "萌"}
