"""Rewriting queries: taxonomy, encoder, clicks and a site's editors asked together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass

from enrich.taxonomy import Taxonomy
from search.intent.model import Intent
from search.intent.reader import IntentReader, reader_of
from search.rewrite import verdicts
from search.rewrite.clicks import ClickTable
from search.rewrite.combine import ACCEPT, shared_characters
from search.rewrite.model import Expansion, Kind, PairScore, Rewritten, Source, Sources
from search.rewrite.naming import Name, Namer
from search.rewrite.taxonomy_source import Finding, TaxonomySource
from search.rewrite.voices import Nearness, Voices
from search.site.model import SiteRules, spelling


@dataclass(frozen=True, slots=True)
class Limits:
    """How many expansions of each kind are given, and from which score on."""

    same: int = 12
    narrower: int = 12
    related: int = 6
    least: float = ACCEPT

    def of(self, kind: Kind) -> int:
        """Return the limit of one kind."""
        return int(getattr(self, kind.value))


FORCED = 0.95
"""The score of what a site's editors force."""
_BLOCKED = PairScore(0.0, accept=False, source=Source.EDITOR, why="blocked by the site's editors")


class PositionRewriter:
    """Rewrites names of positions; one object serves many queries."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        *,
        reader: IntentReader | None = None,
        encoder: Nearness | None = None,
        clicks: ClickTable | None = None,
        sources: Sources | None = None,
        limits: Limits | None = None,
        judged: Mapping[tuple[str, str], bool] | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        """Use what there is of the sources; ``sources`` switches those off that are not wanted.

        Args:
            taxonomy: the positions.
            reader: the intent reader of the same taxonomy; the shared one if left out.
            encoder: the bi-encoder with its table.
            clicks: the table of co-clicks.
            sources: which sources are asked.
            limits: how many expansions are given.
            judged: verdicts on pairs of positions; the shipped ones if left out.
            notes: why a source is missing, for the answers.
        """
        self._taxonomy = taxonomy
        self._reader = reader or reader_of(taxonomy)
        self._namer = Namer(taxonomy, self._reader)
        found = verdicts.shipped() if judged is None else judged
        self._source = TaxonomySource(taxonomy, self._namer, found)
        self._encoder = encoder
        self._clicks = clicks or ClickTable()
        self._site = SiteRules.none()
        self._sources = sources or Sources()
        self._limits = limits or Limits()
        self.notes = tuple(notes)

    def with_site(self, site: SiteRules) -> PositionRewriter:
        """Return a rewriter with a site's rules that shares all the rest: milliseconds."""
        other = copy(self)
        other._site = site
        other._reader = self._reader.with_site(site)
        other._namer = self._namer.with_reader(other._reader)
        return other

    def with_sources(self, sources: Sources) -> PositionRewriter:
        """Return a rewriter that asks some sources only and shares all the rest."""
        other = copy(self)
        other._sources = sources
        return other

    def rewrite(self, text: str) -> Rewritten:
        """Return the canonical position and the expansions of a text, the best of each kind."""
        query = self._read(text)
        texts: dict[str, tuple[str, ...]] = {}
        near: dict[str, float] = {}
        if self._sources.taxonomy:
            texts |= {offer.text: offer.positions for offer in self._source.offers(query)}
        if self._sources.encoder and self._encoder is not None:
            near = dict(self._encoder.near(query.text))
            texts |= {form: () for form in near if form not in texts}
        if self._sources.clicks:
            clicked = self._clicks.near(query.text)
            texts |= {other: () for other, _ in clicked if other not in texts}
        found = [self._expansion(query, one, ids, near.get(one)) for one, ids in texts.items()]
        forced = list(self._forced(query))
        taken = {spelling(one.text) for one in forced} | {query.text}
        kept = [one for one in found if one is not None and spelling(one.text) not in taken]
        name = query.positions[0] if query.positions else None
        return Rewritten(
            text,
            self._taxonomy.position(name).name if name else None,
            query.positions,
            (*forced, *self._limited(query.text, kept)),
            self.notes,
        )

    def rewrite_query(self, query: str) -> tuple[Rewritten, ...]:
        """Return the rewrites of each part of a query that names a wanted position.

        Without any the query itself is rewritten.
        """
        intents = self._reader.understand(query).intents
        texts = [
            self.text_of(one) for one in intents if one.attribute == "position" and not one.negated
        ]
        return tuple(self.rewrite(text) for text in dict.fromkeys(texts or [query]))

    def text_of(self, part: Intent) -> str:
        """Return what a position part is rewritten as: its words, or the position if they differ.

        店员 in a 药店 is the position 药店店员, 服物员 a slip.
        """
        alone = self._namer.read(part.text)
        same = {*alone.positions, *alone.wider} == {*part.positions, *part.wider}
        return part.text if same and part.repair is None else str(part.value)

    def judge_all(self, pairs: Iterable[tuple[str, str]]) -> tuple[PairScore, ...]:
        """Judge many pairs, in order; names are read and encoded once."""
        names: dict[str, Name] = {}
        wanted = list(pairs)
        for text in (text for pair in wanted for text in pair):
            if text not in names:
                names[text] = self._read(text)
        if self._sources.encoder and self._encoder is not None:
            self._encoder.prepare([name.text for name in names.values()])
        return tuple(self._judged(names[query], names[candidate]) for query, candidate in wanted)

    def judge(self, query: str, candidate: str) -> PairScore:
        """Tell whether a candidate may answer a query."""
        return self._judged(self._read(query), self._read(candidate))

    def _read(self, text: str) -> Name:
        """Return what a text names; a site's synonym names what it means, whatever it is else."""
        return self._namer.read(self._site.meant(text))

    def _judged(self, query: Name, candidate: Name) -> PairScore:
        if self._site.blocks(query.text, candidate.text):
            return _BLOCKED
        if (forced := self._site.forced_pair(query.text, candidate.text)) is not None:
            why = f"forced by the site's editors ({forced.kind})"
            return PairScore(FORCED, accept=True, source=Source.EDITOR, why=why)
        near = None
        if self._sources.encoder and self._encoder is not None:
            near = self._encoder.between(query.text, candidate.text)
        voices = self._voices(query, candidate, near)
        source, why = voices.told()
        return PairScore(voices.score, voices.score >= ACCEPT, source, why)

    def _voices(self, query: Name, candidate: Name, near: float | None) -> Voices:
        finding = self._source.compare(query, candidate)
        if not self._sources.taxonomy and query.text != candidate.text:
            finding = Finding(None, finding.fit)
        clicked = None
        if self._sources.clicks:
            clicked = self._clicks.overlap(query.text, candidate.text)
        return Voices(finding, near, clicked, shared_characters(query.text, candidate.text))

    def _expansion(
        self, query: Name, text: str, ids: tuple[str, ...], near: float | None
    ) -> Expansion | None:
        """Return a candidate as an expansion; None where it is not good enough or blocked."""
        candidate = self._namer.read(text)
        if self._site.blocks(query.text, candidate.text):
            return None
        voices = self._voices(query, candidate, near)
        if voices.score < self._limits.least:
            return None
        source, why = voices.told()
        finding = voices.finding
        kind = finding.kind if finding.relation is not None else Kind.RELATED
        return Expansion(
            text,
            voices.score,
            kind,
            source or Source.TAXONOMY,
            ids or candidate.positions,
            why,
        )

    def _forced(self, query: Name) -> Iterable[Expansion]:
        for one in self._site.forces(query.text):
            candidate = self._namer.read(one.candidate)
            why = "forced by the site's editors"
            kind = Kind(one.kind)
            yield Expansion(one.candidate, FORCED, kind, Source.EDITOR, candidate.positions, why)

    def _limited(self, query: str, found: Iterable[Expansion]) -> list[Expansion]:
        """Keep the best of each kind; equal scores stay in the order of the sources.

        What holds the query's own words comes last: a search for these finds it anyway.
        """
        ordered = sorted(found, key=lambda one: (query in spelling(one.text), -one.score))
        kept: list[Expansion] = []
        for kind in Kind:
            kept.extend([one for one in ordered if one.kind is kind][: self._limits.of(kind)])
        return sorted(kept, key=lambda one: -one.score)
