"""Who is accepted by gender: 限女, 男女不限, 女士优先, 招女工; never words like 男装 or 儿女."""

from __future__ import annotations

import re

from enrich.post import Polarity
from enrich.tags.spans import Found, clause_end, first_wins

_ANY = re.compile(
    r"男女(?:老少)?(?:员工|普工|工人?|生|性|学员)?\s?(?:均|皆|都|俱|各|不论|不拘)?\s?(?:不限|可(?!能)|行(?!业)|要|招|收|兼收|均可|需要|能|有|各)"
    r"|男女(?:均|皆|都|各)|男女性?(?=\d|[,，。;；、/\s)]|普工|工|服务员|$)|(?:不限|不分|不论|不拘)(?:男女|性别)|性别不限|性别[:\s]*不限|无性别要求|性别(?:没|无|不作|不做)要求"
    r"|男的?女的?(?:都|均|不限|皆)|[男女]的?也(?:行|可以?|要|收|能)(?=.{0,2}[男女])"
)
_PERSON = r"(?:性|士|生|孩子?|的|工|青年|同志|员工|人(?!民)|同学|娃)?"
_PREFER = re.compile(
    rf"(?P<g>[男女]){_PERSON}(?:服务员|普工|司机|员|士官)?(?:者|为|更|最|尤|会|也)?\s?(?:优先|最好|为佳|为主|佳|更好|更佳|尤佳|优待|更吃香|更合适|优选|加分|居多|尤其欢迎|特别欢迎)"
    r"|(?:优先|最好(?:是|要)?|希望是?|倾向于?|建议|偏向)(?:考虑|录用|录取|招|用)?(?P<h>[男女])(?:性|士|生|的|孩)"
)
_LIMIT = re.compile(
    r"(?:限|只要|仅限|只招|仅招|只限|须为|必须是?|要求|性别[:\s]*(?:要求)?[:\s]*(?:为|是)?|仅|需|招聘?|急招|诚聘|聘|要|收|找)(?:\d{1,3}(?:名|个|位)|[一二两三四五六七八九十几]{1,2}(?:名|个|位))?(?P<g>[男女])(?P<w>性|士|生|孩|的|工|青年|普工|服务员|司机|传菜|保安|员工|(?=[,，。;；、/\s\d)]|$|优先))"
)
_ROLE = re.compile(
    r"(?P<g>[男女])(?:性|生|士)?(?:普工|服务员|服务生|传菜[生员]?|保安|店员|司机|员工|营业员|收银员?|导购|操作[工员]|工(?!装|具|程|艺|作|厂)|搓澡工?|宿管|教练|技师|主播|助教|护工|文员|保洁员?|业务员|销售|迎宾|洗碗工?|按摩师|领班|前台|学徒|客服|助理|青年)"
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
_MOTHER = re.compile(
    r"(?:宝妈|妈妈|大姐|阿姨|姐妹|小姐姐|嫂子)们?(?:优先|最好|均可|可以来|也可|也行|都行)"
)
_PEOPLE = re.compile(
    r"(?P<g>大姐|大哥|大叔|小哥|姑娘|小伙子?|妹子|小妹|美女|帅哥|女孩|男孩|大妈|大爷|叔叔阿姨|阿姨叔叔|小哥哥小姐姐|女孩子|男孩子)们?(?:[一两二三四五六\d]{1,2}[名个位]|最?(?:吃香|优先|合适)|都?(?:可以|行|收)|都要|愿意来|也(?:收|要|行|可以)|(?<=小姐姐),)"
)
_PEOPLE_GENDER = {
    "大姐": "female",
    "姑娘": "female",
    "妹子": "female",
    "小妹": "female",
    "美女": "female",
    "女孩": "female",
    "大妈": "female",
    "小伙": "male",
    "小伙子": "male",
    "帅哥": "male",
    "男孩": "male",
    "大爷": "male",
    "女孩子": "female",
    "大哥": "male",
    "大叔": "male",
    "小哥": "male",
    "男孩子": "male",
}
_NOT_ASKED = re.compile(
    r"(?:装|鞋|包|裤|友|朋|儿|厕|宝|款|主角|朋友|孩子|科|子|频|性向|性健康|性用户|性护理|性私|生宿舍|生淡妆|生不留|生楼)"
)
_GENDER = {"男": "male", "女": "female"}
_ANY_CUE = re.compile("[男女]|性别|妈|大姐|阿姨|姐妹|嫂子|大哥|大叔|小哥|姑娘|小伙|小妹|大爷")
_DENIED_AFTER = re.compile(r"的?(?:不要|不收|不招|勿扰|别来|已够|已满|免谈|不考虑)")
_DENIED = re.compile(r"(?:不要|不招|不收|不考虑|非)\s?$")


def find_genders(text: str) -> list[Found]:
    """Return the gender statements of a normalised text."""
    if not _ANY_CUE.search(text):
        return []
    some = [Found(*match.span(), "any") for match in _ANY.finditer(text)]
    preferred = _marks(_PREFER, text, "prefer")
    mothers = [
        Found(*m.span(), "female", "prefer" if "先" in m[0] or "好" in m[0] else "+")
        for m in _MOTHER.finditer(text)
    ]
    people = [
        Found(
            *m.span(),
            _PEOPLE_GENDER.get(m["g"], "any"),
            "prefer" if m[0].endswith(("优先", "吃香")) else "+",
        )
        for m in _PEOPLE.finditer(text)
    ]
    stated = [
        _marks(pattern, text, "+")
        for pattern in (_LIMIT, _COUNT, _ROLE, _AGED, _ALONE, _ALSO, _DESCRIBED)
    ]
    return first_wins([some, preferred, mothers, *stated, people])


def _marks(pattern: re.Pattern[str], text: str, polarity: Polarity) -> list[Found]:
    found = []
    for match in pattern.finditer(text):
        name = next(key for key, value in match.groupdict().items() if value in _GENDER)
        at = match.start(name)
        if _NOT_ASKED.match(text, at + 1) or text[at + 1 : at + 2] in {"男", "女"}:
            continue
        denied = _DENIED.search(text[max(0, at - 4) : at]) or _DENIED_AFTER.match(text, match.end())
        shown: Polarity = "-" if denied else polarity
        if polarity == "+" and "优先" in text[match.end() : clause_end(text, match.end(), 4)]:
            shown = "prefer"
        found.append(Found(at, max(match.end(), at + 1), _GENDER[match[name]], shown))
    return found
