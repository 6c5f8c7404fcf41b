"""Names that no form covers, through the whole reading of a post."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import Result
from names_support import NAME, bundle_with_head
from verbs_support import ok, write_lines

from enrich.bundle import SHIPPED, BundleError, bundle_digest, load_bundle
from enrich.names.bundle import (
    SETTINGS,
    SHIPPED_HEAD,
    WEIGHTS,
    NameHead,
    load_names,
    name_files,
    save_names,
)
from enrich.pipeline import Enricher, ModelOutput
from enrich.post import Enrichment, Mention, Post
from enrich.text import GAP

MODEL = "model.safetensors"
BODY = "送餐员包吃住。 不如餐月工。"


def read(enricher: Enricher, title: str, body: str) -> Enrichment:
    return enricher.enrich([Post(id="p", title=title, body=body)])[0]


def named(found: Enrichment) -> list[Mention]:
    return [mention for mention in found.mentions if not mention.position]


@pytest.fixture(scope="module")
def hiring(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every found name is hired."""
    return bundle_with_head(bundle, tmp_path_factory.mktemp("hiring") / "bundle", hired_from=0.0)


@pytest.fixture(scope="module")
def refusing(hiring: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same head; no found name is hired."""

    folder = tmp_path_factory.mktemp("refusing") / "bundle"
    shutil.copytree(hiring, folder)
    head = load_bundle(hiring).names
    assert head is not None
    save_names(folder, NameHead(head.tagger, head.threshold, 1.1), folder / MODEL)
    return folder


def test_a_found_name_is_a_mention_of_its_own(hiring: Path, towers: Path) -> None:
    enricher = Enricher.load(hiring, towers=towers)
    found = read(enricher, "招餐月工", BODY)
    names = named(found)
    assert [(m.field, m.text, m.label) for m in names] == [
        ("title", NAME, "H"),
        ("body", NAME, "H"),
    ]
    assert all({"title": "招餐月工", "body": BODY}[m.field][m.start : m.end] == NAME for m in names)
    assert [m.text for m in found.mentions] == [NAME, "送餐员", NAME], "in the order of the text"
    assert all(position.id for position in found.positions)
    assert NAME not in {mark.text for mark in found.tags["position"]}


def test_a_name_only_mentioned_is_stripped(refusing: Path, towers: Path) -> None:
    found = read(Enricher.load(refusing, towers=towers), "招送餐员", BODY)
    (name,) = named(found)
    assert name.label == "N"
    assert name.reason is not None
    assert NAME not in found.clean_body
    assert GAP in found.clean_body
    assert any(NAME in cut.text and cut.reason == name.reason for cut in found.stripped)
    assert "送餐员" in found.clean_body


def test_offsets_are_of_the_original(hiring: Path, towers: Path) -> None:
    body = "<p>送餐员&amp;保安</p>　餐月工，包吃住"
    (name,) = named(read(Enricher.load(hiring, towers=towers), "招送餐员", body))
    assert body[name.start : name.end] == NAME


def test_posts_without_any_form_are_read_too(hiring: Path, towers: Path) -> None:
    found = read(Enricher.load(hiring, towers=towers), "招餐月工", "包吃住")
    assert [mention.text for mention in found.mentions] == [NAME]


def test_no_name_touches_a_mention(hiring: Path, towers: Path, tmp_path: Path) -> None:
    head = load_bundle(hiring).names
    assert head is not None
    folder = tmp_path / "eager"
    shutil.copytree(hiring, folder)
    save_names(folder, NameHead(head.tagger, 0.0, 0.0), folder / MODEL)
    body = "送餐员餐月工保安,餐月工送餐员。会计餐月工、餐月工"
    found = read(Enricher.load(folder, towers=towers), "招送餐员", body)
    spans = [(m.field, m.start, m.end) for m in found.mentions]
    assert len(named(found)) >= 2
    assert {"送餐员", "会计"} <= {m.text for m in found.mentions if m.position}
    for one, other in pairwise(spans):
        assert one[0] != other[0] or one[2] <= other[1]


def test_a_single_character_is_no_name(hiring: Path, towers: Path, tmp_path: Path) -> None:
    import torch

    head = load_bundle(hiring).names
    assert head is not None
    with torch.no_grad():
        head.tagger.tag.weight.zero_()
        head.tagger.tag.bias.copy_(torch.tensor([0.0, 5.0, 0.0]))
    folder = tmp_path / "all"
    shutil.copytree(hiring, folder)
    save_names(folder, NameHead(head.tagger, 0.0, 0.0), folder / MODEL)
    assert named(read(Enricher.load(folder, towers=towers), "招送餐员", BODY)) == []


def test_equal_input_gives_equal_names_fresh_cached_and_in_company(
    hiring: Path, towers: Path
) -> None:
    enricher = Enricher.load(hiring, towers=towers)
    post = Post(id="p", title="招餐月工", body=BODY)
    others = [Post(id=f"o{n}", title="招保安", body="包吃住。" * n) for n in range(1, 4)]
    output = enricher.infer([post])[0]
    assert output.judged.names
    again = ModelOutput.from_json(output.to_json())
    assert again == output
    alone = enricher.enrich([post])[0]
    assert enricher.assemble([post], [again]) == [alone]
    told = enricher.enrich([*others, post])[-1]
    assert [m.model_dump(exclude={"score"}) for m in told.mentions] == [
        m.model_dump(exclude={"score"}) for m in alone.mentions
    ]
    assert (told.clean_title, told.clean_body) == (alone.clean_title, alone.clean_body)


def test_a_long_body_is_found_in_every_window_once(hiring: Path, towers: Path) -> None:
    body = "".join(f"招餐月工,包吃住。{'月休双休,' * 12}" for _ in range(12))
    names = named(read(Enricher.load(hiring, towers=towers), "送餐员", body))
    places = [name.start for name in names]
    assert places == sorted(set(places)), "windows overlap"
    expected = [at for at in range(len(body)) if body.startswith(NAME, at)]
    assert [name.start for name in names if name.text == NAME] == expected


def test_the_head_is_part_of_the_recipe(bundle: Path, hiring: Path, refusing: Path) -> None:
    assert load_bundle(bundle).names is None
    digests = {bundle_digest(folder) for folder in (bundle, hiring, refusing)}
    assert len(digests) == 3


def test_a_head_without_weights_is_told(hiring: Path, tmp_path: Path) -> None:

    folder = tmp_path / "broken"
    shutil.copytree(hiring, folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(BundleError, match=WEIGHTS):
        load_bundle(folder)
    (folder / WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(BundleError, match="broken"):
        load_bundle(folder)
    (folder / SETTINGS).unlink()
    assert load_bundle(folder).names is None


def test_a_head_of_another_encoder_is_refused(hiring: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(hiring, folder)
    settings = json.loads((folder / SETTINGS).read_text("utf-8"))
    (folder / SETTINGS).write_text(json.dumps({**settings, "encoder": "0" * 16}), "utf-8")
    with pytest.raises(BundleError, match="another encoder"):
        load_bundle(folder)


def test_a_post_with_a_found_name_is_stored_and_explained(
    call: Callable[..., Result], refusing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRELENS_MODEL", str(refusing))
    posts = write_lines(tmp_path / "posts.jsonl", [{"id": "p", "title": "招送餐员", "body": BODY}])
    ok(call("put", posts))
    told = ok(call("explain", "p")).stdout
    assert NAME in told
    assert "left out of search" in told
    assert '"id":"p"' not in ok(call("search", NAME, "--channel", "text", "--json")).stdout


def test_found_names_are_offered_as_candidates(
    call: Callable[..., Result], hiring: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["招餐月工,包吃住", "餐月工不如送餐员", "招保安"]
    posts = write_lines(
        tmp_path / "posts.jsonl", [{"id": str(n), "title": text} for n, text in enumerate(texts)]
    )
    args = ("taxonomy", "candidates", posts, "--found", "--at-least", 2)
    missing = call(*args)
    assert missing.exit_code == 1
    assert "hirelens train names" in missing.output
    monkeypatch.setenv("HIRELENS_MODEL", str(hiring))
    (found,) = map(json.loads, ok(call(*args, "--json")).stdout.splitlines())
    assert found == {"word": NAME, "posts": 2, "hired": 2, "contexts": texts[:2]}
    assert NAME in ok(call(*args)).stdout
    site = tmp_path / "site"
    site.mkdir()
    (site / "refused.tsv").write_text(f"word\treason\n{NAME}\tnobody does that\n", "utf-8")
    assert ok(call(*args, "--overlay", site, "--json")).stdout == ""


def test_training_is_told_what_it_lacks(call: Callable[..., Result], tmp_path: Path) -> None:
    refused = call("train", "names", "--out", tmp_path / "out")
    assert refused.exit_code == 1
    assert "--gold" in refused.output
    refused = call("train", "names")
    assert "--out" in refused.output
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("epoch = 3\n")
    refused = call("train", "names", "--config", wrong)
    assert "epoch is unknown" in refused.output


def test_the_shipped_head_fits_the_shipped_model_and_is_no_part_of_it() -> None:
    head = load_names(SHIPPED_HEAD, SHIPPED / MODEL, 384)
    assert head is not None
    assert 0.5 < head.threshold < 1
    assert name_files(SHIPPED) == ()
