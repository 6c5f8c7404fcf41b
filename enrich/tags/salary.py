"""Pay amounts with their unit: 4000-5000元/月, 150一天, 底薪3000+提成, 8-12K, 月入过万."""

from __future__ import annotations

import re

from enrich.tags.amounts import CURRENCY, Amount, find_amounts
from enrich.tags.numbers import parse_amount, tidy
from enrich.tags.spans import Found, clause_end, clause_start

_PER = r"(?:/|每|一|1|\bper\s?)\s?"
_UNIT_WORDS = (
    ("hour", r"(?:个)?(?:小时|钟头|时(?!间)|h(?![a-z]))"),
    ("day", r"(?:天|日(?!结)|晚上?|班(?!车)|工(?!作))"),
    ("month", r"(?:个)?月|\bmonth"),
    ("year", r"年"),
    ("week", r"(?:周|星期|礼拜)"),
    ("time", r"(?:课时|小节|节课?|堂课?|场|次|位|趟|人次|家)"),
    (
        "piece",
        r"(?:单|件|个(?!月|小时|钟|人|点)|筐|桶|台|套|条|户|平方?米?|方|只|箱|张|盒|双|斤|吨|票|包|袋|车|本|根|块|米|户|亩|页|份|字|篇|把|盆|棵)",
    ),
)
_AFTER_UNIT = re.compile(
    r"\s?(?:元|块|圆)?(?:钱)?\s?(?:人民币|左右|上下|以上|起)?\s?"
    + _PER
    + "(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _UNIT_WORDS)
    + ")"
)
_BEFORE_UNIT = re.compile(
    "(?:"
    r"(?:每|一|1|计)\s?(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _UNIT_WORDS) + ")"
    r"|(?P<hour2>时薪|小时工资?|工价|工时|小时)|(?P<day2>日薪|日结|日工资|日均|按天|天薪)|(?P<month2>月薪|月入|月收入|月工资|月均|月结|每月|月平均|月综合)"
    r"|(?P<year2>年薪|年收入|年入|年包|年均)|(?P<week2>周薪|周结)|(?P<piece2>计件|件价)|(?P<time2>课时费|课酬|课时))"
)
_UNIT_GAP = re.compile(r"[^,，。;；\n]{0,6}")
_PIECE_LEAD = re.compile(
    r"(?:按|一|每|千)(?:字|平方?米?|方|台|单|件|吨|桶|板|套|户|间|节|块|趟|个|双|筐)[^,。;\n\d]{0,6}$"
)
_OPEN_END = re.compile(
    r"\s?(?:元|块钱?)?(?:/月|/天|/小时|/年|每月|一个月|一天|一小时)?\s?(?:及?以上|起|\+(?!\s?(?:提成|奖|绩效|餐|全勤|补|五险|社保|加班|\d))|往上|打底|保底|多(?!少|劳)|不封顶|底薪|无责|过)"
)
_BASE = re.compile(
    r"(?:底薪|无责|保底|打底|起薪|过|超|超过|不低于|最低|最少|至少|破|基本工资|底)(?:薪|工资|收入|是|为|:|\s|都|也|有|月薪|任务|责任|给|拿|就|\()*$"
)
_UP_TO = re.compile(
    r"(?:最高|高达|可达|能到|可到|达到|能拿到?|可以拿到?|封顶|最多|上限|冲到)(?:是|为|:|\s)*$"
)
_PAY = re.compile(
    r"底薪|工资|月薪|薪资|薪酬|薪水|年薪|时薪|日薪|待遇|收入|到手|保底|月入|月收|综合|无责|起薪|工价|计件|"
    r"年包|薪|能拿|可拿|拿到?|稳定在|月结|日结|周结|试用期|转正后?|开(?=\d|[一二三四五六七八九两])|平均|实发|报酬|酬劳|佣金|底(?=\d)|给到?(?=\d|[一二两三四五六七八九])|熟手|熟练工|生手|学徒|新手|打底|课时费|学徒期"
)
_NOT_PAY_BEFORE = re.compile(
    r"(?:绩效|奖|补|贴|罚|扣|押|押金|学费|培训费|(?<!课时)费用?|房租|租金|流水|营业额|业绩|产值|规模|面积|超过|投资|注册资金|资本|销量|"
    r"定金|服务|预支|借支|干满[^,，。]{1,3}给|做满[^,，。]{1,3}给|另加|满勤|全勤|红包|资助|基金|报销|津贴|饭卡|礼包|贷款|额度|用户|粉丝|覆盖|日均|月销|融资|交|提成|话费|油费|水电|房费|会员|加班费|介绍费|返现?|返费|折|买|卖|充值|客单价|价值)"
    r"[^,，。;；、\n\d]{0,5}$|(?:加|再给)$"
)
_NOT_PAY_AFTER = re.compile(
    r"(?:多|余|来|几)?(?:名|个(?!月)|人(?!民币)|位|家|台|平|㎡|米|字|单|件|万人|用户|粉|倍|强|亿|公里|斤|吨|吉|度|点|号|年(?![终底假薪])|岁|页|条|次|张|"
    r"款|套|种|辆|座|间|户|天(?=内)|分钟|秒|转|亩|颗|箱|瓶|方|头|只|毫|v\b|伏|瓦|级|%|hz|cm|mm|kg|m\b|w\b|题|词|盘|通|碗|杯|菜|道|座|株|辈|里|金)"
)
_BONUS_AFTER = re.compile(
    r"\s?(?:元|块)?(?:/月|/天|一天|每月|/年|一次)?的?(?:补贴|餐补|房补|车补|全勤|奖金?|押金|红包|津贴|罚款|培训费|话费|伙食|饭补|住房补|提成|介绍费)"
)
_OFFER_ENDS = re.compile(r"\Z|[,。;、!+)(\s]|起|以上|左右|包|管|到手|日结|现结|不|加|元|块|多|往上")
_OFFER_WORDS = re.compile(r"[的加双单五交无月]|一分不少|保|封顶|底|提")
_DAY_AFTER = re.compile(r"(?:元|块)?(?:当[天日场](?:发|结|拿)|日结|现结|现金|一天一结)")
_SMALL = re.compile(r"[每一计时价薪单件台提元块/按班]")
_COINS = re.compile(
    r"(?P<n>[一二两三四五六七八九]|\d{1,2})(?P<coin>毛|角|分)(?P<tail>[一二三四五六七八九])?(?!钟|之|店|别|公|类|部|拣|校|析|享|布|期|工|配|成|店|子|区|\d)(?:钱)?"
)
_COIN = {"毛": 0.1, "角": 0.1, "分": 0.01}
_OPEN = re.compile(
    r"(?:薪资|工资|待遇|薪酬|薪水|价格|月薪|底薪|报酬|价钱)(?:从优)?\s?:?\s?面谈|(?:薪资|工资|待遇|薪酬|薪水|价格|月薪|底薪|报酬)?(?:从优)?\s?面议|(?:薪资|工资|待遇|薪酬|月薪|薪水)(?:可谈|另议|详谈|面谈)"
)
_SCALED_LATER = re.compile(r"月入过万|月薪过万|月收入过万|收入过万|轻松过万|过万")
_HOUR_MAX, _DAY_MIN, _DAY_MAX, _MONTH_MIN, _MONTH_MAX = 150.0, 60.0, 1500.0, 1000.0, 90000.0


