"""Place names that say where the job is: divisions, areas, roads, metro stations."""

from __future__ import annotations

import re
from functools import cache

from enrich.tags import streets
from enrich.tags.spans import Found, clause_end, clause_start, first_wins, longest_first
from enrich.tags.tables import Finder, forms
from enrich.text import normalize_query

_ROAD = re.compile(
    r"[\u4e00-\u9fff]{2,5}?(?:大道|大街|中路|东路|西路|南路|北路|路|街(?!道|舞|拍)|巷|胡同)(?:与[\u4e00-\u9fff]{2,5}路(?:交汇处?|交叉口))?(?:\d{1,5}(?:-\d+)?[甲乙丙丁]?(?:号|弄|-)(?:院|楼)?)?"
)
_STATION = re.compile(
    r"地铁\s?[\d一二三四五六七八九十]{1,2}号线(?:[\u4e00-\u9fff]{2,8}?站)?|\d{1,2}号线[\u4e00-\u9fff]{2,6}站|(?:地铁)[^\W\d_从到在的走有坐近靠离]{2,6}站|[^\W\d_a-z从到在的走有坐近靠离面试点有一二线]{2,5}地铁[站口]"
)
_COMPOUND = re.compile(
    r"[\u4e00-\u9fff]{2,6}?(?:工业园区?|产业园区?|科技园区?|创业园|软件园|工业城|国际城|商贸城|批发城|开发区|高新区|物流园|街道|镇(?!定|静|痛|店|里|上)|大厦|广场(?!舞)|国际中心|商务中心)"
)
_ADDRESS = re.compile(r"(?:地址|地点|位于|坐落|坐标|区域|位置|地处|驻地|城市|上班地)")
_LEAD = re.compile(r"(?:地址|地点|位于|坐标|在|驻|座落|坐落|位置|区域|:|地处|到|至|城市)\s?$")
_ELSEWHERE = re.compile(
    r"(?:总部|分公司|子公司|分部|办事处|具备|结合|分支|分店|遍布|覆盖|设有|设立|出差|分布|籍贯|户口|成立于|毕业|均设|代理|全国|业务|上市|还有|以及海外|门店|辐射|往返|专线|跑|发往|来自|客户|去|如|包括|熟悉|整合|主跑|跑遍|做为|作为|口味)[^。;；\n]{0,12}$"
)
_ELSEWHERE_AFTER = re.compile(
    r"(?:分公司|分部|子公司|办事处|户口|户籍|籍|人(?!民)|话|菜|大学|学院|银行|专线|总部|分店|口味|小吃|火锅|烤鸭|场|开设|医保|社保|落户|本地人|居住证|市场|区域(?:市场|经理)|[\u4e00-\u9fff()]{2,16}(?:公司|集团|律师事务所)|方言|卫视|交易所|证券|证监|牌照|等(?:地|城市)|标准|时间|料理|菜系|专业|白药|茅台|巴巴|云(?!路)|客户|地区(?!招)|总公司|人民政府|设立|交通大学|范围|及周边客户|线路|设有|[\u4e00-\u9fff]{0,4}大学)"
)
_LIST_ELSEWHERE = re.compile(
    r"(?:[、,和及][\u4e00-\u9fff]{2,3}){0,8}(?:等地|等\d|等城市|设有|设立|均设|都有分|分公司|办事处|均有)"
)
_NAMED = re.compile(
    r"(?:(?:上班|工作|办公|面试|店铺|门店|公司|工厂|报名)(?:地址|地点|位置)(?:在|是|为|:|\s){1,3}|(?:^|[,。;\n\s])地址?(?:在|是|:|\s){1,2}|坐标:?|(?:店|厂|馆|我们|公司)在)"
    r"(?P<name>[\u4e00-\u9fff]{1,8}?(?:路|街|大道|桥|庵|湾|坪|塘|堡|岭|埠|屯|庄|村|镇|城[东西南北]|城|广场|大厦|园区?|中心|苑|新区|码头))"
    r"(?=[,。;、()\s\d]|附近|旁|边|口|对面|$|[一二三四五六七八九])"
)
"""A place named after a word for an address: 地址在三里庵, 店在城西."""
_UNNAMED = re.compile(
    r"(?:家具|建材|农贸|批发|商业|购物|步行|老|新|电脑|汽车|美食|产业|工业|物流|科技|居住|客户|本市|就近|自己|一个|这|那)[\u4e00-\u9fff]{0,3}$|路口|农村|公园$|^(?:商场|城|村|园区|广场|中心|码头)$"
)
_ROAD_TAIL = re.compile(r"(?:大道|[东西南北中一二三四五六七八九十]{0,2}路|[东西南北中大]?街(?!道))")
_NUMBERED = re.compile(r"\d{1,5}(?:-\d+)?[号弄]")
_NOT_ROAD = re.compile(
    r"(?:分钟路|[的个县].{0,4}路|电路|思路|线路|道路|走路|铁路|公路|网路|一路|套路|回路|链路|路演|路由|通路|出路|门路|修路|销路|马路|半路|跑路|短路|顺路|扫街|逛街|上街|问路|认路|带路|[这那哪一两条]路|思路|(?:^|[^\u4e00-\u9fff])[路街])$"
)


