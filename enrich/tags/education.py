"""Schooling asked for: 初中以上, 大专及以上学历, 学历不限, 统招本科; the lowest accepted."""

from __future__ import annotations

import re

from enrich.post import Polarity
from enrich.tags.spans import Found, clause_end, clause_start, near
from enrich.tags.tables import rows

LEVELS = ("none", "primary", "junior", "secondary", "college", "bachelor", "master", "doctor")
"""The values of a schooling statement, lowest first."""

_VALUE = {row["form"]: row["level"] for row in rows("education.tsv")}
_RANK = {name: rank for rank, name in enumerate(LEVELS)}
_WORD = "|".join(sorted(_VALUE, key=len, reverse=True))
_CHAIN = re.compile(
    rf"(?:(?:全日制|统招|统一招生|普通|正规|国家|公办|重点|一本|二本|双一流|(?:211|985)(?:/(?:211|985))?|大学|,|/|、)*(?:全日制|统招|公办|重点|一本|二本|大学))?(?P<first>{_WORD})"
    rf"(?:\s?(?:/|、|或者?|和|与|-|~|到|至|\()\s?(?:{_WORD}))*"
    r"\)?(?:\s?(?:文化|水平|程度|及其?同等|同等|学历|学位|毕业)*(?:\(含\))?(?:证书?)?(?:及其?|或者?|含|\(含\))*\s?(?:以上|以下|起)?(?:文化|水平|程度|学历|学位|毕业|证)*(?:者)?)"
)
_NONE = re.compile(
    r"(?:学历|文化(?:程度)?)(?:和?(?:专业|经验|年龄|性别|、)*)?(?:均|都|皆|\s|要求|:|水平)*(?:不限|不要求|不作要求|不做要求|无要求|没要求|没有要求|不高|无所谓|不重要|无限制)"
    r"|(?:不限|不看|不要(?:求)?|无|不论|不问|不讲|不卡|不挑|没有|不需要|无需|不拘)(?:专业|经验)?(?:、)?(?:任何)?(?:学历|文凭)(?:要求|限制|门槛)?"
    r"|(?:别担心|不用担心)学历|对学历(?:没有?|无|不作|不做)(?:任何|硬性)?要求"
)
_CUE = re.compile(
    r"[小大]学|[初高]中|中[专技职]|职[高校]|技校|[大高][专职]|专科|本科|学士|硕士|研究生|博士"
)
_WEAK = {"小学", "初中", "高中"}
_SUBJECT = re.compile(
    r"(?:部|组|段|年级|[一二三四五六]年级|语文|数学|英语|物理|化学|生物|历史|地理|政治|理科|文科|各科|全科|科目|课程|老师|教师|教学|学生|学校|阶段|生源|辅导|题|教材|教育|学科|门口|数理|作文|奥数|生(?!以上)|两个班|班|孩子|的孩子|知识点|[^\S\n]?阅读|家长|门诊|护士|医生|医院|导师|培训)"
)
_TEACHING = re.compile(
    r"(?:教过?|教授|负责|担任|承担|辅导|面向|针对|服务|从事|帮|讲|带过?|上|覆盖|读|上过|持|具备?有?)(?:[^,。;，]{0,6})$"
)
_CUE_BEFORE = re.compile(
    r"(?:学历|要求|统招|全日制|文化|毕业|以下|以上|至少|最低|起码|须|需|不低于|有|是|读过|念过)[^,。;，]{0,4}$"
)
_CUE_IN = re.compile(r"以上|学历|文化|水平|程度|毕业|学位|起$")
_CUE_AFTER = re.compile(
    r"\s?(?:以上|及|或|学历|毕业|优先|即可|也|就|可|都|都行|文化|起|就行|$|[,。;、)/\n\s])"
)
_PREFER = re.compile(r"[^,，。;；\n]{0,8}?(?:优先|为佳|最好|尤佳|加分|更佳|更好)")
_NOT_SCHOOL = re.compile(r"(?:院校(?!毕业|学历|优先|以上)|联盟|论文|生导师|后(?!优先))")
_DENIED = re.compile(r"(?:不收|不招|不要|非|谢绝)\s?$")


def find_education(text: str) -> list[Found]:
    """Return the schooling statements of a normalised text."""
    found = [Found(*match.span(), "none") for match in _NONE.finditer(text)]
    for match in near(_CHAIN, text, _CUE, 24, 40):
        item = _level(text, match)
        if item is not None:
            found.append(item)
    return found


def _level(text: str, match: re.Match[str]) -> Found | None:
    if not _is_school(text, match):
        return None
    levels = [_VALUE[word] for word in re.findall(_WORD, match[0])]
    lowest = min(levels, key=_RANK.__getitem__)
    return Found(match.start(), match.end(), lowest, _polarity(text, match)).trimmed(text)


def _is_school(text: str, match: re.Match[str]) -> bool:
    if _NOT_SCHOOL.match(text, match.end()):
        return False
    before = text[clause_start(text, match.start(), 12) : match.start()]
    cued = bool(_CUE_IN.search(match[0]))
    if match["first"] in _WEAK:
        if not cued and (_SUBJECT.match(text, match.end()) or _TEACHING.search(before)):
            return False
        if cued and "毕业" in match[0] and text.startswith("班", match.end()):
            return False
        return cued or bool(_CUE_BEFORE.search(before)) or bool(_CUE_AFTER.match(text, match.end()))
    return cued or not _SUBJECT.match(text, match.end())


def _polarity(text: str, match: re.Match[str]) -> Polarity:
    if _DENIED.search(text[max(0, match.start() - 3) : match.start()]):
        return "-"
    rest = text[match.end() : clause_end(text, match.end(), 14)]
    before = text[clause_start(text, match.start(), 6) : match.start()]
    # 本科以上，会计专业优先: 优先 belongs to what stands next to it, so only a short rest counts.
    if (_PREFER.match(rest) and "专业" not in rest) or re.search(
        r"(?:最好|优先)[^,]{0,3}$", before
    ):
        return "prefer"
    return "+"
