"""Experience and licences: of the hired job itself, or of another one."""

from __future__ import annotations

import re

from labels.weak.functions.cues import is_cut
from labels.weak.seen import SeenMention
from labels.weak.votes import Vote, labelling

_DONE = re.compile(
    r"(?:做过|干过|当过|从事过|有过|担任过?|以前(?:是|做)|曾(?:是|任|做)|做|干|当)[^,。;]{0,14}$"
)
_DONE_STRICT = re.compile(r"(?:做过|干过|当过|从事过|担任过|跑过|学过)[^,。;]{0,14}$")
_WELCOME = re.compile(
    r"[^,。;]{0,14}(?:优先|优先考虑|的?更好|上手快|欢迎|加分|都行|也行|均可|也可以?|可以|最好|能适应|直接上岗|都要|转行|转岗|转过来)"
)
_EXPERIENCE = re.compile(r"[^,。;:]{0,9}(?:经验|经历|背景|出身|工龄)")
_LEVEL = re.compile(
    r"^(?:岗位?|岗位的?|等?相关|或相关|工作|类|等|、|/|或|及|和|与|者|以上|领域|行业|方面|从业|实习)*(?:工作)?(?:经验|经历|背景|出身)"
)
_YEARS = re.compile(r"(?:[\d一二两三四五六七八九十]+\s?年|有|具有|具备|需|若有)[^,。;]{0,14}$")
_LICENCE = re.compile(r"^(?:上岗|从业|资格|执业|操作|等级|职业资格|执业资格|特种|技能)?(?:资格)?证")
_NONE = re.compile(r"(?:无需|不需|不用|不要求|无|没)[^,。;]{0,5}$")
_NEVER = re.compile(r"(?:没|未|从未|没有)(?:做|干|当|从事)过[^,。;]{0,4}$")
_TURN = re.compile(r"^(?:、?[^,。;]{0,8})?(?:转行|转岗|转型|转做|退下来|出身)")


def _is_other(mention: SeenMention) -> bool:
    """Tell whether a body mention names a person of another job than the title's words."""
    if mention.in_title or mention.is_near_title or not mention.post.title_words:
        return False
    return not mention.is_field and not is_cut(mention)


@labelling
def experience_other(mention: SeenMention) -> Vote | None:
    """Its experience is asked for or welcome, and the title names another job: experience."""
    if not _is_other(mention):
        return None
    return "N:exp" if _LEVEL.match(mention.after) and _YEARS.search(mention.before) else None


@labelling
def experience_own(mention: SeenMention) -> Vote | None:
    """Its experience is asked for and the title names it: hired."""
    if mention.in_title or not mention.is_title_word:
        return None
    return "H" if _LEVEL.match(mention.after) else None


@labelling
def did_other(mention: SeenMention) -> Vote | None:
    """做过X的优先, 当过X, where the title names another job: experience."""
    if (mention.is_near_title and not mention.in_title) or _NEVER.search(mention.before):
        return None
    return "N:exp" if _DONE_STRICT.search(mention.lead) else None


@labelling
def did_own(mention: SeenMention) -> Vote | None:
    """做过X的优先, where the title names X: hired."""
    if mention.in_title or mention.form not in mention.post.title_words:
        return None
    return "H" if _DONE_STRICT.search(mention.lead) else None


@labelling
def newcomers_too(mention: SeenMention) -> Vote | None:
    """没做过X也行: hired."""
    return "H" if _NEVER.search(mention.lead) else None


@labelling
def welcome_other(mention: SeenMention) -> Vote | None:
    """Experience and 优先, 欢迎 or 加分 in one sentence, another job in the title: experience."""
    if not _is_other(mention):
        return None
    if not _EXPERIENCE.match(mention.after) and not _DONE.search(mention.before):
        return None
    return "N:exp" if _WELCOME.search(mention.after) else None


@labelling
def turned_from(mention: SeenMention) -> Vote | None:
    """X出身, X转行, X退下来 follow: what people were before."""
    if mention.is_title_word and not mention.in_title:
        return None
    return "N:exp" if _TURN.match(mention.trail) else None


@labelling
def licence_own(mention: SeenMention) -> Vote | None:
    """A licence of the job that the title names: hired."""
    if mention.in_title or not mention.is_title_word:
        return None
    return "H" if _LICENCE.match(mention.after) else None


@labelling
def licence_other(mention: SeenMention) -> Vote | None:
    """A licence of a job that the title does not name: experience."""
    if mention.in_title or mention.is_near_title or not mention.post.title_words:
        return None
    return "N:exp" if _LICENCE.match(mention.after) else None
