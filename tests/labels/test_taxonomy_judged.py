"""Finds that were judged one by one; the texts stay in the shared data, places and verdicts here.

``finds_judged.tsv``: 300 finds of forms that the first taxonomy lacked, in real posts, judged by a
reader who had not written the taxonomy. ``finds_general_judged.tsv``: 500 lines of general text
(``nothing``: a line without a find), drawn after the last look-alike was listed; none was added for
them.
"""

import csv
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.taxonomy import Taxonomy

HERE = Path(__file__).parents[1] / "data"
SHARED = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[2].parent / "shared"))
DATA = SHARED / "data"

pytestmark = pytest.mark.skipif(
    not (DATA / "posts.jsonl.gz").is_file(), reason="the shared posts are not on this machine"
)


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def lines(name: str) -> Iterator[str]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.rstrip("\n")


def verdicts(judged: list[dict[str, str]], texts: dict[tuple[str, str], str]) -> Counter[str]:
    """Count the verdicts of what the lexicon finds today, ``new`` where nobody judged it."""
    lexicon = Lexicon(Taxonomy.load())
    known = {(r["id"], r["field"], int(r["start"]), int(r["end"])): r["verdict"] for r in judged}
    found: Counter[str] = Counter()
    for (id_, field), text in texts.items():
        reading = read(text, lexicon)
        for match in reading.matches:
            start, end = reading.normalized.span(match.start, match.end)
            found[known.get((id_, field, start, end), "new")] += 1
    return found


def test_new_finds_in_posts_are_positions() -> None:
    judged = rows("finds_judged.tsv")
    assert len(judged) == 300
    ids = {row["id"] for row in judged}
    texts = {}
    for name in ("posts.jsonl.gz", "titles_restaurant.jsonl.gz"):
        for line in lines(name):
            if line.split('"', 4)[3] in ids:
                post = json.loads(line)
                for field in ("title", "body"):
                    texts[post["id"], field] = post.get(field) or ""
    found = verdicts(judged, texts)
    del found["new"]
    assert found["position"] >= 200
    assert found["position"] / found.total() >= 0.85
    assert found["lookalike"] / found.total() <= 0.02


def test_general_text_holds_hardly_a_lookalike() -> None:
    judged = rows("finds_general_judged.tsv")
    wanted = {int(row["id"]) for row in judged}
    assert len(wanted) == 500
    texts = {
        (str(n), "line"): line for n, line in enumerate(lines("general_text.txt.gz")) if n in wanted
    }
    found = verdicts(judged, texts)
    assert found["lookalike"] / found.total() <= 0.01
    assert found["new"] / found.total() <= 0.05
