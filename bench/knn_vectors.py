"""Vectors of real posts for `bench/knn.py`: made once, kept in a folder that holds no text.

Pass 1 is left out (what a post does not hire for is not stripped first): the measurement needs
vectors as they lie in this space, and reading 120,000 posts whole would take hours.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from enrich.taxonomy import Taxonomy
from enrich.text import normalize, normalize_query
from enrich.towers.bundle import Towers, load_towers
from enrich.towers.encode import tokens

CUTS = (0.5, 0.25, 0.75)
"""Where a body is cut; the piece that follows has no title. Shares of its length."""

SHARD = 4096
SEED = 7
SHORTEST = 8
"""Pieces of fewer tokens are left out."""


@dataclass(frozen=True)
class Piece:
    """One text to encode, and what is kept of it: never the text."""

    post: str
    part: str
    city: str
    category: str
    text: str
    digest: str = ""


def make(files: Sequence[Path], out: Path, count: int, named: int, titles: int) -> None:
    """Write vectors, queries and what belongs to each vector; go on where a run was killed.

    Args:
        files: JSON lines (.gz), one post a line: id, title and, where known, body, city, category.
        out: The folder; shards stay in it until all are there.
        count: How many vectors are enough; pieces are cut where whole posts are fewer.
        named: How many queries are made of forms of the taxonomy.
        titles: How many are titles of posts that are kept out of the vectors.
    """
    out.mkdir(parents=True, exist_ok=True)
    towers = load_towers()
    posts = [post for file in files for post in _read(file)]
    random.Random(SEED).shuffle(posts)
    held, kept = posts[:titles], posts[titles:]
    queries = [*_forms(named), *(normalize_query(str(post["title"])) for post in held)]
    vectors = np.asarray(towers.encode(queries, "query"), dtype=np.float32)
    np.save(out / "queries.npy", vectors)
    pieces = _chosen(towers, kept, count)
    print(f"{len(posts)} posts, {len(pieces)} texts, {len(queries)} queries", flush=True)
    _encode_shards(towers, pieces, out)
    with (out / "meta.jsonl").open("w", encoding="utf-8") as file:
        for piece in pieces:
            kept_of = {k: v for k, v in asdict(piece).items() if k != "text"}
            file.write(json.dumps(kept_of, ensure_ascii=False) + "\n")
    made = {
        "model": towers.digest,
        "vectors": len(pieces),
        "whole": sum(piece.part == "whole" for piece in pieces),
        "queries_named": named,
        "queries_titles": titles,
    }
    (out / "made.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    print(f"{out}: {made}", file=sys.stderr)


def pieces_of(post: dict[str, Any], part: str) -> tuple[str, str]:
    """Return normalised title and body of a part: ``whole``, or from a share of the body on."""
    body = normalize(str(post.get("body") or "")).text
    if part == "whole":
        return normalize(str(post.get("title") or "")).text, body
    return "", body[int(len(body) * float(part)) :]


def _read(file: Path) -> Iterator[dict[str, Any]]:
    raw = file.read_bytes()
    for line in (gzip.decompress(raw) if file.suffix == ".gz" else raw).splitlines():
        yield json.loads(line)


def _forms(number: int) -> list[str]:
    forms = sorted(Taxonomy.load().forms)
    return random.Random(SEED).sample(forms, number)


def _chosen(towers: Towers, posts: Sequence[dict[str, Any]], count: int) -> list[Piece]:
    """Whole posts first, then pieces, until there are enough; equal for the model means once."""
    chosen: list[Piece] = []
    seen: set[str] = set()
    for part in ("whole", *map(str, CUTS)):
        for at in range(0, len(posts), SHARD):
            if len(chosen) >= count:
                break
            some = posts[at : at + SHARD]
            texts = [towers.text(*pieces_of(post, part)) for post in some]
            parts = (towers.tokenizer, towers.specials)
            rows = tokens(*parts, texts, towers.shape, "post")
            for post, text, read in zip(some, texts, rows, strict=True):
                digest = hashlib.sha256(repr(read).encode()).hexdigest()[:24]
                if len(read) >= SHORTEST and digest not in seen:
                    seen.add(digest)
                    chosen.append(_piece(post, part, text, digest))
        print(f"part {part}: {len(chosen)} texts", file=sys.stderr, flush=True)
    random.Random(SEED).shuffle(chosen)
    return chosen[:count]


def _piece(post: dict[str, Any], part: str, text: str, digest: str) -> Piece:
    city, category = (str(post.get(name) or "") for name in ("city", "category"))
    return Piece(str(post["id"]), part, city[:2], category, text, digest)


def _encode_shards(towers: Towers, pieces: Sequence[Piece], out: Path) -> None:
    # A killed run's shards serve only a run over the same texts by the same model.
    same = hashlib.sha256("".join([towers.digest, *(p.digest for p in pieces)]).encode())
    began, shards = time.monotonic(), []
    for at in range(0, len(pieces), SHARD):
        shard = out / f"shard-{same.hexdigest()[:8]}-{at:07d}.npy"
        shards.append(shard)
        if not shard.is_file():
            texts = [piece.text for piece in pieces[at : at + SHARD]]
            _save(shard, np.asarray(towers.encode(texts, "post"), dtype=np.float32))
            done = time.monotonic() - began
            print(f"{at + len(texts)} of {len(pieces)}, {done:.0f} s", file=sys.stderr, flush=True)
    _save(out / "vectors.npy", np.concatenate([np.load(shard) for shard in shards]))
    for shard in shards:
        shard.unlink()


def _save(path: Path, array: np.ndarray[Any, Any]) -> None:
    part = path.with_suffix(".part.npy")
    np.save(part, array)
    part.rename(path)
