"""Ages asked of the applicant: 18-45岁, 50岁以下, 年满18周岁, 35周岁以内, 五十以内."""

from __future__ import annotations

import re
from dataclasses import replace

from enrich.tags.numbers import INTEGER, parse_integer
from enrich.tags.spans import Found, clause_start

_YEARS = r"\s?(?:周?岁)"
_TO = r"\s?(?:-|~|—|–|―|－|至|到|与|和){1,2}\s?"
_UNDER = r"(?:\(含\))?\s?(?:以下|以内|之内|以里|之下|内|封顶|打止|往下|以前|下)"
_OVER = r"(?:\(含\))?\s?(?:以上|起|往上|开外)"
_RANGE = re.compile(
    rf"(?P<low>{INTEGER})(?P<y1>{_YEARS})?{_TO}(?P<high>{INTEGER})(?P<y2>{_YEARS})?"
    r"(?:\s?(?:以内|之间|以下|左右|都行|均可|都可))?"
)
_LIMIT = re.compile(
    rf"(?P<n>{INTEGER})(?P<y>{_YEARS})?\s?(?:(?P<under>{_UNDER})|(?P<over>{_OVER})|(?P<about>左右|上下))"
)
_LEAD = re.compile(
    rf"(?:(?P<no>不(?:超过?|大于|高于)|(?<!不)小于|低于|(?:没|未|不)(?:过|满|到))|(?P<yes>年满|已满|满|大于|不(?:低于|小于)|超过|过了))"
    rf"\s?(?P<n>{INTEGER})(?P<y>{_YEARS})?(?:(?:\(含\))?以[上下])?"
)
_ABOUT = re.compile(
    rf"年龄(?:要求|在|为|:|\s)*(?P<n>{INTEGER}){_YEARS}(?!\s?(?:\(含\))?(?:以|及|之|-|~|到|至|左右))"
)
_WIDENED = re.compile(
    rf"(?:放宽?到|放宽至|放到|最大|上限|不限到|到|至)\s?(?P<n>{INTEGER})(?P<y>{_YEARS})?(?!\s?[\d元块人名个斤%:点月号-])"
)
_SPOKEN = re.compile(
    r"(?<![\d一二三四五六七八九十])(?:(?P<tens>[二三四五六]?)十(?P<a>[一二三四五六七八])(?P<b>[二三四五六七八九]))岁"
)
_PAST = re.compile(
    r"(?P<a>[二三四五六])十(?:岁)?(?:出头|来岁|开外)(?=[^,。;\n]{0,4}(?:也|都|可|行|收|要|没关系|最好|优先|$))"
)
_BORN = re.compile(
    r"(?<!\d)[6-905]\d?[05]后(?=[^,。;\n]{0,6}(?:优先|均可|也可|都可|为佳|熟手|生手|企台|服务员|员工?优先)|$)"
)
_ADULT = re.compile(r"(?:需|须|必须|要|已)?成年(?:人)?(?:即可|就行|就可以|都可以?|均可|都行)")
_PAIRED = re.compile(
    rf"(?<=[男女])(?P<n>{INTEGER}){_YEARS}(?=[、,/]\s?[男女]{INTEGER}{_YEARS}?以[下内])"
)
_DECADE = re.compile(
    r"(?<![\d一二三四五六七八九十])(?P<a>[二三四五六])(?P<b>[三四五六七])?十(?:多|来|几)?岁(?:左右)?(?:的?(?:大姐|阿姨|大哥|大叔|老实|人)|(?=的?(?:也|都|最|优先)))"
)
_GROWN = re.compile(r"(?:年?满|已满)(?P<n>18|16|十八|十六)(?![\d岁周个分天])")
_REFUSED = re.compile(r"(?:的)?(?:勿扰|不要|不收|不招|别来|免谈|勿投|不考虑)")
_PREFERRED = re.compile(
    r"[^,。;\n\d经验证]{0,4}?(?:优先|最好|为佳|为宜|为优|最佳|更佳|者佳|最?更?合适|最?更?吃香|反而放心)"
)
_ANY = re.compile(
    r"(?:年龄|年纪|岁数)(?:、?(?:性别|学历|经验|男女))?\s?(?:均|都|皆|:)?\s?(?:不限|不要求|无要求|没要求|没有要求|无限制|没限制|不做限制|不作限制|不做要求|不作要求|不卡死?|不是(?:障碍|问题)|无所谓|随意|不拘)"
    r"|(?:不限|不挑|不卡|不看|不问|不论|不讲|无|没有)(?:性别)?(?:年龄|年纪|岁数)(?:限制|要求)?"
)
_AGE_WORD = re.compile(r"年龄|年纪|岁数|周岁")
_OTHER_UNIT = re.compile(
    r"\s?(?:元|块|人|名|个|公里|斤|分|天|日|号|月|年|小时|点|米|kg|%|k|万|千|家|度|平|cm|吨|位|字|次|件|单|秒|本|套|台|座|层|条|里|\d|:)"
)
_NOT_AGE_BEFORE = re.compile(
    r"(?:身高|体重|打字|速度|车龄|房龄|经验|工作|:\d\d|日均|每|团队|平均年龄|客户|孩子|儿童|学员|宝宝|幼儿|老人|用户|学生|受众|人群|会员|了解|面向|针对|照顾|陪|带)[^,。;，]{0,6}$"
)
_ALONE_BEFORE = re.compile(r"(?:^|[,，。;；、/\s(:男女性士生限要招可行内收工员人聘]|年纪|左右)$")
_NOT_AGE_AFTER = re.compile(
    r"(?:之间|以[上下内])?的?(?:年轻|青年|青少年|中青年|目标|女性|男性)*(?:用户|人群|群体|儿童|孩子|学员|宝宝|客户|观众|读者|消费者|少儿|幼儿|老人|奶奶|爷爷|患者)"
)
_YOUNGEST, _OLDEST = 16, 75


