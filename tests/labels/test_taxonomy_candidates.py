from pathlib import Path

import pytest
from taxonomy_support import folder

from enrich.taxonomy import Taxonomy
from labels.taxonomy.candidates import candidates
from labels.taxonomy.compile import taxonomy_of
from labels.taxonomy.overlay import load_with

NAMES = ["服务员", "传菜员", "收银员", "保洁员", "迎宾员", "点菜员", "配菜员", "理货员"]


@pytest.fixture
def taxonomy(tmp_path: Path) -> Taxonomy:
    rows = ["cat-a\t餐饮\t\t\t\t\tcategory", "cat-b\t前厅\tcat-a\t\t\t\tcategory"]
    rows += [f"p{i}\t{name}\tcat-b\t\t\t\t" for i, name in enumerate(NAMES)]
    return taxonomy_of(load_with(None, folder(tmp_path, rows)))


def posts(*texts: str) -> list[tuple[str, str, str]]:
    return [(str(i), "", text) for i, text in enumerate(texts)]


def test_a_name_before_a_known_head_is_found_whole(taxonomy: Taxonomy) -> None:
    texts = posts(
        "高薪找洗碗员", "本店要洗碗员", "急招洗碗员", "洗碗员包住", "招服务员", "和洗碗员"
    )
    found = candidates(texts, taxonomy, at_least=4)
    assert [(item.word, item.posts) for item in found] == [("洗碗员", 5)]
    assert found[0].contexts[0] == "高薪找洗碗员"


def test_a_name_without_a_head_is_found_behind_a_word_that_asks(taxonomy: Taxonomy) -> None:
    found = candidates(
        posts("招抓码,包住", "急聘抓码", "请两名服务员", "诚聘抓码2名"), taxonomy, at_least=3
    )
    assert [item.word for item in found] == ["抓码"]


def test_what_is_known_or_refused_is_no_candidate(taxonomy: Taxonomy) -> None:
    texts = posts(*[f"{before}洗碗员,服务员" for before in "找要招请"])
    assert candidates(texts, taxonomy, ["洗碗员"], at_least=3) == []
    assert [item.word for item in candidates(texts, taxonomy, at_least=3)] == ["洗碗员"]


def test_rare_words_are_left_out(taxonomy: Taxonomy) -> None:
    assert candidates(posts("找洗碗员", "要洗碗员"), taxonomy, at_least=3) == []


def test_no_candidate_holds_a_refused_word(taxonomy: Taxonomy) -> None:
    texts = posts(*[f"{before}应届毕业生" for before in ("招", "要", "找", "欢迎")])
    assert candidates(texts, taxonomy, ["毕业生"], at_least=3) == []
