"""Career ladders and promises: only their first rung may be hired."""

from __future__ import annotations

import re

from labels.weak.seen import SeenMention
from labels.weak.votes import Vote, labelling

_ARROW = r"(?:-{1,3}>?|—+|―+|–+|→|>+|➔|➜|~|一(?=\s)|=+>)"
_ARROW_BEFORE = re.compile(rf"[^\s\d,]\s?{_ARROW}\s?\S{{0,6}}$")
_ARROW_AFTER = re.compile(rf"^[^,。;\n]{{0,8}}?\s?{_ARROW}\s?[^\s\d]")
_LADDER = re.compile(
    rf"(?:晋升|发展|成长|路线|路径|通道|路子|培养|升).*{_ARROW}|{_ARROW}.*{_ARROW}"
)
_WORDS = re.compile(
    r"(?:晋升|升职|升为|升任|升到|升|竞聘|竞选|发展为|发展成|发展到|提拔|提升|成长为|成长|培养成?|转岗|转为|转做|转|当上|干到|"
    r"做到|考(?:成)?|往|走|成为|独立|带成|路线|通道|路径|方向|空间|储备)[^,。;]{0,16}$"
)
_STRONG = re.compile(
    r"(?:晋升|升职|升为|升任|竞聘|提拔|成长为|当上|干到|做到|发展路径|发展路线|职业发展|成为|培养成|转为|可转|再往上是)[^。;]{0,24}$"
)
_LATER = re.compile(r"^[^,。;]{0,3}(?:方向(?:发展|走|培养)|发展|从内部|都从|晋升|提拔)")
_TITLE_STEP = re.compile(r"(?:可往|可转|转|到|可晋升)[^,]{0,2}$")


def _sentence(mention: SeenMention) -> str:
    return f"{mention.before}{mention.form}{mention.after}"


@labelling
def ladder_higher(mention: SeenMention) -> Vote | None:
    """A rung of A-B-C behind the first: career."""
    if mention.in_title or not _ARROW_BEFORE.search(mention.before):
        return None
    if mention.form in mention.post.title_words or not _LADDER.search(_sentence(mention)):
        return None
    return None if re.match(rf"\s?{_ARROW}\s?\d", mention.after) else "N:career"


@labelling
def ladder_first(mention: SeenMention) -> Vote | None:
    """The first rung of A-B-C, which the title names: hired."""
    if mention.in_title or _ARROW_BEFORE.search(mention.before):
        return None
    return "H" if _ARROW_AFTER.match(mention.after) and mention.is_title_word else None


@labelling
def promoted_to(mention: SeenMention) -> Vote | None:
    """晋升为X, 竞聘X, 成长为X, where the title names another job: career."""
    if mention.in_title or mention.is_title_word or mention.is_bare:
        return None
    return "N:career" if _STRONG.search(mention.before) else None
