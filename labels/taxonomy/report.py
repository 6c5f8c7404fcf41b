"""What the taxonomy holds, and how much of a judged set its forms cover."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from enrich.lexicon import Lexicon
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from labels.taxonomy.compile import compiled, problems_of
from labels.taxonomy.loader import DATA, Source, load

MISSED_SHOWN = 50


class GoldError(ValueError):
    """A judged file cannot be read; names the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Mentions with one label: how many there are and how many words of them are forms.

    ``found`` counts those that the lexicon, given the bare word, returns whole; a form that only
    queries use is ``known`` and not ``found``.
    """

    mentions: int
    known: int
    found: int

    @property
    def share(self) -> float:
        """Share of the mentions whose word is a form."""
        return self.known / self.mentions if self.mentions else 1.0


@dataclass(frozen=True, slots=True)
class TaxonomyReport:
    """Counts of the source, the digest of what it compiles to, and coverage by label."""

    digest: str
    positions: int
    categories: int
    forms: int
    ambiguous: int
    query_only: int
    lookalikes: int
    by_sector: dict[str, tuple[int, int]]  # positions, forms
    coverage: dict[str, Coverage]
    missed: tuple[tuple[str, int], ...]  # words hired or named that are no form

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        data = asdict(self)
        data["by_sector"] = {
            sector: {"positions": positions, "forms": forms}
            for sector, (positions, forms) in self.by_sector.items()
        }
        for label, covered in self.coverage.items():
            data["coverage"][label]["share"] = round(covered.share, 4)
        data["missed"] = [{"word": word, "mentions": count} for word, count in self.missed]
        return data


def report(gold: Path | None = None, folder: Path = DATA) -> TaxonomyReport:
    """Describe the data files of a folder and, where given, their coverage of a judged file.

    Raises:
        SourceError: the data files hold problems.
        GoldError: the judged file is no JSONL with mentions.
    """
    source = load(folder)
    raw = compiled(source)
    taxonomy = Taxonomy.from_bytes(raw)
    coverage, missed = _covered(taxonomy, _mentions(gold)) if gold else ({}, ())
    return TaxonomyReport(
        digest=taxonomy.digest,
        positions=len(taxonomy.positions),
        categories=sum(row.is_category for row in source.rows),
        forms=len(taxonomy.forms),
        ambiguous=len(taxonomy.ambiguous),
        query_only=len(taxonomy.query_only),
        lookalikes=len(taxonomy.lookalikes),
        by_sector=_by_sector(source),
        coverage=coverage,
        missed=missed,
    )


def check(folder: Path = DATA) -> list[str]:
    """Return every problem of the data files as ``file:line: problem; remedy``."""
    return problems_of(load(folder))


def _by_sector(source: Source) -> dict[str, tuple[int, int]]:
    positions: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    for row in source.rows:
        if not row.is_category:
            positions[row.sector] += 1
            forms[row.sector] += len(row.forms)
    return {sector: (positions[sector], forms[sector]) for sector in sorted(positions)}


def _mentions(gold: Path) -> Counter[tuple[str, str]]:
    """Count (word in normalised spelling, first letter of the label) of a judged file."""
    counts: Counter[tuple[str, str]] = Counter()
    with gold.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                for mention in json.loads(line)["mentions"]:
                    counts[normalize_query(mention["text"]), mention["label"][:1]] += 1
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise GoldError(
                    f"{gold}:{number}: no judged post ({error!r}); "
                    'write one JSON object a line with "mentions", each with "text" and "label"'
                ) from None
    return counts


def _covered(
    taxonomy: Taxonomy, counts: Counter[tuple[str, str]]
) -> tuple[dict[str, Coverage], tuple[tuple[str, int], ...]]:
    lexicon = Lexicon(taxonomy)
    totals: Counter[str] = Counter()
    known: Counter[str] = Counter()
    found: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for (word, label), count in counts.items():
        totals[label] += count
        joined = word if taxonomy.senses(word) else "".join(c for c in word if c.isalnum())
        if taxonomy.senses(joined):
            known[label] += count
        elif label in {"H", "N"}:
            missed[word] += count
        if [match.form for match in lexicon.find(joined)] == [joined]:
            found[label] += count
    coverage = {
        label: Coverage(totals[label], known[label], found[label]) for label in sorted(totals)
    }
    return coverage, tuple(missed.most_common(MISSED_SHOWN))
