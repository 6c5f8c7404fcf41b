"""What the parts of a query mean together: negation, people, a position in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from search.intent.dictionaries import GENERIC, data_rows
from search.intent.model import Candidate
from search.intent.names import Names
from search.site.model import SYNONYM

_LINKS = frozenset("、,/|和与或及跟")
_HOUSES, _STEM = frozenset("店馆院厂"), 2
_EXCEPT = frozenset({"外", "之外", "以外"})
"""Behind what 除 refuses these belong to it: 除电子厂外."""
_PEOPLE = frozenset({"阿姨", "大姐", "小妹", "小哥"})
_ASIDES = frozenset(
    {"纹身", "带班", "长途", "短途", "跑长途", "租房", "公交", "cad", "cpa", "二建", "一建", "领队"}
    | {"项目", "产品", "渠道", "品牌", "市场", "培训", "程序"}
    | {"坐办公室", "坐办公室的"}
)
"""A position where they stand alone; beside another one a condition, a skill or a field."""
_SKILLED = frozenset({"会", "懂", "要会", "需会", "得会"})
"""Before what names a position: whoever is asked for can do it."""
_FIELDS = frozenset(
    {"餐饮", "餐饮业", "餐饮行业", "服务业", "服务行业", "制造业", "保险业", "工业"}
)
"""Refused, these say where somebody does not want to work."""
_AGENCIES = frozenset({"中介", "劳务中介", "黑中介", "劳务", "外包", "派遣"})
_LEADING = frozenset("做当干去上来找要想再的")
_LEADING |= {"从事", "应聘", "喜欢", "考虑", "愿意", "任何", "所有", "一切", "那种", "这种", "类似"}
"""These lead from a refusal to what it refuses; other words there are refused themselves."""
_BOTH_WAYS = frozenset({"不考虑", "不要", "不做", "不接受", "不招", "不收", "拒绝"})
"""Refuse what stands behind them, and what stands before where nothing does."""


def turned(text: str, path: Sequence[Candidate]) -> list[Candidate]:
    """Let 不考虑 refuse what it follows where a blank or nothing is behind it: 销售不考虑."""
    found: list[Candidate] = []
    for number, item in enumerate(path):
        before = path[number - 1] if number else None
        if (
            before is not None
            and item.negates > 0
            and before.end == item.start
            and before.attribute != "generic"
            and text[item.start : item.end] in _BOTH_WAYS
            and not text[item.end : item.end + 1].strip()
        ):
            item = replace(item, negates=-1)  # noqa: PLW2901 - one of two
        found.append(item)
    return found


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
    linked = True
    between: list[str] = []
    for at in range(number + 1, len(path)):
        word = text[path[at].start : path[at].end]
        if not taken and not _LEADING.issuperset(between) and text[path[at].start - 1].isspace():
            break  # 不喝酒 销售: 喝酒 is refused; but 不想做 销售.
        if taken and word in _LINKS:
            linked = True
        elif path[at].attribute != "generic" or word in _AGENCIES | _FIELDS:
            # 非电子厂普工: 普工 is wanted.
            only = text[path[number].start : path[number].end] == "非"
            if not linked and (only or not _in_refused_place(path, at)):
                break
            taken.append(at)
            linked = False
        elif taken or between or text[path[at].start - 1].isspace():
            break
        else:
            between.append(word)
    return taken


def _in_refused_place(path: Sequence[Candidate], at: int) -> bool:
    """Tell whether a part is the position in a place right before it: 不要小学|老师."""
    before, item = path[at - 1], path[at]
    return (
        item.attribute == "position"
        and before.attribute == "workplace"
        and before.end == item.start
    )


def _refused(before: Candidate, refusal: Candidate) -> bool:
    return refusal.start - before.end <= 1 and (
        before.attribute != "generic" or before.negates == 0
    )


def refused(text: str, path: Sequence[Candidate], away: set[int]) -> list[tuple[Candidate, bool]]:
    """Return the parts and whether each is not wanted; 不要销售 and 中介勿扰 are one part each."""
    found: list[tuple[Candidate, bool]] = []
    pending: Candidate | None = None
    for number, item in enumerate(path):
        if item.negates > 0 and _behind(text, path, number):
            pending = item
        elif pending is not None and number not in away:
            continue  # 不要|上|夜班 is one part.
        elif item.negates < 0 and number - 1 in away and found:
            before, _ = found[-1]
            found[-1] = (replace(before, end=item.end), True)
        elif text[item.start : item.end] in _EXCEPT and number - 1 in away and found:
            found[-1] = (replace(found[-1][0], end=item.end), True)
        else:
            if number in away and text[item.start : item.end] in _AGENCIES:
                item = replace(item, attribute="company", value="中介")  # noqa: PLW2901 - one of two
            if number in away and text[item.start : item.end] in _FIELDS:
                value = text[item.start : item.end]
                item = replace(item, attribute="workplace", value=value)  # noqa: PLW2901
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
        if word in _PEOPLE and item.source != SYNONYM and item.attribute in {"position", "gender"}:
            if others:
                value = "male" if word == "小哥" else "female"
                item = replace(item, attribute="gender", value=value)  # noqa: PLW2901 - one of two
            elif word == "阿姨":
                item = replace(item, attribute="position", value=word)  # noqa: PLW2901
        found.append(item)
    return found


def asides(text: str, path: Sequence[Candidate]) -> list[Candidate]:
    """Read words that tell of the work where a position stands beside them: A2司机 长途."""
    beside = {number for number in range(len(path)) if _is_aside(text, path, number)}
    others = any(
        item.attribute == "position" and number not in beside for number, item in enumerate(path)
    )
    if not others:
        return list(path)
    return [
        replace(item, attribute="generic", source=GENERIC) if number in beside else item
        for number, item in enumerate(path)
    ]


def _is_aside(text: str, path: Sequence[Candidate], number: int) -> bool:
    """Tell whether a position is a condition or a skill: 长途, 会|做饭."""
    item = path[number]
    before = path[number - 1] if number else None
    if item.attribute != "position" or (before is not None and before.negates):
        return False
    if text[item.start : item.end] in _ASIDES:
        return True
    if before is None or before.end != item.start:
        return False
    return text[before.start : before.end] in _SKILLED


def in_place(path: Sequence[Candidate], number: int, names: Names) -> str:
    """Return the form of a position together with the kind of place before it: 酒店|前台."""
    item = path[number]
    form = str(item.value)
    if number and not item.repair and not item.negates:
        before = path[number - 1]
        # 药店店员 and 药店 店员 ask for the same.
        if before.attribute in {"workplace", "company"} and item.start - before.end <= 1:
            place = str(before.value)
            # 足浴店|技师 is a 足浴技师.
            stem = place[:-1] if place[-1:] in _HOUSES and len(place) > _STEM else place
            trade = _trade(place) if before.attribute == "company" else ""
            # A kind only where it is a position's own name: 酒店保洁 is just some 保洁.
            if trade and names.names_same(trade + form) and not names.knows(place + form):
                return trade + form
            for whole in (place + form, stem + form):
                if names.knows(whole):
                    return whole
    return form


@cache
def _trades() -> Mapping[str, str]:
    return {row["name"]: row["place"] for row in data_rows("trades.tsv")}


def _trade(employer: str) -> str:
    """Return the kind of place that an employer runs, by its name or the end of it."""
    ends = (employer[at:] for at in range(len(employer) - 1))
    return next((_trades()[end] for end in ends if end in _trades()), "")
