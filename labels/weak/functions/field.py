"""Fields of work, departments, subjects and other words that hold a position's name: X."""

from __future__ import annotations

import re

from enrich.borders import is_cut_out
from labels.weak.functions.cues import ASKED, COLLEAGUE, FIELD_NOUN, FIELD_NOUNS, is_cut
from labels.weak.seen import NO_PERSON, SeenMention
from labels.weak.votes import Vote, labelling

_DEPARTMENT = re.compile(
    r"^(?:部门?(?!经理|长|主管)|组(?!长)|中心(?!主任)|体系|科(?!长)|处(?!长)|板块|条线|系统|团队|队伍|环节|端)"
)
_AND_FIELD = re.compile(
    rf"^(?:[、/和与及或以]+及?[^,。;、]{{1,5}}){{1,3}}(?:等)?(?:方面)?的?(?:工作|{FIELD_NOUNS}|专业|部门|流程)"
)
_WORK = re.compile(r"^(?:等|相关|类|方面)*的?工作(?!经验|经历|者|人员|室|\s*\d?年)")
_MAJOR = re.compile(
    r"^(?:[、/或及和][^,。;]{1,6}){0,4}(?:等)?(?:相关|类)?(?:等)?(?:专业|学科|院校)(?!的?人士|团队|能力)"
)
_VERB = re.compile(
    r"(?:负责|进行|参与|完成|开展|组织|执行|制定|协助|做好|从事|主导|推进|跟进|统筹|支持|实施|配合|处理|办理|提供|编写|输出|编制|促进|达成|拓展|管理)"
    r"[^,。;]{0,14}$"
)
_LED = re.compile(r"(?:管理|带领|组建|培训|提高|建设|指导|考核)[^,。;]{0,10}$")
_NO = re.compile(r"(?:无|非|不含|不做|不是|没有)[^,。;]{0,3}$")
_PEOPLE = re.compile(
    r"^(?:人员|部门?|同事|员|团队|岗|专员|助理|代表|经理|主管|工程师|助手|顾问|工作)"
)
_KNOW = re.compile(r"(?:熟悉|了解|精通|掌握|懂|擅长|具备|熟练|热爱|具有|理解|会)[^,。;]{0,12}$")
_KNOWN = re.compile(
    r"^[^,。;]{0,8}(?:知识|技能|流程|能力|技巧|工具|软件|方法|理论|原理|意识|基础|功底|法规|优先|技术|思维)"
)
_THING = re.compile(
    r"^(?:器|机(?!长|修|械|构)|服(?!务)|车(?!间|工|场)|箱|柜|台|房|宿舍|室|岗亭|站(?!长|[一岗])|亭|制(?!定|作)|基地|证照)"
)


@labelling
def department(mention: SeenMention) -> Vote | None:
    """X部, X组, X中心, X团队: a department or team."""
    if not _DEPARTMENT.match(mention.after) or not mention.is_bare:
        return None
    return None if COLLEAGUE.search(mention.lead) or _LED.search(mention.lead) else "X"


@labelling
def field_noun(mention: SeenMention) -> Vote | None:
    """A bare field of work before a noun of its own (销售目标, 采购流程): no position."""
    if mention.in_title or not mention.is_bare:
        return None
    return "X" if FIELD_NOUN.match(mention.after) else None


@labelling
def field_list(mention: SeenMention) -> Vote | None:
    """A bare field in a list that ends in a noun of work (策划、撰写等工作): no position."""
    if mention.in_title or not mention.is_bare or mention.is_near_title:
        return None
    if COLLEAGUE.search(mention.lead) or ASKED.match(mention.after):
        return None
    return "X" if _AND_FIELD.match(mention.after) else None


@labelling
def field_work(mention: SeenMention) -> Vote | None:
    """X工作 as one of the tasks, where the title names another job: no position."""
    if mention.in_title or mention.is_near_title or COLLEAGUE.search(mention.lead):
        return None
    if not mention.is_field or not _VERB.search(mention.lead):
        return None
    return "X" if _WORK.match(mention.after) else None


@labelling
def major(mention: SeenMention) -> Vote | None:
    """会计专业, 法务等相关专业: a subject."""
    return "X" if _MAJOR.match(mention.after) else None


@labelling
def verb_object(mention: SeenMention) -> Vote | None:
    """A bare field that is done (负责活动策划, 参与采购): no position."""
    if mention.in_title or not mention.is_bare or not _VERB.search(mention.lead):
        return None
    if COLLEAGUE.search(mention.lead) or mention.is_near_title or ASKED.match(mention.after):
        return None
    return None if re.match(r"(?:人员|部门?|同事|[经总]|主管|负责)", mention.after) else "X"


@labelling
def known_field(mention: SeenMention) -> Vote | None:
    """A field that one knows (熟悉采购流程, 懂财务知识): no position."""
    if mention.in_title or not mention.is_bare or ASKED.match(mention.after):
        return None
    return "X" if _KNOW.search(mention.lead) and _KNOWN.match(mention.after) else None


@labelling
def thing_named_by(mention: SeenMention) -> Vote | None:
    """A thing's name follows in one word (保安亭, 收银台, 厨师机): no position."""
    return "X" if _THING.match(mention.after) else None


@labelling
def cut_out(mention: SeenMention) -> Vote | None:
    """Characters of other words (维护工作, 8小时工作制): no position."""
    text = mention.post.fields[mention.field].text
    return "X" if is_cut(mention) or is_cut_out(text, mention.start, mention.end) else None


@labelling
def bare_in_running_text(mention: SeenMention) -> Vote | None:
    """A bare, ambiguous field in the body that the title does not name: no position."""
    if mention.in_title or not mention.is_field or mention.is_near_title or not mention.goes_on:
        return None
    quiet = not (
        COLLEAGUE.search(mention.lead) or _LED.search(mention.lead) or _NO.search(mention.lead)
    )
    return (
        "X"
        if quiet and not ASKED.match(mention.after) and not _PEOPLE.match(mention.after)
        else None
    )


@labelling
def field_among_fields(mention: SeenMention) -> Vote | None:
    """A bare field next to 、, 和 or 及, with no colleague in sight: no position."""
    if mention.in_title or not mention.is_field or mention.is_near_title:
        return None
    if COLLEAGUE.search(mention.lead) or _LED.search(mention.lead) or ASKED.match(mention.after):
        return None
    return (
        "X"
        if re.match(r"[、和与及]", mention.after) or re.search(r"[、和与及]$", mention.lead)
        else None
    )


@labelling
def own_field_as_task(mention: SeenMention) -> Vote | None:
    """The title's own field as the object of a verb, before a noun or in a list: no position."""
    if mention.in_title or not mention.is_field or not mention.is_near_title:
        return None
    if ASKED.match(mention.after) or _PEOPLE.match(mention.after) or _NO.search(mention.lead):
        return None
    return "X" if _VERB.search(mention.lead) or mention.goes_on else None


@labelling
def no_person(mention: SeenMention) -> Vote | None:
    """会员, 成员, 心理 and the like, which the title does not name: no position."""
    if mention.in_title or mention.is_near_title:
        return None
    return "X" if mention.form in NO_PERSON - {"专家"} else None
