"""From a query to its ``Understanding``: intents by the rule to parts, conditions and rewrites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from search.alternatives import alternatives, forced, heeded, or_employer
from search.conditions import AnyOf, Held
from search.divisions import divisions
from search.index import Filters
from search.intent.dictionaries import NEGATION
from search.intent.model import Attribute, Intent, Understood
from search.needs import Asked, asked, says
from search.pieces import Piece, is_skill, is_talk, pieces_of, runs
from search.query import Part, QueryParser
from search.rewrite.kept import Rewrites
from search.rewrite.model import Kind, Rewritten
from search.rule import Rule, Use
from search.site.model import SYNONYM, SiteRules
from search.understanding import Need, Understanding
from search.whereabouts import elsewhere, located

_GIVEN: dict[Attribute, str] = {
    "location": "city",
    "company": "company",
    "salary": "salary_at_least",
    "job_type": "job_type",
}
"""The filters that are given beside a query, and the attribute over which each wins."""

_NAMES: frozenset[Attribute] = frozenset({"position", "workplace", "company", "generic"})
_ABOUT_WORK: frozenset[Attribute] = frozenset(
    {"job_type", "benefit", "experience", "education", "age", "gender"}
)
_NEEDS = frozenset("需要求用")
"""Stand between a negation and what it negates: 无|需|驾照."""
BY_NEARNESS: tuple[Attribute, ...] = ("job_type", "benefit")
"""What posts must state in the very words, where it is asked as a condition."""


class Reader(Protocol):
    """Tells what the parts of a query are."""

    def understand(self, query: str) -> Understood:
        """Return the intents of a query."""
        ...


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What queries are understood by now; it may be another for the next query.

    ``notes`` say what of it could not be read.
    """

    reader: Reader
    rewriter: Rewrites | None = None
    site: SiteRules = field(default_factory=SiteRules.none)
    notes: tuple[str, ...] = ()


class Interpreter:
    """Understands queries by one rule."""

    def __init__(self, parser: QueryParser, knowledge: Knowledge, rule: Rule | None = None) -> None:
        """Use what is known; without a rewriter there are no expansions."""
        self._parser = parser
        self._reader = knowledge.reader
        self._rewriter = knowledge.rewriter
        self._site = knowledge.site
        self._rule = rule or Rule()

    def literal(self, query: str) -> Understanding:
        """Return the query's own words as what must match, nothing else."""
        parts = self._parser.parse(query, rewrite=False)
        return Understanding(query, parts, meaning=query, literal=True)

    def read(self, query: str, given: Filters | None = None) -> Understanding:
        """Return what a query asks for.

        Args:
            query: any text.
            given: filters that were given beside it; they win over what the query says of the same.
        """
        intents = self._reader.understand(query).intents
        pieces = pieces_of(query, intents)
        parts: list[Part] = []
        rewrites: list[Rewritten] = []
        found = list(runs(pieces))
        for run in _not_negated(found, pieces):
            some, rewritten = self._parts(run)
            parts += some
            rewrites += rewritten
        if not any(part.asks_position for part in parts):
            parts, rewrites = self._named_otherwise(parts)
        needs = self._needs([piece.intent for piece in pieces], given)
        understood = Understanding(
            query,
            tuple(dict.fromkeys(parts)),
            intents,
            needs,
            tuple(rewrites),
            self._hints(found),
            *_meaning(query, pieces),
            self._rule.boost,
        )
        if understood.is_empty:
            literal = self._parser.parse(query, rewrite=False)
            return replace(understood, parts=literal, meaning=query)
        return understood

    def _parts(self, run: Sequence[Piece]) -> tuple[list[Part], list[Rewritten]]:
        """Return what must match of one run of pieces: a position, or words."""
        intent = run[0].intent
        if intent.negated:
            return [], []
        if intent.attribute != "position":
            if self._use(intent) != "text" or is_talk(intent):
                return [], []
            # No post holds a site's own word; what it stands for may stand there.
            meant = str(intent.value) if intent.source == SYNONYM and intent.value else None
            text = self._parser.normalized(meant or "".join(piece.written for piece in run))
            words = list(self._parser.words(text, intent.attribute))
            return [or_employer(part) for part in words], []
        part, rewrites = self._position(run[0])
        if len(run) == 1:
            return [part], rewrites
        # 会计报表 names a field of work: the words as they stand, else the position.
        whole = self._parser.normalized("".join(piece.written for piece in run))
        first, *rest = self._parser.words(whole)
        return [replace(first, instead=part), *rest], []

    def _position(self, piece: Piece) -> tuple[Part, list[Rewritten]]:
        intent = piece.intent
        form = intent.repair.meant if intent.repair else self._parser.normalized(piece.written)
        # 店员 in a 药店 means another position than alone: that one's name is rewritten.
        alone = self._parser.named(form) == {*intent.positions, *intent.wider}
        name = form if alone else str(intent.value)
        rewritten = heeded(self._rewriter.rewrite(name), self._rule) if self._rewriter else None
        same = (*intent.positions, *forced(rewritten, Kind.SAME))
        others = alternatives(self._parser, rewritten, self._rule, form, same)
        wider = (*intent.wider, *forced(rewritten, Kind.NARROWER, Kind.RELATED))
        part = self._parser.position(form, same, wider, others)
        return part, [rewritten] if rewritten else []

    def _named_otherwise(self, parts: list[Part]) -> tuple[list[Part], list[Rewritten]]:
        """Let the rewriter tell which position the only unknown words mean."""
        unknown = [number for number, part in enumerate(parts) if part.attribute == "generic"]
        if self._rewriter is None or len(unknown) != 1:
            return parts, []
        part = parts[unknown[0]]
        rewritten = heeded(self._rewriter.rewrite(part.text), self._rule)
        if not (rewritten.positions or rewritten.expansions):
            return parts, []
        same = (*rewritten.positions, *forced(rewritten, Kind.SAME))
        named = self._parser.position(part.text, same, ())
        others = alternatives(self._parser, rewritten, self._rule, part.text, same)
        phrase = replace(
            part.phrase,
            positions=named.positions,
            alternatives=(*part.phrase.alternatives, *others),
        )
        attribute: Attribute = "position" if named.positions else "generic"
        part = replace(part, phrase=phrase, positions=named.positions, attribute=attribute)
        return [*parts[: unknown[0]], part, *parts[unknown[0] + 1 :]], [rewritten]

    def _hints(self, found: Iterable[Sequence[Piece]]) -> tuple[AnyOf, ...]:
        """Return the words that only add to the score."""
        hints = []
        for run in found:
            intent = run[0].intent
            text = self._parser.normalized("".join(piece.written for piece in run))
            if intent.attribute != "generic" or intent.negated:
                continue
            boosted = not is_talk(intent) and self._use(intent) == "boost"
            if (boosted or is_skill(intent)) and (words := says(text)).tokens:
                hints.append((words,))
        return tuple(hints)

    def _needs(self, intents: Sequence[Intent], given: Filters | None) -> tuple[Need, ...]:
        needs = [self._need(intent, given) for intent in intents if _is_condition(intent)]
        places = [one for one in intents if one.attribute == "location" and not one.negated]
        use = self._rule.location
        if places and use in {"filter", "boost"}:
            city = given.city if given else None
            needs += [
                Need("location", some, use if asks.groups else "ignore", asks)
                for some, asks in located(places, divisions(), city)
            ]
        return tuple(needs)

    def _need(self, intent: Intent, given: Filters | None) -> Need:
        attribute, use = intent.attribute, self._use(intent)
        option = _GIVEN.get(attribute)
        replaced = given is not None and option and getattr(given, option) is not None
        if replaced and not intent.negated:
            return Need(attribute, (intent,), "ignore", Asked(why="a filter is given for it"))
        if attribute == "position":
            asks = self._refused_position(intent)
        elif attribute == "location":
            asks = elsewhere(intent, divisions())
        else:
            asks = asked(intent, self._site.company_names)
        if use == "text":
            use = "filter" if intent.negated else "text"
        elif not (asks.groups or asks.refused):
            use = "ignore"
        return Need(attribute, (intent,), use, asks if use != "text" else Asked())

    def _refused_position(self, intent: Intent) -> Asked:
        named = self._parser.position(str(intent.value), intent.positions, ())
        if named.positions:
            return Asked(refused=(Held("position", named.positions),))
        return Asked(refused=(replace(says(named.text), stream="offer"),))

    def _use(self, intent: Intent) -> Use:
        return self._rule.use(intent.attribute)


