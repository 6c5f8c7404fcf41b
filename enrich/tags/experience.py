"""Experience asked for, in months: 1-3年经验, 两年以上, 经验不限, 有经验者优先, 应届生可."""

from __future__ import annotations

import re

from enrich.post import Polarity
from enrich.tags.numbers import START, parse_integer
from enrich.tags.spans import Found, Value, clause_end, clause_start, first_wins, near

_N = (
    rf"(?:{START}(?!\d\.[\d]年)\d{{1,2}}(?![\d.])"
    r"|(?<=[^\s,。;:\d.])\d\.5|[一二两三四五六七八九十半]{1,3})"
)
_KIND = r"[^,，。;；!?:：\n]{0,30}?"
_RANGE = re.compile(
    rf"(?P<a>{_N})\s?(?:年)?\s?(?:-|~|—|–|至|到){{1,2}}\s?(?P<b>{_N})\s?(?P<u>年|个月)(?:及?(?P<over>以上|\+))?{_KIND}(?P<w>经验|经历|驾龄|工作|从业|以上)"
)
_SPOKEN = re.compile(
    r"(?<![\d一二三四五六七八九十])(?P<a>[一二三四五六七八])(?P<b>[两二三四五六七八九])年(?:以上)?(?:的)?(?:[^,，。;；\n]{0,16}?经验)"
)
_YEARS = re.compile(
    rf"(?:至少|最少|不少于|不低于|满|有|超过|具备?有?|拥有)?\s?(?P<a>{_N})\s?(?P<u>年|个月)(?P<half>半)?(?P<over>(?:\(含\))?(?:\s?(?:及|或)?(?:其)?(?:以上|\+)|多|左右|起))?"
    r"(?P<rest>[^,，。;；!?:：\n]{0,30}?(?:经验|经历|驾龄|资历))?"
)
_NONE = re.compile(
    r"(?:工作|相关|从业|行业|工龄)?(?:经验|工作经历)(?:、?(?:学历|年龄|性别|专业))?(?:均|都|皆)?\s?(?:不限|不要求|不拘|无要求|不作要求|不做要求|没要求|没有要求|无所谓|不重要|不是必须|不看)"
    r"|(?:不限|不要求|不要|不需要|无需|无须|不用|不看|不强求|不讲|毋需|不问|不论)(?:有|任何|相关|工作|从业|行业|什么)*(?:经验)(?:要求)?"
    r"|(?:无|没有?|零|0)(?:任何|相关|工作|从业|行业|过|啥|什么|驾驶|销售|客服|网店客服|[a-z\u4e00-\u9fff]{0,6}?)(?:的)?经验(?:者|的|人员|人士|同学|也|都|均|亦|皆|可以?|不要紧|没关系|小白|从|由|能|者可|,)*(?:可以?|行|培训|没关系|欢迎|能|没事|不要紧|学|带|教|来|岗前)?"
    r"|有(?:没有|无)经验(?:都|均|皆)|经验有无(?:均可|都行|不限)"
    r"|(?:零|0)基础(?:也|可|均可|都|小白|者|学员)*(?:以|培训|学|教|来|入门|入职|带)*"
    r"|小白(?:也|可|均|都)(?:可以?|行|培训|教|带)*|(?:生手|新手|新人|外行|白纸)(?:一张)?(?:、?熟手)?(?:均|也|都|皆|可|亦|能|包|带薪|免费|,|的|就|教|培训|有人|老板|师傅)+(?:可以?|行|要|教|培训|带|收|来|学|会|欢迎|培养|包教)*"
    r"|(?:熟手|熟练工)(?:和|、|或)?(?:生手|新手|学徒)(?:均|也|都|皆)?(?:可|要|行)?"
    r"|(?:没|未|没有|从没|不曾)(?:做|干|当|从事|接触|学|开|跑|卖|带)过?(?:[^,，。;；\n]{0,10}?)?(?:的)?(?:也|都|均|一样|照样|没关系|不要紧|没事|不怕|可以|能来|欢迎|的先|的跟)(?:行|可以?|能来?|收|要|欢迎|教|学|带|没关系|录用)*"
    r"|(?:做|干|当)过没(?:做|干|当)过[^,，。;；\n]{0,6}?(?:都|均)(?:行|可以?|要)"
    r"|不会[\u4e00-\u9fff]{0,4}?(?:没关系|不要紧|没事|有人教|都行)|不会(?:的)?(?:也|都|可以?|能|没关系|不要紧|有人|包|师傅|老板|我们|先|从|有)+(?:以|教|学|培训|带|行|来|要)*|不懂(?:可以?|也|有人)(?:学|教|带)"
    r"|(?:欢迎|接受|可(?:以)?|招收?|收)?(?:优秀)?(?:应届(?:毕业)?生?|在校生|毕业生)(?:也|均|亦|都|皆|优先|欢迎|可|能|、|或|要)*(?:可以?|优先|考虑|行|欢迎|投|来|能)*"
)
_DEMAND = re.compile(
    r"(?:要(?:求)?有|需要?有?|须有?|具有|具备|拥有|有过|必须有|有|丰富的?|一定的?|相关|同等|类似|多年|熟练)"
    r"[^,，。;；!?:：\n]{0,34}?经验(?!交流|分享|总结|积累|库|值|主义|教训|丰富的(?:导师|老师|团队|前辈))"
)
_LITERAL = re.compile(
    r"(?:[a-z0-9+#/\u4e00-\u9fff、()（）]{0,16}?)(?:工作|从业|行业|操作|管理|实操|实战|项目|销售|岗位|同岗|相关|开发|实习)?经验(?=者|优先|丰富|\s?(?:为佳|最好|尤佳|加分|更佳|的优先|均可|即可|直接)|[,，。;；、\n)]|$)"
)
_DONE = re.compile(
    r"(?<![没未不])(?:有过?|部队|曾|曾经|以前|最好|之前|必须|须|要|得)?(?<![没未不])(?:做|干|当|从事|担任|跑|带|卖|经营|接触|操作)过(?!没|的事|户|年|节|滤|敏|磅|程|度|渡|会|线)[^,，。;；!?\n]{1,18}?(?=优先|最好|为佳|的?优先|的?加|的?来|者|更|尤佳|佳|均可|也可|都可|都行|也行|上手|的上手|的(?!事|都知道|产品|项目|作品|照片|老板|经验|公司)|[,，。;；\n]|$)"
)
_BACKGROUND = re.compile(
    r"[\u4e00-\u9fffa-z]{1,8}(?:出身|工作经历|从业经历|工作背景)(?:的)?(?=优先|也|都|最好|更|者|[,，。;；\n]|$)"
)
_HISTORY = re.compile(
    r"(?:有|具有|具备|拥有)(?!完整的?经历)[^,，。;；!?:：\n]{1,20}经历(?!过|完整)"
)
_EXPERIENCE_BEFORE = re.compile(r"(?:经验|驾龄|从业|经历)[^,，。;；\n]{0,6}$")
_YEAR = re.compile(r"年|个月")
_WORD = re.compile("经验")
_NONE_CUE = re.compile(
    r"经验|经历|基础|小白|[生新熟]手|新人|外行|白纸|熟练工|过|不会|不懂|应届|在校生|毕业生"
)
_WORK_YEARS = re.compile(
    r"经验|经历|从事|工作|从业|驾龄|老手|熟手|熟练|资历|做|干|任职|管理|岗位|以上|相关|实操|设计|开发"
)
_NOT_YEARS = re.compile(
    r"(?:合同|成立|创办|创立|签|质保|连续|近|融资|历史|公司|集团|入职|服务满|工作满|干满|做满|满|未来|前|这|每|第|最近|在职|司龄|保修|有效期|拿证|团队|平均|一干|干了|做了|当了|开了|一做|就是|头|学|试用期?|培训|毕业|分红|合作|一年|今|去|后|过|剩|剩下|持续|预计|周期|长约|服务)[^,，。;；\n]{0,5}$"
)
_TEAM = re.compile(
    r"(?:团队|老板|师傅|导师|讲师|我们|我司|专家|店主|医生|教练|客户|学员)[^,，。;；\n]{0,8}$|(?:公司|集团|本店)(?:已?有|拥有|成立|深耕|具有|具备)?$"
)
_YEARS_FOLLOW = re.compile(rf"\s?:?\s?(?:至少|要求|需|在|满|有|不少于|不低于)?\s?{_N}\s?年")
_LATE_PREFER = re.compile(r"的[^。;；\n]{0,10}?[,，]?优先")
_OWN_WORK = re.compile(r"(?:的)?(?:产品|项目|作品|照片|案例|事)")
_PREFER = re.compile(
    r"[^,，。;；\n]{0,14}?(?:优先|为佳|最好|尤佳|加分|更佳|更好|者佳|更合适|更受欢迎|优选|为先|优厚|佳(?:[,，。;；\n]|$))"
)
_REFUSED = re.compile(r"(?:不接受|不要|不招|不收|谢绝|拒绝|勿扰|不考虑|除外)\s?$")
_REFUSED_AFTER = re.compile(
    r"[^,，。;；\n]{0,3}?(?:勿扰|勿投|免谈|不要(?!紧)|不收|不招|别来|请绕|不考虑|谢绝|莫扰|勿|不行|免投)"
)


