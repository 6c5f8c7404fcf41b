"""Judged posts for tests of augmentation, made of parts by hypothesis."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from enrich.encoder import CLASSES
from enrich.windows import MarkedText
from labels.augment.clauses import CLASS_OF
from labels.augment.words import Words
from labels.train.data import Example

HIRED = CLASSES.index("H")
WORDS = ("送餐员", "服务员", "普工", "保安", "厨师", "会计", "文员", "保洁员", "叉车工", "电焊工",
         "收银员", "育婴师", "导购", "销售代表", "前端工程师", "司机", "hr", "店长")  # fmt: skip
_FILLERS = ("招", ",", "。", "\n", ";包吃住", "每天八点到六点,", "(两名)", "月休四天", " ", "!",
            "招聘,急招", "工资面议", "负责装卸搬运和打扫卫生,下班前对单;")  # fmt: skip
_MENTIONS = st.tuples(st.sampled_from(WORDS), st.integers(-1, len(CLASSES) - 1))
_PARTS = st.lists(
    st.one_of(st.sampled_from(_FILLERS).map(lambda text: (text, None)), _MENTIONS), max_size=14
)


def build(parts_of_title: object, parts_of_body: object, id_: str = "a") -> Example:
    """Build a post of (text, class or None) parts."""
    title, first = field(parts_of_title)
    body, second = field(parts_of_body)
    return Example(id_, id_, title, body, first + second)


def field(parts: object) -> tuple[MarkedText, tuple[int, ...]]:
    text, spans, classes = "", [], []
    for part, label in parts:  # type: ignore[attr-defined]
        if label is not None:
            spans.append((len(text), len(text) + len(part)))
            classes.append(label)
        text += part
    return MarkedText(text, tuple(spans)), tuple(classes)


posts = st.builds(build, _PARTS, _PARTS)


def training_posts() -> list[Example]:
    """Posts of several sectors, each hiring for one word in title and body."""
    filler = (
        "负责店里每天的工作,按时到岗,服从安排,月休四天,包吃包住,工资月结不拖欠,有意的直接打电话。"
    )
    compare = CLASSES.index("N:compare")
    return [
        build(
            [("招", None), (word, HIRED)],
            [(filler, None), (word, HIRED), ("两名,", None), (other, compare), ("哪有这么好", None),
             (filler, None)],
            word,
        )
        for word, other in zip(WORDS, WORDS[5:] + WORDS[:5], strict=True)
    ]  # fmt: skip


def words() -> Words:
    """The words of the training posts."""
    return Words(training_posts())


def rng(seed: int = 1) -> random.Random:
    """A generator of random numbers."""
    return random.Random(seed)


KINDS = tuple(CLASS_OF)
