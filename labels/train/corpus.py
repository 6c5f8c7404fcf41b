"""Texts without judgements: those that choose the vocabulary, and posts for a teacher to judge."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from enrich.text import normalize
from labels.train.data import GoldError


def corpus_reader(paths: Sequence[Path]) -> Callable[[], Iterator[str]]:
    """Return a function that reads the normalised texts of files."""
    return lambda: chain.from_iterable(map(texts, paths))


def texts(path: Path) -> Iterator[str]:
    """Yield the normalised texts of a file: titles and bodies of JSONL, else its lines.

    Raises:
        GoldError: it does not exist, or a line of a JSONL file is no JSON object.
    """
    if ".jsonl" in path.suffixes:
        for row in rows(path):
            for name in ("title", "body"):
                if isinstance(row.get(name), str):
                    yield normalize(row[name]).text
    else:
        for _, line in _lines(path):
            yield normalize(line.strip()).text


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file, compressed or not.

    Raises:
        GoldError: it does not exist, or a line is no JSON object.
    """
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise GoldError(f"{path}:{number}: is not JSON ({error}); correct it") from None
        if not isinstance(row, dict):
            raise GoldError(f"{path}:{number}: is no JSON object; write title and body")
        yield row


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    if not path.is_file():
        raise GoldError(f"{path} does not exist; name a file of texts")
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as file
    ):
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line
