"""Who is accepted, by words for people: 阿姨也行, 找个小哥; never 打饭阿姨 or 跟宝妈聊天."""

from __future__ import annotations

import re

from enrich.post import Polarity
from enrich.tags.spans import Found, clause_start, first_wins

_FEMALE = (
    "阿姨|大姐|阿姐|大嫂|嫂子|大妈|大娘|宝妈|妈妈|姐妹|小姐姐|姐姐|小妹|妹妹|妹子|小姑娘|姑娘|美女|靓女"
    "|女孩子|女孩|小媳妇|媳妇|师奶|婆婆|女人"
)
_MALE = "阿叔|大叔|叔叔|大爷|大哥|小哥哥|小哥|哥哥|兄弟|小伙子|小伙|帅哥|靓仔|男孩子|男孩|爷们|男人"
_BOTH = re.compile(
    rf"(?:{_FEMALE})们?\s?[、/或和与]?\s?(?:{_MALE})|(?:{_MALE})们?\s?[、/或和与]?\s?(?:{_FEMALE})"
)
_PERSON = rf"(?:{_BOTH.pattern}|{_FEMALE}|{_MALE})"
_PREFERRED = "优先|最好|最佳|为佳|更佳|更好|最?更?合适|最?更?吃香|尤其欢迎|我?反而放心"
_TAIL = re.compile(
    rf"(?P<who>{_PERSON})们?(?:\s?[、/和或]?(?:学生|大学生|白领|退休人员|学生党|上班族)){{0,2}}\s?"
    rf"(?:(?P<prefer>{_PREFERRED})"
    r"|(?:均|都|皆|也|亦)(?:可以?|行|要|收|招|能|欢迎)|可以?(?:来|做|干|胜任)|(?:来)?转行|欢迎|来应聘|来报名"
    r"|愿意来|看过来|看这里|来(?=[,。!~\s]|$)|速来|加入|(?=勿扰|不要|不收|别来|免谈))"
)
_LIST = re.compile(
    r"(?P<who>宝妈|带娃的?妈妈|全职妈妈|家庭主妇|退休阿姨)[^,。;!?\n跟和聊]{0,14}?(?P<prefer>优先|最好)?(?:欢迎|均可|都可|优先|最好|都能|都行)"
)
_COUNTED = re.compile(
    rf"(?P<who>{_PERSON})们?\s?(?:[一两二三四五六七八几\d]{{1,2}}[名个位]|若干|数名)"
)
_LOOKED_FOR = re.compile(
    r"(?:招聘?|聘|找|缺的?|(?<![主重必不])要|请(?!问)|收|限|求|来|(?<!不)适合|欢迎|优先|急需|有没有)(?:个|[一两二三四五几\d]{1,2}[个位名])?"
    r"(?:(?:能吃苦|肯干活?|勤快|手脚麻利|干净|利索|年轻|退休|附近|本地|闲着|爱笑|细心|阳光|时间自由|有时间|闲在家|有意)的?)?"
    rf"(?:[两一]位)?(?P<who>{_PERSON})们?(?=$|[,。;、!?/\s~)(]|[一两二三几\d]{{1,2}}[名个位]|加入|来|一起|看|打|的都)"
)
_ASKED = re.compile(
    rf"(?:谁|哪位|有没有|有无)[^,。;!\n]{{0,14}}?(?P<who>{_PERSON})们?(?=[?,。!\s]|$)"
)
_LONELY = re.compile(
    r"(?:^|(?<=[,。;!、\s(]))(?P<who>男孩子?|女孩子?|小伙子?|小姐姐|小哥哥|姐妹们)(?=[,。;!、\s)]|$)"
)
_CUE = re.compile(f"{_FEMALE}|{_MALE}|主妇")
_NOT_BEFORE = re.compile(r"(?:跟|给|和|对|帮|陪|为|与|向|让|叫|问|替|教|客户|我|她|他|徒弟|男|女)$")
_DENIED_AFTER = re.compile(r"们?的?(?:不要|不收|不招|勿扰|别来|免谈|不考虑)")


def find_people(text: str) -> list[Found]:
    """Return the gender statements made by words for people in a normalised text."""
    if not _CUE.search(text):
        return []
    patterns = (_TAIL, _LOOKED_FOR, _COUNTED, _LIST, _ASKED, _LONELY)
    return first_wins(
        [item for match in pattern.finditer(text) if (item := _statement(text, match))]
        for pattern in patterns
    )


def _statement(text: str, match: re.Match[str]) -> Found | None:
    start, end = match.span("who")
    before = text[clause_start(text, start, 14) : start]
    if _NOT_BEFORE.search(before) or (match.re is _COUNTED and not _hires(text, match, before)):
        return None
    preferred = match.groupdict().get("prefer") or re.search(r"优先|适合", match[0])
    polarity: Polarity = "prefer" if preferred else "+"
    if _DENIED_AFTER.match(text, end):
        polarity = "-"
    return Found(start, end, _gender(match["who"]), polarity)


def _hires(text: str, match: re.Match[str], before: str) -> bool:
    """Tell whether a counted person is looked for (勤快妹妹一个), not told of (有大姐两个).

    打饭阿姨三个 names a position, so its 阿姨 says nothing about who is accepted.
    """
    if match["who"] == "阿姨" and re.search(r"[\u4e00-\u9fff]{2}$", before):
        return False
    looked_for = re.search(r"招|聘|找|缺|要|请|急|勤快|再来", before)
    return len(text) < 60 or bool(looked_for) or match.start() == 0


def _gender(who: str) -> str:
    if _BOTH.fullmatch(who):
        return "any"
    return "male" if re.fullmatch(_MALE, who) else "female"
