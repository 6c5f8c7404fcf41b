"""Who is accepted by gender: 限女, 男女不限, 女士优先, 招女工; never words like 男装 or 儿女."""

from __future__ import annotations

import re

from enrich.post import Polarity
from enrich.tags.people import find_people
from enrich.tags.spans import Found, clause_end, first_wins

_ANY = re.compile(
    r"(?<![单身])男女(?!宾|装|鞋|式)[\u4e00-\u9fff]{1,4}?(?:都要?|均可?|各|不限|皆可?)|一男一女|一女一男|(?<=[请招聘找要])男女(?=[\u4e00-\u9fff])(?!宾|装|鞋|式)"
    r"|男(?:的|生|士|性|孩)?\s?[、/,]?\s?女(?:的|生|士|性|孩)?\s?(?:均可|皆可|都可以?|都行|都要|不限|不拘|都来)"
    r"|男女[和及、\s]?年龄(?:均|都)?不限|不限性别|性别(?:[、和及/\s]?(?:年龄|学历|经验|户籍|专业))+(?:均|都)?不限|(?<=[龄历验])[、和及/\s]?性别(?:均|都)?不限"
    r"|男女(?:老少)?(?:员工|普工|工人?|生|性|学员)?\s?(?:均|皆|都|俱|各|不论|不拘)?\s?(?:不限|可(?!能)|行(?!业)|要|招|收|兼收|均可|需要|能|有|各)"
    r"|男女(?:均|皆|都|各)|男女性?(?=\d|[,，。;；、/\s)]|普工|工|服务员|$)|(?:不限|不分|不论|不拘)(?:男女|性别)|性别不限|性别[:\s]*不限|无性别要求|性别(?:没|无|不作|不做)要求"
    r"|男的?女的?(?:都|均|不限|皆)|[男女]的?也(?:行|可以?|要|收|能)(?=.{0,2}[男女])"
)
_PERSON = r"(?:性|士|生|孩子?|的|工|青年|同志|员工|人(?!民)|同学|娃)?"
_PREFER = re.compile(
    rf"(?P<g>[男女]){_PERSON}(?:服务员|普工|司机|教练|教师|老师|店员|士官|员)?(?:者|为|更|最|尤|会|也)?\s?(?:优先|最好|为佳|为主|佳|更好|更佳|尤佳|优待|最?更?吃香|最?更?合适|优选|加分|居多|尤其欢迎|特别欢迎)(?!\d)"
    r"|(?:优先|适合|最好(?:是|要)?|希望是?|倾向于?|建议|偏向)(?:考虑|录用|录取|招|用)?(?P<h>[男女])(?:性|士|生|的|孩)"
)
_LIMIT = re.compile(
    r"(?:限|只要|仅限|只招|仅招|只限|须为|必须是?|要求|性别[:\s]*(?:要求)?[:\s]*(?:为|是)?|仅|需|招聘?|急招|诚聘|聘|要|收|找)(?:\d{1,3}(?:名|个|位)|[一二两三四五六七八九十几]{1,2}(?:名|个|位))?(?P<g>[男女])(?P<w>性|士|生|孩|的|工|青年|普工|服务员|司机|传菜|保安|员工|(?=[,，。;；、/\s\d)]|$|优先))"
)
_ROLE = re.compile(
    r"(?P<g>[男女])(?:性|生|士)?(?:普工|服务员|服务生|传菜[生员]?|保安|店员|司机|员工|营业员|收银员?|导购|操作[工员]|工(?!装|具|程|艺|作|厂)|搓澡工?|宿管|教练|技师|主播|助教|护工|文员|保洁员?|业务员|销售|迎宾|洗碗工?|按摩师|[老教]师(?=[一两二三四五\d])|领班|前台|学徒|客服|助理|青年)"
)
_ALONE = re.compile(
    r"(?:^|(?<=[,，。;；、:/\s(|+]))(?P<g>[男女])(?:性|士|生|的)?(?=[,，。;；、/\s)]|$|勿扰|不要|不收|不招|别来|免谈|\d{2}|[一二三四五六][十]|限|身高|优先)"
)
_COUNT = re.compile(
    r"(?<![儿子])(?P<g>[男女])(?:性|士|生|工)?\s?[:：]?(?:\d{1,3}|[一二两三四五六七八九十]{1,2})(?:名|人|个|位)(?!月|宝)"
)
_AGED = re.compile(
    r"(?<![儿子孙])(?P<g>[男女])(?:性|士|生|的)?\s?(?=(?:\d\d|[二三四五六]十[一二三四五六七八九]?)(?:周?岁|以[下内]|[-~—至到]))|(?<=岁以[下内])(?:的)?(?P<h>[男女])(?:性|士|生)|(?<=岁)(?:的)?(?P<i>[男女])(?:性|士|生)(?![宝孩])"
)
_DESCRIBED = re.compile(
    r"(?:以上的?|以下的?|度的|好的|利索的|的(?:年轻)?)(?P<g>[男女])(?:生|性|士)(?=[,。;、\s]|$)|(?:[员工师名人位嫂手]|qc)(?P<h>[男女])(?:性|生|士)?(?=[,。;、\s)]|$)|只?[要招](?P<i>[男女])(?=[\u4e00-\u9fff]{2,4}[一两三四五六七八\d]{1,2}[名个位])"
)
_ALSO = re.compile(
    r"(?P<g>[男女])(?:性|士|生|的|司机|孩)也?(?:可以?|能干|行|要|收|都|均可|欢迎)|(?P<h>[男女])(?:性|士|生|的|司机)也"
)
_WANTED = re.compile(
    r"(?:招聘?|[诚急直]聘|聘|(?<![敬必邀])请(?!问|假|勿|在|将)|找|缺|[只就]要|(?<![主重必不需])要(?!求|会|能|有|是)|急需|诚征)[^,。;、!\n]{0,12}?(?P<g>[男女])(?:性|士|生|孩)?(?=[\u4e00-\u9fff])"
)
"""The word before a position that somebody is looked for to fill: 请熟手女企台."""
_BOTH_IN_TITLE = re.compile(r"(?<![单身])男女(?!宾|装|鞋|式|生|朋|友|老少|通|表|包|科|款)")
_IN_TITLE = re.compile(r"(?<![儿子孙妇孕美])(?P<g>[男女])(?:性|士|生|孩子?|的)?")
_NOT_ASKED = re.compile(
    r"(?:工假|工多|工[都在也]|学员|宾|客|用户|嘉|业主|同事|老板|王|神|皇|仆|帝|娲|足|排|篮|团|巫|明星|童|婴|娃|款|式|衬|西|袜|表|人(?!员|优先|[,。\s)]|$)"
    r"|性(?:用户|护理|群体|市场|健康|客户|消费|题材|服|购|顾|时尚|社区|产品|美|会所|养生|为受众|朋友|内|生活|[、/](?![男女\d]))"
    r"|士(?:理发|护肤|剪发|用|西|衬|服|内|养|美容|会所|[的]?(?:穿|健))|子(?:会所|健身|监|学院|医院|养生|美容|瑜伽|运动)|生(?:宿|楼|寝|公寓|部|淡妆|扎|不)|的(?:不染|不纹|管|捡|工资|[\u4e00-\u9fff]{0,2}楼)"
    r"|装|鞋|包|裤|友|朋|儿|厕|宝|款|主角|朋友|孩子(?!优先|[,。;\s]|$)|科|子(?!汉)|频|性向|性健康|性用户|性护理|性私|生宿舍|生淡妆|生不留|生楼)"
)
_GENDER = {"男": "male", "女": "female"}
_CUE = re.compile("[男女]|性别")
_DENIED_AFTER = re.compile(
    r"的?(?:不要(?!求)|不收|不招(?!待)|勿扰|勿投|别来|已够|已满|已招满|够了|免谈|不考虑|除外)"
)
_DENIED = re.compile(r"(?:不要|不招|不收|不考虑|非)\s?$")
_TOLD = re.compile(r"(?:有|是|就是|来了|去年)(?:一?[个位名]|[两三几]个)$")
_PREFERRED = re.compile(r"[^,。;\n男女]{0,4}?(?:优先|尤其欢迎)")
_TITLE = 45
"""A text this short is one line of an offer: 男 and 女 in it say who is looked for."""


