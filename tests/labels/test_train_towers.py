"""Training towers: written blocks, masks, the loss, mining, and a whole run on a tiny BERT."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from rewrite_support import tiny_taxonomy

from enrich.post import Enrichment, HiredPosition, Post, Span
from enrich.towers.bundle import load_towers
from enrich.towers.encode import encode, tokens
from enrich.towers.net import TowerNet, TowerShape
from enrich.towers.text import vector_text
from labels.train.base import BaseError, load_base
from labels.train.config_file import ConfigError
from labels.train.towers import build
from labels.train.towers.base import load_start
from labels.train.towers.config import (
    DrawConfig,
    FitConfig,
    FormConfig,
    TowersConfig,
)
from labels.train.towers.config_file import read_config
from labels.train.towers.draw import Drawer, Sources
from labels.train.towers.examples import Item, Makes, Style, refused
from labels.train.towers.losses import softmax_loss
from labels.train.towers.mine import mine
from labels.train.towers.posts import ReadPost, balanced, is_held_out, without_names
from labels.train.towers.reading import ReadFileError, key_of, load_read, read_texts
from labels.train.towers.run import train_towers
from labels.train.towers.written import SHIPPED, WrittenError, read_written
from labels.train.watch import Watch

BLOCKS = """?\t服务员
2\t招跑堂的\t店里端菜收桌,管两顿饭
2\t楼面员工\t迎客点单上菜
1\t迎宾\t门口领客
0\t送餐员\t服务员不如来送餐
0\t厨工\t后厨洗菜切菜

