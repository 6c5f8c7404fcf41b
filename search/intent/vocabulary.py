"""One automaton over everything known by name: positions, places, offers, employers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from enrich.borders import stands_alone
from enrich.taxonomy import Taxonomy
from search.intent.dictionaries import GENERIC, Entry, entries, modifiers
from search.intent.model import Attribute, Candidate

POSITION = "taxonomy"
PLATFORMS = frozenset(
    {"抖音", "快手", "淘宝", "天猫", "拼多多", "58同城", "闲鱼", "小红书", "得物", "高德"}
    | {"1688", "b站", "bilibili", "lazada", "来赞达", "pdd", "shein", "希音", "temu", "tiktok"}
    | {"亚马逊", "头条", "今日头条", "国际站", "阿里国际站", "速卖通", "支付宝", "猫超", "移动"}
    | {"电信", "泛微", "金蝶", "用友", "abb", "乐高", "大众"}
)
"""Brands that are more often where the work is done than who pays for it: 淘宝客服."""

_ROLES = frozenset(
    {
        *("管理员", "保管员", "管理", "经理", "总经理", "主管", "主任", "店长助理", "工人", "员工"),
        *("人员", "工作人员", "助理", "领班", "组长", "班长", "班组长", "队长", "部长", "厂长"),
        *("负责人", "老板", "阿姨", "师傅", "小妹", "小哥", "司机", "工程师", "技术员", "操作员"),
        *("维修工", "维修员", "会计师", "设计师"),
    }
)
"""Behind a kind of place these name another position than alone: 仓库管理员, 酒店经理."""

_COMPOUND = re.compile(
    r"(?!注册|智能|虚拟|天猫)[\u4e00-\u9fff]{2,5}"
    r"(?:公司|工厂|医院|学校|酒店|超市|商场|餐厅|[^工]厂)"
)
"""Kinds of places that no dictionary need list: 搬家公司."""
_CLINGING = frozenset({"临时"})
"""Kinds of employment that make another position of what they stand before: 临时演员."""
_HIRING = frozenset({"招聘", "招工", "招募"})
"""Behind a position these ask for it, though some of the taxonomy hire for it: 保安招聘."""
_FIRM = len("公司")
_WORKERS = frozenset({"女工", "男工"})


_CUE = re.compile(
    r"\s?(?:公司|集团|招聘|招工|工厂|厂(?!家)|旗下|直营|门店|专卖店|专柜|官网|官招|直招|校招|社招|秋招|春招|内推|返费|总部|分公司)"
)
"""What makes a common word before it an employer's name."""


class Vocabulary:
    """The words of a taxonomy and of the dictionaries, found in one pass."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Build the automaton; some tenths of a second."""
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)
        for word, entry in entries():
            self._entries[word].append(entry)
        first = _leading(self._entries)
        for form in taxonomy.forms:
            if not _splits(form, taxonomy, first):
                weight = 0.93 if form in taxonomy.query_only else 1.0
                self._entries[form].append(Entry("position", form, POSITION, weight))
        self._words = list(self._entries)
        self._automaton = AhoCorasick(
            self._words,
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )

    @property
    def known(self) -> Mapping[str, Sequence[Entry]]:
        """Every word with what it is."""
        return self._entries

    def find(self, text: str) -> Iterator[Candidate]:
        """Yield every reading of every known word, overlapping ones too."""
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if stands_alone(text, start, end):
                for entry in self._entries[self._words[index]]:
                    if entry.cued and not _employs(text, start, end):
                        continue
                    if entry.attribute == "position" and (
                        _goes_on(text, start, end) or self._two(text, start, end)
                    ):
                        continue
                    found = Candidate(
                        start,
                        end,
                        entry.attribute,
                        entry.value,
                        entry.source,
                        entry.weight,
                        negates=entry.negates,
                    )
                    yield found
                    if entry.attribute == "workplace":
                        yield from _modified(text, found)

    def _two(self, text: str, start: int, end: int) -> bool:
        """Tell whether 非 refuses only the first of two positions: 非销售|文员."""
        return text[start - 1 : start] == "非" and any(
            all(
                any(entry.attribute == "position" for entry in self._entries.get(half, ()))
                for half in (text[start:cut], text[cut:end])
            )
            for cut in range(start + 2, end - 1)
        )

    def named(self, *attributes: Attribute) -> Iterator[tuple[str, Entry]]:
        """Yield the words of some attributes."""
        for word, kinds in self._entries.items():
            for entry in kinds:
                if entry.attribute in attributes:
                    yield word, entry


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether 的 belongs to something else: 带孩子的|保姆, 招洗碗|的, but 看大门的."""
    asked = text[start - 1 : start] == "招"
    return text[end - 1] == "的" and end - start > 1 and (asked or text[end : end + 1] > "\u2e80")


def _employs(text: str, start: int, end: int) -> bool:
    """Tell whether a common word stands as an employer's name: 统一集团, or first and alone."""
    return bool(_CUE.match(text, end)) or (start == 0 and text[end : end + 1].isspace())


def _modified(text: str, place: Candidate) -> Iterator[Candidate]:
    """Yield a kind of place with the word before it that belongs to it: 社区|医院."""
    for word in modifiers():
        if text.endswith(word, 0, place.start):
            start = place.start - len(word)
            yield replace(place, start=start, value=text[start : place.end], weight=0.95)


def _leading(known: Mapping[str, Iterable[Entry]]) -> dict[str, Attribute]:
    """Return the words that are a part of their own before a position: 电子厂, 夜班, 顺丰, 附近."""
    found: dict[str, Attribute] = {"男": "gender", "女": "gender"}
    for word, kinds in known.items():
        if word in _CLINGING:
            continue
        for entry in kinds:
            if entry.cued:
                continue
            own = entry.attribute in {"workplace", "job_type", "company"} and word not in PLATFORMS
            if own or entry.value == "包吃住" or entry.source == GENERIC:
                found.setdefault(word, entry.attribute)
    return found


def _splits(form: str, taxonomy: Taxonomy, first: Mapping[str, Attribute]) -> bool:
    """Tell whether a form is a place, an employer or a kind of employment and a position.

    电子厂普工 asks for 普工 in an 电子厂: both parts are intents. 仓库管理员 stays whole.
    """
    if first.get(form, "generic") != "generic":
        return False
    if form[:_FIRM] == "公司" and form[_FIRM:] in taxonomy.forms:
        return True
    for cut in range(1, len(form) - 1):
        lead, rest = form[:cut], form[cut:]
        kind = first.get(lead, "generic")
        if rest in _WORKERS | _HIRING and lead in taxonomy.forms:
            return True
        if kind == "generic" and _COMPOUND.fullmatch(lead):
            kind = "workplace"
        another = rest in _ROLES and kind == "workplace"
        # 便利店夜班店员 is 便利店, 夜班 and 店员.
        own = kind != "generic" and not another
        if own and (rest in taxonomy.forms or _splits(rest, taxonomy, first)):
            return True
        if first.get(rest) == "job_type" and (lead in taxonomy.forms or lead in first):
            return True
    return False
