"""Benefits, kinds of employment and kinds of workplaces, from the dictionaries in ``data``."""

from __future__ import annotations

import re
from functools import cache

from enrich.tags import polarity
from enrich.tags.spans import Found, clause_end, clause_start, longest_first
from enrich.tags.tables import Finder, forms, rows

_SAYS_NO_ITSELF = ("不", "无", "没", "拒绝", "杜绝")
_NOT_BENEFIT = re.compile(
    r"(?:负责|办理|缴纳员工|核算|制定|制作|组织|策划|统计|计算|申报|协助|开展|策划|安排员工|管理|维护|客户|企业|项目|产品|会员|审核|建立|参与|跟进|完善|推动|设计|为客户|对接|落实|优化|指标|考核)[^,，。;；\n]{0,12}$"
)
_DUTY_WORDS = {
    "社保",
    "公积金",
    "年假",
    "体检",
    "带薪培训",
    "旅游",
    "法定假",
    "绩效",
    "补贴",
    "奖金",
    "晋升空间",
    "调薪",
    "分红",
    "带教",
    "加班费",
    "宿舍",
    "包住",
    "转正",
    "包吃",
    "节日福利",
    "下午茶",
    "配车",
    "工服",
}
_DUTY_AFTER = re.compile(
    r"(?:系统|计划|课程|方案|管理|业务|产品|报告|行业|制度|专员|讲师|师|中心|资料|工作(?!餐)|体系搭建|手续|材料|账户|开户|市场|客户|顾问|机构|活动策划|需求|规划|关系|增减|车队|大巴|业|公司|社|学校|班(?!车)|景区|线路|局|度假|专业|考核|指标|间|安排|顺序|后(?:即|可|享|缴|,|\d|[一-鿿])|等(?:日常|人事|手续)|积分)"
)
_OFFERING = re.compile(r"公司(?!的)|每年|每月|每季|不?定期|免费|享受|提供|发放")
_NOT_TYPE_AFTER = re.compile(
    r"(?:作|资|勿扰x|讲师|人员|执行)|(?:规划|目标|战略|合同|出差|合作|发展|投资|规划|计划|从事|股权|借款|管理|稳定的?客户|客户|人员管理|保洁员工|跟踪|有效|在|坚持|维护|居住|驻|经验|经历)"
)
_PLACE_NOT_BEFORE = re.compile(
    r"(?:里有|不在|不像|都说|是不是还在|还在|早先|原先|曾经|嫌|先做|排查|来自|厌倦|离开|认识|转行|懒得|问过|合作|客户|对接|拜访|开发|拓展|联系|维护|合作|面向|服务过|给|与|和|跟|去|各|周边|附近|为|对|针对|走访|熟悉|同|从|进|旁边?|隔壁|对面|比|家|别的|之前|以前|原来|做过|干过|待过|跑|送|到|不是|供应|供|设有|配有|配备|建有|拥有|免费|胜似|制定|协助|分析|审核|执行|规划|优化|数据|根据|包括|不进|不想|各大|其他|其它|协调|帮助?|负责)[^,，。;；\n]{0,6}$"
)
_PLACE_NOT_AFTER = re.compile(
    r"(?:客户|渠道|系统|行业|资源|采购|供应商|背景|经验|项目|管理系统|产品|设备|旁|对面|附近|隔壁|沟通|对接|协调|合作|等|出身|方|端|信息化|门口|的(?:订单|采购|渠道)|管理(?!员)|运营|销售渠道|改造|设计|规划|装修|建设|广告|业务|需求|安全|数据|选址|[^,。;，；、\n]{0,8}(?:经验|经历|优先)|当过|干过|长处|存款|凭证|报销|贷款产品|公告|标准)"
)
_PLACE_LISTED = re.compile(
    r"(?:跑|拜访|客户|对接|走访|开发|联系|维护|服务|面向|认识)[^,，。;；\n]{0,6}(?:[\u4e00-\u9fffa-z0-9]{1,6}[、/和])+$"
)
_COMPOUND = re.compile(
    r"(?:^|(?<=[,。;:、/\s(!]))(?:招|急招|某|一家|我们|在|本地|新开的?|自家|家庭)?"
    r"(?P<name>[\u4e00-\u9fff]{1,5}?(?:店|馆|厂|坊|门市))"
    r"(?=$|[招,。;:缺要聘急,\s(一两三四五六七八\d]|里|内|需|找|做|直|后|的(?:厨|店))"
)
_OPENING = re.compile(
    r"(?:^|(?<=[。\n]))(?P<name>[\u4e00-\u9fff]{2,5}?(?:[店馆](?![长员铺家主租庆方址区面名里]|\w{0,3}(?:转让|老板))|厂(?![长家商方址区房牌里外])))"
)
_BARE = re.compile(
    r"(?:^(?:跟|给|找|帮|送|接|跑|换|对|把|让|从|像|有|没|几|两|三|多|那|哪|别|你|他|谁|工具|老板|另)|^(?:本|我|全|总|分|开|到|进|新|老|二|小|大|网|淘宝|工|入|出|驻|这|该|每|各|单|守|看|关|当|回|离|站|市|现|立|一|上|下|在|广|登|推|磁|农|力|转|内|主|立|客|机|餐|舞|餐)[店厂场厅站馆铺坊]$|门店|分店|公司|网站|现场|市场|立场|职场|广场|到场|入场|进场|排场|返厂|原厂|到店|进店|开店|全店|本店|我店|二店|新店|老店|总店|分厂|进厂|入厂|我厂|本厂|厂厂|出厂|各店|我们|店店|在[^,]*$|去|招|不|有|会|是)"
)
_PLACE_OFFER = re.compile(
    r"(?:招|在|位于|本|我们|我店|我院|我厂|上班|工作地|直招|急招|诚聘|缺|驻|新开|自营|自家|连锁|大型|地点|地址|开业|是|做|公司)"
)


