"""Labelling functions on arbitrary text: they never raise, and spans lead back to the original."""

from __future__ import annotations

import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from weak_support import functions, reader

from enrich.post import Post
from labels.weak.votes import CLASSES

WORDS = (
    "服务员",
    "销售",
    "采购",
    "保安",
    "会计",
    "服 务 员",
    "Java工程师",
    "小時工",
    "店长",
    "前台",
    "工",
)
CUES = re.findall(
    r"\S+|[ \n\u200b]",
    """招聘 诚聘 两名 不如 比 配合 沟通 管理 做过 优先 经验 证 勿扰 已招满 晋升 → - 面向 公司 部
    流程 专业 工作 关键词： # ， 。 、 / 1、 8 （ ） <br> &nbsp; 𠮷 🙂 \ud7ff \u200b""",
)
PIECES = st.lists(st.one_of(st.sampled_from([*WORDS, *CUES]), st.text(max_size=4)), max_size=25)
TEXTS = PIECES.map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, st.one_of(st.none(), TEXTS), st.lists(TEXTS, max_size=3))
def test_any_post_is_voted_on_and_its_spans_are_those_of_the_original(
    title: str, body: str, category: str | None, tags: list[str]
) -> None:
    post = Post.model_construct(id="p", title=title, body=body, category=category, tags=tuple(tags))
    read = reader().read(post)
    assert len(read.spans) == len(read.seen.mentions)
    for span, mention in zip(read.spans, read.seen.mentions, strict=True):
        assert span.text == getattr(post, span.field)[span.start : span.end]
        assert 0 <= mention.start < mention.end <= len(read.seen.fields[mention.field].text)
        before = (mention.start, mention.end, mention.form)
        for function in functions().values():
            vote = function(mention)
            assert vote is None or vote[0] in CLASSES
            assert function(mention) == vote
        assert (mention.start, mention.end, mention.form) == before


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.data())
def test_any_span_of_a_judged_set_is_voted_on(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(len(text) - 1, 0)))
    end = data.draw(st.integers(start, len(text)))
    row = {
        "id": "p",
        "title": text,
        "body": text,
        "mentions": [
            {"field": field, "start": start, "end": end, "text": text[start:end], "label": "H"}
            for field in ("title", "body")
        ],
    }
    for mention in reader().read_judged(row, "test:1").read.seen.mentions:
        for function in functions().values():
            function(mention)


def test_text_around_a_mention_ends_with_its_sentence() -> None:
    post = Post(id="p", title="招人", body="先说别的。1、招会计两名，做账；2、包住")
    mention = reader().read(post).seen.mentions[0]
    assert (mention.before, mention.lead, mention.trail) == ("招", "招", "两名")
    assert mention.after == "两名,做账"


def test_time_grows_with_the_text_and_not_faster() -> None:
    short, long = (_seconds_a_mention(count) for count in (300, 6_000))
    assert long < 5 * short


def _seconds_a_mention(count: int) -> float:
    """Return the best of three: others may use the processor."""
    read = reader().read(Post(id="p", title="招聘服务员", body="服务员、" * count))
    assert len(read.spans) == count + 1
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        for mention in read.seen.mentions[:: max(count // 300, 1)]:
            for function in functions().values():
                function(mention)
        taken.append(time.perf_counter() - began)
    return min(taken)
