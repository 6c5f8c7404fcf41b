"""The employer's name in the text: the post's own company, registered names, known employers."""

from __future__ import annotations

import re
from functools import cache

from enrich.tags.spans import Found, clause_start, first_wins, near
from enrich.tags.tables import Finder, rows
from enrich.text import normalize_query

_ORGANISED = re.compile(
    r"(?:科技|信息|网络|技术|贸易|文化|传媒|咨询|管理|服务|实业|餐饮|教育|投资|电子|商务|人力资源|企业|集团|发展|软件|智能|物业|物流|广告|国际|控股|股份|有限|责任|公司|\(.*?\))"
)
_EMPLOYING = re.compile(
    r"(?:招|诚聘|急聘|聘|直招|加入|欢迎|我们是|公司|旗下|总部|是一家|简介|关于|成立|直营|门店|驻|项目|站点|专卖|店|厂|物流|仓)"
)
_SENTENCE = re.compile(
    r"[的在可以满与及向各将把被该本我或、]|某|负责|执行|申请|工作|客户|对接|公司.*公司|协助|下属|子公司|配合"
)
_PRESENTED = re.compile(
    r"(?:^|(?<=[。;\n:】\s]))(?P<name>[a-z0-9\u4e00-\u9fff]{2,12}?)(?:\([^()\n]{1,40}\))?,?\s?(?:是(?:一[家个所]|国内|中国|全球|全国|专业|目前|领先)|(?:公司|集团)?(?:成立|创立|创办|创建|始建)于|隶属于)"
    r"|(?:^|(?<=[。;\n\s【]))(?:关于|公司名称:?|企业名称:?|单位名称:?|品牌名称:?)\s?(?P<n2>(?!我们|公司|岗位|职位|薪|工作)[a-z0-9\u4e00-\u9fff]{2,10})(?=[:\n】]|$)"
)
_TITLE = 30
"""In a text this short a brand that comes first is the employer: 海底捞服务员."""
_PLATFORMS = frozenset({"快手", "抖音", "淘宝", "天猫", "拼多多", "京东", "58同城", "闲鱼"})
_GENERIC = re.compile(
    r"培训|语言|加入|欢迎|人民币|\d{3}|公司|集团|企业|我们|我[司店厂院]|[本该贵我此]|团队|岗位|职位|平台|项目|工作|这|那|部门|产品|[的了着在有与和及为是会将并由以可能做让]|什么|[一二三四五六七八九十\d]$|薪|福利|要求|职责|简介|介绍|背景|优势|店$|行业|系统|技术"
)
_GROUP_EDGE = re.compile(r"(?:[\s,。:;、(\"“'/]|加入|隶属|属于|是|^)$")
_OTHER = re.compile(
    r"(?:客户|合作|包括|如|竞品|熟悉|使用|经验|等平台|平台|入驻|曾|前|来自|服务过?|类似|比|对接|代理|供应|负责|运营|在)[^。;；\n]{0,10}$"
)
_OTHER_AFTER = re.compile(
    r"(?:等|系统|平台(?!直招)|云|生态|推广|账号|店铺|运营|小程序|开放平台|客户|接口|投放|、|和|及|地图|支付|商城|直通车|背景|经验|出身|竞价|短视频|号|上|仓库管理|算法|/)"
)


def find_companies(text: str, company: str | None) -> list[Found]:
    """Return where a normalised text names the employer; ``company`` is the post's own field."""
    own = [
        Found(match.start(), match.end(), match[0])
        for name in own_names(company)
        for match in re.finditer(re.escape(name), text)
        if name not in _common() or _names_itself(text, match.start(), match.end())
    ]
    registered = [
        item
        for match in near(_registered(), text, _tail_cue(), 30, 12)
        if (item := _legal(text, match))
    ]
    known = [
        Found(start, end, text[start:end])
        for start, end, _ in _machine().longest(text)
        if _is_employer(text, start, end)
    ]
    presented = [
        Found(*match.span(group), match[group])
        for match in _PRESENTED.finditer(text)
        for group in ("name", "n2")
        if match[group] and not _GENERIC.search(match[group])
    ]
    return first_wins([own, registered, known, presented])


