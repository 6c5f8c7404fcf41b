"""People of another position that the hired one works with, leads or serves under."""

from __future__ import annotations

import re

from labels.weak.functions.cues import ASKED, FIELD_NOUN, is_cut, is_person
from labels.weak.seen import NO_PERSON, SeenMention, is_offer
from labels.weak.votes import Vote, labelling

_HELP = re.compile(
    r"(?:配合|协助|协同|辅助|支持|帮助?|给|替|联络|联系|对接|协调|通知|交给|报给|转给|督促|提醒|请|报(?!名|考|销)|回问|转给(?:上门的)?|汇报|约)[^,。]{0,14}$"
)
_ACT = re.compile(r"(?:做好|完成|进行|制定|开展|组织|增强|建立|日常|业务部|项目)[^,。]{0,8}$")
_WITH = re.compile(r"(?:(?<!参)与|和|跟|同|向|由|让|找|叫|归|听)[^,。]{0,16}$")
_TALK = re.compile(
    r"[^,。;]{0,12}(?:沟通|对接|协调|配合|合作|协作|核对|交接|交流|搭班|搭档|讨论|一起|对账|衔接|确认|联系|打交道|密切|共同)"
)
_REPORT = re.compile(
    r"[^,。;]{0,3}(?:汇报|报告|反馈|负责|带|管|做|安排|领导|指导|签字|审核|处理|干|面试|的事|来)"
)
_STAFF = re.compile(r"(?:有|另有|配有?|配备|由|交|归|专门的|专职)[^,。]{0,4}$")
_LEAD = re.compile(
    r"(?:管理|带领|培训|指导|带教|监督|考核|督导|督促|统管|检查|巡查|培养|辅导|领导|安排|调度|管|带|盯|排班|分配|组建|"
    r"负责招聘|招聘|面试|约|审核|激励|支援|手下|下属|统筹)[^,。:]{0,12}$"
)
_ROSTER = re.compile(
    r"(?:人员|团队|们|队伍)?(?:的)?(?:排班|考勤|培训|管理|绩效|考核|招聘|工作安排|服务质量|作业|日常|团队)"
)
_CREW = re.compile(r"^(?:人员|团队|们|队伍)")
_UNDER = re.compile(r"^的?(?:指导|领导|安排|带领|指挥|调度|要求)下?")


@labelling
def helps(mention: SeenMention) -> Vote | None:
    """配合, 协助, 对接 … before it, a post of another job: works with it."""
    if mention.in_title or mention.is_title_word or not _HELP.search(mention.before):
        return None
    if mention.is_bare and (FIELD_NOUN.match(mention.after) or _ACT.search(mention.before)):
        return None
    if mention.form in NO_PERSON or is_cut(mention):
        return None
    return None if ASKED.match(mention.after) else "N:coop"


@labelling
def talks_with(mention: SeenMention) -> Vote | None:
    """与X沟通, 和X对接, 跟X一起: works with it."""
    if mention.in_title or not _WITH.search(mention.before) or not _TALK.match(mention.after):
        return None
    if mention.form in NO_PERSON or mention.form in mention.post.title_words:
        return None
    return None if mention.is_bare and FIELD_NOUN.match(mention.after) else "N:coop"


@labelling
def has_staff(mention: SeenMention) -> Vote | None:
    """有X, 由X负责, 另有X: a colleague, not the hired one."""
    if mention.in_title or mention.is_title_word or not is_person(mention):
        return None
    return (
        "N:coop" if _STAFF.search(mention.lead) and not _BACKGROUND.match(mention.after) else None
    )


_BACKGROUND = re.compile(r"[^,。]{0,6}(?:经验|经历|证|背景|优先)")


@labelling
def does_instead(mention: SeenMention) -> Vote | None:
    """Somebody else's task (X负责送货, X会做, X来修): a colleague."""
    if mention.in_title or mention.is_title_word or not is_person(mention) or mention.lead.strip():
        return None
    return (
        "N:coop"
        if re.match(r"(?:负责|来|会|去|给|送|把|每天|带|做|修|管|提)", mention.after)
        else None
    )


@labelling
def leads(mention: SeenMention) -> Vote | None:
    """管理, 带领, 培训, 招聘 as a duty before it, a post of another job: it is led."""
    if mention.in_title or mention.is_title_word or not _LEAD.search(mention.before):
        return None
    if is_offer(mention) or mention.form in mention.post.offers or is_cut(mention):
        return None
    return None if mention.is_bare and not _CREW.match(mention.after) else "N:manage"


@labelling
def is_rostered(mention: SeenMention) -> Vote | None:
    """Its roster, training or attendance follows (X排班, X人员培训): it is led."""
    if mention.in_title or mention.is_title_word or not is_person(mention):
        return None
    return "N:manage" if _ROSTER.match(mention.after) else None


@labelling
def serves_under(mention: SeenMention) -> Vote | None:
    """在X的指导下, 向X汇报: it stands above the hired one."""
    if mention.in_title or mention.is_title_word:
        return None
    if _UNDER.match(mention.after) and re.search(r"(?:在|听|服从|由|按)[^,]{0,6}$", mention.lead):
        return "N:coop"
    reports = re.search(r"(?:向|给|由|跟|听)[^,]{0,4}$", mention.lead) and _REPORT.match(
        mention.after
    )
    return "N:coop" if reports else None
