"""The whole post: repetition, category and tags, sectors, keyword tails."""

from __future__ import annotations

import re

from labels.weak.functions.cues import ASKED, is_person, spoken_of
from labels.weak.seen import SeenMention, SeenPost, is_offer
from labels.weak.votes import Vote, labelling

_TAIL = re.compile(
    r"(?:(?:关键[词字]|热搜|热门|标签|搜索词?|相关岗位|相关|搜我|词条)\s?[:(]|关键词\s|搜索词\s|长期有效|长期招|附近(?:招聘|找工作))[^。;]{0,160}$"
)
_ALL = re.compile(r"均招|都招|都缺|都要|均可|经验")
_LISTED = re.compile(r"招|职位|岗位|晋升|路线|经验|方向|急缺")
_HASH = re.compile(r"[#♪]\s?$")
_TAIL_REACH = 170
_RUN = 4
_ANY = frozenset(
    ("学徒", "实习生", "正式工", "长期工", "组长", "店员", "老师", "合伙人", "主管", "培训生")
)
"""Names of no sector, which any post may use for the hired."""


@labelling
def keyword_tail(mention: SeenMention) -> Vote | None:
    """In a tail of keywords (关键词:…, #X) and not what the title names: bait."""
    if mention.in_title or mention.is_title_word:
        return None
    text = mention.post.body[max(mention.start - _TAIL_REACH, 0) : mention.start]
    return "N:bait" if _TAIL.search(text) or _HASH.search(text) else None


@labelling
def keyword_run(mention: SeenMention) -> Vote | None:
    """In a run of four or more positions that nothing but marks divide, not of the title: bait."""
    if mention.in_title or mention.is_title_word:
        return None
    if _LISTED.search(mention.before) or mention.form in mention.post.offers or spoken_of(mention):
        return None
    if _ALL.search(mention.after):
        return None
    return "N:bait" if _run(mention) >= _RUN else None


def _run(mention: SeenMention) -> int:
    """Return how many mentions follow one another around this one; counting ends at a run."""
    found = 1
    for step in (-1, 1):
        at = mention.order
        while found < _RUN and _touching(mention.post, at, at + step):
            at += step
            found += 1
    return found


def _touching(post: SeenPost, one: int, other: int) -> bool:
    """Tell whether two neighbours stand in the body with at most two marks between them."""
    first, second = min(one, other), max(one, other)
    if first < 0 or second >= len(post.mentions) or post.mentions[first].in_title:
        return False
    between = post.body[post.mentions[first].end : post.mentions[second].start]
    return len(between) <= 2 and not any(char.isalnum() for char in between)


@labelling
def repeats_title(mention: SeenMention) -> Vote | None:
    """A body mention of a person's job that is exactly a word of the title: hired."""
    if mention.in_title or mention.is_bare or spoken_of(mention):
        return None
    return "H" if mention.form in mention.post.title_words else None


@labelling
def repeats_bare_title(mention: SeenMention) -> Vote | None:
    """A body mention of a bare word of the title (前台, 收银) with no noun behind it: hired."""
    if mention.in_title or not mention.is_bare or mention.is_field or spoken_of(mention):
        return None
    if mention.goes_on and not ASKED.match(mention.after):
        return None
    return "H" if mention.form in mention.post.title_words else None


@labelling
def like_title(mention: SeenMention) -> Vote | None:
    """A body mention that names a title's job in other words: hired."""
    if (
        mention.in_title
        or mention.is_bare
        or mention.form in mention.post.title_words
        or spoken_of(mention)
    ):
        return None
    return "H" if mention.is_title_word else None


@labelling
def category_agrees(mention: SeenMention) -> Vote | None:
    """The post's category names it: hired."""
    category = mention.post.category
    if not category or mention.is_bare or mention.goes_on or spoken_of(mention):
        return None
    same = mention.post.kinship.same
    return "H" if any(same(mention.form, part) for part in _parts(category)) else None


@labelling
def category_disagrees(mention: SeenMention) -> Vote | None:
    """A body mention of another sector than every position of the category: mentioned only."""
    post = mention.post
    if (
        mention.in_title
        or not post.category
        or not is_person(mention)
        or mention.is_near_title
        or mention.form in _ANY
    ):
        return None
    if mention.form in post.offers:
        return None
    own = post.kinship.sectors(mention.form)
    named = [s for part in _parts(post.category) if (s := post.kinship.sectors(part))]
    return "N:other" if own and named and not any(own & sectors for sectors in named) else None


@labelling
def tags_agree(mention: SeenMention) -> Vote | None:
    """A poster's tag and the title both name it: hired."""
    if mention.goes_on or not mention.post.tags or not mention.is_title_word or spoken_of(mention):
        return None
    return "H" if mention.form in mention.post.tags else None


@labelling
def foreign_sector(mention: SeenMention) -> Vote | None:
    """A person's job in the body of another sector than all words of the title: mentioned only."""
    post = mention.post
    if mention.in_title or not is_person(mention) or mention.is_near_title or mention.form in _ANY:
        return None
    if mention.form in post.offers:
        return None
    own = post.kinship.sectors(mention.form)
    titles = [s for word in post.title_words if (s := post.kinship.sectors(word))]
    return "N:coop" if own and titles and not any(own & sectors for sectors in titles) else None


@labelling
def offered_elsewhere(mention: SeenMention) -> Vote | None:
    """The body hires the same word in so many words elsewhere (招X, X两名): hired."""
    if mention.is_bare or mention.goes_on or is_offer(mention) or spoken_of(mention):
        return None
    return "H" if mention.form in mention.post.offers else None


def _parts(category: str) -> list[str]:
    return [part for part in re.split(r"[/|>,、\s·-]+", category) if part]
