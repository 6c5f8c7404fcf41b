"""Pay amounts with their unit: 4000-5000元/月, 150一天, 底薪3000+提成, 8-12K, 月入过万."""

from __future__ import annotations

import re

from enrich.tags import salary_patterns as patterns
from enrich.tags.amounts import CURRENCY, Amount, find_amounts
from enrich.tags.numbers import parse_amount, tidy
from enrich.tags.spans import Found, clause_end, clause_start


def find_salary(text: str) -> list[Found]:
    """Return the pay statements of a normalised text."""
    found = [_statement(text, amount) for amount in find_amounts(text)]
    kept = [item for item in found if item is not None]
    kept += _coins(text)
    for match in patterns.OPEN.finditer(text):
        kept.append(Found(*match.span(), {"min": None, "max": None, "unit": "open"}))
    for match in patterns.SCALED_LATER.finditer(text):
        kept.append(Found(*match.span(), {"min": 10000, "max": None, "unit": "month"}))
    return kept


def _coins(text: str) -> list[Found]:
    """Return piece rates below one yuan: 一双一毛二, 一个框四分钱."""
    found = []
    for match in patterns.COINS.finditer(text):
        before = text[clause_start(text, match.start(), 12) : match.start()]
        if not re.search(r"(?:一|每|计)[\u4e00-\u9fff]{1,2}(?:提成?)?$|计件[^,]{0,6}$", before):
            continue
        amount = (parse_amount(match["n"]) or (0.0, 0.0, 1.0))[0] * patterns.COIN[match["coin"]]
        if match["tail"]:
            tail = (parse_amount(match["tail"]) or (0.0, 0.0, 1.0))[0]
            amount += tail * patterns.COIN[match["coin"]] / 10
        value = {"min": tidy(amount), "max": tidy(amount), "unit": "piece"}
        found.append(Found(match.start(), match.end(), value))
    return found


def _statement(text: str, amount: Amount) -> Found | None:
    if amount.high < 30 and not patterns.SMALL.search(
        text, max(0, amount.start - 8), amount.end + 4
    ):
        return None
    before = text[clause_start(text, amount.start, 18) : amount.start]
    after = text[amount.end : clause_end(text, amount.end, 18)]
    if patterns.NOT_PAY_BEFORE.search(before[-10:]) or patterns.BONUS_AFTER.match(after):
        return None
    unit, unit_end, stated = _unit(before, after, amount)
    if unit is None or not _plausible(unit, amount):
        return None
    if not stated and not _is_pay(text, after, amount):
        return None
    low, high = _bounds(before, after, amount)
    end = amount.end + unit_end
    value = {"min": tidy(low), "max": tidy(high), "unit": unit}
    return Found(amount.start, max(end, amount.end), value)


def _unit(before: str, after: str, amount: Amount) -> tuple[str | None, int, bool]:
    """Return the unit, how far it reaches after the amount, and whether it proves pay."""
    match = patterns.AFTER_UNIT.match(after)
    if match and match.lastgroup:
        if match.lastgroup == "year" and amount.high < 20000:
            return None, 0, False
        return match.lastgroup, match.end(), _proves(match.lastgroup, amount, after)
    leads = list(patterns.BEFORE_UNIT.finditer(before))
    lead = leads[-1] if leads else None
    if lead and lead.lastgroup and patterns.UNIT_GAP.fullmatch(before, lead.end()):
        name = lead.lastgroup.rstrip("2")
        if _plausible(name, amount):
            strong = lead.lastgroup.endswith("2") or amount.currency
            tail = CURRENCY.match(after)
            proves = strong or (
                name in {"day", "hour", "piece", "time"} and bool(patterns.OFFER_ENDS.match(after))
            )
            return name, tail.end() if tail else 0, proves
    currency = CURRENCY.match(after)
    reach = currency.end() if currency else 0
    if (
        amount.high < 2000
        and patterns.PIECE_LEAD.search(before)
        and (currency or patterns.OFFER_ENDS.match(after))
    ):
        return "piece", reach, True
    if amount.high < 1500 and patterns.DAY_AFTER.match(after):
        return "day", reach, True
    return _by_size(amount), reach, False


def _proves(unit: str, amount: Amount, after: str) -> bool:
    if unit in {"piece", "time", "day", "week"} or after.startswith(("一", "1")):
        return amount.currency or unit in {"hour", "month"} or amount.high >= 60
    return True


def _by_size(amount: Amount) -> str | None:
    if amount.high >= 120000 and amount.scale >= 10000:
        return "year"
    if amount.high >= patterns.MONTH_MIN:
        return "month"
    if patterns.DAY_MIN <= amount.high < patterns.MONTH_MIN and amount.currency:
        return "day"
    return None


def _plausible(unit: str, amount: Amount) -> bool:
    if unit == "month":
        return patterns.MONTH_MIN <= amount.high <= 300000 and amount.low >= 300
    if unit == "day":
        return 30 <= amount.high <= 3000
    if unit == "hour":
        return 5 <= amount.high <= 1000
    if unit == "year":
        return amount.high >= 20000
    return amount.high <= 20000


def _is_pay(text: str, after: str, amount: Amount) -> bool:
    if patterns.NOT_PAY_AFTER.match(after) or _looks_like_year(text, amount):
        return False
    context = _sentence(text, amount.start)
    if patterns.PAY.search(context) or re.match(
        r"[元块\s]{0,2}(?:底薪|保底|月薪|无责|包吃|包住|\+提成|加提成|打底)", after
    ):
        return True
    if amount.scale in {1000.0, 10000.0} or amount.ranged:
        return amount.high <= patterns.MONTH_MAX and amount.high >= 1500
    return (amount.currency and 1500 <= amount.high <= patterns.MONTH_MAX) or _ends_offer(
        text, amount
    )


def _sentence(text: str, at: int) -> str:
    piece = text[max(0, at - 30) : at]
    return piece[max(piece.rfind(mark) for mark in "。;\n!?") + 1 :]


def _looks_like_year(text: str, amount: Amount) -> bool:
    return (
        not amount.currency
        and not amount.ranged
        and 1990 <= amount.high <= 2035
        and text[amount.end : amount.end + 1] in {"年", ".", "-", "/", "届", "级"}
    )


def _ends_offer(text: str, amount: Amount) -> bool:
    """Tell whether a bare number of a month's size stands where an offer ends: 熟手5500, 六千."""
    if not 2000 <= amount.high <= 30000 or amount.high % 100:
        return False
    return bool(
        patterns.OFFER_ENDS.match(text, amount.end) or patterns.OFFER_WORDS.match(text, amount.end)
    )


def _bounds(before: str, after: str, amount: Amount) -> tuple[float | None, float | None]:
    if amount.ranged:
        return amount.low, amount.high
    if patterns.UP_TO.search(before):
        return None, amount.high
    if patterns.BASE.search(before) or patterns.OPEN_END.match(after):
        return amount.low, None
    return amount.low, amount.high
