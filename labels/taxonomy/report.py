"""What the taxonomy holds, and how much of judged sets its forms cover."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labels.taxonomy.compile import taxonomy_of
from labels.taxonomy.coverage import Coverage, Finds, of_posts, of_queries
from labels.taxonomy.loader import DATA
from labels.taxonomy.overlay import load_with
from labels.taxonomy.rules import problems_of
from labels.taxonomy.source import Source


@dataclass(frozen=True, slots=True)
class SectorCount:
    """What one sector of the tree holds."""

    sector: str
    groups: int
    positions: int
    forms: int


@dataclass(frozen=True, slots=True)
class TaxonomyReport:
    """Counts of the source, the digest of what it compiles to, and coverage of judged sets."""

    digest: str
    sectors: int
    groups: int
    positions: int
    forms: int
    relations: int
    retired: int
    ambiguous: int
    query_only: int
    lookalikes: int
    by_sector: tuple[SectorCount, ...]
    mentions: dict[str, Coverage]  # by label
    hired: Coverage | None = None
    finds: Finds | None = None
    queries_typed: Coverage | None = None
    queries_meant: Coverage | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        data = asdict(self)
        for coverage, told in (
            *((self.mentions[label], data["mentions"][label]) for label in self.mentions),
            (self.hired, data["hired"]),
            (self.queries_typed, data["queries_typed"]),
            (self.queries_meant, data["queries_meant"]),
        ):
            if coverage is not None:
                told["share"] = round(coverage.share, 4)
        if self.finds is not None:
            data["finds"]["unmarked_total"] = self.finds.unmarked_total
        return data


def report(
    gold: Path | None = None,
    queries: Path | None = None,
    folder: Path = DATA,
    overlay: Path | None = None,
) -> TaxonomyReport:
    """Describe the data files of a folder and their coverage of judged posts and queries.

    Raises:
        SourceError: the data files hold problems.
        GoldError: a judged file is no JSONL of its kind.
    """
    source = load_with(overlay, folder)
    taxonomy = taxonomy_of(source)
    mentions, hired, finds = of_posts(gold, taxonomy) if gold else ({}, None, None)
    typed, meant = of_queries(queries, taxonomy) if queries else (None, None)
    by_sector = _by_sector(source)
    return TaxonomyReport(
        digest=taxonomy.digest,
        sectors=len(by_sector),
        groups=len(taxonomy.categories) - len(by_sector),
        positions=len(taxonomy.positions),
        forms=len(taxonomy.forms),
        relations=len(source.relations),
        retired=len(taxonomy.retired),
        ambiguous=len(taxonomy.ambiguous),
        query_only=len(taxonomy.query_only),
        lookalikes=len(taxonomy.lookalikes),
        by_sector=by_sector,
        mentions=mentions,
        hired=hired,
        finds=finds,
        queries_typed=typed,
        queries_meant=meant,
    )


def check(folder: Path = DATA, overlay: Path | None = None) -> list[str]:
    """Return every problem of the data files as ``file:line: problem; remedy``."""
    return problems_of(load_with(overlay, folder))


def _by_sector(source: Source) -> tuple[SectorCount, ...]:
    categories = {row.id: row for row in source.rows if row.is_category}
    groups = Counter(row.group for row in categories.values() if row.group)
    positions: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    for row in source.positions:
        sector = categories[row.group].group
        positions[sector] += 1
        forms[sector] += len(row.forms)
    return tuple(
        SectorCount(row.name, groups[row.id], positions[row.id], forms[row.id])
        for row in categories.values()
        if not row.group
    )
