"""How many threads torch computes with."""

from __future__ import annotations

from hirelens.settings import Settings


def keep_to_threads(settings: Settings) -> None:
    """Let torch compute with as many threads as the settings say; with all where they say none."""
    import torch

    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
