"""What each intent asks of posts, as conditions: pure but for the dictionaries.

A post that does not state its pay, its ages, its schooling or its experience is not refused for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from enrich.tags.tables import forms, rows
from enrich.text import normalize_query
from search.conditions import AnyOf, Bound, Condition, Held, Number, Says, Unstated
from search.facets import EDUCATION_RANKS, key, monthly
from search.intent.model import Intent
from search.tokens import segments

AGENCIES = "中介"
"""The value of a refused agency; posts of agencies state 劳务派遣."""
_AGENCY_KIND = ("劳务派遣",)

_SHORT_TIME = ("兼职", "小时工", "临时工", "短期", "假期工", "暑假工", "寒假工")
_SHIFTS = ("两班倒", "三班倒", "倒班")
_USUAL: Mapping[str, tuple[str, ...]] = {
    "全职": _SHORT_TIME,
    "长期工": _SHORT_TIME,
    "正式工": (*_SHORT_TIME, *_AGENCY_KIND),
    "白班": ("夜班", *_SHIFTS),
}
"""What is so usual that few posts state it, with what a post that is otherwise states."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "倒班": _SHIFTS,
    "临时工": ("临时工", "短期", "小时工"),
    "短期": ("短期", "临时工", *_SHORT_TIME[4:]),
    "假期工": _SHORT_TIME[4:],
    "暑假工": ("暑假工", "假期工"),
    "寒假工": ("寒假工", "假期工"),
}
"""Kinds of work, with what counts as such."""

FULFILLED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "包吃": (("包吃", "包吃住"),),
    "包住": (("包住", "包吃住"),),
    "包吃住": (("包吃住", "包吃"), ("包吃住", "包住")),
    "社保": (("社保", "五险", "五险一金", "六险一金"),),
    "五险": (("五险", "社保", "五险一金", "六险一金"),),
    "公积金": (("公积金", "五险一金", "六险一金"),),
    "五险一金": (
        ("五险一金", "六险一金", "五险", "社保"),
        ("五险一金", "六险一金", "公积金"),
    ),
}
"""Benefits, with what fulfils each: of every group one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an intent asks: of each group one condition must hold, none of ``refused`` may.

    ``stated`` are groups of what posts that state it hold: these come first. ``wider`` are the
    groups that are asked instead where nothing fulfils these, ``around`` what they mean.
    ``why`` says why nothing is asked.
    """

    groups: tuple[AnyOf, ...] = ()
    refused: tuple[Condition, ...] = ()
    stated: tuple[AnyOf, ...] = ()
    wider: tuple[AnyOf, ...] = ()
    around: tuple[str, ...] = ()
    why: str = ""


Names = Callable[[str], tuple[str, ...]]
"""Every name of an employer, the given one or the usual one first."""


def asked(intent: Intent, names: Names | None = None) -> Asked:
    """Return what an intent that is no position and no place asks.

    Args:
        intent: a part of a query.
        names: tells the other names of an employer.
    """
    known = names or _itself
    return _refused(intent, known) if intent.negated else _wanted(intent, known)


def _itself(name: str) -> tuple[str, ...]:
    return (name,)


@lru_cache(maxsize=50_000)
def says(text: str) -> Says:
    """Return the condition that the clean text holds these words."""
    return Says(tuple(token for part in segments(normalize_query(text)) for token in part))


def _wanted(intent: Intent, names: Names) -> Asked:
    value = intent.value
    match intent.attribute:
        case "salary":
            return _pay(value)
        case "age":
            return _ages(value)
        case "gender":
            return _gender(str(value))
        case "education":
            return _schooling(value)
        case "experience":
            return _experience(value)
        case "job_type":
            return _kind_of_work(str(value), intent.text)
        case "benefit":
            return _offer(str(value), intent.text)
        case "company":
            return _employer(names(str(intent.value or intent.text)), intent.text)
        case "workplace":
            name = str(intent.value or intent.text)
            return _words(name, intent.text, Held("tag:workplace", (name,)))
        case _:
            return Asked(((says(intent.text),),))


