"""What a poster should know before publishing: plain sentences from a post's enrichment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from enrich.post import Enrichment, Post

REASONS = {
    "N:coop": "somebody to work with",
    "N:manage": "somebody to lead",
    "N:exp": "experience asked for",
    "N:exclude": "not offered",
    "N:career": "may come later",
    "N:compare": "only compared",
    "N:context": "only spoken of",
    "N:bait": "only draws searches",
    "N:other": "named, not offered",
    "X": "not a job here",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What will be found, what will be left out and what to change."""

    id: str
    positions: tuple[str, ...]
    stripped: tuple[dict[str, Any], ...]
    rejected_tags: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def reason_words(reason: str | None) -> str:
    """Return a mention's reason in plain words."""
    return REASONS.get(reason or "N:other", REASONS["N:other"])


def advise(post: Post, enrichment: Enrichment) -> Advice:
    """Return the advice for one post."""
    return Advice(
        id=post.id,
        positions=tuple(position.name for position in enrichment.positions),
        stripped=tuple(
            {**cut.model_dump(), "why": reason_words(cut.reason)} for cut in enrichment.stripped
        ),
        rejected_tags=tuple(tag.model_dump() for tag in enrichment.rejected_tags),
        warnings=tuple(_warnings(post, enrichment)),
    )


def _warnings(post: Post, enrichment: Enrichment) -> list[str]:
    found: list[str] = []
    if not enrichment.positions:
        found.append(
            "No job that this post offers was recognised: a search for a job will not find it. "
            "Name the job in the title, for example 招服务员."
        )
    elif not any(s.field == "title" for p in enrichment.positions for s in p.evidence):
        found.append("The title does not name the job that is offered: name it there.")
    if not post.body.strip():
        found.append("The body is empty: say what is done, where, when and for what pay.")
    titled = [cut for cut in enrichment.stripped if cut.field == "title"]
    if titled:
        words = ", ".join(cut.text for cut in titled)
        found.append(f"The title names what is not offered ({words}): take it out.")
    if not enrichment.tags.get("salary") and not post.salary:
        found.append("No pay is stated: posts that state it can be filtered by it.")
    if enrichment.truncated:
        found.append("The post is so long that its end was not judged: shorten it.")
    return found
