"""Searching through all layers, on both back ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from search_support import LEXICON, SPACE, TAXONOMY, enrich, vector

from enrich.post import Enrichment, Post
from enrich.tags import find_marks
from enrich.text import normalize
from search.channels import ChannelError
from search.document import build
from search.found import LeftOut
from search.index import Filters, VectorSpaceError
from search.intent.reader import reader_of
from search.interpreter import Knowledge
from search.rewrite.model import Expansion, Kind, Rewritten, Source
from search.service import Searcher
from tests.contract.conftest import Opener

POSTS = [
    (Post(id="honest", title="招聘服务员", body="包吃包住，五险", city="北京市"), {}),
    (
        Post(id="bait", title="招骑手", body="服务员不如送餐员，包住", city="上海"),
        {"服务员": "N"},
    ),
    (
        Post(id="synonym", title="急聘服务生", body="火锅店，需要会计专业优先", city="北京"),
        {"会计": "X"},
    ),
    (Post(id="spaced", title="招服 务 员", body="双休"), {}),
]


def read(post: Post, labels: dict[str, str]) -> Enrichment:
    """Enrich with given labels and with what the body states."""
    return enrich(post, labels, dict(find_marks("body", normalize(post.body))))


@pytest.fixture
def searcher(tmp_path: Path, opener: Opener) -> Searcher:
    index = opener(tmp_path, SPACE)
    index.write([build(post, read(post, labels), 1, TAXONOMY) for post, labels in POSTS])
    return Searcher(index, TAXONOMY, vector, SPACE)


def ids(searcher: Searcher, query: str, **options: object) -> set[str]:
    return {hit.id for hit in searcher.search(query, **options).hits}  # type: ignore[arg-type]


def test_the_bait_is_gone_and_plain_still_shows_it(searcher: Searcher) -> None:
    assert ids(searcher, "服务员", channel="text", rewrite=False) == {"honest", "spaced"}
    assert ids(searcher, "服务员", channel="plain") == {"honest", "bait", "spaced"}
    assert ids(searcher, "服务员", channel="title") == {"honest", "spaced"}


def test_rewriting_finds_other_names(searcher: Searcher) -> None:
    assert ids(searcher, "服务员", channel="text") == {"honest", "spaced", "synonym"}
    assert ids(searcher, "服务员", channel="intent") == {"honest", "spaced", "synonym"}


def test_another_field_of_work_answers_as_text_only(searcher: Searcher) -> None:
    assert ids(searcher, "会计", channel="text") == set()
    assert ids(searcher, "会计专业", channel="text") == {"synonym"}


def test_the_vector_is_drawn_to_what_an_asked_position_is_called(
    tmp_path: Path, opener: Opener
) -> None:
    asked: list[str] = []

    def names(position: str) -> tuple[float, ...]:
        asked.append(position)
        return vector("服务生")

    searcher = Searcher(opener(tmp_path, SPACE), TAXONOMY, vector, SPACE, names=names)
    answer = searcher.search("北京服务员", channel="vector")
    assert set(asked) == set(answer.understanding.positions) != set()
    asked.clear()
    searcher.search("包住", channel="vector")
    assert asked == []


def test_all_parts_must_match(searcher: Searcher) -> None:
    assert ids(searcher, "服务员 包住", channel="text") == {"honest"}
    assert ids(searcher, "服务员 包住", channel="intent") == {"honest"}


def test_fused_hits_name_their_channels_and_evidence(searcher: Searcher) -> None:
    answer = searcher.search("服务员")
    first = answer.hits[0]
    assert set(first.channels) == {"text", "intent", "vector"}
    assert first.score == pytest.approx(sum(one.part for one in first.found))
    # What only names a position is near to it and stays out.
    assert {hit.id for hit in answer.hits} == {"honest", "spaced", "synonym"}
    assert answer.total == 3
    for hit in answer.hits:
        assert tuple(one.channel for one in hit.found) == hit.channels
        assert min(one.rank for one in hit.found) >= 1
        assert [e["label"] for e in hit.evidence] == ["H"]
        assert hit.display["title"][hit.evidence[0]["start"] :].startswith(hit.evidence[0]["text"])


def test_conditions_hold_and_the_narrowest_is_given_up(searcher: Searcher) -> None:
    for channel in ("text", "intent", "all"):
        answer = searcher.search("北京服务员包吃", channel)  # type: ignore[arg-type]
        exact = [hit.id for hit in answer.hits if hit.channels != ("vector",)]
        assert exact == ["honest"]
        assert answer.hits[0].id == "honest"
        assert answer.understanding.relaxed == ()
        answer = searcher.search("上海服务员双休", channel)  # type: ignore[arg-type]
        exact = [hit.id for hit in answer.hits if hit.channels != ("vector",)]
        assert exact == ["spaced"]
        assert [one.texts for one in answer.understanding.relaxed] == [("上海",)]


def test_unknown_words_may_be_an_employer(
    searcher: Searcher, tmp_path: Path, opener: Opener
) -> None:
    index = opener(tmp_path, SPACE)
    post = Post(id="named", title="招骑手", company="海豚优选")
    index.write([build(post, enrich(post), 1, TAXONOMY)])
    for channel in ("text", "intent", "all"):
        hits = searcher.search("海豚优选 骑手", channel).hits  # type: ignore[arg-type]
        assert [hit.id for hit in hits] == ["named"]
    assert ids(searcher, "海豚优选", channel="text") == {"named"}


def test_a_place_of_work_may_be_the_employer(
    searcher: Searcher, tmp_path: Path, opener: Opener
) -> None:
    post = Post(id="hotel", title="招骑手", company="星河商务酒店")
    opener(tmp_path, SPACE).write([build(post, enrich(post), 1, TAXONOMY)])
    for channel in ("text", "intent"):
        assert ids(searcher, "星河商务酒店 骑手", channel=channel) == {"hotel"}
    first, *others = searcher.search("星河商务酒店 骑手").hits
    assert first.id == "hotel"
    assert {hit.channels for hit in others} <= {("vector",)}


def test_a_refusal_holds_where_only_nearness_answers(searcher: Searcher) -> None:
    assert "bait" not in ids(searcher, "宇航 昆明 不要骑手")


def test_of_conditions_alone_one_may_stay(searcher: Searcher) -> None:
    for channel in ("text", "intent"):
        answer = searcher.search("昆明 双休", channel)  # type: ignore[arg-type]
        assert [hit.id for hit in answer.hits] == ["spaced"]
        assert [one.texts for one in answer.understanding.relaxed] == [("昆明",)]


def test_several_positions_mean_any_of_them(searcher: Searcher) -> None:
    for channel in ("text", "intent"):
        assert ids(searcher, "服务员或者骑手", channel=channel) == {
            *("honest", "spaced", "synonym", "bait")
        }
    assert ids(searcher, "服务员 骑手", channel="text", rewrite=False) == set()


def test_what_is_refused_is_gone_from_every_channel(searcher: Searcher) -> None:
    for channel in ("text", "intent", "vector", "all"):
        assert "bait" not in ids(searcher, "不要骑手", channel=channel)
        assert "honest" in ids(searcher, "不要骑手", channel=channel)


def test_conditions_alone_find_every_post_that_fulfils_them(searcher: Searcher) -> None:
    for channel in ("text", "intent", "all"):
        assert ids(searcher, "北京", channel=channel) == {"honest", "synonym"}


def test_a_given_city_wins_over_the_querys(searcher: Searcher) -> None:
    answer = searcher.search("北京骑手", "text", Filters(city="上海"))
    assert [hit.id for hit in answer.hits] == ["bait"]
    assert answer.understanding.relaxed == ()


def test_nothing_is_given_up_of_words_as_they_stand(searcher: Searcher) -> None:
    assert ids(searcher, "服务员 宇航", channel="text") == {"honest", "spaced", "synonym"}
    assert ids(searcher, "服务员 宇航", channel="text", rewrite=False) == set()


def test_other_words_answer_and_weigh_less(tmp_path: Path, opener: Opener) -> None:
    class Rewriter:
        def rewrite(self, text: str) -> Rewritten:
            other = Expansion("送餐员", 1.0, Kind.RELATED, Source.CLICKS)
            return Rewritten(text, None, (), (other,))

    index = opener(tmp_path, SPACE)
    index.write([build(post, read(post, labels), 1, TAXONOMY) for post, labels in POSTS])
    knowledge = Knowledge(reader_of(TAXONOMY), Rewriter())
    post = Post(id="courier", title="招送餐员")
    index.write([build(post, enrich(post), 1, TAXONOMY)])
    searcher = Searcher(index, TAXONOMY, knowledge=lambda: knowledge)
    found = searcher.search("服务生", "text")
    assert found.hits[0].id == "synonym"
    assert found.hits[-1].id == "courier"  # what was stripped of bait answers nothing
    assert found.hits[-1].score == pytest.approx(0.4)
    assert "courier" not in ids(searcher, "服务生", channel="text", rewrite=False)
    assert "courier" not in ids(searcher, "服务生", channel="intent")


def test_what_is_known_is_asked_for_each_query(tmp_path: Path, opener: Opener) -> None:
    told = iter(("old", "new"))

    def knowledge() -> Knowledge:
        return Knowledge(reader_of(TAXONOMY), notes=(next(told),))

    searcher = Searcher(opener(tmp_path, SPACE), TAXONOMY, knowledge=knowledge)
    assert [searcher.search("服务员", "text").notes for _ in range(2)] == [("old",), ("new",)]


def test_nearness_answers_where_no_condition_is_fulfilled(searcher: Searcher) -> None:
    answer = searcher.search("电焊工 昆明")
    assert answer.hits
    assert all(hit.channels == ("vector",) for hit in answer.hits)


def test_nearness_answers_where_no_word_does(searcher: Searcher) -> None:
    answer = searcher.search("宇航")
    assert answer.hits
    assert all(hit.channels == ("vector",) for hit in answer.hits)


def test_filters_hold_in_every_channel(searcher: Searcher) -> None:
    only = Filters(city="北京市")
    for channel in ("text", "intent", "all", "plain", "vector"):
        assert ids(searcher, "服务员", channel=channel, filters=only) <= {"honest", "synonym"}
    assert ids(searcher, "服务员", channel="text", filters=only) == {"honest", "synonym"}


def test_a_ranking_is_the_search_without_documents(searcher: Searcher) -> None:
    hits = searcher.search("服务员", channel="text", limit=100).hits
    assert searcher.ranking("服务员", channel="text") == [(hit.id, hit.score) for hit in hits]


def test_no_words_give_no_hits(searcher: Searcher) -> None:
    for channel in ("text", "intent", "vector", "all", "plain", "title"):
        assert searcher.search("！？", channel=channel).hits == ()  # type: ignore[arg-type]


def test_another_models_vectors_are_left_out_with_a_note(
    searcher: Searcher, tmp_path: Path, opener: Opener
) -> None:
    assert searcher.search("服务员").notes == ()
    other = Searcher(opener(tmp_path, "other"), TAXONOMY, vector, "other")
    answer = other.search("服务员")
    assert {hit.id for hit in answer.hits} == {"honest", "spaced", "synonym"}
    assert "'vector' left out (space: " in answer.notes[0]
    assert [run.left_out for run in answer.runs] == [None, None, LeftOut.SPACE]
    with pytest.raises(VectorSpaceError, match=SPACE):
        other.search("服务员", channel="vector")


def test_a_channel_that_cannot_answer_says_so(tmp_path: Path, opener: Opener) -> None:
    bare = Searcher(opener(tmp_path, SPACE), TAXONOMY)
    with pytest.raises(ChannelError, match="needs the model"):
        bare.search("服务员", channel="vector")
    with pytest.raises(ChannelError, match="unknown"):
        bare.search("服务员", channel="psychic")  # type: ignore[arg-type]
    answer = bare.search("服务员")
    assert answer.hits == ()
    assert answer.runs[-1].left_out is LeftOut.ENCODER_MISSING
    assert "encoder_missing" in answer.notes[0]
    assert LEXICON.find("服务员")


def test_a_condition_beside_unknown_words_is_answered_by_the_intent_channel(
    searcher: Searcher,
) -> None:
    found = searcher.search("双休 区块链", channel="intent")
    assert {hit.id for hit in found.hits} == {"spaced"}
    assert [one.texts for one in found.understanding.relaxed] == [("区块链",)]
    nothing = searcher.search("区块链", channel="intent")
    assert nothing.total == 0
    assert not nothing.understanding.relaxed