def find_experience(text: str) -> list[Found]:
    """Return the experience statements of a normalised text."""
    none = [_none(text, match) for match in near(_NONE, text, _NONE_CUE, 24, 30)]
    ranges = [_range(text, match) for match in near(_RANGE, text, _YEAR, 14, 50)]
    ranges += [_range(text, match) for match in near(_SPOKEN, text, _YEAR, 6, 30)]
    years = [item for match in near(_YEARS, text, _YEAR, 14, 50) if (item := _years(text, match))]
    words = [
        _wanted(text, pattern, match)
        for pattern in (_DEMAND, _LITERAL)
        for match in near(pattern, text, _WORD, 50, 8)
    ]
    done = [
        _wanted(text, pattern, match)
        for pattern in (_DONE, _HISTORY, _BACKGROUND)
        for match in pattern.finditer(text)
    ]
    groups = ([ranges], [years], [none], [words], [done])
    return first_wins([item for item in group if item is not None] for [group] in groups)


def _none(text: str, match: re.Match[str]) -> Found | None:
    words = match[0]
    if words.startswith(("在校生", "毕业生", "新人", "生手", "新手", "不会")) and len(words) < 4:
        return None
    before = text[clause_start(text, match.start(), 6) : match.start()]
    refused = _REFUSED.search(before) or _REFUSED_AFTER.match(text, match.end())
    polarity: Polarity = "-" if refused else "+"
    if "应届" in words and ("优先" in words or text.startswith("优先", match.end())):
        polarity = "prefer"
    end = match.end()
    while end > match.start() + 2 and text[end - 1] in ",、 ":
        end -= 1
    return Found(match.start(), end, {"min": 0, "max": None}, polarity)


