"""Parts that belong together: words of a position, names of employers and places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from search.intent.dictionaries import data_rows
from search.intent.model import Candidate
from search.intent.names import RANKS, Names
from search.intent.path import UNKNOWN
from search.intent.proposals import TAGGER

MODIFIER, ENDING, SHORT = "rule:modifier", "rule:ending", "rule:short name"
EMPLOYER = "rule:employer"
LANDMARK = "rule:landmark"
_LANDMARKS = frozenset(
    {"火车站", "汽车站", "客运站", "高铁站", "地铁站", "机场", "港口", "园区", "工业园", "大剧院"}
    | {"soho", "cbd", "万达", "万达广场", "吾悦广场", "银泰", "大悦城", "来福士", "太古里", "天街"}
    | {
        "万象城",
        "印象城",
        "印力",
        "国际广场",
        "步行街",
        "商业街",
        "老街",
        "古城",
        "大学城",
        "高新区",
    }
)
"""Behind a city these say where, not in what kind of place."""
_SHORTEST_NAME, _LONGEST_NAME = 2, 5
_LONGEST_MODIFIER = 4
_ENDINGS = frozenset("员工师") | {"师傅", "老师", "教练", "专员", "助理", "经理", "主管", "工人"}
_COUNT = re.compile("[一二两三四五六七八九十几多数]+[个名位份人]")
_VERBS = frozenset("开修送卖装洗搬焊刷拉跑教贴摘画剪老")
"""Before what names a position these belong to it: 开货车, 老焊工."""
_HAVING = frozenset({"有", "交", "缴", "缴纳", "带", "含", "提供", "享", "买", "发", "给"})
"""Before an offer these say nothing more: 有年终奖."""
_BODIES = frozenset({"公司", "集团", "企业", "总公司", "分公司", "集团公司", "总部"})
"""Behind an employer's name these belong to it: 小米公司."""
_SUFFIXES = frozenset({"师傅", "人员", "岗位", "岗", "职位", "专员", "员工", "工人"})


def joined(
    text: str, path: Sequence[Candidate], words: Sequence[tuple[int, int]], names: Names
) -> list[Candidate]:
    """Let unknown words before a position, and empty words behind it, be part of it.

    数控操作工 is a kind of 操作工; an unknown word that ends as positions do (保鲜员) is one.
    """
    found: list[Candidate] = []
    for item in path:
        before = found[-1] if found else None
        if before is None or before.end != item.start:
            found.append(item)
        elif item.attribute == "position" and _modifies(text, before, item, words, names):
            found[-1] = replace(item, start=before.start, source=MODIFIER)
        elif before.attribute == "position" and (
            text[item.start : item.end] in _SUFFIXES
            or (item.source == UNKNOWN and text[item.start : item.end] in {"员", "师", "工"})
        ):
            found[-1] = replace(before, end=item.end)
        elif item.attribute == "benefit" and text[before.start : before.end] in _HAVING:
            found[-1] = replace(item, start=before.start)
        elif before.attribute == "company" and text[item.start : item.end] in _BODIES:
            found[-1] = replace(before, end=item.end)
        elif (
            before.attribute == "workplace"
            and item.value == "附近"
            and text[item.start : item.end] != "就近"
        ):
            # 火车站附近: where to look, not what kind of place.
            found[-1] = replace(before, attribute="location")
            found.append(item)
        elif before.source == item.source == UNKNOWN and text[item.start : item.end] in _ENDINGS:
            whole = text[before.start : item.end]
            found[-1] = Candidate(before.start, item.end, "position", whole, ENDING)
        else:
            found.append(item)
    named = _named_after(text, _employers(text, found), words)
    if not any(item.attribute == "position" and item.source != TAGGER for item in named):
        # 保安 接单: beside a position a field of work says no second one.
        named = [_short_name(text, item, names) for item in named]
    return _ranked(text, named, names)


def _ranked(text: str, path: Sequence[Candidate], names: Names) -> list[Candidate]:
    """Read two neighbours as one position where the taxonomy does: 财务 主管, 空调|安装."""
    found: list[Candidate] = []
    for item in path:
        before = found[-1] if found else None
        if before and before.attribute == item.attribute == "position":
            refused = len(found) > 1 and found[-2].negates > 0
            whole = None if refused else _whole(text, before, item, names)
            if whole:
                item = replace(item, start=before.start, value=whole)  # noqa: PLW2901
                found.pop()
        found.append(item)
    return found


