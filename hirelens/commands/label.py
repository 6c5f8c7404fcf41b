"""``hirelens label``: labels without judges."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from hirelens.errors import ForeseenError
from hirelens.options import EXISTING, EXISTING_PATH, NEW_PATH, fail, json_option
from hirelens.output import console, emit_json, emit_text, note
from hirelens.output import table as rich_table
from hirelens.progress import progress
from hirelens.texts import examples
from labels.weak.fit import METHODS
from labels.weak.matrix import UNITS

if TYPE_CHECKING:
    from enrich.post import Post
    from hirelens.inputs import Refusal
    from labels.weak.reader import JudgedPost

_READ = ("id", "title", "body", "category", "company", "city", "salary")
GOLD = click.argument("gold", nargs=-1, required=True, type=EXISTING_PATH)


@click.group("label", epilog=examples("hirelens label weak summary judged.jsonl"))
def command() -> None:
    """Label posts without judges."""


@command.group(
    "weak",
    epilog=examples(
        "hirelens label weak summary judged.jsonl",
        "hirelens label weak apply posts.jsonl --out weak.jsonl",
    ),
)
def weak() -> None:
    """Weak labels: named labelling functions, and the label model that combines their votes."""


@weak.command("summary", epilog=examples("hirelens label weak summary judged.jsonl more.jsonl"))
@GOLD
@json_option
def summary(gold: tuple[Path, ...], as_json: bool) -> None:
    """Print coverage, overlap, conflict and accuracy of each labelling function on GOLD."""
    from labels.weak.summary import summarise
    from labels.weak.tables import meanings_table, summary_table

    found = summarise(_judged(gold))
    if as_json:
        emit_json(found.to_mapping())
    else:
        _print(summary_table(found))
        _print(meanings_table(found))


@weak.command("compare", epilog=examples("hirelens label weak compare judged.jsonl more.jsonl"))
@GOLD
@json_option
def compare(gold: tuple[Path, ...], as_json: bool) -> None:
    """Fit every label model on half of GOLD's employers and measure it on the other half."""
    from labels.weak.compare import compare as compare_models
    from labels.weak.tables import comparison_table

    posts = list(_judged(gold))
    with _library(), progress("fitted", len(METHODS) * len(UNITS)) as advance:
        found = compare_models(posts, advance)
    _print([item.to_mapping() for item in found] if as_json else comparison_table(found))


@weak.command("against", epilog=examples("hirelens label weak against judged.jsonl --limit 100"))
@GOLD
@click.option("--limit", type=click.IntRange(1), default=300, show_default=True,
              help="Posts of the held-out half that the model reads.")  # fmt: skip
@json_option
def against(gold: tuple[Path, ...], limit: int, as_json: bool) -> None:
    """Set each labelling function beside the reality model, on half of GOLD's employers."""
    from enrich.bundle import SHIPPED, load_bundle
    from hirelens.settings import load
    from labels.weak.against import against as set_beside
    from labels.weak.against import held_out, labels_of
    from labels.weak.tables import against_table

    posts = held_out(list(_judged(gold)), limit)
    bundle = load_bundle(load(None, os.environ).model or SHIPPED)
    with progress("read", len(posts)) as advance:
        labels = labels_of(bundle, posts, advance)
    found = set_beside(posts, labels)
    _print(found.to_mapping() if as_json else against_table(found))


@weak.command("fit", epilog=examples("hirelens label weak fit judged.jsonl --out model.json"))
@GOLD
@click.option("--method", type=click.Choice(METHODS), default="judged-dawid-skene",
              show_default=True, help="accuracy and judged-… look at judgements.")  # fmt: skip
@click.option("--unit", type=click.Choice(UNITS), default="kind", show_default=True,
              help="What has one vote.")  # fmt: skip
@click.option("--out", type=NEW_PATH, required=True, help="The label model, JSON.")
@json_option
def fit(gold: tuple[Path, ...], method: str, unit: str, out: Path, as_json: bool) -> None:
    """Fit a label model on the mentions of GOLD, for apply --model."""
    from labels.weak.fit import fit_posts

    posts = list(_judged(gold))
    with _library():
        model = fit_posts(cast("Any", method), cast("Any", unit), posts)
    out.write_text(model.to_json() + "\n", "utf-8")
    if as_json:
        emit_json({"out": str(out), "digest": model.digest})
    else:
        emit_text(f"{out}: {model.digest}, {method} over {len(model.voters)} voters")


@weak.command("apply", epilog=examples("hirelens label weak apply posts.jsonl --out weak.jsonl"))
@click.argument("files", nargs=-1, required=True, type=EXISTING)
@click.option(
    "--out", type=NEW_PATH, required=True, help="Rows of a judged set, probabilities added."
)
@click.option("--model", type=EXISTING_PATH, help="A label model.  [default: the shipped one]")
@click.option("--sure", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Least probability of a label; undecided (?) below.")  # fmt: skip
@json_option
def apply(
    files: tuple[str, ...], out: Path, model: Path | None, sure: float, as_json: bool
) -> None:
    """Write weak labels of the posts in FILES; the same command goes on after an interruption."""
    from labels.weak.apply import Labeller
    from labels.weak.model import SHIPPED, LabelModel
    from labels.weak.reader import Reader
    from labels.weak.writing import write

    refused: list[str] = []
    labeller = Labeller(LabelModel.load(model or SHIPPED), Reader(), sure)
    with progress("labelled") as advance:
        written = write(labeller, _posts(files, refused), out, advance)
    if as_json:
        emit_json({**written.to_mapping(), "refused": len(refused)})
    else:
        counts = ", ".join(f"{name} {count}" for name, count in written.labels.items())
        emit_text(f"{out}: {written.posts} posts written, {written.before} were there; {counts}")
    if refused:
        note(f"{len(refused)} lines refused")
        fail()


def _judged(paths: tuple[Path, ...]) -> Iterator[JudgedPost]:
    """Yield the posts of judged files, with progress."""
    from labels.weak.judged import read_judged
    from labels.weak.reader import Reader

    none = True
    with progress("read") as advance:
        for post in read_judged(paths, Reader()):
            none = False
            yield post
            advance(1)
    if none:
        raise ForeseenError(f"{', '.join(map(str, paths))}: no judged post; name a judged file")


def _posts(files: tuple[str, ...], refused: list[str]) -> Iterator[Post]:
    """Yield the posts of files; a line without readable texts is told and remembered."""
    from hirelens.inputs import Given, read_posts

    for name in files:
        for item in read_posts(name):
            post = item.post if isinstance(item, Given) else _readable(item)
            if post is not None:
                yield post
                continue
            refused.append(str(item))
            note(str(item))


def _readable(refusal: Refusal) -> Post | None:
    """Return a refused post by its texts alone: of another field only its wrong value is lost."""
    import json

    from enrich.post import Post, PostError

    try:
        data = json.loads(refusal.raw.decode("utf-8-sig"))
        return Post.from_mapping({k: data[k] for k in _READ if isinstance(data.get(k), str)})
    except (ValueError, AttributeError, PostError):
        return None


@contextmanager
def _library() -> Iterator[None]:
    """Tell plainly where crowd-kit is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in {"crowdkit", "pandas"}:
            raise
        raise ForeseenError(f"{package} is not installed; pip install 'hirelens[weak]'") from error


def _print(what: object) -> None:
    """Print a table, anything else as JSON."""
    from labels.weak.tables import Table

    if isinstance(what, Table):
        console().print(rich_table(what.title, what.columns, what.rows))
    else:
        emit_json(what)
