"""Pay in a query: 4000以上, 月薪6000, 200一天, 8-12k, 月入过万, 面议."""

from __future__ import annotations

import re
from collections.abc import Iterator

from enrich.tags.amounts import Amount, find_amounts
from enrich.tags.numbers import tidy
from search.intent.model import Candidate

SOURCE = "rule:salary"

_LEAD = re.compile(
    r"(?:(?:税前|税后|月?综合|基本|固定|平均|实发|实际|纯?到手|无责任?|最[低少]|至少|不[低少小]于|最高|不超过|保底|打底|包月|¥"
    r"|(?:月|(?<![\d一二两三四五六七八九十半])年|日|天|周)?(?:(?<![\d双])薪资?|工资|收入|入|薪水|薪酬)|底薪|时薪|小时工资|起薪|薪资|薪水|薪酬|工资|收入"
    r"|待遇|年包|计件|工价|(?:一|每|1)个?(?:月|天|日|小时|年|周|单|件|节课?|场|晚|次|趟|车|平米?|方))"
    r"(?:要|有|能|可|达到?|约|为|是|在|拿|挣|赚|开){0,2}[:\s]?){1,3}$"
)
_WORDS = (
    r"人[事力工体才像]|个[人体性]|名[创片品]|年[会糕轻薪终底假龄]|天[津河猫水门宁心桥府]|月[嫂子饼]|日[料语化本式文照韩]"
    r"|周[口边浦村庄至]|号手|后[勤厨端期道台堂]|路[桥政由演]|平[面车台安板湖谷顶度阳山缝]|点[焊胶心菜餐钞数歌]|级配"
    r"|楼[面宇]|层[压板]|期[货刊]|线[切下上束缆圈路材]|班[长组主车]|险企|休闲|强[电弱]|分[拣析销拨检装类公部诊]"
    r"|晚[班上间餐会]|小时工|钟[点表]|米[粉线其]|公[司关园寓务厂交]|时装|课[程后]|节[目能]|单[证位]|件[工员]|场[务地]|次元"
)
"""Words that begin with what could be a unit: 6000人事, 5000平面设计."""
_UNITS = {
    "hour": r"个?小时|个?钟头?|时薪|时|h(?![a-z])",
    "day": r"天|日(?!结)|晚",
    "month": r"个?月(?!结|休)",
    "year": r"年(?!以上经验|经验|工作经|相关经|从业|工龄|驾龄)",
    "week": r"周(?!结|末|休)",
    "time": r"课时|节课?|场|次|趟",
    "piece": r"单(?!休)|件|个",
}
_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items())
_BOUND = (
    r"(?:\s?(?P<{0}>(?:及?以上|起(?!重)|\+|往上|打底|保底|不封顶|多(?!少)(?:块钱?|元)?|出头)"
    r"|以下|以内|之内|左右|上下))?"
)
_TAIL = re.compile(
    r"(?P<coin>\s?(?:元|块钱?|圆|rmb))?"
    + _BOUND.format("b1")
    + rf"(?P<per>\s?(?:(?:/|每|一个?|1个?)\s?|(?!{_WORDS}))(?:{_UNIT}))?"
    + _BOUND.format("b2")
)
_NAMED = re.compile(
    r"的?(?:底薪|保底|月薪|年薪(?!制)|工资|薪资)(?![日周月现]结|当[天日]|次日|[0-9一二两三四五六七八九]|月薪)"
)
_LEAD_UNITS = (
    ("year", "年"),
    ("hour", "小时|时薪|工价"),
    ("day", "[日天晚]"),
    ("week", "周"),
    ("piece", "单|件|平|方"),
    ("time", "节|场|次|趟|车"),
)
_OTHER = re.compile(
    rf"\s?(?!{_WORDS})(?:小时|钟|个|名|人|位|周?岁|年|天|[日月周](?![结休末])|号|届|后|路|平|公里|公?斤|kg|点|级|楼|层|期|线|米|cm"
    r"|班|险|休|薪|同城|s店|强|分|%|:)"
)
_GOES_ON = re.compile(r"(?<=[0-9.])[a-z0-9]|(?<=\D)[a-z](?![a-z])")
_PER_MARK = re.compile(r"\s?(?:/|每|一|1)")
_OVER = re.compile(
    r"(?:(?:月|年|日)?(?:薪|入|收入|工资)|工资|薪资|底薪|收入)?(?:能|可)?[过破超上](?P<n>[一二两三四五六七八九]?[万千])(?!达)(?:以上|元)?"
)
_ROUND = re.compile(r"(?:月薪|月入|日薪)?(?P<n>[万千])元?(?:以上|\+)")
_LISTED = re.compile(r"(?<=(?<![0-9.])[1-9])[、,](?=[1-9][千万kw])")
_OPEN = re.compile(r"(?:薪资?|工资|待遇|价格)?面议")
_PAID_BY = re.compile(r"(?P<hour>时薪)(?!\s?\d)|(?P<year>年薪制)")
"""How pay is counted where no amount is."""
_BODY = re.compile(r"(?:身高|体重|净高)[:\s]?$")
_MIN_LEAD = re.compile("底薪|保底|打底|最[低少]|至少|不[低少小]于|起薪")
_MAX_LEAD = re.compile("最高|不超过")
_DAYS = re.compile("[日周月现天]结|日薪|当天|一天|每天|/天|日工|兼职|临时工|小时工|晚上|零工")
_RANGES = {
    "hour": (5, 1000),
    "day": (30, 3000),
    "month": (800, 300000),
    "year": (10000, 10000000),
    "week": (100, 50000),
    "time": (1, 20000),
    "piece": (0, 20000),
}


