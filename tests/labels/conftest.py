"""What tests of training share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT folder as Hugging Face writes it."""
    import torch
    from train_support import save_bert

    torch.set_num_threads(1)  # steps of a tiny model are too short to be shared
    return save_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Forty-eight judged posts of employers and of five authors."""
    from train_support import rows, write_rows

    return write_rows(tmp_path / "judged.jsonl", rows(48))