def find_benefits(text: str) -> list[Found]:
    """Return the offers of a normalised text."""
    found = [
        Found(start, end, name)
        for start, end, name in _machine("benefits.tsv", "form", "name").longest(text)
    ]
    for pattern, name in _patterns():
        found += [Found(*match.span(), name) for match in pattern.finditer(text)]
    kept: list[Found] = []
    for item in longest_first(found):
        if not _is_duty(text, item):
            kept += _with_polarity(text, item)
    return kept


def find_job_types(text: str) -> list[Found]:
    """Return the kinds of employment and shifts of a normalised text."""
    kept: list[Found] = []
    for start, end, name in _machine("job_types.tsv", "form", "name").longest(text):
        if _NOT_TYPE_AFTER.match(text, end) or (
            name == "夜班" and text[end : end + 1] in {"补", "津", "费"}
        ):
            continue
        if name == "长期工" and not _long_term(text, start, end):
            continue
        kept.append(Found(start, end, name, polarity.of_offer(text, start, end)))
    return kept


def find_workplaces(text: str, *, title: bool) -> list[Found]:
    """Return the kinds of workplaces of a normalised title or body."""
    kept: list[Found] = []
    for match in (*_COMPOUND.finditer(text), *_OPENING.finditer(text)):
        start, end = match.span("name")
        if not _BARE.search(match["name"]) and (
            title or _is_own_place(text, start, end, "context")
        ):
            kept.append(Found(start, end, match["name"], polarity.of_offer(text, start, end)))
    for start, end, use in _machine("workplaces.tsv", "form", "use").longest(text):
        if text.endswith(("数据", "知识"), 0, start):
            continue
        first = _with_modifier(text, start)
        if title or _is_own_place(text, first, end, use):
            kept.append(Found(first, end, text[first:end], polarity.of_offer(text, first, end)))
    return kept


@cache
def _machine(name: str, key: str, value: str) -> Finder:
    return Finder(forms(name, key, value))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"]), row["name"]) for row in rows("benefit_patterns.tsv"))


@cache
def _modifiers() -> tuple[str, ...]:
    return tuple(
        sorted((row["form"] for row in rows("workplace_modifiers.tsv")), key=len, reverse=True)
    )


def _is_duty(text: str, item: Found) -> bool:
    """Tell whether a benefit word names the work to be done (办理社保), not an offer."""
    if item.value not in _DUTY_WORDS:
        return False
    before = text[clause_start(text, item.start, 18) : item.start]
    duty = _NOT_BENEFIT.search(before) and not _OFFERING.search(before)
    return bool(duty or _DUTY_AFTER.match(text, item.end))


def _with_polarity(text: str, item: Found) -> list[Found]:
    shown = text[item.start : item.end]
    if shown.startswith(_SAYS_NO_ITSELF):
        return [item]
    mark = polarity.of_offer(text, item.start, item.end)
    return [Found(item.start, item.end, item.value, mark)]


def _long_term(text: str, start: int, end: int) -> bool:
    if end - start > 2:
        return True
    rest = text[end : clause_end(text, end, 4)]
    before = text[clause_start(text, start, 4) : start]
    return bool(re.match(r"(?:工|稳定|做|招|干|兼职|$|有效|的|可)", rest)) or bool(
        re.search(r"(?:能|可|要|需)$", before)
    )


def _with_modifier(text: str, start: int) -> int:
    for word in _modifiers():
        if text.endswith(word, 0, start):
            return start - len(word)
    return start


def _is_own_place(text: str, start: int, end: int, use: str) -> bool:
    before = text[clause_start(text, start, 14) : start]
    if _PLACE_NOT_BEFORE.search(before) or _PLACE_NOT_AFTER.match(text, end):
        return False
    if use == "sure":
        return True
    # 跑写字楼、工厂、医院: a list shares the verb before its first word.
    if _PLACE_LISTED.search(text, max(0, start - 20), start):
        return False
    after = text[end : clause_end(text, end, 8)]
    return bool(_PLACE_OFFER.search(before + "|" + after)) or start < 40
