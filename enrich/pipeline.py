"""The whole reading of a post: mentions, reality, strip, tags, vector. Pure but for the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from enrich.bundle import SHIPPED, Bundle, load_bundle
from enrich.fit import reject
from enrich.lexicon import Lexicon
from enrich.names.merge import name_calibration, with_names
from enrich.post import (
    AttributeName,
    Enrichment,
    FieldName,
    HiredPosition,
    Mark,
    Mention,
    Post,
    Span,
    Stripped,
    content_hash,
    digest,
)
from enrich.reading import Reading, read
from enrich.reality import Judged, Named, Verdict, decide, judge
from enrich.recipe import Recipe, rules_digest
from enrich.strip import Clean, LabelledSpan, strip
from enrich.tagfit.judge import TagJudge, load_weights
from enrich.tagfit.side import named, post_side
from enrich.tags import find_marks
from enrich.taxonomy import Taxonomy
from enrich.towers.bundle import SHIPPED as SHIPPED_TOWERS
from enrich.towers.bundle import Towers, load_towers

NUMBER_FORMAT = "fp32"


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """What the models said of one post; kept in the worker's cache under the post's cache key.

    ``space``: of the vector; one of another space is computed anew.
    """

    judged: Judged
    vector_text: str
    vector: tuple[float, ...]
    space: str = ""

    def to_json(self) -> str:
        """Return a JSON text."""
        content = {
            "judged": asdict(self.judged),
            "vector_text": self.vector_text,
            "vector": self.vector,
            "space": self.space,
        }
        return json.dumps(content, ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> ModelOutput:
        """Read back what ``to_json`` wrote."""
        raw = json.loads(text)
        verdicts = tuple(Verdict(**v) if v else None for v in raw["judged"]["verdicts"])
        names = tuple(
            Named(**{**name, "verdict": Verdict(**name["verdict"])})
            for name in raw["judged"].get("names", ())
        )
        judged = Judged(verdicts, raw["judged"]["truncated"], names)
        return cls(judged, raw["vector_text"], tuple(raw["vector"]), raw.get("space", ""))


@dataclass(frozen=True, slots=True)
class _Read:
    """A post's two readings."""

    title: Reading
    body: Reading

    @property
    def fields(self) -> tuple[tuple[FieldName, Reading], tuple[FieldName, Reading]]:
        return ("title", self.title), ("body", self.body)


