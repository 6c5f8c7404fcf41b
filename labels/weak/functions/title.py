"""What the title says: its own words, its lists, and whether the body bears it out."""

from __future__ import annotations

import re

from labels.weak.seen import SeenMention
from labels.weak.votes import Vote, labelling

_LIST = re.compile(r"[/+、|&]")
_DENIED = re.compile(
    r"(?:非|不是|不招|不做|不要|不当|不如|比|别再?当|还在|勿|无|零|当过|做过|干过|干了|想当|从|转|像|和|跟)"
    r"[^,/]{0,5}$"
)
_TURNED = re.compile(
    r"^(?:转|勿|看过来|看这里|别|不如|不招|除外|转行|除|太|比|还|不|经验|不用|去|\?)"
)
_QUESTION = re.compile(r"[?]")
_CONTEXT = re.compile(
    r"^(?:公司|事务所|之家|学校|培训|讲师|车|机|部|中心|组|专业|平台|台|基地|系统|补贴|城|期|协会|方向)"
)
_CAREER = re.compile(r"(?:可往|可转|培养成|转|到|晋升|储备)[^,]{0,3}$")


def _plain(mention: SeenMention) -> bool:
    """Tell whether nothing around a title mention takes it back."""
    return not (
        mention.goes_on
        or _DENIED.search(mention.before)
        or _TURNED.match(mention.after)
        or _CONTEXT.match(mention.after)
        or _CAREER.search(mention.before)
        or _QUESTION.search(mention.after)
    )


def _borne_out(mention: SeenMention) -> bool:
    same = mention.post.kinship.same
    return any(same(mention.form, other.form) for other in mention.post.body_mentions)


def _offered(mention: SeenMention) -> bool:
    return any(mention.post.kinship.same(mention.form, form) for form in mention.post.offers)


@labelling
def title_borne_out(mention: SeenMention) -> Vote | None:
    """A word of the title that the body names again: hired."""
    return "H" if mention.in_title and _plain(mention) and _borne_out(mention) else None


@labelling
def title_only_word(mention: SeenMention) -> Vote | None:
    """The only position of the title, and nothing takes it back: hired."""
    alone = mention.in_title and len(mention.post.title_mentions) == 1
    return "H" if alone and _plain(mention) else None


@labelling
def title_among_several(mention: SeenMention) -> Vote | None:
    """One of several positions of the title, and nothing takes it back: hired."""
    several = mention.in_title and len(mention.post.title_mentions) > 1
    return "H" if several and _plain(mention) else None


@labelling
def title_list_item(mention: SeenMention) -> Vote | None:
    """An item of a list title whose words are of one sector: hired."""
    if not mention.in_title or not _plain(mention) or not _LIST.search(mention.post.title):
        return None
    sectors = mention.post.kinship.sectors
    own = sectors(mention.form)
    others = [m.form for m in mention.post.title_mentions if m is not mention]
    return "H" if others and own and all(own & sectors(form) for form in others) else None


@labelling
def title_list_unsupported(mention: SeenMention) -> Vote | None:
    """An item of a list title that the body never names, though it names another item: bait."""
    post = mention.post
    if not mention.in_title or not _LIST.search(post.title) or _borne_out(mention):
        return None
    others = [m for m in post.title_mentions if m is not mention]
    if not others or not any(_offered(m) for m in others) or _offered(mention):
        return None
    return "N:bait"


@labelling
def title_other_word(mention: SeenMention) -> Vote | None:
    """A title mention inside another word (财务数据分析师, 律师事务所, 总经理秘书): no position."""
    if not mention.in_title:
        return None
    if mention.form.endswith(_LEADERS) and _SERVANT.match(mention.after):
        return "X"
    return "X" if _OTHER_WORD.match(mention.after) else None


@labelling
def title_taken_back(mention: SeenMention) -> Vote | None:
    """A title mention that the words around it compare, leave or turn from (还在当X?): compare."""
    if not mention.in_title:
        return None
    return "N:compare" if _LEFT.search(mention.before) or _AWAY.match(mention.after) else None


@labelling
def title_confessed(mention: SeenMention) -> Vote | None:
    """The body says in so many words that the job is another one (其实就是…, 说白了…): bait."""
    if not mention.in_title or _offered(mention):
        return None
    return "N:bait" if _CONFESSION.search(mention.post.body) else None


@labelling
def title_covers_selling(mention: SeenMention) -> Vote | None:
    """The body is about calling and persuading, the title is not, and it never comes back: bait."""
    if not mention.in_title or _borne_out(mention) or _SELLING_TITLE.search(mention.post.title):
        return None
    return "N:bait" if len(set(_SELLING.findall(mention.post.body))) >= 3 else None


_LEADERS = ("经理", "总监", "主任", "总裁", "总经理", "校长")
_SERVANT = re.compile(r"^(?:助理|秘书|司机)")
_OTHER_WORD = re.compile(
    r"^(?:数据|支持|公司|事务所|补贴|专业|台|车(?!间)|机(?!修)|中心|部(?!长)|外包|之家|期|式|培训|系统|基地|大厅|方向(?=[)]))"
)
_LEFT = re.compile(
    r"(?:比|还在做?|别再?当|还去当|干了|当了|做了)[^,/]{0,6}$|与其[^,]{0,6}$|不如(?!来|做|跟|学|招)[^,/]{0,3}$"
)
_AWAY = re.compile(r"^(?:转行|看过来|看这里|不当|比不了|太|不如|风吹|加班|梦醒|一月|不干)")
_CONFESSION = re.compile(
    r"实际(?:工作|岗位|就是|上是)|标题[^,。]{0,6}(?:骗|写|是|自动|乱)|名义|挂(?:的是|名)|名片上|对外(?:叫|称)|合同签的是|招的岗位叫"
)
_SELLING = re.compile(
    r"电话(?:邀约|销售|回访|量)|打电话|拨打|外呼|话术|意向客户|成交|开单|业绩提成|邀约|拉新|推销|客户资源|名单|加微信|办卡|推荐客户|提成"
)
_SELLING_TITLE = re.compile(
    r"销售|业务|客服|顾问|推广|招商|电销|话务|经纪|邀约|地推|导购|营销|招生|课程|运营|客户|商务|置业"
)
