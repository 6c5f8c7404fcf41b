"""Schooling and experience in a query: 大专以上, 学历不限, 无经验, 3年, 应届生."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from enrich.tags.experience import find_experience
from enrich.tags.numbers import INTEGER, parse_integer
from enrich.tags.tables import forms
from search.intent.matching import overlapping
from search.intent.model import Candidate, Value

EDUCATION, EXPERIENCE = "rule:education", "rule:experience"

_NONE = re.compile(
    r"(?:学历|文凭|文化)(?:要求)?(?:不限|不要求|无要求|没要求|不高|无所谓|低)"
    r"|(?:没有?|没怎么)上过学|没(?:读过?|念过?)书|不(?:识|认)识?字|文盲"
    r"|(?:不限|不要求?|不看|不查|不需要?|不用|无需|没有?|无|低)(?:学历|文凭|文化)(?:要求|限制|门槛)?"
)
_SUBJECT = re.compile(
    r"语文|数学|英语|物理|化学|生物|历史|地理|政治|科学|体育|音乐|美术|全科|理科|文科|老师|教师|辅导|班"
    r"|家教|补习|教育|作业|生(?!毕业)|部|组"
)
_TIER = re.compile(
    r"(?<![第每这那几])(?:一本|二本|三本|重本|双一流)(?:院校|大学|学历|毕业|生)*(?:及?以上)?(?:毕业|学历)*(?![书子])"
    r"|(?:985|211)(?:/?211)?(?:院校|大学|毕业|学历)+"
)
"""Kinds of universities: who studied there is a bachelor."""
_WEAK = ("小学", "初中", "高中")
_FRESH = re.compile(
    r"(?:无需|没有?|无|不要求?|不需要?|不用|不限|不看|零|0)(?:有|任何|工作|相关|什么)*经验(?:要求)?(?:者|人员)?"
    r"|有无经验(?:均|都|皆)?(?:可以|可|行)?|经验(?:要求)?(?:不限|不要求|无要求|没要求)|(?:零|0|无)基础|(?:纯)?小白|[新生]手|新人"
    r"|应届(?:(?:大学|本科|大专)(?=毕业|生))?(?:毕业)?生?|(?<!\d)(?:20)?2\d届(?:毕业)?生?|刚毕业|(?<![学中业科专])毕业生|没做过|没干过|不会(?:的)?(?:也)?可以?学?"
)
_SKILLED = re.compile(
    r"有(?:相关|工作|从业)?经验(?:者)?|经验丰富|(?:相关|工作|从业)经验|熟手|熟练工?|老手|[做干]过"
)
_LONGEST = 6
"""Characters of experience that states no number."""
_NUMBER = re.compile(r"(?:有|具备?|至少|最少|满|工作|从业|经验)*[0-9一二两三四五六七八九十半]")
_N = rf"(?:{INTEGER}|半)"
_WORK = r"(?:的)?(?:工作|相关|从业|行业|同岗|岗位)*(?:经验|经历|工龄|驾龄)(?:以上)?"
_YEARS = re.compile(
    rf"(?P<lead>工作|经验|驾龄|工龄|从业|[做干](?:过了?|了)|(?:(?<!没)有|满|具有|具备)(?=[^，,\s]{{2,6}}(?:经验|经历|工龄|驾龄)))?(?P<a>{_N})(?:年?(?:-|~|到|至)(?P<b>{_N}))?(?P<u>年|个月)(?P<half>半)?"
    rf"(?!级|制|薪|包(?![吃住食])|假|底(?!薪)|终|会(?![计所])|轻(?!食)|货(?![车运代])|夜(?![班场]))(?P<over>及?以上|\+|起|多(?!少))?(?:左右|上下)?(?P<work>{_WORK})?"
)
_SPOKEN = re.compile(
    r"(?P<a>[一二三四五六七])(?P<b>[二两三四五六七八])年(?:以上)?(?:的)?(?:工作|相关)*经验"
)


def find_background(text: str) -> Iterator[Candidate]:
    """Yield the schooling and the experience that a normalised query names."""
    yield from _schooling(text)
    for match in overlapping(_FRESH, text):
        yield _done(*match.span(), {"min": 0, "max": None})
    for match in _SKILLED.finditer(text):
        yield _done(*match.span(), {"min": None, "max": None})
    for pattern in (_SPOKEN, _YEARS):
        for match in overlapping(pattern, text):
            yield from _served(match)
    if "经验" in text or "经历" in text:
        for item in find_experience(text):
            end = item.start + len(text[item.start : item.end].rstrip("的可也均都亦皆能行以要者"))
            # 法务专员律所经验: what it is in stays a part of its own.
            if end - item.start <= _LONGEST or _NUMBER.match(text, item.start, end):
                yield _done(item.start, end, item.value, 0.95)


def _schooling(text: str) -> Iterator[Candidate]:
    for match in overlapping(_NONE, text):
        yield _school(*match.span(), {"level": "none"})
    for match in _TIER.finditer(text):
        yield _school(*match.span(), {"level": "bachelor"})
    levels = forms("education.tsv", "form", "level")
    for match in overlapping(_levels(), text):
        # 初中数学, 小学老师: the pupils' school.
        if match[0] in _WEAK and _SUBJECT.match(text, match.end()):
            continue
        value: dict[str, object] = {"level": levels[match["word"]]}
        if match["left"]:
            value["max"] = True
        if match["bound"]:
            value["max" if match["bound"] == "以下" else "min"] = True
        yield _school(*match.span(), value)


@cache
def _levels() -> re.Pattern[str]:
    words = "|".join(sorted(forms("education.tsv", "form", "level"), key=len, reverse=True))
    return re.compile(
        rf"(?:非全日制|全日制|统招|自考|成人|函授|[一二三]本)*(?P<word>{words})(?P<left>没毕业|未毕业|肄业)?(?:文化|水平|程度|学历|学位|文凭|毕业|生(?![物活产鲜]))*"
        r"(?:[及或含])?(?P<bound>以上|起|以下)?(?:文化|程度|学历|毕业(?!生))*"
    )


def _served(match: re.Match[str]) -> Iterator[Candidate]:
    fields = match.groupdict()
    months = 1 if fields.get("u") == "个月" else 12
    low, high = _months(fields["a"], months), _months(fields["b"], months)
    if low is None or not 0 < low <= 360 or (high is not None and not low < high <= 360):
        return
    if fields.get("u") == "个月" and not fields.get("work"):
        return
    if fields.get("half"):
        low += 6
    top = None if fields.get("over") or high is None else high
    yield _done(*match.span(), {"min": low, "max": top})


def _months(number: str | None, months: int) -> int | None:
    if number is None:
        return None
    if number == "半":
        return 6
    whole = parse_integer(number)
    return None if whole is None else whole * months


def _school(start: int, end: int, value: Value) -> Candidate:
    return Candidate(start, end, "education", value, EDUCATION, 1.05)


def _done(start: int, end: int, value: Value, weight: float = 1.05) -> Candidate:
    return Candidate(start, end, "experience", value, EXPERIENCE, weight)