class Enricher:
    """Enriches posts under one recipe; holds the loaded models, taxonomy and lexicon."""

    def __init__(self, bundle: Bundle, towers: Towers, taxonomy: Taxonomy) -> None:
        """Use a loaded bundle, loaded towers and a taxonomy."""
        self._bundle = bundle
        self.towers = towers
        self.taxonomy = taxonomy
        self.lexicon = Lexicon(taxonomy)
        self._tag_judge = TagJudge(taxonomy, self.lexicon, load_weights())
        self.recipe = Recipe(
            reality=digest([bundle.digest, NUMBER_FORMAT]),
            taxonomy=taxonomy.digest,
            rules=rules_digest(),
            vector_space=towers.digest,
        )

    @classmethod
    def load(
        cls,
        bundle: Path | None = None,
        taxonomy: Taxonomy | None = None,
        towers: Path | None = None,
    ) -> Enricher:
        """Load the shipped models, or the bundles in folders; the shipped taxonomy by default.

        Raises:
            BundleError: a bundle is missing or broken.
        """
        return cls(
            load_bundle(bundle or SHIPPED),
            load_towers(towers or SHIPPED_TOWERS),
            taxonomy or Taxonomy.load(),
        )

    @property
    def vector_length(self) -> int:
        """Length of the vectors."""
        return self.towers.shape.dimensions

    @property
    def floor(self) -> float:
        """The least cosine of a query and a post that answers it."""
        return self.towers.floor

    def enrich(self, posts: Sequence[Post]) -> list[Enrichment]:
        """Read posts; equal input and recipe give an equal enrichment."""
        return self.assemble(posts, self.infer(posts))

    def encode_query(self, text: str) -> tuple[float, ...]:
        """Return the unit vector of a query."""
        return self.towers.query(text)

    def cache_keys(self, posts: Sequence[Post]) -> list[str]:
        """Return, for each post, the digest of exactly what the model reads of it."""
        keys = []
        for reading in self._read(posts):
            content = [(r.normalized.text, r.spans) for _, r in reading.fields]
            keys.append(digest([self.recipe.reality, content]))
        return keys

    def infer(self, posts: Sequence[Post]) -> list[ModelOutput]:
        """Run the model: pass 1 over everything, pass 2 over what stays."""
        readings = self._read(posts)
        judged = judge(self._bundle, [(r.title, r.body) for r in readings])
        texts = [
            self._vector_text(self._clean(reading, verdicts))
            for reading, verdicts in zip(readings, judged, strict=True)
        ]
        vectors = self.towers.encode(texts, "post")
        space = self.recipe.vector_space
        rows = zip(judged, texts, vectors, strict=True)
        return [ModelOutput(*parts, space) for parts in rows]

    def assemble(self, posts: Sequence[Post], outputs: Sequence[ModelOutput]) -> list[Enrichment]:
        """Apply rules to model outputs, fresh or cached.

        Encoded is only text that rules moved, and what was encoded in another space.
        """
        readings = self._read(posts)
        cleans = [
            self._clean(reading, output.judged)
            for reading, output in zip(readings, outputs, strict=True)
        ]
        current = self._with_vectors(outputs, [self._vector_text(clean) for clean in cleans])
        rows = zip(posts, readings, current, cleans, strict=True)
        return [self._assemble(*row) for row in rows]

    def _read(self, posts: Sequence[Post]) -> list[_Read]:
        return [_Read(read(p.title, self.lexicon), read(p.body, self.lexicon)) for p in posts]

    def _labels(self, reading: _Read, judged: Judged) -> dict[FieldName, list[LabelledSpan]]:
        cut = len(reading.title.matches)
        calibration = self._bundle.calibration
        return {
            "title": decide(reading.title.spans, judged.verdicts[:cut], calibration),
            "body": decide(reading.body.spans, judged.verdicts[cut:], calibration),
        }

    def _mentions(
        self, reading: _Read, judged: Judged
    ) -> dict[FieldName, list[tuple[str, LabelledSpan]]]:
        """Return every mention with its form, "" for a name that no form covers, in order."""
        labels = self._labels(reading, judged)
        calibration = name_calibration(self._bundle.calibration, self._bundle.names)
        return {
            name: with_names(name, r, labels[name], judged.names, self.lexicon, calibration)
            for name, r in reading.fields
        }

    def _clean(self, reading: _Read, judged: Judged) -> dict[FieldName, Clean]:
        mentions = self._mentions(reading, judged)
        return {
            name: strip(r.normalized.text, [span for _, span in mentions[name]])
            for name, r in reading.fields
        }

    def _with_vectors(
        self, outputs: Sequence[ModelOutput], texts: Sequence[str]
    ) -> list[ModelOutput]:
        space = self.recipe.vector_space
        found = list(outputs)
        stale = [
            row
            for row, (output, text) in enumerate(zip(outputs, texts, strict=True))
            if (output.vector_text, output.space) != (text, space)
        ]
        vectors = self.towers.encode([texts[row] for row in stale], "post")
        for row, vector in zip(stale, vectors, strict=True):
            found[row] = replace(outputs[row], vector_text=texts[row], vector=vector, space=space)
        return found

    def _vector_text(self, clean: dict[FieldName, Clean]) -> str:
        title, body = clean["title"], clean["body"]
        return self.towers.text(title.text, body.text, (*title.hired, *body.hired))

    def _assemble(
        self, post: Post, reading: _Read, output: ModelOutput, clean: dict[FieldName, Clean]
    ) -> Enrichment:
        mentions = self._mentions(reading, output.judged)
        found = [
            (form, self._mention(name, r, form, label))
            for name, r in reading.fields
            for form, label in mentions[name]
        ]
        positions = self._positions(found)
        marks = self._marks(post, reading, positions)
        texts = (
            reading.title.normalized.text,
            reading.body.normalized.text,
            f"{clean['title'].offer}\n{clean['body'].offer}",
        )
        words = named(found, self.taxonomy)
        side = post_side(words, texts, post.category, post.tags, marks, self.taxonomy)
        fits = partial(self._tag_judge.fits, post=side)
        rejected, category = reject(post, positions, self.taxonomy, marks, fits)
        return Enrichment(
            id=post.id,
            positions=positions,
            mentions=tuple(mention for _, mention in found),
            stripped=tuple(
                Stripped(
                    **_span(name, r, cut.start, cut.end).model_dump(),
                    reason=cut.reason,
                    score=cut.score,
                )
                for name, r in reading.fields
                for cut in clean[name].cuts
            ),
            clean_title=clean["title"].text,
            clean_body=clean["body"].text,
            offer_title=clean["title"].offer,
            offer_body=clean["body"].offer,
            tags=marks,
            rejected_tags=rejected,
            category=category,
            vector=output.vector,
            recipe=self.recipe.digest,
            content_hash=content_hash(post),
            truncated=output.judged.truncated,
        )

    def _mention(
        self, name: FieldName, reading: Reading, form: str, label: LabelledSpan
    ) -> Mention:
        senses = self.taxonomy.senses(form)
        return Mention(
            **_span(name, reading, label.start, label.end).model_dump(),
            position=senses[0].position if senses else "",
            label=label.label,
            reason=label.reason,
            score=label.score,
        )

    def _positions(self, mentions: Sequence[tuple[str, Mention]]) -> tuple[HiredPosition, ...]:
        """Gather hired mentions by position, the best score first."""
        by_id: dict[str, list[Mention]] = {}
        for form, mention in mentions:
            if mention.label == "H":
                for sense in self.taxonomy.senses(form):
                    by_id.setdefault(sense.position, []).append(mention)
        found = [
            HiredPosition(
                id=identity,
                name=self.taxonomy.position(identity).name,
                score=max(m.score for m in group),
                evidence=tuple(
                    Span(field=m.field, start=m.start, end=m.end, text=m.text) for m in group
                ),
            )
            for identity, group in by_id.items()
        ]
        return tuple(sorted(found, key=lambda p: (-p.score, p.id)))

    def _marks(
        self, post: Post, reading: _Read, positions: Sequence[HiredPosition]
    ) -> dict[AttributeName, tuple[Mark, ...]]:
        marks: dict[AttributeName, tuple[Mark, ...]] = {
            "position": tuple(
                Mark(**span.model_dump(), value=position.name)
                for position in positions
                for span in position.evidence
            )
        }
        for name, r in reading.fields:
            found = find_marks(name, r.normalized, company=post.company, city=post.city)
            for attribute, more in found.items():
                marks[attribute] = marks.get(attribute, ()) + more
        return marks


def _span(name: FieldName, reading: Reading, start: int, end: int) -> Span:
    first, last = reading.normalized.span(start, end)
    original = reading.normalized.original
    return Span(field=name, start=first, end=last, text=original[first:last])