def _whole(text: str, before: Candidate, item: Candidate, names: Names) -> str | None:
    """Return the one position that two neighbours name: 财务 主管, 空调|安装."""
    first, last = text[before.start : before.end], text[item.start : item.end]
    gap = item.start - before.end
    if gap > 1 or before.repair or item.repair or before.negates or item.negates:
        return None
    if names.knows(first + last) and (last in RANKS or not names.names_surely(first)):
        return first + last
    if gap == 0:
        return next((n for end in "工员师" if names.names_same(n := first + last + end)), None)
    return None


@cache
def _tells() -> Mapping[str, frozenset[str]]:
    """Return the words that make an unknown name an employer's, by where they stand."""
    rows = data_rows("employer_words.tsv")
    return {
        kind: frozenset(row["word"] for row in rows if row["kind"] == kind)
        for kind in ("hiring", "trade")
    }


def _employers(text: str, path: Sequence[Candidate]) -> list[Candidate]:
    """Read unknown words right before 招聘 as an employer's name."""
    found: list[Candidate] = []
    for item in path:
        if text[item.start : item.end] in _tells()["hiring"]:
            at = item.start
            first = len(found)
            while first and found[first - 1].source == UNKNOWN and found[first - 1].end == at:
                first -= 1
                at = found[first].start
            name = text[at : item.start]
            if _SHORTEST_NAME <= len(name) <= _LONGEST_NAME and name.isalnum():
                found[first:] = [Candidate(at, item.start, "company", name, EMPLOYER)]
        found.append(item)
    return found


def _named_after(
    text: str, path: Sequence[Candidate], words: Sequence[tuple[int, int]]
) -> list[Candidate]:
    """Read what the word before or the kind behind makes a name: 郑州|火车站, 鑫源|电子厂."""
    single = {start for start, end in words if end - start == 1}
    found: list[Candidate] = []
    for item in path:
        touches = bool(found) and found[-1].end == item.start
        word = text[item.start : item.end]
        if touches and found[-1].attribute == "location" and word in _LANDMARKS:
            item = replace(item, attribute="location", source=LANDMARK)  # noqa: PLW2901
        elif touches and (item.attribute == "workplace" or word in _tells()["trade"]):
            first = len(found)
            while (
                first
                and found[first - 1].source == UNKNOWN
                and found[first - 1].start in single
                and found[first - 1].end
                == (found[first].start if first < len(found) else item.start)
            ):
                first -= 1
            if _SHORTEST_NAME <= len(found) - first <= _LONGEST_NAME:
                start = found[first].start
                name = text[start : item.end]
                del found[first:]
                item = Candidate(start, item.end, "company", name, EMPLOYER)  # noqa: PLW2901
        found.append(item)
    return found


def _short_name(text: str, item: Candidate, names: Names) -> Candidate:
    """Read an unknown word as the position that it lacks the ending of: 理发, 保育."""
    word = text[item.start : item.end]
    tagged = item.source == TAGGER and item.attribute == "position"
    if (tagged or item.source == UNKNOWN) and item.length > 1:
        for ending in "师员工":
            if names.names_same(word + ending):
                return replace(item, attribute="position", value=word + ending, source=SHORT)
    return item


def _modifies(
    text: str,
    before: Candidate,
    item: Candidate,
    words: Sequence[tuple[int, int]],
    names: Names,
) -> bool:
    """Tell whether an unknown word says which kind of a position is meant: 数控|操作工."""
    word = text[before.start : before.end]
    if before.source != UNKNOWN or item.repair or not word.isalpha() or _COUNT.fullmatch(word):
        return False
    if before.length == 1:
        # 水泥工: the word 水泥 reaches into 泥工.
        inside = any(start <= before.start and end > item.start for start, end in words)
        return inside or text[before.start] in _VERBS
    # 转行|运营: what stands before no position of the taxonomy is no kind of one.
    return before.length <= _LONGEST_MODIFIER and names.leads(word)
