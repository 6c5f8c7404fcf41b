"""Experience asked for, in months: 1-3年经验, 两年以上, 经验不限, 有经验者优先, 应届生可."""

from __future__ import annotations

import re

from enrich.post import Polarity
from enrich.tags import experience_patterns as patterns
from enrich.tags.numbers import parse_integer
from enrich.tags.spans import Found, Value, clause_end, clause_start, first_wins, near


def find_experience(text: str) -> list[Found]:
    """Return the experience statements of a normalised text."""
    none = [_none(text, match) for match in near(patterns.NONE, text, patterns.NONE_CUE, 24, 30)]
    ranges = [_range(text, match) for match in near(patterns.RANGE, text, patterns.YEAR, 14, 50)]
    ranges += [_range(text, match) for match in near(patterns.SPOKEN, text, patterns.YEAR, 6, 30)]
    years = [
        item
        for match in near(patterns.YEARS, text, patterns.YEAR, 14, 50)
        if (item := _years(text, match))
    ]
    words = [
        _wanted(text, pattern, match)
        for pattern in (patterns.DEMAND, patterns.LITERAL)
        for match in near(pattern, text, patterns.WORD, 50, 8)
    ]
    done = [
        _wanted(text, pattern, match)
        for pattern in (patterns.DONE, patterns.HISTORY, patterns.BACKGROUND)
        for match in pattern.finditer(text)
    ]
    groups = ([ranges], [years], [none], [words], [done])
    return first_wins([item for item in group if item is not None] for [group] in groups)


def _none(text: str, match: re.Match[str]) -> Found | None:
    words = match[0]
    if words.startswith(("在校生", "毕业生", "新人", "生手", "新手", "不会")) and len(words) < 4:
        return None
    before = text[clause_start(text, match.start(), 6) : match.start()]
    refused = patterns.REFUSED.search(before) or patterns.REFUSED_AFTER.match(text, match.end())
    polarity: Polarity = "-" if refused else "+"
    if "应届" in words and ("优先" in words or text.startswith("优先", match.end())):
        polarity = "prefer"
    end = match.end()
    while end > match.start() + 2 and text[end - 1] in ",、 ":
        end -= 1
    return Found(match.start(), end, {"min": 0, "max": None}, polarity)


def _range(text: str, match: re.Match[str]) -> Found | None:
    fields = match.groupdict()
    low, high = _months(fields["a"], fields.get("u")), _months(fields["b"], fields.get("u"))
    if low is None or high is None or low >= high or high > 360 or _is_other(text, match.start()):
        return None
    top = None if fields.get("over") or fields.get("w") == "以上" else high
    return Found(
        *match.span(), {"min": low, "max": top}, _polarity(text, match.start(), match.end())
    )


def _years(text: str, match: re.Match[str]) -> Found | None:
    months = _months(match["a"], match["u"])
    if months is None or not 0 < months <= 360:
        return None
    if match["half"]:
        months += 6
    rest = text[match.end() : clause_end(text, match.end(), 10)]
    before = text[clause_start(text, match.start(), 14) : match.start()]
    if _is_other(text, match.start()):
        return None
    worded = match["rest"] is not None
    if match["u"] == "个月" and not worded:
        return None
    over = match["over"] and (patterns.WORK_YEARS.search(rest + before) or len(rest) <= 6)
    if not (worded or over or patterns.EXPERIENCE_BEFORE.search(before)):
        return None
    value: Value = {"min": months, "max": None}
    return Found(
        match.start(), match.end(), value, _polarity(text, match.start(), match.end())
    ).trimmed(text)


def _done_years(text: str, start: int, end: int) -> int | None:
    """Return the months of 做过两年以上客服."""
    match = re.search(rf"过(?P<a>{patterns.N})\s?年", text[start:end])
    return _months(match["a"], "年") if match else None


def _wanted(text: str, pattern: re.Pattern[str], match: re.Match[str]) -> Found | None:
    start, end = match.span()
    if patterns.TEAM.search(text[clause_start(text, start, 14) : start]) or end - start < 2:
        return None
    before = text[clause_start(text, start, 4) : start]
    if re.search(r"(?:分享|总结|积累|交流|传授)[^,]{0,2}$", before) or re.match(
        r"(?:分享|总结|积累|交流)", text[start:end]
    ):
        return None
    if re.search(r"[不没未无别](?:用|需|必|能|要求?|看)?$", before):
        return None
    if patterns.YEARS_FOLLOW.match(text, end) or patterns.OWN_WORK.match(text, end):
        return None
    polarity = _polarity(text, start, end)
    if (
        pattern is patterns.BACKGROUND
        and polarity == "+"
        and not re.match(r"也|都|者", text[end : end + 1])
    ):
        return None
    if pattern is patterns.DONE and polarity == "+" and patterns.LATE_PREFER.match(text, end):
        polarity = "prefer"
    if pattern is patterns.DONE and polarity == "+" and not _asks(text, start, end):
        return None
    months = _done_years(text, start, end) if pattern is patterns.DONE else None
    return Found(start, end, {"min": months, "max": None}, polarity)


def _asks(text: str, start: int, end: int) -> bool:
    """Tell whether 做过X without 优先 is asked for, not told about somebody else."""
    before = text[clause_start(text, start, 8) : start]
    rest = text[end : clause_end(text, end, 6)]
    cued = re.search(
        r"(?:要求?|须|需|必须|以前|要的?是|最好|欢迎|限|招|找)[^,]{0,3}$",
        before + text[start : start + 3],
    )
    listed = re.search(r"要求:\s?(?:\d[、.]\s?)?$", text[max(0, start - 6) : start])
    return bool(cued or listed) or rest.startswith(
        (
            "的",
            "均可",
            "也可",
            "都可",
            "都行",
            "也行",
            "上手",
            "的上手",
            "也欢迎",
            "的欢迎",
            "者",
            "的都",
            "的也",
            "的可",
            "的直接",
            "的来",
            "来",
        )
    )


def _polarity(text: str, start: int, end: int) -> Polarity:
    rest = text[end : clause_end(text, end, 18)]
    before = text[clause_start(text, start, 8) : start]
    if (
        patterns.PREFER.match(rest)
        or re.search(r"(?:最好|优先)[^,，]{0,4}$", before)
        or text[start : start + 2] == "最好"
    ):
        return "prefer"
    return "+"


def _is_other(text: str, start: int) -> bool:
    before = text[clause_start(text, start, 14) : start]
    return bool(patterns.NOT_YEARS.search(before) or patterns.TEAM.search(before))


def _months(number: str, unit: str | None) -> int | None:
    if number == "半":
        return 6
    if "." in number:
        return int(float(number) * 12)
    value = parse_integer(number)
    if value is None:
        return None
    return value if unit == "个月" else value * 12