def own_names(company: str | None) -> tuple[str, ...]:
    """Return the forms under which a company may name itself, longest first."""
    if not company:
        return ()
    whole = normalize_query(company)
    names = {whole}
    core = _registered_tail().sub("", whole)
    core = re.sub(r"\(.*?\)", "", core)
    core = _city().sub("", core)
    names.add(core)
    brand = _ORGANISED.split(core)[0]
    if len(brand) >= 2 and not _city().fullmatch(brand):
        names.add(brand)
    return tuple(sorted((name for name in names if len(name) >= 2), key=len, reverse=True))


@cache
def _common() -> frozenset[str]:
    return frozenset(row["name"] for row in rows("common_names.tsv"))


def _names_itself(text: str, start: int, end: int) -> bool:
    """Tell whether a name that is a common word too stands as a name: after 加入, in quotes."""
    before, after = text[max(0, start - 3) : start], text[end : end + 3]
    quoted = before[-1:] in {"“", "「", "【", "["} and after[:1] in {"”", "」", "】", "]"}
    return quoted or bool(
        re.search(r"(?:加入|欢迎来?|关于)$", before) or re.match(r"(?:集团|公司|诚聘|招聘)", after)
    )


@cache
def _suffixes() -> str:
    return "|".join(re.escape(row["suffix"]) for row in rows("company_suffixes.tsv"))


@cache
def _tail_cue() -> re.Pattern[str]:
    return re.compile(_suffixes())


@cache
def _registered() -> re.Pattern[str]:
    return re.compile(
        rf"[\u4e00-\u9fffa-z0-9()&]{{2,24}}?(?:{_suffixes()})(?:[\u4e00-\u9fff]{{2,6}}分公司)?"
    )


@cache
def _registered_tail() -> re.Pattern[str]:
    return re.compile(rf"(?:{_suffixes()}|公司)$")


@cache
def _city() -> re.Pattern[str]:
    names = [row["form"] for row in rows("places.tsv") if row["kind"] in {"city", "province"}]
    return re.compile("^(?:" + "|".join(sorted(names, key=len, reverse=True)) + ")(?:市|省)?")


@cache
def _machine() -> Finder:
    return Finder({normalize_query(row["name"]): "" for row in rows("employers.tsv")})


def _legal(text: str, match: re.Match[str]) -> Found | None:
    name = match[0]
    start = match.start()
    lead = re.match(
        r"(?:.*(?:关于|我们是|公司名称:?|单位:?|隶属于?|系|为|由|是|加入|欢迎来到|在|与|和))(?=[\u4e00-\u9fff(a-z]{4,})",
        name,
    )
    if lead:
        start += lead.end()
        name = text[start : match.end()]
    if _SENTENCE.search(name) and not name.endswith(("有限公司", "有限责任公司")):
        return None
    if name.endswith("集团") and not (
        3 <= len(name) <= 8 and _GROUP_EDGE.search(text[max(0, start - 3) : start] or ",")
    ):
        return None
    if len(name) < 4 or re.match(
        r"(?:本|该|各|连锁|全国|知名|其他|根据|健全|享受|上市|熟悉|其它|大型|上市|中小|多家|一家|国内|知名|我|子|外资|世界|跨国|母|分)",
        name,
    ):
        return None
    before = text[clause_start(text, match.start(), 10) : start]
    if re.search(r"(?:客户|合作|服务过|投资方|包括|股东|等)[^,]{0,4}$", before):
        return None
    return Found(start, match.end(), name)


def _is_employer(text: str, start: int, end: int) -> bool:
    before = text[clause_start(text, start, 14) : start]
    # 宠物美容, 完美的: a short name is one only at the border of a clause or after 加入.
    if end - start == 2 and before and not re.search(r"(?:加入|招聘|诚聘|我们是|\s)$", before):
        return False
    if _OTHER.search(before) or _OTHER_AFTER.match(text, end):
        return False
    if start == 0 and len(text) <= _TITLE and text[:end] not in _PLATFORMS:
        return True
    return bool(
        _EMPLOYING.match(text[end : end + 3])
        or _EMPLOYING.search(text[end : end + 3])
        or _EMPLOYING.search(before[-4:])
    )
