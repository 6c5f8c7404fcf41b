"""What the parts of a query mean together: negation, words that belong to a position, people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.intent.model import Candidate
from search.intent.names import Names
from search.intent.path import UNKNOWN

MODIFIER, ENDING, SHORT = "rule:modifier", "rule:ending", "rule:short name"
EMPLOYER = "rule:employer"
_HIRING = frozenset({"招聘", "招工", "招聘信息", "最新招聘", "招聘网"})
_SHORTEST_NAME, _LONGEST_NAME = 2, 5
_LINKS = frozenset("、,/|和与或及跟")
_LONGEST_MODIFIER = 4
_PEOPLE = frozenset({"阿姨", "大姐", "小妹", "小哥"})
_AGENCIES = frozenset({"中介", "劳务中介", "黑中介", "劳务", "外包", "派遣"})
_ENDINGS = frozenset("员工师") | {"师傅", "老师", "教练", "专员", "助理", "经理", "主管", "工人"}
_VERBS = frozenset("开修送卖装洗搬焊刷拉跑")
"""Before what names a position these belong to it: 开货车."""
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
        elif item.attribute == "position" and _modifies(text, before, item, words):
            found[-1] = replace(item, start=before.start, source=MODIFIER)
        elif before.attribute == "position" and text[item.start : item.end] in _SUFFIXES:
            found[-1] = replace(before, end=item.end)
        elif before.attribute == "workplace" and item.value == "附近":
            # 火车站附近: where to look, not what kind of place.
            found[-1] = replace(before, attribute="location")
            found.append(item)
        elif before.source == item.source == UNKNOWN and text[item.start : item.end] in _ENDINGS:
            whole = text[before.start : item.end]
            found[-1] = Candidate(before.start, item.end, "position", whole, ENDING)
        else:
            found.append(item)
    named = _employers(text, found)
    return [_short_name(text, item, names) for item in named]


def _employers(text: str, path: Sequence[Candidate]) -> list[Candidate]:
    """Read unknown words right before 招聘 as an employer's name."""
    found: list[Candidate] = []
    for item in path:
        if text[item.start : item.end] in _HIRING:
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


def _short_name(text: str, item: Candidate, names: Names) -> Candidate:
    """Read an unknown word as the position that it lacks the ending of: 理发, 保育."""
    word = text[item.start : item.end]
    if item.source == UNKNOWN and item.length > 1:
        for ending in "师员工":
            if names.names_same(word + ending):
                return replace(item, attribute="position", value=word + ending, source=SHORT)
    return item


def _modifies(
    text: str, before: Candidate, item: Candidate, words: Sequence[tuple[int, int]]
) -> bool:
    if before.source != UNKNOWN or item.repair or not text[before.start : before.end].isalpha():
        return False
    if before.length == 1:
        # 水泥工: the word 水泥 reaches into 泥工.
        inside = any(start <= before.start and end > item.start for start, end in words)
        return inside or text[before.start] in _VERBS
    return before.length <= _LONGEST_MODIFIER


def negated(text: str, path: Sequence[Candidate]) -> set[int]:
    """Return which parts are not wanted, by their number: 不要销售和客服, 中介勿扰."""
    found: set[int] = set()
    for number, item in enumerate(path):
        if item.negates > 0:
            found.update(_behind(text, path, number))
        elif item.negates < 0 and number and _refused(path[number - 1], item):
            found.add(number - 1)
    return found


def _behind(text: str, path: Sequence[Candidate], number: int) -> list[int]:
    """Return the parts that a negator refuses: the next intent, and what a list links to it."""
    taken: list[int] = []
    linked, between = True, 0
    for at in range(number + 1, len(path)):
        word = text[path[at].start : path[at].end]
        if taken and word in _LINKS:
            linked = True
        elif path[at].attribute != "generic" or word in _AGENCIES:
            if not linked:
                break
            taken.append(at)
            linked = False
        elif taken or between or text[path[at].start - 1].isspace():
            break
        else:
            between += 1
    return taken


def _refused(before: Candidate, refusal: Candidate) -> bool:
    return refusal.start - before.end <= 1 and (
        before.attribute != "generic" or before.negates == 0
    )


def refused(text: str, path: Sequence[Candidate], away: set[int]) -> list[tuple[Candidate, bool]]:
    """Return the parts and whether each is not wanted; 不要销售 and 中介勿扰 are one part each."""
    found: list[tuple[Candidate, bool]] = []
    pending: Candidate | None = None
    for number, item in enumerate(path):
        if item.negates > 0 and number + 1 in away:
            pending = item
        elif item.negates < 0 and number - 1 in away and found:
            before, _ = found[-1]
            found[-1] = (replace(before, end=item.end), True)
        else:
            if number in away and text[item.start : item.end] in _AGENCIES:
                item = replace(item, attribute="company", value="中介")  # noqa: PLW2901 - one of two
            if pending is not None:
                item = replace(item, start=pending.start)  # noqa: PLW2901
                pending = None
            found.append((item, number in away))
    return found


def people(text: str, path: Sequence[Candidate]) -> list[Candidate]:
    """Read 阿姨 as who is asked for where another position is named, else as the position."""
    others = any(
        item.attribute == "position" and text[item.start : item.end] not in _PEOPLE for item in path
    )
    found: list[Candidate] = []
    for item in path:
        word = text[item.start : item.end]
        if word in _PEOPLE and item.attribute in {"position", "gender"}:
            if others:
                value = "male" if word == "小哥" else "female"
                item = replace(item, attribute="gender", value=value)  # noqa: PLW2901 - one of two
            elif word == "阿姨":
                item = replace(item, attribute="position", value=word)  # noqa: PLW2901
        found.append(item)
    return found


def in_place(path: Sequence[Candidate], number: int, names: Names) -> str:
    """Return the form of a position together with the kind of place before it: 酒店|前台."""
    item = path[number]
    form = str(item.value)
    if number and not item.repair and not item.negates:
        before = path[number - 1]
        if before.attribute in {"workplace", "company"} and before.end == item.start:
            whole = str(before.value) + form
            if names.knows(whole):
                return whole
    return form
