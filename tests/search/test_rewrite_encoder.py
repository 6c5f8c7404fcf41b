"""The encoder of names: the same vectors as transformers gives, without torch; broken bundles."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from enrich.bundle import FILES
from search.rewrite.encoder import SHIPPED, NameEncoder, NameEncoderError

WORDS = ["服", "务", "员", "老", "师", "英", "语", "日", "服务", "老师"]
NAMES = ["服务员", "英语老师", "日语老师", "师", "英语日语老师服务员" * 3, "未知"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle of random weights, written as training writes it."""
    import torch

    from enrich.windows import Specials
    from labels.train.base import Base, build_tokenizer
    from labels.train.rewrite.bundle import save_names
    from labels.train.rewrite.net import NameNet

    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *WORDS]
    config = {
        "vocab_size": len(pieces), "hidden_size": 24, "num_hidden_layers": 3,
        "num_attention_heads": 4, "intermediate_size": 40, "max_position_embeddings": 64,
        "type_vocab_size": 2, "layer_norm_eps": 1e-5, "pad_token_id": 1,
    }  # fmt: skip
    torch.manual_seed(5)
    net = NameNet(config)
    with torch.no_grad():
        for value in net.parameters():
            # Larger than a fresh network's, so that every part moves the result.
            value.copy_((torch.randn_like(value) * 0.4 + value).half().float())
    tokenizer = build_tokenizer([(piece, -1.0 - len(piece) / 9) for piece in pieces])
    base = Base(config, {}, tokenizer, Specials(), "random")
    folder = tmp_path_factory.mktemp("names")
    save_names(folder, net, base, {"slope": 12.0, "shift": -6.0}, "# random")
    torch.save(net.state_dict(), folder / "net.pt")
    return folder


def test_vectors_are_those_of_transformers(bundle: Path) -> None:
    import torch

    from enrich.windows import Specials, load_tokenizer
    from labels.train.rewrite.net import NameNet, encode, tokens

    config = json.loads((bundle / "config.json").read_text("utf-8"))["encoder"]
    net = NameNet({**config, "max_position_embeddings": 64})
    net.load_state_dict(torch.load(bundle / "net.pt", weights_only=True))
    rows = tokens(load_tokenizer(bundle / "tokenizer.json"), Specials(), NAMES)
    expected = encode(net, rows, 1)
    found = NameEncoder.load(bundle).encode(NAMES)
    assert found.dtype == np.float32
    assert found.shape == (len(NAMES), 24)
    assert np.abs(found - expected).max() < 1e-5
    assert np.abs(expected[0] - expected[1]).max() > 0.01


def test_a_name_has_one_vector_in_any_batch_and_spelling(bundle: Path) -> None:
    encoder = NameEncoder.load(bundle)
    together = encoder.encode([*NAMES, "英語老師"])
    for name, vector in zip(NAMES, together[: len(NAMES)], strict=True):
        assert np.abs(encoder.encode([name])[0] - vector).max() < 1e-6
    assert np.abs(together[1] - together[-1]).max() < 1e-6


def test_nothing_gives_zeros(bundle: Path) -> None:
    encoder = NameEncoder.load(bundle)
    assert encoder.encode([]).shape == (0, 24)
    found = encoder.encode(["", "  ", "服务员"])
    assert not found[:2].any()
    assert np.linalg.norm(found[2]) == pytest.approx(1)


def test_probability_is_a_half_at_the_threshold(bundle: Path) -> None:
    encoder = NameEncoder.load(bundle)
    assert encoder.threshold == 0.5
    assert encoder.probability(0.5) == pytest.approx(0.5)
    found = encoder.probability(np.array([-1, 0, 1], dtype=np.float32))
    assert found.tolist() == pytest.approx([0.0, 0.0025, 0.9975], abs=1e-4)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(bundle: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(bundle, tmp_path / "names")
    (folder / name).unlink()
    with pytest.raises(NameEncoderError, match=f"{name} is missing; .*hirelens train rewrite"):
        NameEncoder.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_told(bundle: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(bundle, tmp_path / "names")
    (folder / name).write_bytes(b"{}")
    with pytest.raises(NameEncoderError, match=r"is broken .*hirelens train rewrite"):
        NameEncoder.load(folder)


def test_the_digest_follows_every_file(bundle: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(bundle, tmp_path / "names")
    before = NameEncoder.load(folder).digest
    assert before == NameEncoder.load(bundle).digest
    text = (folder / "calibration.json").read_text("utf-8")
    (folder / "calibration.json").write_text(text.replace("12.0", "13.0"), "utf-8")
    assert NameEncoder.load(folder).digest != before


def test_encoding_imports_no_torch(bundle: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from search.rewrite.encoder import NameEncoder;"
        f"NameEncoder.load(Path({str(bundle)!r})).encode(['服务员']);"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.model
@pytest.mark.skipif(not SHIPPED.is_dir(), reason="no weights here")
def test_the_shipped_encoder_keeps_the_documents_own_pairs_apart() -> None:
    encoder = NameEncoder.load()

    def accepted(query: str, candidate: str) -> bool:
        first, second = encoder.encode([query, candidate])
        return bool(encoder.probability(float(first @ second)) >= 0.5)

    assert not accepted("英语老师", "日语老师")
    assert not accepted("英语老师", "法语老师")
    assert not accepted("药店店员", "商店店员")
    assert accepted("理发师", "发型师")
    assert accepted("理发师", "理发助理")