def find_ages(text: str) -> list[Found]:
    """Return the age statements of a normalised text."""
    found = [item for match in _RANGE.finditer(text) for item in _ranged(text, match)]
    found += [item for match in _LEAD.finditer(text) for item in _led(text, match)]
    found += [item for match in _LIMIT.finditer(text) for item in _limited(text, match)]
    for pattern in (_WIDENED, _PAIRED):
        found += [item for match in pattern.finditer(text) for item in _at_most(text, match)]
    found += [_mark(match, parse_integer(match["n"]), None) for match in _GROWN.finditer(text)]
    found += [_decade(match) for match in _DECADE.finditer(text)]
    found += [item for match in _SPOKEN.finditer(text) if (item := _spoken(match))]
    found += [
        _mark(match, parse_integer(match["a"] + "十"), None) for match in _PAST.finditer(text)
    ]
    found += [_mark(match, 18, None) for match in _ADULT.finditer(text)]
    found += [Found(*match.span(), {"min": None, "max": None}) for match in _BORN.finditer(text)]
    found += [item for match in _ABOUT.finditer(text) for item in _about(text, match)]
    found += [Found(*match.span(), {"min": None, "max": None}) for match in _ANY.finditer(text)]
    return [_judged(text, item) for item in found if not _NOT_AGE_AFTER.match(text, item.end)]


def _led(text: str, match: re.Match[str]) -> list[Found]:
    if match["no"]:
        return _at_most(text, match)
    return [_mark(match, parse_integer(match["n"]), None)] if _limits_age(text, match) else []


def _at_most(text: str, match: re.Match[str]) -> list[Found]:
    return [_mark(match, None, parse_integer(match["n"]))] if _limits_age(text, match) else []


def _limits_age(text: str, match: re.Match[str]) -> bool:
    before = _before(text, match.start())
    worded = match.groupdict().get("y", "岁") or _AGE_WORD.search(before)
    known = _is_age(parse_integer(match["n"])) and not _NOT_AGE_BEFORE.search(before)
    return bool(worded) and known


def _about(text: str, match: re.Match[str]) -> list[Found]:
    age = parse_integer(match["n"])
    told = _before(text, match.start()).endswith(("平均", "客户", "用户"))
    return [_mark(match, age, age)] if _is_age(age) and not told else []


def _spoken(match: re.Match[str]) -> Found | None:
    """Read 十六七岁."""
    low = parse_integer(match["tens"] + "十" + match["a"])
    high = parse_integer(match["tens"] + "十" + match["b"])
    return _mark(match, low, high) if _is_age(low) else None


def _decade(match: re.Match[str]) -> Found:
    """Read 五十多岁 and 三四十岁."""
    low = parse_integer(match["a"] + "十")
    return _mark(match, low, parse_integer((match["b"] or match["a"]) + "十"))


def _judged(text: str, item: Found) -> Found:
    """Turn 45岁以上勿扰 into a denial, 35岁以下优先 into a preference."""
    if _REFUSED.match(text, item.end):
        return replace(item, polarity="-")
    preferred = _PREFERRED.match(text, item.end) or text.endswith("最好", 0, item.start)
    return replace(item, polarity="prefer") if preferred else item


def _ranged(text: str, match: re.Match[str]) -> list[Found]:
    low, high = parse_integer(match["low"]), parse_integer(match["high"])
    if low is None or high is None:
        return []
    # 二三十 and 十八 to 四五 are left to the limits; 20-45 both lie in the span of working ages.
    if not (_is_age(low) and _is_age(high) and low < high):
        return []
    before = _before(text, match.start())
    stated = bool(match["y1"] or match["y2"])
    if not stated and not _AGE_WORD.search(before):
        around = text[match.end() : match.end() + 2]
        lone = _ALONE_BEFORE.search(before) or match.start() == 0
        if not lone or _OTHER_UNIT.match(around) or not 16 <= low <= 40 <= 75 or high < 25:
            return []
    if _NOT_AGE_BEFORE.search(before):
        return []
    return [_mark(match, low, high)]


def _limited(text: str, match: re.Match[str]) -> list[Found]:
    age = parse_integer(match["n"])
    if not _is_age(age):
        return []
    before = _before(text, match.start())
    if _NOT_AGE_BEFORE.search(before):
        return []
    if not match["y"] and not _bare_limit(text, match, before):
        return []
    if match["under"]:
        return [_mark(match, None, age)]
    return [_mark(match, age, None if match["over"] else age)]


def _bare_limit(text: str, match: re.Match[str], before: str) -> bool:
    if _AGE_WORD.search(before):
        return True
    if match["about"] or match["over"] or match["under"] in {"内", "下"}:
        return False
    rest = text[match.end() : match.end() + 2]
    lone = _ALONE_BEFORE.search(before) or before.endswith(
        ("要", "招", "限", "人", "工", "员", "的")
    )
    return bool(lone) and not _OTHER_UNIT.match(rest)


def _mark(match: re.Match[str], low: int | None, high: int | None) -> Found:
    return Found(*match.span(), {"min": low, "max": high})


def _is_age(age: int | None) -> bool:
    return age is not None and _YOUNGEST <= age <= _OLDEST


def _before(text: str, at: int) -> str:
    return text[clause_start(text, at, 14) : at]
