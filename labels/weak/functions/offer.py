"""Words that say that a position is hired: 招X, X两名, 岗位:X, X4200元."""

from __future__ import annotations

import re

from labels.weak.seen import OFFER_AFTER, OFFER_BEFORE, SeenMention
from labels.weak.votes import Vote, labelling

_DUTY = re.compile(
    r"(?:不是|不再|群里|负责|协助|配合|帮|完成|参与|组织|进行|制定|发布|做好|及)[^,]{0,8}招"
)
_WANTED = re.compile(
    r"(?:急需|还缺|缺|想找|想要|想请|要找|寻找|寻|诚邀|诚寻|求|需要|需|另要|另招|要|找)"
    r"(?:一?[个位名]|[\d一二两三四五六七八九十]+[名位个]|会[^,]{1,8}的|能[^,]{1,8}的)\S{0,6}$"
)
_NOT = re.compile(r"(?:不|没|别|无)(?:再)?(?:需要|缺|招|要|找)")
_PAY = re.compile(
    r"\s?[:(,]?\s?(?:底薪|月薪|工资|保底|薪资|时薪)?\s?(?:\d{4,5}|\d+(?:\.\d)?[kK]|\d+元)"
)
_HEADING = re.compile(r"\s?(?:一名|两名|\d+名|数名)?\s*(?:[:\n]|$)")
_DUTIES = re.compile(
    r"[】\])」]?(?:的)?\s?(?:岗位)?(?:岗位职责|工作职责|职位描述|任职要求|岗位要求|岗位描述|工作内容|任职资格|要求|职责)"
)
_ORDINAL = re.compile(r"(?:岗位|职位|工种)[\d一二三四五六]\s*[:、.]?\s*$")
_FULL = re.compile(r"(?:招满|满了|已满|不招|停招|不缺|招够|已聘|聘妥)")
_ALSO = re.compile(r"^(?:也要|也收|也招|都要|均可|也行|优先录用|也缺)")
_HERE = re.compile(
    r"(?:本|此|该)(?:岗位?|职位)(?:为|是|叫|:)\s?$|(?:应聘|报名|入职|职位|岗位)[:是为]\s?$"
)


@labelling
def offer_before(mention: SeenMention) -> Vote | None:
    """Right after 招, 招聘, 诚聘, 急招 or 岗位: and not as a duty or a denial: hired."""
    if not OFFER_BEFORE.search(mention.before) or _DUTY.search(mention.before):
        return None
    return None if mention.goes_on or _FULL.search(mention.trail) else "H"


@labelling
def headcount_after(mention: SeenMention) -> Vote | None:
    """A number of people follows (X两名, X若干): hired."""
    if not OFFER_AFTER.match(mention.after) or _NOT.search(mention.before):
        return None
    if re.search(
        r"(?:管理|带|带领|组织|原有|有|手下|统管|培训|含|搭|跟|和|与|配)[^,、]{0,6}$",
        mention.before,
    ):
        return None
    return "H"


@labelling
def wanted_before(mention: SeenMention) -> Vote | None:
    """Somebody is looked for in so many words (缺个X, 想找一位X): hired."""
    found = _WANTED.search(mention.lead)
    if not found or _NOT.search(mention.lead) or mention.goes_on:
        return None
    return "H"


@labelling
def pay_after(mention: SeenMention) -> Vote | None:
    """An amount of pay follows (X4200, X底薪3000): hired."""
    if not _PAY.match(mention.after):
        return None
    return None if re.search(r"(?:比|当|做|还|别)[^,]{0,3}$", mention.lead) else "H"


@labelling
def heading_line(mention: SeenMention) -> Vote | None:
    """A line or sentence of the body that is the mention alone, or it and a colon: hired."""
    if mention.in_title or mention.before.strip(" -*#【[") or mention.goes_on:
        return None
    end = mention.post.body[mention.end : mention.end + 8]
    return "H" if _HEADING.match(end) else None


@labelling
def duties_follow(mention: SeenMention) -> Vote | None:
    """A heading of duties or requirements follows (X岗位职责, X要求): hired."""
    if mention.in_title or mention.lead.strip(" -*#【["):
        return None
    return "H" if _DUTIES.match(mention.after) else None


@labelling
def numbered_post(mention: SeenMention) -> Vote | None:
    """After 岗位一, 职位2, 本岗位是: hired."""
    text = mention.post.fields[mention.field].text[max(mention.start - 12, 0) : mention.start]
    return "H" if _ORDINAL.search(text) or _HERE.search(text) else None


@labelling
def wanted_too(mention: SeenMention) -> Vote | None:
    """也要, 也收, 都要 follows: hired."""
    return "H" if _ALSO.match(mention.after) and not _NOT.search(mention.lead) else None