def find_salary(text: str) -> list[Found]:
    """Return the pay statements of a normalised text."""
    found = [_statement(text, amount) for amount in find_amounts(text)]
    kept = [item for item in found if item is not None]
    kept += _coins(text)
    for match in _OPEN.finditer(text):
        kept.append(Found(*match.span(), {"min": None, "max": None, "unit": "open"}))
    for match in _SCALED_LATER.finditer(text):
        kept.append(Found(*match.span(), {"min": 10000, "max": None, "unit": "month"}))
    return kept


def _coins(text: str) -> list[Found]:
    """Return piece rates below one yuan: 一双一毛二, 一个框四分钱."""
    found = []
    for match in _COINS.finditer(text):
        before = text[clause_start(text, match.start(), 12) : match.start()]
        if not re.search(r"(?:一|每|计)[\u4e00-\u9fff]{1,2}(?:提成?)?$|计件[^,]{0,6}$", before):
            continue
        amount = (parse_amount(match["n"]) or (0.0, 0.0, 1.0))[0] * _COIN[match["coin"]]
        if match["tail"]:
            tail = (parse_amount(match["tail"]) or (0.0, 0.0, 1.0))[0]
            amount += tail * _COIN[match["coin"]] / 10
        value = {"min": tidy(amount), "max": tidy(amount), "unit": "piece"}
        found.append(Found(match.start(), match.end(), value))
    return found