def _is_condition(intent: Intent) -> bool:
    """Tell whether an intent asks something by itself; places ask together, words as parts."""
    if intent.attribute == "generic":
        return False
    return intent.negated or intent.attribute not in {"position", "location"}


def _meaning(query: str, pieces: Sequence[Piece]) -> tuple[str, tuple[Attribute, ...]]:
    """Return what the query's vector is made of, and the conditions that it stands for.

    Everything but places, pay, refusals and talk; skills and licences are no talk here. Kinds of
    work and benefits are asked by nearness alone: 短期工 is near to 寒假工, and a post says 包住 in
    many ways.
    """
    told = [_is_told(piece) for piece in pieces]
    for at, end in reversed(_negations(pieces)):
        if told[end]:  # 不用喝酒, not 不用面试
            told[at:end] = [True] * (end - at)
    if not any(told):
        return query, ()
    if all(told):
        return query, BY_NEARNESS
    text = ""
    for at, piece in enumerate(pieces):
        if told[at]:
            joined = piece.glued and told[at - 1]
            text += piece.written if joined else f" {piece.written}"
    return text.strip(), BY_NEARNESS


def _is_told(piece: Piece) -> bool:
    """Tell whether a piece belongs to what is looked for: 会粤语 and 有电工证 do."""
    intent = piece.intent
    if intent.negated or intent.attribute not in _NAMES | _ABOUT_WORK:
        return False
    return not is_talk(intent) or is_skill(intent)


def _not_negated(found: Iterable[list[Piece]], pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield what must match: of 不喝酒的销售 a post need not say 喝酒."""
    ends = {end for _, end in _negations(pieces) if pieces[end].intent.attribute == "generic"}
    start = 0
    for run in found:
        if ends.isdisjoint(range(start, start + len(run))):
            yield run
        start += len(run)


def _negations(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return the numbers of negations, each with that of what it says is not: 不需要|喝酒."""
    found: list[tuple[int, int]] = []
    for at, piece in enumerate(pieces):
        if piece.intent.source != NEGATION:
            continue
        end = at + 1
        while end < len(pieces) and pieces[end].glued and pieces[end].written in _NEEDS:
            end += 1
        if end < len(pieces) and pieces[end].glued:
            found.append((at, end))
    return found
