"""One automaton over everything that is known by name: positions, places, benefits, employers…"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast

from enrich.borders import stands_alone
from enrich.tags.tables import forms, lines, rows
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from search.intent.model import Attribute, Candidate

POSITION = "taxonomy"
GENERIC = "words"
PLATFORMS = frozenset({"抖音", "快手", "淘宝", "天猫", "拼多多", "58同城", "闲鱼", "小红书", "得物", "高德"})
"""Brands that are more often where the work is done than who pays for it: 淘宝客服."""

_ROLES = frozenset(
    "管理员 保管员 管理 经理 主管 主任 店长助理 工人 员工 工作人员 人员 助理 领班 组长 班长 班组长 队长 部长 厂长"
    " 阿姨 师傅 老板 小妹 小哥 老总 总经理 负责人 司机 工程师 技术员 操作员 维修工 维修员 会计师 设计师".split()
)
"""Behind a kind of place these name another position than alone: 仓库管理员, 酒店经理."""
_NEGATES: dict[str, Literal[-1, 1]] = {"negator": 1, "refusal": -1}
_WORDS = "words.tsv"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a word of the vocabulary is."""

    attribute: Attribute
    value: str
    source: str
    weight: float
    negates: Literal[-1, 0, 1] = 0


class Vocabulary:
    """The words of a taxonomy and of the dictionaries, found in one pass."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Build the automaton; some tenths of a second."""
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

        self._entries = _dictionaries()
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

    def find(self, text: str) -> Iterator[Candidate]:
        """Yield every reading of every known word, overlapping ones too."""
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if stands_alone(text, start, end):
                for entry in self._entries[self._words[index]]:
                    yield Candidate(
                        start,
                        end,
                        entry.attribute,
                        entry.value,
                        entry.source,
                        entry.weight,
                        negates=entry.negates,
                    )

    def knows(self, word: str) -> bool:
        """Tell whether a string is a word of the vocabulary."""
        return word in self._entries

    def named(self, *attributes: Attribute) -> Iterator[tuple[str, Entry]]:
        """Yield the words of some attributes."""
        for word, entries in self._entries.items():
            for entry in entries:
                if entry.attribute in attributes:
                    yield word, entry


def _dictionaries() -> defaultdict[str, list[Entry]]:
    entries: defaultdict[str, list[Entry]] = defaultdict(list)

    def put(word: str, entry: Entry) -> None:
        if word:
            entries[word].append(entry)

    for word, name in forms("benefits.tsv", "form", "name").items():
        put(word, Entry("benefit", name, "dictionary:benefits", 1.0))
    for word, name in forms("job_types.tsv", "form", "name").items():
        put(word, Entry("job_type", name, "dictionary:job_types", 1.03))
    modifiers = [normalize_query(row["form"]) for row in rows("workplace_modifiers.tsv")]
    for word in forms("workplaces.tsv", "form", "use"):
        put(word, Entry("workplace", word, "dictionary:workplaces", 1.0))
        for modifier in modifiers:
            put(modifier + word, Entry("workplace", modifier + word, "dictionary:workplaces", 0.95))
    for table in ("places.tsv", "areas.tsv"):
        for word, use in forms(table, "form", "use").items():
            if use != "never":
                weight = 0.97 if use == "sure" else 0.85
                put(word, Entry("location", word, "dictionary:places", weight))
    common = {normalize_query(row["name"]) for row in rows("common_names.tsv")}
    for row in rows("employers.tsv"):
        word = normalize_query(row["name"])
        weight = 0.7 if word in common else 1.01
        put(word, Entry("company", word, "dictionary:employers", weight))
    for row in rows("certificates.tsv"):
        if row["use"] == "sure":
            put(normalize_query(row["form"]), Entry("generic", row["name"], "dictionary:certificates", 1.01))
    for cells in query_words():
        word, attribute = normalize_query(cells["word"]), cells["attribute"]
        put(word, _entry(word, attribute, cells["value"]))
    return entries


def _entry(word: str, attribute: str, value: str) -> Entry:
    if attribute in _NEGATES:
        # 不做|销售的, not 不|做销售的.
        return Entry("generic", word, "negation", 0.5 if len(word) == 1 else 1.25, _NEGATES[attribute])
    if attribute in {"generic", "plain"}:
        return Entry("generic", word, GENERIC, 0.5 if attribute == "generic" else 1.04)
    weight = 1.03 if attribute == "job_type" else 0.99
    return Entry(cast("Attribute", attribute), value, "dictionary:queries", weight)


@cache
def query_words() -> tuple[dict[str, str], ...]:
    """Return the entries of ``words.tsv``."""
    text = resources.files("search.intent").joinpath("data", _WORDS).read_text(encoding="utf-8")
    return tuple(line.cells for line in lines(_WORDS, text))


def _leading(entries: defaultdict[str, list[Entry]]) -> dict[str, Attribute]:
    """Return the words that are an intent of their own before a position: 电子厂, 夜班, 顺丰."""
    found: dict[str, Attribute] = {"男": "gender", "女": "gender"}
    for word, kinds in entries.items():
        for entry in kinds:
            if entry.attribute in {"workplace", "job_type", "company"} and word not in PLATFORMS:
                found.setdefault(word, entry.attribute)
            elif entry.source == GENERIC:
                found.setdefault(word, "generic")
            elif entry.value in {"日结", "周结", "月结", "包吃住"}:
                found.setdefault(word, "benefit")
    return found


def _splits(form: str, taxonomy: Taxonomy, first: dict[str, Attribute]) -> bool:
    """Tell whether a form is a place, an employer or a kind of employment and a position.

    电子厂普工 asks for 普工 in an 电子厂: both parts are intents. 仓库管理员 stays whole.
    """
    if first.get(form, "generic") != "generic":
        return False
    for cut in range(1, len(form) - 1):
        lead, rest = form[:cut], form[cut:]
        if first.get(lead, "generic") != "generic" and rest in taxonomy.forms:
            if rest not in _ROLES or first[lead] != "workplace":
                return True
        elif first.get(rest) == "job_type" and (lead in taxonomy.forms or lead in first):
            return True
    return False
