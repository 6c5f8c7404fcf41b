"""``hirelens check``: the poster's view of a post."""

from __future__ import annotations

import click

from hirelens.advice import Advice, advise
from hirelens.commands.enrich import batches
from hirelens.inputs import Refusal, only_posts
from hirelens.options import EXISTING, fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note, safe
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("check", epilog=examples("hirelens check draft.jsonl"))
@click.argument("file", default="-", type=EXISTING)
@json_option
@with_home
def command(place: Workplace, file: str, as_json: bool) -> None:
    """Tell what a poster should know before publishing the posts of FILE (JSON lines).

    Which jobs a search will find them by, which words will be left out and why, which tags do not
    fit, and what to change. The exit status is 1 only where a line is no post.
    """
    refused: list[Refusal] = []

    def refuse(refusal: Refusal) -> None:
        refused.append(refusal)
        note(str(refusal))

    for batch in batches(only_posts(file, refuse), place.settings.batch):
        posts = [given.post for given in batch]
        for post, enrichment in zip(posts, place.enricher.enrich(posts), strict=True):
            advice = advise(post, enrichment)
            if as_json:
                emit_json(advice.to_mapping())
            else:
                emit_text(shown(advice))
    if refused:
        fail()


def shown(advice: Advice) -> str:
    """Return the advice as lines."""
    names = "、".join(advice.positions) or "no job"
    lines = [f"{safe(advice.id)}: will be found by {names}"]
    lines += [
        f"  left out of search, {cut['field']}: “{safe(cut['text'])}” ({cut['why']})"
        for cut in advice.stripped
    ]
    lines += [
        f"  tag does not fit: {safe(tag['tag'])} ({tag['reason']})" for tag in advice.rejected_tags
    ]
    lines.extend(f"  ! {warning}" for warning in map(safe, advice.warnings))
    return "\n".join(lines)
