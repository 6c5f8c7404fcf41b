"""A small taxonomy and enrichments made by hand, so that tests need no model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from enrich.lexicon import Lexicon
from enrich.post import (
    AttributeName,
    Enrichment,
    HiredPosition,
    Mark,
    Mention,
    Post,
    content_hash,
)
from enrich.reading import read
from enrich.strip import LabelledSpan, strip
from enrich.taxonomy import Taxonomy

TAXONOMY = Taxonomy.from_mapping(
    {
        "categories": [["s", "行业", ""], ["g", "组", "s"]],
        "positions": [
            ["catering", "餐饮人员", "g", [], [], []],
            ["waiter", "服务员", "g", ["catering"], ["服务员", "服务生"], ["传菜服务员"]],
            ["rider", "骑手", "g", [], ["骑手", "送餐员"], []],
            ["accountant", "会计", "g", [], ["会计"], []],
            ["java", "Java开发工程师", "g", [], ["java 开发工程师", "java开发"], []],
            ["cpp", "C++开发", "g", [], ["c++开发"], []],
        ],
        "shared": {},
        "relations": [],
        "retired": {"attendant": "waiter"},
        "lookalikes": ["会计师事务所"],
        "ambiguous": [],
        "query_only": [],
    },
    digest="small",
)
LEXICON = Lexicon(TAXONOMY)
SPACE = "test-space"


def vector(text: str, length: int = 8) -> tuple[float, ...]:
    """A vector that depends on the text alone."""
    raw = hashlib.sha256(text.encode()).digest()[:length]
    size = sum(byte * byte for byte in raw) ** 0.5
    return tuple(byte / size for byte in raw)


def enrich(
    post: Post,
    labels: dict[str, str] | None = None,
    tags: dict[AttributeName, Sequence[Mark]] | None = None,
) -> Enrichment:
    """Enrich with given labels by form (H where none is given); ``N`` ones read ``N:compare``."""
    labels = labels or {}
    mentions: list[Mention] = []
    cleaned: dict[str, Any] = {}
    for name, text in (("title", post.title), ("body", post.body)):
        reading = read(text, LEXICON)
        spans = []
        for match in reading.matches:
            label: Any = labels.get(match.form, "H")
            reason = "N:compare" if label == "N" else None
            start, end = reading.normalized.span(match.start, match.end)
            position = TAXONOMY.senses(match.form)[0].position
            mentions.append(
                Mention(
                    field="title" if name == "title" else "body",
                    start=start,
                    end=end,
                    text=text[start:end],
                    position=position,
                    label=label,
                    reason=reason,
                    score=0.9 if label == "H" else 0.1,
                )
            )
            spans.append(LabelledSpan(match.start, match.end, label, reason, 0.9))
        cleaned[name] = strip(reading.normalized.text, spans)
    hired = dict.fromkeys(m.position for m in mentions if m.label == "H")
    return Enrichment(
        id=post.id,
        positions=tuple(
            HiredPosition(id=id_, name=TAXONOMY.position(id_).name, score=0.9) for id_ in hired
        ),
        mentions=tuple(mentions),
        stripped=(),
        clean_title=cleaned["title"].text,
        clean_body=cleaned["body"].text,
        offer_title=cleaned["title"].offer,
        offer_body=cleaned["body"].offer,
        tags={name: tuple(marks) for name, marks in (tags or {}).items()},
        rejected_tags=(),
        category=post.category,
        vector=vector(cleaned["title"].text),
        recipe="recipe-1",
        content_hash=content_hash(post),
    )


def mark(text: str, value: object, polarity: str = "+") -> Mark:
    """A mark whose place does not matter."""
    return Mark.model_validate(
        {"field": "body", "start": 0, "end": 1, "text": text, "value": value, "polarity": polarity}
    )
