"""Who looks for work: ages and genders in a query: 40岁以上, 18-45岁, 女, 男女不限, 宝妈."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from enrich.tags.age import find_ages
from enrich.tags.gender_cues import before, one_of
from enrich.tags.numbers import INTEGER, parse_integer
from search.intent.matching import overlapping
from search.intent.model import Candidate

AGE, GENDER = "rule:age", "rule:gender"
YOUNGEST, OLDEST = 16, 80

_AGE = re.compile(
    rf"(?:年满|年龄|已满|刚?满)?(?P<a>{INTEGER})(?:周?岁)?(?:\s?(?:-|~|到|至)\s?(?P<b>{INTEGER}))?(?P<more>多|来|几)?周?岁"
    r"(?P<bound>及?以上|往上|起|\+|以下|以内|之内|内|左右|上下|多(?!少)|出头)?"
)
_DECADES = re.compile(r"(?P<a>[一二三四五六])(?P<b>[二三四五六七])十(?:多|几|来)?岁(?:左右)?")
"""四五十岁: from the first year of one to the last of the other."""
_TURNED = re.compile(r"刚满(?P<a>1[6-8]|十[六七八])(?!\s?[0-9元块千万百个月年岁周])")
_OUT = re.compile(r"(?P<a>[二三四五六]十)(?:岁)?出头")
_BARE = re.compile(
    r"(?:(?<=[男女姨叔姐妈嫂])|(?<=[男女姨叔姐妈嫂] ))(?P<a>[1-6]\d)(?:-(?P<b>[2-6]\d))?"
    r"(?P<bound>以上|以下|以内|左右|多(?!少))?(?![\d.a-z%+~到至-]|\s?[元块千万百岁个天年月时分人名周号点/])"
    r"|(?<![\d.+~到至-])(?P<c>[1-6]\d)(?P<more>多)?(?=\s?(?:[男女](?!装|鞋|包|士)|阿姨|大叔|宝妈))"
)
"""An age that only stands beside a gender: 女45, 50 男."""
_AGE_OPEN = re.compile(
    r"(?:年龄|年纪|岁数)(?:要求)?(?:不限制?|不要求|无要求|没要求|无限制|不卡|无所谓)"
)
_KIN = "子儿孙侄甥"
_REACHED = ("满", "年满", "已满")
_UNDER = ("以下", "以内", "之内", "内")
_ANY = re.compile(
    r"(?:不限|不分|不论)(?:男女|性别)|(?:男女|性别)(?:都|均|皆)?(?:不限|都?可以?|都?行|都?要)|男女(?:老少)?(?:皆|均|都)?可?"
)
_BORN = re.compile(r"(?<!\d)[056789][05]后")
_ADULT = re.compile("成年人?|未满(?:18|十八)岁?|未成年")


def find_people(text: str) -> Iterator[Candidate]:
    """Yield the ages and genders that a normalised query names."""
    yield from _ages(text)
    for match in _BORN.finditer(text):
        yield Candidate(*match.span(), "age", {"min": None, "max": None}, AGE, 1.05)
    for match in _ADULT.finditer(text):
        young = match[0].startswith("未")
        value = {"min": None, "max": 17} if young else {"min": 18, "max": None}
        yield Candidate(*match.span(), "age", value, AGE, 1.05)
    for match in overlapping(_ANY, text):
        yield Candidate(*match.span(), "gender", "any", GENDER, 1.05)
    for match in _one().finditer(text):
        family = before("family").search(text[max(0, match.start() - 3) : match.start()])
        # 集美|女生, but 子女生 and 美女.
        if not family or (len(match[0]) > 1 and family[0].strip()[-1:] not in _KIN):
            value_ = "male" if "男" in match[0] else "female"
            yield Candidate(*match.span(), "gender", value_, GENDER, 1.02)
            if match["only"]:
                # 年龄不限|男士
                start = match.end("only")
                yield Candidate(start, match.end(), "gender", value_, GENDER, 1.02)
    for match in _word().finditer(text):
        yield Candidate(*match.span(), "gender", "male" if match["male"] else "female", GENDER, 0.9)


def _ages(text: str) -> Iterator[Candidate]:
    for match in _AGE.finditer(text):
        found = _aged(match)
        if found:
            yield found
    for match in _BARE.finditer(text):
        yield from _stated(match)
    yield from _about(text)
    for match in _AGE_OPEN.finditer(text):
        yield Candidate(*match.span(), "age", {"min": None, "max": None}, AGE, 1.1)
    for item in find_ages(text):
        yield Candidate(item.start, item.end, "age", item.value, AGE, 1.0)


def _about(text: str) -> Iterator[Candidate]:
    """Yield ages that are named by decades, or by having just been reached."""
    for match in _DECADES.finditer(text):
        low, high = parse_integer(match["a"]), parse_integer(match["b"])
        if low is not None and high == low + 1:
            value = {"min": low * 10, "max": high * 10 + 9}
            yield Candidate(*match.span(), "age", value, AGE, 1.1)
    for pattern in (_TURNED, _OUT):
        for match in pattern.finditer(text):
            low = parse_integer(match["a"])
            if low is not None:
                high = low + 9 if pattern is _OUT else low
                yield Candidate(*match.span(), "age", {"min": low, "max": high}, AGE, 1.1)


def _aged(match: re.Match[str]) -> Candidate | None:
    low = parse_integer(match["a"])
    high = parse_integer(match["b"]) if match["b"] else low
    if low is None or high is None or not 14 <= low <= high <= OLDEST:
        return None
    bound = match["bound"] or ""
    if bound in _UNDER and not match["b"]:
        value = {"min": None, "max": high}
    elif match["more"] or bound in {"多", "出头"}:
        value = {"min": low, "max": low // 10 * 10 + 9}
    elif bound and bound not in {"左右", "上下", *_UNDER}:
        value = {"min": low, "max": None}
    else:
        reached = match[0].startswith(_REACHED) and not (match["b"] or bound)
        value = {"min": low, "max": None if reached else high}
    return Candidate(*match.span(), "age", value, AGE, 1.05)


def _stated(match: re.Match[str]) -> Iterator[Candidate]:
    low = int(match["a"] or match["c"])
    high = int(match["b"]) if match["b"] else low
    if OLDEST >= high >= low >= YOUNGEST:
        bound = match["bound"] or ("多" if match["more"] else "")
        value: dict[str, int | None] = {"min": low, "max": high}
        if bound in _UNDER:
            value = {"min": None, "max": high}
        elif bound == "以上":
            value = {"min": low, "max": None}
        elif bound == "多":
            value = {"min": low, "max": low // 10 * 10 + 9}
        yield Candidate(*match.span(), "age", value, AGE, 1.05)


@cache
def _one() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<only>仅限|只限|限|只招|只要|仅招)?[男女](?!(?!包[吃住食]|车间){one_of('thing')})(?:{one_of('person')}|生(?!产|活)|员工|孩子?|工(?![装具程艺作厂资假友衣服地业]))?"
    )


@cache
def _word() -> re.Pattern[str]:
    return re.compile(rf"(?:{one_of('female')}|(?P<male>{one_of('male')}))们?")
