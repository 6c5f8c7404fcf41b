"""A post as labelling functions see it: normalised fields, mentions and the text around each."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from enrich.borders import is_ideograph
from labels.weak.kinship import Kinship

Field = Literal["title", "body"]

REACH = 40
"""Characters before and after a mention that a rule may read."""

# Sentences end at punctuation, wide blanks and list numbers (1、 2.); clauses at commas and
# brackets too. Lists (、 and /) are not cut: 配合产品、设计 speaks of both.
_BORDER = re.compile(
    r"(?P<sentence>[。!?;\n◆●■★☆▪►•]|\s{2,}|(?<![\d.~-])\d{1,2}[、.)](?!\d))|[,:()【】\[\]「」“”\"|…]"
)
_JOINED = re.compile(r"[\s·*._^'\"`~•‧・。=+#@&|/\\、,-]+")
_ENDS_NAME = re.compile(
    r"[\s\d一二两三四五六七八九十几多若数招急诚高底薪月包无不可有要的也等及和与或兼到从接双日长全男女年岗职名位个人"
    r"实均待来找起看缺]"
)


@dataclass(frozen=True, slots=True)
class FieldText:
    """One field's normalised text and where its sentences and clauses end."""

    text: str
    sentence_ends: tuple[int, ...]
    clause_ends: tuple[int, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> FieldText:
        """Find the borders of a text.

        ``starts``: first character behind each clause border.
        """
        borders = [
            (found.start(), found.end(), found.lastgroup) for found in _BORDER.finditer(text)
        ]
        return cls(
            text,
            tuple(start for start, _, kind in borders if kind),
            tuple(start for start, _, _ in borders),
            tuple(end for _, end, _ in borders),
        )

    def before(self, at: int) -> tuple[str, str]:
        """Return the rest of the sentence and of the clause before a place."""
        number = bisect_right(self.starts, at)
        clause = self.starts[number - 1] if number else 0
        first = bisect_left(self.sentence_ends, at)
        sentence = 0
        if first:
            end = self.sentence_ends[first - 1]
            sentence = self.starts[bisect_left(self.clause_ends, end)]
        low = max(at - REACH, 0)
        return self.text[max(sentence, low) : at], self.text[max(clause, low) : at]

    def after(self, at: int) -> tuple[str, str]:
        """Return the rest of the sentence and of the clause behind a place."""
        high = at + REACH
        sentence = bisect_left(self.sentence_ends, at)
        clause = bisect_left(self.clause_ends, at)
        s = self.sentence_ends[sentence] if sentence < len(self.sentence_ends) else high
        c = self.clause_ends[clause] if clause < len(self.clause_ends) else high
        return self.text[at : min(s, high)], self.text[at : min(c, high)]


class SeenMention:
    """A mention on normalised text, with what stands around it.

    ``before`` and ``after`` reach to the ends of the sentence, ``lead`` and ``trail`` to those of
    the clause, at most ``REACH`` characters. ``form`` is the mention without decoration.
    """

    def __init__(self, post: SeenPost, order: int, field: Field, start: int, end: int) -> None:
        """Look around the span ``[start, end)`` of the post's field.

        ``order``: which of the post's mentions it is, from 0.
        """
        text = post.fields[field]
        self.post = post
        self.order = order
        self.field: Field = field
        self.start = start
        self.end = end
        self.form = _JOINED.sub("", text.text[start:end]) or text.text[start:end]
        self.before, self.lead = text.before(start)
        self.after, self.trail = text.after(end)

    @property
    def in_title(self) -> bool:
        """Whether it stands in the title."""
        return self.field == "title"

    @property
    def is_bare(self) -> bool:
        """Whether the form names a field of work rather than a person: 销售, not 销售员."""
        return (
            self.form[-1:] not in _PERSON
            or self.form in NO_PERSON
            or (self.form.endswith(("管理", "招生")) and not self.form.endswith("经理"))
        )

    @property
    def is_field(self) -> bool:
        """Whether a bare form is a task rather than a short name of a person: 销售, not 前台."""
        return self.form[-1:] in _TASK and self.is_bare

    @cached_property
    def goes_on(self) -> bool:
        """Whether letters of another word follow: 财务 in 财务数据分析师, not in 财务专员."""
        following = self.trail[:1]
        if not is_ideograph(following) or _ENDS_NAME.match(following):
            return False
        if self.post.starts(self.field, self.end):
            return False
        return self.form.endswith(_LEADERS) or not _RANK.match(self.trail)

    @cached_property
    def is_title_word(self) -> bool:
        """Whether it names what a word of the title names."""
        return any(self.post.kinship.same(self.form, word) for word in self.post.title_words)

    @cached_property
    def is_near_title(self) -> bool:
        """Whether it names what the title names, or shares a telling pair of characters with it."""
        return self.is_title_word or self.post.kinship.shares(self.form, self.post.title)


NO_PERSON = frozenset(("会员", "成员", "心理", "化工", "作者", "专家", "小时工"))
"""Forms that end like a person's name but mostly name none that is hired."""
_TASK = frozenset("售购划案辑务政计试理持发营析译审验生运")
_LEADERS = ("经理", "总监", "主任", "总裁", "总", "校长", "院长", "店长")
_RANK = re.compile(
    r"专员|助理|经理|主管|工程师|编辑|负责人|实习|人员|岗|行政|师|顾问|总监|代表|文员|员|助手|组长|老师|专家|工(?!程|作|具|艺|业)|们"
    r"|技术|开发|学徒|方向|俩|在家|一名|管理"
)
_PERSON = frozenset("员师工生长手人家姨嫂妹者官匠徒监理管总代表士教童倌客倌妆警兵将模护秘助er")


class SeenPost:
    """A post: its fields, its mentions, and facts of the whole that rules share."""

    def __init__(
        self,
        texts: dict[Field, str],
        spans: Sequence[tuple[Field, int, int]],
        kinship: Kinship,
        category: str = "",
        tags: Sequence[str] = (),
    ) -> None:
        """Take normalised texts and tags; spans are those of mentions on these texts."""
        self.fields: dict[Field, FieldText] = {name: FieldText.of(t) for name, t in texts.items()}
        self.kinship = kinship
        self.category = category
        self.tags = tuple(tags)
        self.mentions = tuple(SeenMention(self, order, *span) for order, span in enumerate(spans))

    @property
    def title(self) -> str:
        """The normalised title."""
        return self.fields["title"].text

    @property
    def body(self) -> str:
        """The normalised body."""
        return self.fields["body"].text

    def starts(self, field: Field, at: int) -> bool:
        """Tell whether a mention of the field starts at a place."""
        return (field, at) in self._starts

    @cached_property
    def _starts(self) -> frozenset[tuple[Field, int]]:
        return frozenset((m.field, m.start) for m in self.mentions)

    @cached_property
    def title_mentions(self) -> tuple[SeenMention, ...]:
        """The mentions of the title."""
        return tuple(m for m in self.mentions if m.in_title)

    @cached_property
    def body_mentions(self) -> tuple[SeenMention, ...]:
        """The mentions of the body."""
        return tuple(m for m in self.mentions if not m.in_title)

    @cached_property
    def title_words(self) -> tuple[str, ...]:
        """The forms that the title names as words of their own, without those that it denies."""
        return tuple(
            dict.fromkeys(
                m.form for m in self.title_mentions if not m.goes_on and not _DENIED.search(m.lead)
            )
        )

    @cached_property
    def offers(self) -> frozenset[str]:
        """The forms that the body plainly hires: 招X, X两名, 岗位:X."""
        return frozenset(m.form for m in self.body_mentions if is_offer(m))


_DENIED = re.compile(r"(?:非|不是|不招|不做|不要|不当|比|不如|别|转|勿|无)[^,]{0,4}$")
OFFER_BEFORE = re.compile(
    r"(?:(?<!不)(?<!停)(?:急招|诚招|招聘|诚聘|急聘|高薪聘|现招|招募|招收|招)|"
    r"(?:岗位|职位|招聘岗位|招聘职位|岗位名称|职位名称|应聘岗位|工种)(?:名称)?\s*[:一二三四五\d]\s*)"
    r"(?:个|位|一名|名|一位|一个|若干名?|几名|数名|[\d一二两三四五六七八九十]+[名位个人]|[:\s]){0,3}$"
)
OFFER_AFTER = re.compile(
    r"\s?[:(]?(?:[\d一二两三四五六七八九十几多数]+(?:到|至|-|~)?[\d一二两三四五六七八九十]*\s?[名个位人](?!经|月|小时|工作|以上)|若干)"
)


def is_offer(mention: SeenMention) -> bool:
    """Tell whether the words next to a mention say that it is hired: 招X, X两名, 岗位:X."""
    before = mention.before
    return bool(OFFER_BEFORE.search(before) or OFFER_AFTER.match(mention.after))
