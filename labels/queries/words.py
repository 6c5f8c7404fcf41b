"""The words that queries are made of: the taxonomy, the dictionaries of posts, own pools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from enrich.tags.streets import NONE, cell
from enrich.tags.tables import forms, lines, rows
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query

_SETTLEMENTS = frozenset({"日结", "周结", "月结"})
_LONGEST_POSITION = 9
_SHORTEST = 2


@dataclass(frozen=True)
class Words:
    """Known words by attribute, in normalised spelling, each list in a fixed order.

    ``positions``: short and usual names; ``rare``: every other form. ``inside``: cities and
    counties with the streets and towns in them.
    """

    positions: tuple[str, ...]
    rare: tuple[str, ...]
    employers: tuple[str, ...]
    workplaces: tuple[str, ...]
    places: tuple[str, ...]
    inside: tuple[tuple[str, tuple[str, ...]], ...]
    benefits: tuple[str, ...]
    job_types: tuple[str, ...]
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filler:
    """Words that ask for nothing: where they stand and how often."""

    where: str
    weight: int
    text: str


def words_of(taxonomy: Taxonomy) -> Words:
    """Collect the words of a taxonomy and of the dictionaries of posts."""
    benefits = forms("benefits.tsv", "form", "name")
    offers = [form for form, name in benefits.items() if name not in _SETTLEMENTS]
    settled = [form for form, name in benefits.items() if name in _SETTLEMENTS]
    kinds = [*forms("job_types.tsv", "form", "name"), *settled]
    places = forms("places.tsv", "form", "use") | forms("areas.tsv", "form", "use")
    workplaces = list(forms("workplaces.tsv", "form", "use"))
    employers = _usual(row["name"] for row in rows("employers.tsv"))
    first = frozenset([*workplaces, *kinds, *employers, "男", "女"])
    usual, rare = _positions(taxonomy, first)
    return Words(
        usual,
        rare,
        employers,
        _usual(workplaces),
        _usual(place for place, use in places.items() if use == "sure"),
        _inside(),
        _usual(offers),
        _usual(kinds),
        _usual(row["form"] for row in rows("certificates.tsv") if row["use"] == "sure"),
    )


@cache
def pool(name: str) -> tuple[str, ...]:
    """Return a pool of ``names.tsv``.

    Raises:
        KeyError: there is no such pool.
    """
    return _pools()[name]


@cache
def fillers(*where: str) -> tuple[tuple[Filler, ...], tuple[int, ...]]:
    """Return the fillers that stand in some of the places of ``fillers.tsv``, and their weights."""
    found = tuple(
        Filler(line.cells["where"], int(line.cells["weight"]), line.cells["text"])
        for line in lines("fillers.tsv", _text("fillers.tsv"))
        if line.cells["where"] in where
    )
    return found, tuple(filler.weight for filler in found)


@cache
def _pools() -> dict[str, tuple[str, ...]]:
    found = {}
    for line in lines("names.tsv", _text("names.tsv")):
        words = line.cells["words"]
        found[line.cells["pool"]] = tuple(words.split("|")) if "|" in words else tuple(words)
    return found


def _text(name: str) -> str:
    return resources.files("labels.queries").joinpath("data", name).read_text(encoding="utf-8")


def _usual(words: Iterable[str]) -> tuple[str, ...]:
    """Return words in normalised spelling, without repetition, in a fixed order."""
    return tuple(sorted({normalize_query(word) for word in words if word.strip()}))


def _positions(
    taxonomy: Taxonomy, first: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the usual and the rare forms that are one part of a query, not two."""
    names = {normalize_query(position.name) for position in taxonomy.positions.values()}
    usual: list[str] = []
    rare: list[str] = []
    for form in sorted(taxonomy.forms):
        if not _SHORTEST <= len(form) <= _LONGEST_POSITION or _two_parts(form, first):
            continue
        (usual if form in names or len(form) <= 4 else rare).append(form)
    return tuple(usual), tuple(rare)


def _two_parts(form: str, first: frozenset[str]) -> bool:
    """Tell whether a form begins or ends with a part of its own: 电子厂普工, 审计实习."""
    return form in first or any(
        form[:cut] in first or form[cut:] in first for cut in range(1, len(form))
    )


def _inside() -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for row in rows("streets.tsv"):
        stems = [stem for column in ("streets", "towns") for stem in _cells(row[column])]
        stems = [stem for stem in stems if len(stem) >= _SHORTEST]
        above = row["district"] if row["district"] != NONE else row["city"]
        if stems:
            found.append((normalize_query(above), tuple(map(normalize_query, stems))))
    return tuple(found)


def _cells(text: str) -> Sequence[str]:
    return tuple(cell(text))