def find_places(text: str, city: str | None = None) -> list[Found]:
    """Return the place names of a normalised text that say where the job is.

    Args:
        text: normalised text.
        city: the post's own city; its name, nickname and areas need no further context.
    """
    certain = _divisions(text, normalize_query(city or ""))
    towns = [item for item in streets.full_names(text) if not _leads_on(text, item)]
    named = longest_first([*certain, *towns])
    stems = [item for item in streets.stems_behind(text, named) if not _leads_on(text, item)]
    named = first_wins([named, stems])
    stations = [Found(*m.span(), m[0]) for m in _STATION.finditer(text)]
    roads = [
        item
        for pattern in (_ROAD, _COMPOUND)
        for m in pattern.finditer(text)
        if (item := _road(text, m, named))
    ]
    addressed = [
        Found(*m.span("name"), m["name"])
        for m in _NAMED.finditer(text)
        if not _UNNAMED.search(m["name"])
    ]
    return first_wins([stations, named, roads, addressed])


@cache
def _machine() -> Finder:
    return Finder({**forms("places.tsv", "form", "use"), **forms("areas.tsv", "form", "use")})


@cache
def _cities() -> dict[str, list[str]]:
    """Return the cities of each area, or that a nickname means."""
    return {form: city.split("|") for form, city in forms("areas.tsv", "form", "city").items()}


def _divisions(text: str, city: str) -> list[Found]:
    raw = _machine().longest(text)
    kept = []
    for index, (start, end, use) in enumerate(raw):
        if use == "never":
            continue
        name = text[start:end]
        lead = _LEAD.search(text, max(0, start - 6), start)
        own = name in city or _in_city(text, start, name, city)
        if not (use == "sure" or lead or own or _joined(text, raw, index)):
            continue
        if not _leads_on(text, item := Found(start, end, name)):
            kept.append(item)
    return kept


def _in_city(text: str, start: int, name: str, city: str) -> bool:
    """Tell whether an area lies in the post's own city; a short name must begin a clause."""
    begins = len(name) > 2 or not text[start - 1 : start].isalnum()
    return begins and any(word in city for word in _cities().get(name, ()))


def _leads_on(text: str, item: Found) -> bool:
    """Tell whether a place begins a road's name or is not where the job is."""
    road = _ROAD_TAIL.match(text, item.end) or (
        text[item.end - 1] in "路街" and _NUMBERED.match(text, item.end)
    )
    return bool(road) or _is_elsewhere(text, item.start, item.end)


def _is_elsewhere(text: str, start: int, end: int) -> bool:
    """Tell whether a place is where branches, customers or routes are; lists count as one."""
    piece = text[max(0, start - 18) : start]
    before = piece[max(piece.rfind(mark) for mark in ",。;:\n") + 1 :]
    after = _ELSEWHERE_AFTER.match(text, end) or _LIST_ELSEWHERE.match(text, end)
    return bool(after or _ELSEWHERE.search(before))


def _joined(text: str, raw: list[tuple[int, int, str]], index: int) -> bool:
    """Tell whether a certain place stands right beside, as in 成都金牛."""
    start, end, _ = raw[index]
    gaps = [text[o_end:start] for _, o_end, use in raw[max(0, index - 1) : index] if use == "sure"]
    gaps += [text[end:o_start] for o_start, _, use in raw[index + 1 : index + 2] if use == "sure"]
    return any(gap in {"", " ", "-", "·", "市", "省", "、", "/"} for gap in gaps)


def _road(text: str, match: re.Match[str], named: list[Found]) -> Found | None:
    start, end = match.span()
    if _NOT_ROAD.search(match[0].rstrip("0123456789号弄-院楼")) and not any(
        c.isdigit() for c in match[0]
    ):
        return None
    before = text[clause_start(text, start, 30) : start]
    near = any(abs(item.end - start) <= 12 and item.end <= start + 4 for item in named)
    if not (near or _ADDRESS.search(before) or any(c.isdigit() for c in match[0])):
        return None
    for item in named:
        if item.start <= start < item.end < end:
            start = item.end
    if text[start] in "与和及":
        start += 1
    rest = text[end : clause_end(text, end, 2)]
    if end - start < 2 or rest.startswith(("由", "径", "演", "线")):
        return None
    return Found(start, end, text[start:end])
