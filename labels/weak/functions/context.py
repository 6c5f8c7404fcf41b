"""Customers, products, courses and the company: positions of people outside."""

from __future__ import annotations

import re

from labels.weak.functions.cues import is_person
from labels.weak.seen import SeenMention
from labels.weak.votes import Vote, labelling

_FOR = re.compile(
    r"(?:面向|针对|服务于|为(?:广大|众多|全国)?|帮助|卖给|客户(?:是|多是|群|主要是)|用户(?:是|多是)|租给|供(?!应|货))[^,。;]{0,8}$"
)
_SERVED = re.compile(
    r"[^,。;]{0,6}(?:提供|服务的|使用|打造|设计的|的平台|的app|解决|推荐|讲解|用的|介绍)"
)
_TRAINING = re.compile(r"^(?:资格证?|职业)?(?:培训(?:学校|机构|班)?|课程|考证|学校|学院|考试)")
_FIRM = re.compile(r"^(?:公司|事务所|平台|协会|行业|之家|厂家|机构|集团|市场|门店|商城|服务公司)")
_ROSTER = re.compile(
    r"(?:由|来自|拥有|汇聚|资深|知名|创始人|前|业内|行业|专业的?|优秀的?)[^,。;]{0,8}$"
)
_TEAM = re.compile(r"^(?:团队|组成|组建|领衔|亲自|授课|带队|一对一|系统|共同|带教|教学|们)")
_COACH = re.compile(r"(?:由|有|专业|资深|优秀的?|安排)[^,。;]{0,4}$")
_TEACH = re.compile(
    r"^[^,。;]{0,4}(?:一?对一|授课|带教|亲自|带薪?培训|指导|手把手|系统|教学|带你|全程)"
)
_PERSONAL = re.compile(
    r"(?:我(?:自己)?(?:以前|原来|爹|爸|哥|媳妇|老公|师父|妈)?|老[一-龥]|原先|以前|原来)[^,。;]{0,8}(?:是|做|当|干)[^,。;]{0,4}$"
)
_INTERVIEW = re.compile(r"(?:面试|初面|复面|联系|咨询|找|登记|联系人|报名)[:,]?[^,。;]{0,5}$")


@labelling
def served(mention: SeenMention) -> Vote | None:
    """为X提供, 面向X, 卖给X: customers."""
    if mention.is_title_word and not mention.in_title:
        return None
    if mention.in_title or not is_person(mention) or not _FOR.search(mention.lead):
        return None
    return "N:context" if _SERVED.match(mention.after) or "为" not in mention.lead else None


@labelling
def firm_named_by(mention: SeenMention) -> Vote | None:
    """X公司, X事务所, X平台: a firm named by it, no position."""
    return "X" if _FIRM.match(mention.after) else None


@labelling
def boasted_of(mention: SeenMention) -> Vote | None:
    """资深X团队, 来自…的X: whom the company boasts of."""
    if mention.in_title or mention.is_title_word or mention.is_bare:
        return None
    return "N:context" if _ROSTER.search(mention.lead) and _TEAM.match(mention.after) else None


@labelling
def taught_by(mention: SeenMention) -> Vote | None:
    """专业X一对一, X授课: who trains the newcomer."""
    if mention.in_title or mention.is_title_word or mention.is_bare:
        return None
    return "N:context" if _COACH.search(mention.lead) and _TEACH.match(mention.after) else None


@labelling
def of_a_person(mention: SeenMention) -> Vote | None:
    """我以前是X, 老李原来当X: somebody's own story."""
    if mention.is_title_word:
        return None
    return "N:other" if _PERSONAL.search(mention.lead) else None


@labelling
def met_at_interview(mention: SeenMention) -> Vote | None:
    """面试找X, 联系X: whom one meets."""
    if mention.in_title or mention.is_title_word or mention.is_bare:
        return None
    return "N:other" if _INTERVIEW.search(mention.lead) else None