def _statement(text: str, amount: Amount) -> Found | None:
    if amount.high < 30 and not _SMALL.search(text, max(0, amount.start - 8), amount.end + 4):
        return None
    before = text[clause_start(text, amount.start, 18) : amount.start]
    after = text[amount.end : clause_end(text, amount.end, 18)]
    if _NOT_PAY_BEFORE.search(before[-10:]) or _BONUS_AFTER.match(after):
        return None
    unit, unit_end, stated = _unit(before, after, amount)
    if unit is None or not _plausible(unit, amount):
        return None
    if not stated and not _is_pay(text, after, amount):
        return None
    low, high = _bounds(before, after, amount)
    end = amount.end + unit_end
    value = {"min": tidy(low), "max": tidy(high), "unit": unit}
    return Found(amount.start, max(end, amount.end), value)


def _unit(before: str, after: str, amount: Amount) -> tuple[str | None, int, bool]:
    """Return the unit, how far it reaches after the amount, and whether it proves pay."""
    match = _AFTER_UNIT.match(after)
    if match and match.lastgroup:
        if match.lastgroup == "year" and amount.high < 20000:
            return None, 0, False
        return match.lastgroup, match.end(), _proves(match.lastgroup, amount, after)
    leads = list(_BEFORE_UNIT.finditer(before))
    lead = leads[-1] if leads else None
    if lead and lead.lastgroup and _UNIT_GAP.fullmatch(before, lead.end()):
        name = lead.lastgroup.rstrip("2")
        if _plausible(name, amount):
            strong = lead.lastgroup.endswith("2") or amount.currency
            tail = CURRENCY.match(after)
            proves = strong or (
                name in {"day", "hour", "piece", "time"} and bool(_OFFER_ENDS.match(after))
            )
            return name, tail.end() if tail else 0, proves
    currency = CURRENCY.match(after)
    reach = currency.end() if currency else 0
    if amount.high < 2000 and _PIECE_LEAD.search(before) and (currency or _OFFER_ENDS.match(after)):
        return "piece", reach, True
    if amount.high < 1500 and _DAY_AFTER.match(after):
        return "day", reach, True
    return _by_size(amount), reach, False


def _proves(unit: str, amount: Amount, after: str) -> bool:
    if unit in {"piece", "time", "day", "week"} or after.startswith(("一", "1")):
        return amount.currency or unit in {"hour", "month"} or amount.high >= 60
    return True


def _by_size(amount: Amount) -> str | None:
    if amount.high >= 120000 and amount.scale >= 10000:
        return "year"
    if amount.high >= _MONTH_MIN:
        return "month"
    if _DAY_MIN <= amount.high < _MONTH_MIN and amount.currency:
        return "day"
    return None


def _plausible(unit: str, amount: Amount) -> bool:
    if unit == "month":
        return _MONTH_MIN <= amount.high <= 300000 and amount.low >= 300
    if unit == "day":
        return 30 <= amount.high <= 3000
    if unit == "hour":
        return 5 <= amount.high <= 1000
    if unit == "year":
        return amount.high >= 20000
    return amount.high <= 20000


def _is_pay(text: str, after: str, amount: Amount) -> bool:
    if _NOT_PAY_AFTER.match(after) or _looks_like_year(text, amount):
        return False
    context = _sentence(text, amount.start)
    if _PAY.search(context) or re.match(
        r"[元块\s]{0,2}(?:底薪|保底|月薪|无责|包吃|包住|\+提成|加提成|打底)", after
    ):
        return True
    if amount.scale in {1000.0, 10000.0} or amount.ranged:
        return amount.high <= _MONTH_MAX and amount.high >= 1500
    return (amount.currency and 1500 <= amount.high <= _MONTH_MAX) or _ends_offer(text, amount)


def _sentence(text: str, at: int) -> str:
    piece = text[max(0, at - 30) : at]
    return piece[max(piece.rfind(mark) for mark in "。;\n!?") + 1 :]


def _looks_like_year(text: str, amount: Amount) -> bool:
    return (
        not amount.currency
        and not amount.ranged
        and 1990 <= amount.high <= 2035
        and text[amount.end : amount.end + 1] in {"年", ".", "-", "/", "届", "级"}
    )


def _ends_offer(text: str, amount: Amount) -> bool:
    """Tell whether a bare number of a month's size stands where an offer ends: 熟手5500, 六千."""
    if not 2000 <= amount.high <= 30000 or amount.high % 100:
        return False
    return bool(_OFFER_ENDS.match(text, amount.end) or _OFFER_WORDS.match(text, amount.end))


def _bounds(before: str, after: str, amount: Amount) -> tuple[float | None, float | None]:
    if amount.ranged:
        return amount.low, amount.high
    if _UP_TO.search(before):
        return None, amount.high
    if _BASE.search(before) or _OPEN_END.match(after):
        return amount.low, None
    return amount.low, amount.high
