"""What must hold between the lines of a site's files, and between them and the taxonomy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from search.site.files import Problem, Row
from search.site.known import Known
from search.site.lines import Lines, Synonym
from search.site.model import Meaning
from search.site.rewrites import check_rewrites


def meanings(lines: Lines, known: Known) -> dict[str, Meaning]:
    """Return what each synonym is read as; those that are read as nothing are left out."""
    companies = {word: one.name for one in lines.companies for word in one.words}
    cache: dict[str, Meaning | None] = {}
    found: dict[str, Meaning] = {}
    for one in lines.synonyms:
        text = one.meaning
        if text not in cache:
            company = companies.get(text)
            cache[text] = Meaning(text, "company", company) if company else known.meaning(text)
        meaning = cache[text]
        if meaning is not None:
            found.setdefault(one.word, meaning)
    return found


def check(lines: Lines, known: Known, found: Mapping[str, Meaning]) -> Iterator[Problem]:
    """Yield every contradiction, and every word that would do harm."""
    yield from _claims(lines)
    yield from _synonyms(lines, known, found)
    yield from _stop_words(lines, known)
    yield from _companies(lines, known)
    yield from check_rewrites(lines, known, found)


def _claims(lines: Lines) -> Iterator[Problem]:
    """A word is one thing: a synonym, a stop word or a name of one employer."""
    first: dict[str, tuple[str, Row]] = {}
    claims = [(one.word, "a synonym", one.row, "word") for one in lines.synonyms]
    claims += [(one.word, "a stop word", one.row, "word") for one in lines.stop_words]
    for company in lines.companies:
        claims.append((company.word, "an employer", company.row, "name"))
        claims += [(alias, "an employer", company.row, "aliases") for alias in company.aliases]
    for word, role, row, column in claims:
        known_role, known_row = first.setdefault(word, (role, row))
        if known_row is not row:
            problem = f"{word!r} is {known_role} at {known_row.place} already"
            yield row.problem(column, problem, "remove one of the two")
    for company in lines.companies:
        for number, alias in enumerate(company.aliases):
            if alias in company.words[: number + 1]:
                problem = f"{alias!r} stands in this line twice"
                yield company.row.problem("aliases", problem, "remove one of the two")


def _synonyms(lines: Lines, known: Known, found: Mapping[str, Meaning]) -> Iterator[Problem]:
    by_word: dict[str, Synonym] = {}
    for one in lines.synonyms:
        by_word.setdefault(one.word, one)
    stop_words = {one.word: one.row.place for one in lines.stop_words}
    for one in lines.synonyms:
        row, word, meaning = one.row, one.word, one.meaning
        if word == meaning:
            yield row.problem("meaning", "is the word itself", "name another, or remove the line")
        elif meaning in by_word:
            yield _chained(one, by_word)
        elif meaning in stop_words:
            problem = f"{meaning!r} is a stop word ({stop_words[meaning]})"
            yield row.problem("meaning", problem, "remove one of the two lines")
        elif one is by_word[word] and word not in found:
            yield row.problem(
                "meaning",
                f"{meaning!r} names no position and nothing else that queries are read with",
                "write the name of a position, or one word that 'hirelens intent' reads as one "
                "part; a position that is missing goes into the taxonomy",
            )
        if known.is_name(word):
            remedy = "write another word; what positions are belongs into the taxonomy"
            yield row.problem("word", f"{word!r} is a position's own name", remedy)
        if known.refuses(word):
            yield row.problem("word", f"{word!r} says what is not wanted", "write another word")


def _chained(one: Synonym, by_word: Mapping[str, Synonym]) -> Problem:
    """Tell where a chain of synonyms ends, or that it never does."""
    path = [one.word]
    at = one
    while at.meaning in by_word and at.meaning not in path:
        at = by_word[at.meaning]
        path.append(at.word)
    place = by_word[one.meaning].row.place
    if at.meaning in path:
        problem = f"leads back to itself ({' -> '.join((*path, at.meaning))}; see {place})"
        return one.row.problem("meaning", problem, "remove one of the lines")
    problem = f"{one.meaning!r} is a synonym itself ({place})"
    return one.row.problem("meaning", problem, f"write what that one means: {at.meaning}")


def _stop_words(lines: Lines, known: Known) -> Iterator[Problem]:
    for one in lines.stop_words:
        if known.form(one.word) is not None:
            remedy = "remove the line: whoever searches for it means it"
            yield one.row.problem("word", f"{one.word!r} is a name of a position", remedy)
        elif known.refuses(one.word):
            remedy = "remove the line: without it a query asks for what it refuses"
            yield one.row.problem("word", f"{one.word!r} says what is not wanted", remedy)


def _companies(lines: Lines, known: Known) -> Iterator[Problem]:
    """An employer must not take away the name of a position or a place."""
    for one in lines.companies:
        for word in one.words:
            column = "name" if word == one.word else "aliases"
            meaning = known.meaning(word)
            if meaning is not None and meaning.attribute in {"position", "location"}:
                what = "position" if meaning.attribute == "position" else "place"
                remedy = "write a longer name, or remove it"
                yield one.row.problem(column, f"{word!r} is the name of a {what}", remedy)
            elif known.refuses(word):
                problem = f"{word!r} says what is not wanted"
                yield one.row.problem(column, problem, "write another name")
