"""What a job offers and where it is done, where a dictionary word alone is not enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from enrich.tags.tables import rows
from search.intent.dictionaries import offer_kind
from search.intent.model import Candidate

BENEFIT, WORKPLACE, COMPANY = "rule:benefit", "rule:workplace", "rule:company"

_KINDS = (
    r"(?P<kind>酒店|宾馆|饭店|餐厅|餐馆|超市|商场|市场|医院|诊所|学校|学院|幼儿园|培训班|工厂|工地|仓库|公司|影楼|会所|市场"
    r"|中心|基地|车间|店(?![员长面铺])|厂(?![长房区])|馆(?![员长])|坊|吧(?![台员])|仓(?![管库储]))"
)
_COMPOUND = re.compile(rf"(?=(?P<name>[\u4e00-\u9fffa-z]{{1,4}}?{_KINDS}))")
_COMPANY = re.compile(
    r"(?<!\S)[\u4e00-\u9fffa-z0-9()]{2,18}?(?:股份有限公司|有限责任公司|有限公司|集团公司|集团)(?:[\u4e00-\u9fff]{2,4}分公司)?"
)
_NO_PLACE = re.compile(
    r"^(?:哪|在|去|到|进|招|找|要|有|的|和|与|一|这|那|我|开|大|小|新|老|本|分|全|总|各|每|几|个|名|想|能|可|做|干|当|好|急|男|女)"
    r"|^(?:银行|同行|内行|外行|人行|步行|自行|现行|发行|开店|门店|网店|实体店|体院|学院|法院)$|[的了和与有不哪]|招聘|附近|正规|公司.|急招|工作|上班|日结|包吃|包住|兼职|全职|直招"
)


_IN_NAMES = frozenset({"company", "location", "generic", "workplace"})
_ASKS = frozenset(
    {"招", "求", "找", "想找", "找个", "急招", "急聘", "招聘", "有没有", "附近", "想去", "去"}
)
_FIRM = "有限公司"
_REGISTERED = re.compile(rf"[\u4e00-\u9fffa-z0-9()]{{2,14}}?(?:股份|责任)?{_FIRM}")


def find_offers(text: str) -> Iterator[Candidate]:
    """Yield benefits that carry a number or an open part: 月休4天, 13薪, 每月15号发工资."""
    for pattern, name in _patterns():
        for match in pattern.finditer(text):
            if match[0].strip():
                yield Candidate(*match.span(), offer_kind(name), name, BENEFIT, 0.99)


def find_kinds(text: str, words: Iterable[tuple[int, int]]) -> Iterator[Candidate]:
    """Yield compounds of whole words that end as a kind of place: 螺丝厂."""
    cuts = list(words)
    begins = {start for start, _ in cuts}
    alone = {start for start, end in cuts if end - start == 1}
    for match in _COMPOUND.finditer(text):
        name, kind = match["name"], match.start("kind")
        whole = match.start() in begins and alone.isdisjoint(range(match.start(), kind))
        if whole and not _NO_PLACE.search(name):
            yield Candidate(*match.span("name"), "workplace", name, WORKPLACE, 0.72)


def find_companies(text: str) -> Iterator[Candidate]:
    """Yield registered names of companies that stand by themselves."""
    for match in _COMPANY.finditer(text):
        yield Candidate(*match.span(), "company", match[0], COMPANY, 1.0)


def find_glued_companies(text: str, found: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield registered names behind something else: 临时工|重庆川渝人家餐饮有限公司.

    Such a name begins with a place; what stands before it must be known and be no place itself.

    Args:
        text: the normalised query.
        found: what is known in it.
    """
    if _FIRM not in text:
        return
    known = list(found)
    asked = {item.end for item in known if text[item.start : item.end] in _ASKS}
    behind = asked | {item.end for item in known if item.attribute not in _IN_NAMES}
    inside = {item.end for item in known if item.attribute == "location"} - asked
    for place in known:
        if place.attribute == "location" and place.start in behind - inside:
            named = _REGISTERED.match(text, place.end)
            if named:
                name = text[place.start : named.end()]
                yield Candidate(place.start, named.end(), "company", name, COMPANY, 1.2)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"]), row["name"]) for row in rows("benefit_patterns.tsv"))