def find_genders(text: str) -> list[Found]:
    """Return the gender statements of a normalised text."""
    people = find_people(text)
    if not _CUE.search(text):
        return people
    some = [Found(*match.span(), "any") for match in _ANY.finditer(text)]
    preferred = _marks(_PREFER, text, "prefer")
    patterns = (_LIMIT, _COUNT, _ROLE, _AGED, _ALONE, _ALSO, _DESCRIBED, _WANTED)
    stated = [_marks(pattern, text, "+") for pattern in patterns]
    title = []
    if len(text) <= _TITLE:
        title = [Found(*match.span(), "any") for match in _BOTH_IN_TITLE.finditer(text)]
        title += _marks(_IN_TITLE, text, "+")
    return first_wins([some, preferred, *stated, title, people])


def _marks(pattern: re.Pattern[str], text: str, polarity: Polarity) -> list[Found]:
    found = []
    for match in pattern.finditer(text):
        name = next(key for key, value in match.groupdict().items() if value in _GENDER)
        at = match.start(name)
        if not _is_asked(text, at):
            continue
        end = max(match.end(), at + 1)
        denied = _DENIED.search(text[max(0, at - 4) : at]) or _DENIED_AFTER.match(text, end)
        shown: Polarity = "-" if denied else polarity
        if polarity == "+" and _PREFERRED.match(text[end : clause_end(text, end, 8)]):
            shown = "prefer"
        found.append(Found(at, end, _GENDER[match[name]], shown))
    return found


def _is_asked(text: str, at: int) -> bool:
    """Tell whether 男 or 女 speaks of applicants: not 女装, 子女, 男宾, 有一位女司机."""
    if _NOT_ASKED.match(text, at + 1) or text[at + 1 : at + 2] in {"男", "女"}:
        return False
    before = text[max(0, at - 4) : at]
    if before.endswith(("子", "儿", "孙", "妇", "美", "单身", "萌", "渣", "男")):
        return False
    listed = before.endswith("、") and not before[:-1].endswith(tuple("0123456789一二三四五六七"))
    if listed and text[at + 1 : at + 3] in {"性、", "士、", "生、"}:
        return False
    return not _TOLD.search(before)
