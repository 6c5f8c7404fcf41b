"""The bench of pass 1: what it compares is what it says, and a run over a tiny model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bench.reality
from bench.reality import Spent, figures, measure, spread
from bench.reality_forms import Forms, Pair, pair_ids, sentences, words
from enrich.bundle import Bundle, Calibration, load_bundle, save_bundle
from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.taxonomy import Taxonomy
from enrich.windows import Specials

BASE = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "max_position_embeddings": 512,
}  # fmt: skip
CHARACTERS = "招聘服务员保安厨师包吃住不如"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with random weights and a character vocabulary."""
    import torch

    from enrich.encoder import RealityModel
    from labels.train.base import build_tokenizer

    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -20.0), ("▁", -2.0)]
    vocabulary += [(char, -5.0) for char in sorted(set(CHARACTERS))]
    config: dict[str, Any] = {**BASE, "hidden_size": 16, "vocab_size": len(vocabulary)}
    torch.manual_seed(5)
    made = tmp_path_factory.mktemp("bundle")
    parts = (build_tokenizer(vocabulary), config, Specials(), Calibration())
    save_bundle(made, RealityModel(config), *parts, "test")
    return made


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return load_bundle(folder)


@pytest.fixture(scope="module")
def posts() -> list[Pair]:
    lexicon = Lexicon(Taxonomy.load())
    texts = [
        ("招服务员", "服务员不如保安。包吃住！服务员"),
        ("招聘", "包吃"),
        ("厨师", "厨师" * 600),
    ]
    return [(read(title, lexicon), read(body, lexicon)) for title, body in texts]


def test_a_pair_is_one_different_word_with_its_post_cut_to_fit(
    bundle: Bundle, posts: list[Pair]
) -> None:
    assert [words(post) for post in posts] == [["服务员", "保安"], [], ["厨师"]]
    rows = pair_ids(bundle.tokenizer, bundle.specials, posts)
    assert len(rows) == 3
    assert len(rows[0]) == len(rows[1]) + 1 < 40
    assert len(rows[2]) == 512
    for row in rows:
        assert (row[0], row[-1], row.count(bundle.specials.eos)) == (0, 2, 2)


def test_sentences_are_the_title_and_what_ends_with_a_stop(posts: list[Pair]) -> None:
    assert sentences(posts[:2]) == [
        "招服务员",
        "服务员不如保安",
        "包吃住",
        "服务员",
        "招聘",
        "包吃",
    ]


def test_every_form_answers_for_what_it_is_asked(
    bundle: Bundle, folder: Path, posts: list[Pair]
) -> None:
    forms = Forms.of(bundle, folder, BASE)
    assert forms.one_pass(posts[:2]) == 4  # four mentions in one pass
    assert forms.pairwise(posts[:2]) == forms.pairwise_base(posts[:2]) == 2
    assert forms.by_sentence(posts[:2]) > 6  # a label for every token
    spent = measure(forms, posts, posts[:1], rounds=1)
    assert min(spent.ours, spent.same, spent.base, spent.sentence) > 0


def test_the_pairwise_form_runs_the_encoder_of_the_bundle(bundle: Bundle, folder: Path) -> None:
    forms = Forms.of(bundle, folder, BASE)
    assert forms.same.encoder is bundle.model.encoder
    assert forms.base.head.in_features == 32


def test_base_size_is_scaled_by_the_pairs(posts: list[Pair]) -> None:
    found = figures(Spent(ours=1.0, same=5.0, base=20.0, sentence=3.0), posts, posts[:1])
    by_name = {figure.what: figure for figure in found}
    assert by_name["pairwise, 12 layers x 768 : ours"].value == 30.0
    assert by_name["pairwise, 12 layers x 768 : ours"].reached
    assert by_name["pairwise, same encoder : ours"].value == 5.0
    assert by_name["sentences : ours"].bar is None
    low = figures(Spent(ours=1.0, same=3.9, base=19.0, sentence=3.0), posts, posts[:1])
    assert [figure.reached for figure in low[-3:]] == [False, False, None]


def test_samples_lie_at_equal_distances() -> None:
    assert spread(range(10), 3) == [0, 3, 6]
    assert spread([1, 2], 5) == [1, 2]


def test_a_run_prints_figures(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [
        json.dumps({"id": str(n), "title": "招服务员", "body": "服务员，不如保安"})
        for n in range(3)
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr("bench.reality_forms.BASE_SIZE", BASE)
    options = ["--limit", "2", "--base-limit", "1", "--rounds", "1", "--bundle", str(folder)]
    monkeypatch.setattr("sys.argv", ["reality", str(file), *options, "--json"])
    assert bench.reality.main() in {0, 1}  # tiny models keep no bar
    found = {f["what"]: f["value"] for f in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (found["posts"], found["(word, post) pairs a post"]) == (2, 2.0)