def _refused(intent: Intent, names: Names) -> Asked:
    value = str(intent.value)
    match intent.attribute:
        case "job_type":
            every = KINDS.get(value, (value,))
            return Asked(refused=(Held("job_type", every), Held("benefit", every)))
        case "benefit":
            return Asked(refused=(Held("benefit", (value,)),))
        case "gender" if value != "any":
            return Asked(refused=(Held("gender", (value,)),))
        case "company" if value == AGENCIES:
            return Asked(refused=(Held("job_type", _AGENCY_KIND),))
        case "company":
            return Asked(refused=_holders(names(value)))
        case "workplace":
            return Asked(refused=(Held("tag:workplace", (value,)),))
        case _:
            return Asked(why="a refusal of this is not told from what posts say")


def _pay(value: Any) -> Asked:  # noqa: ANN401 - an intent's value
    ends = monthly(value) if isinstance(value, Mapping) else None
    if ends is None:
        return Asked(why="no pay by the month follows from it")
    low, high = ends
    if low is not None:
        return _bounds("pay", Bound("pay", at_least=low))
    return _bounds("pay", Bound("salary_min", at_most=high), Bound("pay", at_most=high))


def _ages(value: Any) -> Asked:  # noqa: ANN401
    low, high = _ends(value)
    found = Asked(why="no age is named")
    if low is not None:
        found = _bounds("age_max", Bound("age_max", at_least=low))
    if high is not None:
        more = _bounds("age_min", Bound("age_min", at_most=high))
        found = Asked((*found.groups, *more.groups), stated=(*found.stated, *more.stated))
    return found


def _gender(value: str) -> Asked:
    if value == "any":
        return Asked(why="any gender will do")
    fitting = Held("gender", (value, "any"))
    return Asked(((fitting, Unstated("gender")),), stated=((Held("gender", (value,)),),))


def _schooling(value: Any) -> Asked:  # noqa: ANN401
    rank = EDUCATION_RANKS.get(str(value.get("level"))) if isinstance(value, Mapping) else None
    if rank is None:
        return Asked(why="no level is named")
    return _bounds("education", Bound("education", at_most=rank))


def _experience(value: Any) -> Asked:  # noqa: ANN401
    low, high = _ends(value)
    # 1-3年: whoever has some of it may apply for what asks for less than the upper end.
    most = high if high is not None else low
    if most is None:
        return Asked(why="no time is named")
    return _bounds("experience", Bound("experience", at_most=most))


def _offer(value: str, written: str) -> Asked:
    if value not in _read_in_posts():
        return _words(value, written)
    ways = FULFILLED.get(value, ((value,),))
    return Asked(tuple((Held("benefit", names),) for names in ways))


def _kind_of_work(value: str, written: str) -> Asked:
    if value in _USUAL:
        return Asked(refused=(Held("job_type", _USUAL[value]),))
    names = KINDS.get(value, (value,))
    if _read_in_posts().isdisjoint(names):
        return _words(value, written)
    # 日结, 周结 and 月结 are stated as benefits.
    return Asked(((Held("job_type", names), Held("benefit", names)),))


@cache
def _read_in_posts() -> frozenset[str]:
    """Return the benefits and kinds of work that posts are read with; no post holds another."""
    named = (forms(table, "form", "name").values() for table in ("benefits.tsv", "job_types.tsv"))
    numbered = (row["name"] for row in rows("benefit_patterns.tsv"))
    return frozenset().union(*named, numbered)


def _words(name: str, written: str, *held: Held) -> Asked:
    """Return that the text holds a name, as it is usual or as it is written."""
    return Asked(((*held, *dict.fromkeys((says(name), says(written)))),))


def _employer(names: tuple[str, ...], written: str) -> Asked:
    words = dict.fromkeys(says(name) for name in (*names, written))
    return Asked(((*_holders(names), *words),))


def _holders(names: tuple[str, ...]) -> tuple[Held, ...]:
    folded = tuple(filter(None, map(key, names)))
    return Held("company", folded), Held("tag:company", names)


def _bounds(field: Number, *fitting: Bound) -> Asked:
    return Asked(((*fitting, Unstated(field)),), stated=(fitting,))


def _ends(value: Any) -> tuple[float | None, float | None]:  # noqa: ANN401
    if not isinstance(value, Mapping):
        return None, None
    return value.get("min"), value.get("max")
