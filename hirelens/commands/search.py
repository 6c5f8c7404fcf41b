"""``hirelens search``: answer a query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from hirelens.options import channel_option, json_option, with_home
from hirelens.output import emit_json, emit_text, note, safe, shorten
from hirelens.texts import examples
from hirelens.understanding_views import understood_lines
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from search.service import Answer, AnsweredHit


@click.command(
    "search",
    epilog=examples(
        "hirelens search 朝阳区服务员4000以上",
        'hirelens search "会计 双休" --city 长沙 --explain',
    ),
)
@click.argument("query")
@channel_option("all")
@click.option("--no-rewrite", is_flag=True, help="Match the query's own words only.")
@click.option("--city", help="Only posts of this city.")
@click.option("--category", help="Only posts of this category.")
@click.option("--company", help="Only posts of this company.")
@click.option("--salary", type=click.FloatRange(min=0), help="At least this pay, yuan a month.")
@click.option("--job-type", help="Only this kind of work, for example 兼职.")
@click.option("--benefit", multiple=True, help="Only posts with this benefit; may be repeated.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=10, show_default=True)
@click.option("--explain", is_flag=True, help="Show why each post was found.")
@click.option("--session", help="Search log: what ties the searches of one visit together.")
@click.option(
    "--bucket", default="cli", show_default=True, help="Search log: the arm of a comparison."
)
@json_option
@with_home
def command(
    place: Workplace,
    query: str,
    channel: Any,  # noqa: ANN401 - one of the channels, click has checked it
    no_rewrite: bool,
    limit: int,
    explain: bool,
    session: str | None,
    bucket: str,
    as_json: bool,
    **conditions: Any,  # noqa: ANN401
) -> None:
    """Answer QUERY from the posts that were put.

    Places, pay, ages, benefits and the like in QUERY are conditions; where nothing fulfils them
    all, the least important ones are given up and named. An option wins over what QUERY says.
    """
    from search.index import Filters
    from search.searchlog.build import Asked

    place.require()
    conditions["salary_at_least"] = conditions.pop("salary")
    wanted = Filters(**conditions)
    asked = Asked(query, channel, wanted, limit, not no_rewrite, session, bucket)
    logged = place.logged.search(asked)
    answer = logged.answer
    if as_json:
        found = answer_mapping(query, answer, explain=explain)
        emit_json({"search_id": logged.search_id, **found})
        return
    for text in answer.notes:
        note(text)
    for line in understood_lines(answer.understanding, explain=explain):
        emit_text(line)
    for rank, hit in enumerate(answer.hits, start=1):
        emit_text(hit_lines(rank, hit, explain=explain))
    emit_text(f"{len(answer.hits)} of {answer.total}")


def answer_mapping(query: str, answer: Answer, *, explain: bool) -> dict[str, Any]:
    """Return the JSON form of an answer.

    ``explain`` adds what the index knows of each hit, and all that led from the query to it.
    """
    hits = []
    for hit in answer.hits:
        data = asdict(hit)
        data["post"] = data.pop("display")
        if not explain:
            del data["debug"], data["ranked"]
        hits.append(data)
    found = {
        "query": query,
        "understood": answer.understanding.to_mapping(explain=explain),
        "total": answer.total,
        "notes": list(answer.notes),
        "channels": [asdict(run) for run in answer.runs],
        "hits": hits,
    }
    return found | {"parts": [asdict(part) for part in answer.parts]} if explain else found


def hit_lines(rank: int, hit: AnsweredHit, *, explain: bool) -> str:
    """Return one hit as lines for people."""
    post = hit.display
    facts = [str(post[name]) for name in ("company", "city", "salary") if post.get(name)]
    lines = [f"{rank:>3}. {safe(hit.id)}  {safe(shorten(post.get('title', ''), 60))}"]
    if facts:
        lines.append(f"     {safe(' · '.join(facts))}")
    if hit.folded:
        lines.append(f"     and {len(hit.folded)} nearly the same: {safe(', '.join(hit.folded))}")
    if explain:
        lines.extend(f"     {line}" for line in _explained(hit))
    return "\n".join(lines)


def _explained(hit: AnsweredHit) -> Iterator[str]:
    """Yield why a post was found, why it stands where it stands, and what was left out of it."""
    yield f"score {hit.score:.4f} from {', '.join(hit.channels)}"
    for one in hit.found:
        measure = "cosine" if one.channel == "vector" else "score"
        part = f", adds {one.part:.4f}" if one.part else ""
        yield f"{one.channel}: rank {one.rank}, {measure} {one.score:.3f}{part}"
    if hit.ranked:
        parts = (f"{one.name} {one.value:.3f} × {one.weight:g}" for one in hit.ranked)
        yield f"place: {' + '.join(parts)}"
    for mention in hit.evidence:
        yield f"found by {mention['field']}: “{safe(mention['text'])}” ({mention['score']:.2f})"
    for cut in hit.debug.get("stripped", ()):
        yield f"left out, {cut['field']}: “{safe(cut['text'])}” ({cut['reason']})"
