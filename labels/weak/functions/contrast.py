"""Jobs that a post excludes or compares itself to."""

from __future__ import annotations

import re

from labels.weak.seen import SeenMention
from labels.weak.votes import Vote, labelling

_EXCLUDED = re.compile(
    r"(?:不是(?!不)(?:来)?(?:做|当|招|去)?|并非|不招|不做|不要|不收|不当|不考虑|谢绝|拒绝|绝不是|不用|别当成|不需要|不缺|暂不|没有|"
    r"(?:无(?!经验|线|纺|需|责)|非(?!常|全|机))(?=[^,。;:]{0,1}$))(?:[^,。;:]{0,4}[、/和或])?[^,。;:、]{0,3}$"
)
_NO_NEED = re.compile(r"(?:不限|不要求|无需|不需|不用|没有)[^,]{0,4}$")
_KEEP_OUT = re.compile(
    r"[^,。;]{0,6}?[,\s]?(?:勿扰|勿投|勿进|勿打|绕行|绕道|绕路|别来|别投|别打|免谈|除外|请勿|请绕|不要(?:来|投|打|问)|别问|止步|莫来|"
    r"不要(?=[。;!\n]|$)|谢绝|不收|不考虑|别再|就别|别凑)"
)
_FULL = re.compile(
    r"[^,。;]{0,6}[,]?(?:已?经?(?:招满|满了|满员|聘妥|招到|招够|齐了|够了|停招|有人)|已满|不缺|暂时不|不招|名额满|不再招|暂不|不在(?:本次|这次|招)|另招|另外招|不需要)"
)
_THAN = re.compile(
    r"(?:(?<!询)(?<!对)(?<!占)比(?!较|例|赛|如|价|对)|不如|好过|强过|胜过|不像|不比|赛过|相比|顶(?:得上)?)[^,。;]{0,7}$"
)
_BEING = re.compile(
    r"(?:还在|别再|与其|何必|还去|在厂里|在别人家)[^,。;]{0,8}(?:当|做|干|跑|端)?[^,。;]{0,4}$"
)
_LOSES = re.compile(
    r"^的?[^,。;、]{0,5}(?:不如|比不了|比不上|强(?:多|得)|没法比|轻松|挣得?[多少]|赚得?多|舒服|自在|体面|眼红|图个啥|还[高多少轻])"
)
_WITH = re.compile(r"(?:跟|和|同|像)[^,。;]{0,8}$")
_LIKE = re.compile(r"^[^,。;]{0,4}(?:比|一样|那样|似的|差不多|差远)")


@labelling
def excluded_before(mention: SeenMention) -> Vote | None:
    """不是X, 非X, 不招X, 不要X: excluded."""
    if not _EXCLUDED.search(mention.lead):
        return None
    return None if re.match(r"[^,]{0,4}(?:经验|证|基础)|费|稿", mention.after) else "N:exclude"


@labelling
def kept_out_after(mention: SeenMention) -> Vote | None:
    """X勿扰, X绕行, X别来: excluded."""
    return "N:exclude" if _KEEP_OUT.match(mention.after) else None


@labelling
def filled_after(mention: SeenMention) -> Vote | None:
    """X招满了, X不缺, X不招: excluded."""
    return "N:exclude" if _FULL.match(mention.after) else None


@labelling
def compared_than(mention: SeenMention) -> Vote | None:
    """比X强, 不像X: what it is compared to."""
    found = _THAN.search(mention.lead)
    if not found or found.group().startswith(("不如来", "不如做", "不如跟", "不如招")):
        return None
    return None if mention.is_title_word else "N:compare"


@labelling
def compared_loses(mention: SeenMention) -> Vote | None:
    """X不如…, X比不了: the job that loses."""
    found = _LOSES.match(mention.after)
    return (
        "N:compare" if found and re.search(r"不如|比不|没法比|眼红|图个啥", found.group()) else None
    )


@labelling
def compared_wins(mention: SeenMention) -> Vote | None:
    """不如来做X, 不如X where the title names it: hired."""
    found = re.search(
        r"不如(?:来|去|跟|过来)?(?:做|当|干|跑|学|应聘|我们)?[^,。;]{0,3}$", mention.lead
    )
    return "H" if found and (mention.is_title_word or mention.in_title) else None


@labelling
def compared_with(mention: SeenMention) -> Vote | None:
    """跟X比, 像X那样: what it is compared to."""
    if not _WITH.search(mention.lead) or not _LIKE.match(mention.after):
        return None
    return None if mention.is_title_word else "N:compare"


@labelling
def still_being(mention: SeenMention) -> Vote | None:
    """还在当X, 与其做X, 别再当X: the reader's old job."""
    return "N:compare" if _BEING.search(mention.lead) and not mention.is_title_word else None