def _range(text: str, match: re.Match[str]) -> Found | None:
    fields = match.groupdict()
    low, high = _months(fields["a"], fields.get("u")), _months(fields["b"], fields.get("u"))
    if low is None or high is None or low >= high or high > 360 or _is_other(text, match.start()):
        return None
    top = None if fields.get("over") or fields.get("w") == "以上" else high
    return Found(
        *match.span(), {"min": low, "max": top}, _polarity(text, match.start(), match.end())
    )


def _years(text: str, match: re.Match[str]) -> Found | None:
    months = _months(match["a"], match["u"])
    if months is None or not 0 < months <= 360:
        return None
    if match["half"]:
        months += 6
    rest = text[match.end() : clause_end(text, match.end(), 10)]
    before = text[clause_start(text, match.start(), 14) : match.start()]
    if _is_other(text, match.start()):
        return None
    worded = match["rest"] is not None
    if match["u"] == "个月" and not worded:
        return None
    over = match["over"] and (_WORK_YEARS.search(rest + before) or len(rest) <= 6)
    if not (worded or over or _EXPERIENCE_BEFORE.search(before)):
        return None
    value: Value = {"min": months, "max": None}
    return Found(
        match.start(), match.end(), value, _polarity(text, match.start(), match.end())
    ).trimmed(text)