def find_pay(text: str) -> Iterator[Candidate]:
    """Yield the pay that a normalised query asks for."""
    for match in _OPEN.finditer(text):
        yield _made(*match.span(), {"min": None, "max": None, "unit": "open"})
    for match in _PAID_BY.finditer(text):
        yield _made(*match.span(), {"min": None, "max": None, "unit": match.lastgroup})
    for match in _OVER.finditer(text):
        if match["n"] == "千" or match.start("n") == match.start():
            continue
        scale = 10000 if match["n"].endswith("万") else 1000
        low = scale * max("一二三四五六七八九".find(match["n"][0].replace("两", "二")) + 1, 1)
        unit = "year" if match[0].startswith("年") else "month"
        yield _made(*match.span(), {"min": low, "max": None, "unit": unit})
    for match in _ROUND.finditer(text):
        low = 10000 if match["n"] == "万" else 1000
        if not text[match.start() - 1 : match.start()].isnumeric():
            yield _made(*match.span(), {"min": low, "max": None, "unit": "month"})
    # 20块一小时 is no 20.1, and 6、7千 is 6-7千.
    for amount in find_amounts(_LISTED.sub("-", text.replace("块一", "元一"))):
        found = _asked(text, amount)
        if found:
            yield found


def _made(start: int, end: int, value: dict[str, object]) -> Candidate:
    return Candidate(start, end, "salary", value, SOURCE, 1.05)


def _asked(text: str, amount: Amount) -> Candidate | None:
    if _BODY.search(text, 0, amount.start):
        return None
    lead = _LEAD.search(text, max(0, amount.start - 14), amount.start)
    tail = _TAIL.match(text, amount.end)
    if tail is None:
        return None
    unit, end = _unit(text, amount, lead, tail)
    if lead and unit and not _fits(unit, amount):
        # 1年3000以上: a year of experience, and pay.
        lead = None
        unit, end = _unit(text, amount, lead, tail)
    if unit is None:
        return None
    named = _NAMED.match(text, end)
    if named and "年薪" in named[0]:
        unit = "year"
    if not _fits(unit, amount):
        return None
    start = lead.start() if lead else amount.start
    words = (lead[0] if lead else "") + (named[0] if named else "")
    low, high = _bounds(words, tail, amount)
    end = named.end() if named else end
    return _made(start, end, {"min": tidy(low), "max": tidy(high), "unit": unit})


def _fits(unit: str, amount: Amount) -> bool:
    least, most = _RANGES[unit]
    return least <= amount.high <= most


def _unit(
    text: str, amount: Amount, lead: re.Match[str] | None, tail: re.Match[str]
) -> tuple[str | None, int]:
    """Return the unit, and where the statement ends."""
    coined = amount.currency or bool(tail["coin"]) or tail["b1"] is not None
    if tail["per"] and (coined or _PER_MARK.match(tail["per"])):
        name = next(name for name in _UNITS if tail[name])
        if _fits(name, amount):
            return name, tail.end()
        if not (coined or lead):
            return None, 0
    end = tail.end("b1") if tail["b1"] else tail.end("coin") if tail["coin"] else amount.end
    if not coined and (_OTHER.match(text, amount.end) or _GOES_ON.match(text, amount.end)):
        return None, 0
    scaled = amount.scale > 1  # 10k+golang
    if tail["b1"] and not (amount.currency or tail["coin"] or scaled) and _OTHER.match(text, end):
        return None, 0
    if not tail["per"] and tail["b2"]:
        end = tail.end("b2")
    if lead:
        named = next((name for name, words in _LEAD_UNITS if re.search(words, lead[0])), "month")
        return named, end
    return _by_size(text, amount), end


def _by_size(text: str, amount: Amount) -> str | None:
    """Return the unit of an amount that states none, None where it is hardly pay."""
    if amount.high >= 120000 and amount.scale >= 10000:
        return "year"
    if amount.high >= 1000:
        round_ = amount.high % 100 == 0 and amount.low % 100 == 0
        return "month" if round_ or amount.currency else None
    if amount.high >= 60 and (amount.currency or _DAYS.search(text)):
        return "day"
    return "hour" if amount.currency and amount.high >= 5 else None


def _bounds(lead: str, tail: re.Match[str], amount: Amount) -> tuple[float | None, float | None]:
    bound = (tail["b1"] or tail["b2"] or "").strip()
    if amount.ranged:
        return amount.low, amount.high
    if bound in {"以下", "以内", "之内"} or _MAX_LEAD.search(lead):
        return None, amount.high
    if (bound and bound not in {"左右", "上下"}) or _MIN_LEAD.search(lead):
        return amount.low, None
    return amount.low, amount.high
