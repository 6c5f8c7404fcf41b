"""The shipped model and rules on whole posts."""

import math
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.pipeline import Enricher, ModelOutput
from enrich.post import Enrichment, Post
from enrich.text import GAP, normalize

pytestmark = pytest.mark.model


@cache
def enricher() -> Enricher:
    return Enricher.load()


def enrich(title: str, body: str, **fields: object) -> Enrichment:
    post = Post.from_mapping({"id": "t", "title": title, "body": body, **fields})
    return enricher().enrich([post])[0]


RIDER = (
    "招送餐员 月入过万",
    "服务员不如送餐员，一单六块五，风雨天另加两块。包住，提供电动车，五险一金。",
)


def test_the_rider_post_does_not_hire_waiters() -> None:
    found = enrich(*RIDER)
    assert {m.text: m.label for m in found.mentions}["服务员"] == "N"
    assert "服务员" not in found.clean_body
    assert {p.name for p in found.positions} & {"送餐员", "外卖员", "外卖骑手", "骑手"}
    assert all(term in found.clean_body for term in ("包住", "电动车", "五险一金"))


def test_decorated_bait_is_found_and_spans_are_of_the_original() -> None:
    body = "本店诚招收银员两名，会用扫码枪即可。不招服 务 员，勿扰！"
    found = enrich("便利店招收银员", body)
    waiter = next(m for m in found.mentions if m.text == "服 务 员")
    assert waiter.label == "N"
    assert body[waiter.start : waiter.end] == "服 务 员"


def test_equal_input_gives_an_equal_enrichment() -> None:
    assert enrich(*RIDER) == enrich(*RIDER)


def test_cached_output_gives_the_same_as_a_fresh_one() -> None:
    post = Post(id="t", title=RIDER[0], body=RIDER[1])
    output = enricher().infer([post])[0]
    again = ModelOutput.from_json(output.to_json())
    assert again == output
    assert enricher().assemble([post], [again]) == enricher().enrich([post])


def test_cache_key_changes_with_what_the_model_reads_only() -> None:
    first = Post(id="a", title=RIDER[0], body=RIDER[1])
    same = Post(id="b", title=RIDER[0], body=RIDER[1], salary="9000", tags=("包吃",))
    other = Post(id="a", title=RIDER[0], body=RIDER[1] + "下夜班有补贴")
    keys = enricher().cache_keys([first, same, other])
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize("bait", ["不是保安", "非保安勿扰", "不招保安"])
def test_a_stripped_clause_does_not_move_the_vector(bait: str) -> None:
    plain = enrich("招收银员", "超市招收银员两名，会用电脑，早晚班轮换，包午餐。")
    baited = enrich("招收银员", f"{bait}，超市招收银员两名，会用电脑，早晚班轮换，包午餐。")
    assert baited.clean_body.startswith(GAP), baited.stripped
    cosine = sum(a * b for a, b in zip(plain.vector, baited.vector, strict=True))
    assert cosine >= 0.999


def test_no_position_mention_leaves_the_offer_and_stays_in_text() -> None:
    found = enrich("招文员", "负责销售部日常文件整理，熟悉办公软件，双休。")
    sales = [m for m in found.mentions if "销售" in m.text]
    assert sales
    assert all(m.label != "H" for m in sales)
    assert "销售" not in found.offer_body


def test_a_very_long_post_is_read_and_marked() -> None:
    found = enrich("招普工", "流水线打包，长白班，包吃住。" * 3500)
    assert found.truncated
    assert found.positions


ALPHABET = "招服务员保安司机厨师不如比做包吃住，。！ \n*·🌟５５k<br>&nbsp;服務員ＨＲhrC#会计专业部"
POST_TEXT = st.text(alphabet=st.sampled_from(ALPHABET), max_size=60)


@settings(deadline=None, max_examples=60)
@given(POST_TEXT, POST_TEXT | st.text(max_size=60))
def test_no_input_crashes_and_every_span_is_its_text(title: str, body: str) -> None:
    if not (title + body).strip() or "\0" in title + body:
        return
    found = enrich(title, body)
    fields = {"title": title, "body": body}
    spans = [
        *found.mentions,
        *found.stripped,
        *(span for position in found.positions for span in position.evidence),
        *(mark for marks in found.tags.values() for mark in marks),
    ]
    for span in spans:
        assert fields[span.field][span.start : span.end] == span.text
    assert math.isclose(sum(v * v for v in found.vector), 1.0, abs_tol=1e-3)
    for span in found.stripped:
        assert normalize(span.text).text