def _done_years(text: str, start: int, end: int) -> int | None:
    """Return the months of 做过两年以上客服."""
    match = re.search(rf"过(?P<a>{_N})\s?年", text[start:end])
    return _months(match["a"], "年") if match else None


def _wanted(text: str, pattern: re.Pattern[str], match: re.Match[str]) -> Found | None:
    start, end = match.span()
    if _TEAM.search(text[clause_start(text, start, 14) : start]) or end - start < 2:
        return None
    before = text[clause_start(text, start, 4) : start]
    if re.search(r"(?:分享|总结|积累|交流|传授)[^,]{0,2}$", before) or re.match(
        r"(?:分享|总结|积累|交流)", text[start:end]
    ):
        return None
    if re.search(r"[不没未无别](?:用|需|必|能|要求?|看)?$", before):
        return None
    if _YEARS_FOLLOW.match(text, end) or _OWN_WORK.match(text, end):
        return None
    polarity = _polarity(text, start, end)
    if (
        pattern is _BACKGROUND
        and polarity == "+"
        and not re.match(r"也|都|者", text[end : end + 1])
    ):
        return None
    if pattern is _DONE and polarity == "+" and _LATE_PREFER.match(text, end):
        polarity = "prefer"
    if pattern is _DONE and polarity == "+" and not _asks(text, start, end):
        return None
    months = _done_years(text, start, end) if pattern is _DONE else None
    return Found(start, end, {"min": months, "max": None}, polarity)


def _asks(text: str, start: int, end: int) -> bool:
    """Tell whether 做过X without 优先 is asked for, not told about somebody else."""
    before = text[clause_start(text, start, 8) : start]
    rest = text[end : clause_end(text, end, 6)]
    cued = re.search(
        r"(?:要求?|须|需|必须|以前|要的?是|最好|欢迎|限|招|找)[^,]{0,3}$",
        before + text[start : start + 3],
    )
    listed = re.search(r"要求:\s?(?:\d[、.]\s?)?$", text[max(0, start - 6) : start])
    return bool(cued or listed) or rest.startswith(
        (
            "的",
            "均可",
            "也可",
            "都可",
            "都行",
            "也行",
            "上手",
            "的上手",
            "也欢迎",
            "的欢迎",
            "者",
            "的都",
            "的也",
            "的可",
            "的直接",
            "的来",
            "来",
        )
    )


def _polarity(text: str, start: int, end: int) -> Polarity:
    rest = text[end : clause_end(text, end, 18)]
    before = text[clause_start(text, start, 8) : start]
    if (
        _PREFER.match(rest)
        or re.search(r"(?:最好|优先)[^,，]{0,4}$", before)
        or text[start : start + 2] == "最好"
    ):
        return "prefer"
    return "+"


def _is_other(text: str, start: int) -> bool:
    before = text[clause_start(text, start, 14) : start]
    return bool(_NOT_YEARS.search(before) or _TEAM.search(before))


def _months(number: str, unit: str | None) -> int | None:
    if number == "半":
        return 6
    if "." in number:
        return int(float(number) * 12)
    value = parse_integer(number)
    if value is None:
        return None
    return value if unit == "个月" else value * 12
