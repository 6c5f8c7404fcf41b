"""The worst errors as one page that needs no other file: each post's text with its mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Field = Literal["title", "body"]

_STYLE = """
body { font: 15px/1.6 sans-serif; max-width: 60em; margin: 2em auto; color: #222; }
article { border-top: 1px solid #ccc; padding: 1em 0; }
h2 { font-size: 1em; margin: 0 0 .4em; } h3 { margin: .2em 0; }
.text { white-space: pre-wrap; }
.other { border-bottom: 2px dotted #888; }
mark { background: #ffd54d; outline: 2px solid #c2571a; }
.truth { color: #2a7a3b; } .guess { color: #b3261e; }
table { border-collapse: collapse; } td, th { padding: .2em .6em; text-align: right; }
td { border: 1px solid #ddd; } td.text { text-align: left; } td.right { background: #e3f1e6; }
td.wrong { background: #fbe3e1; }
"""


@dataclass(frozen=True, slots=True)
class Marked:
    """A mention of a field with the judge's label and the model's."""

    field: Field
    start: int
    end: int
    truth: str
    guess: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrongly labelled mention in its post; ``scores``: of hired, mentioned and nothing."""

    post: str
    source: str
    title: str
    body: str
    mention: Marked
    others: tuple[Marked, ...]
    scores: tuple[float, float, float]


def errors_page(heading: str, mistakes: Sequence[Mistake]) -> str:
    """Render mistakes, in the order given."""
    articles = "\n".join(_article(n, m) for n, m in enumerate(mistakes, start=1))
    return page(heading, articles or "<p>No mention is labelled wrongly.</p>")


def confusion_page(heading: str, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Render a table of judged labels (rows) against the model's (columns)."""
    head = "".join(f"<th>{escape(label)}</th>" for label in labels)
    rows = [f"<tr><th>judged \\ model</th>{head}<th>all</th></tr>"]
    for number, (label, row) in enumerate(zip(labels, counts, strict=True)):
        cells = "".join(
            f'<td class="{"right" if column == number else "wrong" if count else ""}">'
            f"{count or ''}</td>"
            for column, count in enumerate(row)
        )
        rows.append(f"<tr><th>{escape(label)}</th>{cells}<td>{sum(row)}</td></tr>")
    return page(heading, f"<table>{''.join(rows)}</table>")


def _article(number: int, mistake: Mistake) -> str:
    mention = mistake.mention
    word = (mistake.title if mention.field == "title" else mistake.body)[
        mention.start : mention.end
    ]
    hired, named, nothing = mistake.scores
    return (
        f"<article><h2>{number}. {escape(mistake.post)} <small>{escape(mistake.source)}</small> "
        f'{escape(word)}: judged <span class="truth">{escape(mention.truth)}</span>, model '
        f'<span class="guess">{escape(mention.guess)}</span> '
        f"(H {hired:.3f}, N {named:.3f}, X {nothing:.3f})</h2>"
        f"<h3>{_field(mistake, 'title')}</h3>"
        f'<div class="text">{_field(mistake, "body")}</div></article>'
    )


def _field(mistake: Mistake, name: Field) -> str:
    text = mistake.title if name == "title" else mistake.body
    parts: list[str] = []
    at = 0
    spans = [(m, False) for m in mistake.others if m.field == name]
    if mistake.mention.field == name:
        spans.append((mistake.mention, True))
    for mention, is_wrong in sorted(spans, key=lambda item: item[0].start):
        parts.append(escape(text[at : mention.start]))
        word = escape(text[mention.start : mention.end])
        told = escape(f"judged {mention.truth}, model {mention.guess}")
        tag, kind = ("mark", "") if is_wrong else ("span", ' class="other"')
        parts.append(f'<{tag}{kind} title="{told}">{word}</{tag}>')
        at = mention.end
    return "".join(parts) + escape(text[at:])


def page(heading: str, content: str) -> str:
    """Return a whole page around some HTML."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(heading)}</h1>\n{content}\n</body></html>\n"
    )