?\t寒假工
2\t学生短期\t放假来干一个月
0\t厨师\t长期,三年经验
"""


class Reader:
    """Reads a post as hiring for the first name that its title holds."""

    def __init__(self) -> None:
        self.read = 0

    def enrich(self, posts: Sequence[Post]) -> list[Enrichment]:
        self.read += len(posts)
        return [self._one(post) for post in posts]

    def _one(self, post: Post) -> Enrichment:
        taxonomy = tiny_taxonomy()
        found = [form for form in sorted(taxonomy.forms) if form in post.title]
        positions = tuple(
            HiredPosition(
                id=taxonomy.senses(form)[0].position,
                name=form,
                score=0.9,
                evidence=(Span(field="title", start=0, end=1, text=post.title[0]),),
            )
            for form in found[:1]
        )
        texts = {
            "clean_title": post.title,
            "clean_body": post.body,
            "offer_title": post.title,
            "offer_body": post.body,
        }
        return Enrichment(
            id=post.id,
            positions=positions,
            mentions=(),
            stripped=(),
            tags={},
            rejected_tags=(),
            category=None,
            vector=(),
            recipe="r",
            content_hash="h",
            **texts,
        )


def real(number: int, title: str, hired: str, company: str = "") -> ReadPost:
    body = f"{title},月薪{number}千,包吃住"
    return ReadPost(f"r{number}", title, body, title, body, (hired,), company)


POSTS = [
    real(1, "招服务员", "server", "甲"),
    real(2, "送餐师两名", "runner", "乙"),
    real(3, "厨工", "chef", "丙"),
    real(4, "大厨师", "chef", "丁"),
    real(5, "店务员", "clerk", "戊"),
    real(6, "服务人员", "server", "己"),
]


def test_shipped_blocks_are_whole() -> None:
    blocks = read_written(SHIPPED)
    assert len(blocks) > 900
    queries = [block.query for block in blocks]
    assert len(set(queries)) > 0.8 * len(queries)
    for block in blocks:
        assert len(block.of(2)) >= 2, block.query
        assert len(block.of(0)) >= 2, block.query


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("?\t词\n2\t甲\t乙\n", r"w\.tsv:1: query '词' needs at least one right"),
        ("2\t甲\t乙\n", r"w\.tsv:1: neither"),
        ("?\t词\n3\t甲\t乙\n", r"w\.tsv:2: neither"),
        ("?\t词\n2\t甲\t乙\n0\t丙\n", r"w\.tsv:3: neither"),
        ("?\t词\n?\t词\n", r"w\.tsv:2: neither"),
    ],
)
def test_a_bad_block_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "w.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(WrittenError, match=told):
        read_written([path])


def test_reading_is_kept_and_goes_on(tmp_path: Path) -> None:
    kept = tmp_path / "read.jsonl"
    reader = Reader()
    first = read_texts([("招服务员", "包住"), ("厨工", "")], reader, kept, Watch())
    both = read_texts([("招服务员", "包住"), ("店员", "")], reader, kept, Watch())
    assert reader.read == 3
    assert both[key_of("招服务员", "包住")] == first[key_of("招服务员", "包住")]
    assert both[key_of("店员", "")].hired == ("clerk",)
    kept.write_text("{}\n", "utf-8")
    with pytest.raises(ReadFileError, match=r"read\.jsonl:1: no read post"):
        list(load_read(kept))


def test_a_line_that_a_kill_cut_is_read_again(tmp_path: Path) -> None:
    kept = tmp_path / "read.jsonl"
    texts = [("招服务员", "包住"), ("厨工", "")]
    whole = read_texts(texts, Reader(), kept, Watch())
    kept.write_bytes(kept.read_bytes()[:-9])
    reader = Reader()
    assert read_texts(texts, reader, kept, Watch()) == whole
    assert reader.read == 1
    assert len(list(load_read(kept))) == 2


@pytest.mark.parametrize("line", ["{", "3"])
def test_a_bad_line_of_what_is_excluded_is_named(
    tmp_path: Path, tiny_bert: Path, line: str
) -> None:
    written, excluded = tmp_path / "w.tsv", tmp_path / "dev.jsonl"
    written.write_text(BLOCKS, "utf-8")
    excluded.write_text(f'{{"id": "r1"}}\n{line}\n', "utf-8")
    config = TowersConfig(base=str(tiny_bert), written=(written,), exclude=(excluded,))
    with pytest.raises(ConfigError, match=r"dev\.jsonl:2: no post and no query"):
        train_towers(config, tmp_path / "o", POSTS, tiny_taxonomy(), Reader(), Watch())


def test_balanced_posts_spare_what_measures() -> None:
    assert [post.id for post in balanced(POSTS, 9, 1)] == [post.id for post in POSTS]
    assert len([p for p in balanced(POSTS, 1, 1) if p.hired == ("chef",)]) == 1
    spared = balanced(POSTS, 9, 1, {"r1", "乙"})
    assert {post.id for post in POSTS} - {post.id for post in spared} == {"r1", "r2"}
    same = [real(n, "厨工", "chef", "甲公司") for n in range(5)]
    assert len({is_held_out(post, 0.5) for post in same}) == 1


def test_names_vanish_with_those_of_what_they_descend_from() -> None:
    taxonomy = tiny_taxonomy()
    text = without_names("厨师长招厨师总长,管厨师和服务员", ["head-chef"], taxonomy)
    assert text == "招,管和服务员"


def item(text: str, *positions: int, origin: str = "") -> Item:
    return Item(text, frozenset(positions), origin or text)


def test_what_may_be_wrong() -> None:
    makes = Makes(tiny_taxonomy(), FormConfig())
    row = {id_: place for place, id_ in enumerate(makes.kinship.ids)}
    queries = [item("服务员", row["server"]), item("包住")]
    posts = [
        item("送餐", row["runner"]),  # near to a server: open
        item("厨师", row["chef"]),
        item("会计,包住"),  # holds the words of the second query
    ]
    assert refused(queries, posts, makes.kinship).tolist() == [
        [False, True, True],
        [True, True, False],
    ]


def test_the_loss_reads_only_what_is_refused() -> None:
    similar = torch.tensor([[0.5, 0.9, 0.1], [0.2, 0.4, 0.3]])
    nothing = torch.zeros(2, 3, dtype=torch.bool)
    zero = torch.zeros(3)
    assert softmax_loss(similar, zero, nothing, 0.1).item() == pytest.approx(0)
    wrong = nothing.clone()
    wrong[0, 2] = True
    expected = math.log(1 + math.exp((0.1 - 0.5) / 0.1)) / 2
    assert softmax_loss(similar, zero, wrong, 0.1).item() == pytest.approx(expected, rel=1e-4)
    # A post that is drawn often is a weaker negative.
    often = torch.tensor([0.0, 0.0, 2.0])
    assert softmax_loss(similar, often, wrong, 0.1).item() < expected


def test_mined_posts_are_near_wrong_and_not_too_good() -> None:
    makes = Makes(tiny_taxonomy(), FormConfig())
    scores = {"招服务员": 1.0, "服务人员": 0.99, "送餐师两名": 0.9, "店务员": 0.8, "厨工": 0.97}

    def encode(texts: Sequence[str], side: str) -> np.ndarray:
        if side == "query":
            return np.ones((len(texts), 1), dtype=np.float32)
        values = [scores.get(text.split(",")[0], 0.1) for text in texts]
        return np.array(values, dtype=np.float32)[:, None]

    found = mine(makes, POSTS, DrawConfig(mine_depth=3), encode)
    # Nearest first; 厨工 scores above 95 of 100 of the right post, 送餐师 and 服务人员 are kin.
    assert [post.title for post in found["r1", "server"]] == ["店务员", "大厨师"]
    assert mine(makes, POSTS, DrawConfig(mined=0), encode) == {}


def test_batches_follow_from_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "w.tsv"
    path.write_text(BLOCKS, "utf-8")
    blocks = tuple(read_written([path]))
    texts = [(post.title, post.body) for block in blocks for post in block.posts]
    sources = Sources(blocks, read_texts(texts, Reader(), None, Watch()), tuple(POSTS))
    makes = Makes(tiny_taxonomy(), FormConfig())
    config = DrawConfig(written=2, real=3, names=2, hard=1, nameless=1.0, acceptable=0.0)
    drawer = Drawer(makes, config, sources, {})
    batch = drawer.batch(random.Random(4))
    assert batch == drawer.batch(random.Random(4))
    assert [len(one.wrong) for one in batch] == [1, 1, 0, 0, 0, 0, 0]
    assert all(one.log_q <= 0 for one in batch)
    for one in batch[2:5]:
        assert one.query.text not in one.right.text  # every name is removed
    right = {vector_text(p.title, p.body) for b in blocks for p in b.of(2)}
    assert {one.right.text for one in batch[:2]} <= right


def test_a_vector_for_each_position() -> None:
    makes = Makes(tiny_taxonomy(), FormConfig(positions=True))
    post = ReadPost("r", "招人", "包住", "招人", "包住", ("server", "chef"))
    assert makes.texts(post) == ["服务员:招人,包住", "厨师:招人,包住"]
    assert makes.texts(post, nameless=True) == ["招人,包住"]
    assert Makes(tiny_taxonomy(), FormConfig()).texts(post) == ["招人,包住"]
    assert makes.post(post, Style(position="chef")).text == "厨师:招人,包住"


@pytest.mark.parametrize("pooling", ["mean", "conv"])
def test_padding_changes_no_vector(pooling: str, tiny_bert: Path) -> None:
    base = load_base(str(tiny_bert), 2, [])
    form = FormConfig(dimensions=16, pooling=pooling, tokens=32)
    torch.manual_seed(1)
    net = build.net_of(base, form, 0.0).eval()
    texts = ["招聘服务员包吃住月薪", "厨师"]
    rows = tokens(base.tokenizer, base.specials, texts, build.shape_of(form), "post")
    both = encode(net, rows, base.specials.pad, "post")
    alone = encode(net, rows[1:], base.specials.pad, "post")
    assert np.allclose(np.linalg.norm(both, axis=1), 1, atol=1e-5)
    assert np.allclose(both[1], alone[0], atol=1e-5)


def test_the_first_projections_keep_the_geometry(tiny_bert: Path) -> None:
    base = load_base(str(tiny_bert), 2, [])
    net = TowerNet(base.config, TowerShape(dimensions=16))
    rng = np.random.default_rng(1)
    pooled = rng.normal(size=(50, net.post.in_features)).astype(np.float32)
    build.keep_most(net, pooled)
    with torch.no_grad():
        projected = net.post(torch.from_numpy(pooled)).numpy()
    centred = pooled - pooled.mean(axis=0)
    assert np.allclose(projected @ projected.T, centred @ centred.T, atol=1e-2)
    assert torch.equal(net.post.weight, net.query.weight)


def tiny_run(tmp_path: Path, base: Path, *forms: FormConfig, **fit: float) -> TowersConfig:
    written = tmp_path / "w.tsv"
    written.write_text(BLOCKS, "utf-8")
    graded = tmp_path / "g.jsonl"
    posts = [
        {"id": f"g{n}", "title": title, "body": "包住", "grade": grade, "has_word": False}
        for n, (title, grade) in enumerate([("端菜的", 2), ("跑菜", 2), ("厨师", 0), ("店员", 0)])
    ]
    rows = [
        {"id": half, "group": half, "half": half, "query": "传菜", "posts": posts}
        for half in ("look", "blind")
    ]
    graded.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    excluded = tmp_path / "dev.jsonl"
    excluded.write_text(json.dumps({"id": "r1", "query": "寒假工"}), "utf-8")
    return TowersConfig(
        base=str(base),
        forms=forms,
        written=(written,),
        graded=(graded,),
        exclude=(excluded,),
        held_out=0.3,
        draw=DrawConfig(written=2, real=2, names=2),
        fit=FitConfig.model_validate({"steps": 3, "look_every": 2, "half": False, **fit}),
    )


LEAD = FormConfig(name="lead", dimensions=16, layers=2, tokens=32)


def test_a_run_leaves_a_bundle_that_loads(tmp_path: Path, tiny_bert: Path) -> None:
    conv = FormConfig(name="conv", dimensions=16, layers=1, tokens=32, pooling="conv")
    config = tiny_run(tmp_path, tiny_bert, LEAD, conv)
    out = tmp_path / "towers"
    said: list[str] = []
    report = train_towers(config, out, POSTS, tiny_taxonomy(), Reader(), Watch(said.append))
    towers = load_towers(out)
    assert towers.digest == report.digest
    (vector,) = towers.encode(["招服务员"], "post")
    assert len(vector) == 16
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-3)
    assert -1 <= towers.floor <= 1
    assert "1 of 2 written queries" in said[0]
    table = (out / "run" / "table.md").read_text("utf-8")
    assert [line.split(" | ")[0] for line in table.splitlines()[2:]] == [
        "| the base as it comes",
        "| lead",
        "| conv",
    ]
    assert "lead" in (out / "card.md").read_text("utf-8")


def test_a_run_goes_on_from_towers(tmp_path: Path, tiny_bert: Path) -> None:
    first, then = tmp_path / "first", tmp_path / "then"
    taxonomy, told = tiny_taxonomy(), "招服务员"
    train_towers(tiny_run(tmp_path, tiny_bert, LEAD), first, POSTS, taxonomy, Reader(), Watch())
    still = {"rate": 1e-9, "head_rate": 1e-9}
    goes_on = tiny_run(tmp_path, first, LEAD, **still)
    train_towers(goes_on, then, POSTS, taxonomy, Reader(), Watch())
    (before,), (after,) = (load_towers(one).encode([told], "post") for one in (first, then))
    assert after == pytest.approx(before, abs=2e-3)  # as half-precision files hold it
    assert load_towers(first).digest in (then / "card.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dimensions": 8}, "form 'lead': the towers .* make other vectors; give their dimensions"),
        ({"pooling": "conv"}, "form 'lead': the towers .* make other vectors; give their dimen"),
        ({"tokens": 48}, "form 'lead': the towers .* read at most 32 tokens; give tokens = 32"),
        ({"layers": 1}, "these towers have 2 layers; give layers = 2"),
    ],
)
def test_towers_of_another_form_are_no_start(
    changed: dict[str, object], told: str, tmp_path: Path, tiny_bert: Path
) -> None:
    taxonomy = tiny_taxonomy()
    train_towers(
        tiny_run(tmp_path, tiny_bert, LEAD), tmp_path / "a", POSTS, taxonomy, Reader(), Watch()
    )
    other = tiny_run(tmp_path, tmp_path / "a", LEAD.model_copy(update=changed))
    with pytest.raises(BaseError, match=told):
        train_towers(other, tmp_path / "b", POSTS, taxonomy, Reader(), Watch())


def test_broken_towers_are_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"shape": {}}', "utf-8")
    with pytest.raises(BaseError, match="is missing"):
        load_start(str(tmp_path), 12, [])


def test_settings_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('out = "o"\nwritten = ["a.tsv"]\n[[forms]]\nname = "x"\n', "utf-8")
    config = read_config(path)
    assert (config.out, config.written) == (tmp_path / "o", (tmp_path / "a.tsv",))
    with pytest.raises(ValueError, match="forms: one stands twice"):
        TowersConfig(forms=(FormConfig(), FormConfig()))
    with pytest.raises(ValueError, match="nothing would be learnt"):
        TowersConfig(draw=DrawConfig(written=0, real=0))
