"""Words that look like names of positions and that no form covers yet.

Names are looked for where posts put them: before a head that the taxonomy's own names end with
(员, 师傅, 经理), and after a word that asks for somebody (招, 聘, 急需). A name often ends its
clause, a piece of another word (岗位职 of 岗位职责) does not. How far it reaches to the left is
decided as in new-word discovery by accessor variety (Feng et al., "Accessor variety
criteria for Chinese word extraction", Computational Linguistics 30(1), 2004): a word stands after
many different characters, a piece of a word after few.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from enrich.lexicon import Lexicon
from enrich.tags.tables import Finder
from enrich.taxonomy import Taxonomy
from enrich.text import GAP, clauses, normalize, normalize_query

LONGEST = 8
CONTEXTS = 3
_CONTEXT = 12
_PERSONS = "员工师生手长人者嫂哥姐妹匠倌"
"""Single characters that end names of persons; 业, 务 and 管 end names too, but mostly others."""
_HEAD_POSITIONS = 8
"""A head of two characters ends at least this many names of the taxonomy."""
_ENDS_CLAUSE = 0.3
"""Share of a name's places in which no Chinese character follows it."""
_FUNCTION = frozenset(
    "的地得了着过和与及或等在有为是对以被把将从到由向按各该其每能可会要需请招聘找"
)
"""Characters that no candidate begins with."""
_ASKING = re.compile(
    r"(?:招聘?|诚?聘请?|急招|急聘|急需|寻找?|请(?!勿)|需要|需(?!求)|缺(?!陷))"
    r"(?:熟手|全职|兼职|长期|男|女|一?[名个位]|\d+[名个位人]|若干)*"
    r"(?P<name>[\u4e00-\u9fff]{2,6})"
    r"(?=[,。;、!\s\d/|(]|$|若干|数名|[一二两三四五六七八九十]+[名个位人])"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may be a position: in how many posts, and where."""

    word: str
    posts: int
    contexts: tuple[str, ...]


@dataclass
class _Seen:
    posts: int = 0
    last: str = ""
    places: int = 0
    ends: int = 0
    asked: bool = False  # where the word begins is known, by the word that asks before it
    before: set[str] = field(default_factory=set)
    contexts: list[str] = field(default_factory=list)


def candidates(
    posts: Iterable[tuple[str, str, str]],
    taxonomy: Taxonomy,
    refused: Iterable[str] = (),
    *,
    at_least: int = 5,
) -> list[Candidate]:
    """Return candidates of posts (id, title, body), the most frequent first.

    Args:
        posts: the posts to look through, one time.
        taxonomy: whose forms and look-alikes are taken as known.
        refused: words that were looked at before and are no positions; no candidate holds one.
        at_least: in how many posts a candidate stands.
    """
    lexicon = Lexicon(taxonomy)
    heads = _heads(taxonomy)
    known = Finder(dict.fromkeys(map(normalize_query, refused), ""))
    seen: defaultdict[str, _Seen] = defaultdict(_Seen)
    for id_, title, body in posts:
        for text in (title, body):
            blanked = _blanked(normalize(text).text, lexicon, known)
            for clause in clauses(blanked):
                _gather(blanked, clause.start, clause.end, heads, id_, seen)
    return _words(seen, at_least)


def _heads(taxonomy: Taxonomy) -> re.Pattern[str]:
    """Return a pattern over the heads: persons, and the last two characters of many names.

    A head that is a position only in context (开发, 设计) ends fields of work far more often.
    """
    ends = Counter(
        name[-2:] for position in taxonomy.positions.values() if len(name := position.name) > 2
    )
    vague = taxonomy.ambiguous | taxonomy.query_only
    common = [
        end
        for end, count in ends.items()
        if count >= _HEAD_POSITIONS and end not in vague and not end[0].isascii()
    ]
    return re.compile("|".join(map(re.escape, (*sorted(common), *_PERSONS))))


def _blanked(text: str, lexicon: Lexicon, refused: Finder) -> str:
    """Put a gap in place of all that is known, so that no candidate reaches into it."""
    chars = list(text)
    for match in (*lexicon.find(text), *lexicon.lookalikes(text)):
        chars[match.start : match.end] = GAP * (match.end - match.start)
    for start, end, _ in refused.longest(text):
        chars[start:end] = GAP * (end - start)
    return "".join(chars)


def _gather(
    text: str, start: int, end: int, heads: re.Pattern[str], post: str, seen: dict[str, _Seen]
) -> None:
    for head in heads.finditer(text, start, end):
        for first in range(head.start() - 1, max(start, head.end() - LONGEST) - 1, -1):
            if not _is_chinese(text[first]):
                break
            if text[first] not in _FUNCTION:
                _note(seen, text, first, head.end(), post)
    for asking in _ASKING.finditer(text, start, end):
        _note(seen, text, *asking.span("name"), post)
        seen[asking["name"]].asked = True


def _note(seen: dict[str, _Seen], text: str, start: int, end: int, post: str) -> None:
    word = seen[text[start:end]]
    word.places += 1
    word.ends += not _is_chinese(text[end : end + 1])
    word.before.add(text[start - 1 : start] or "^")
    if word.last != post:
        word.last = post
        word.posts += 1
        if len(word.contexts) < CONTEXTS:
            around = text[max(0, start - _CONTEXT) : end + _CONTEXT]
            word.contexts.append(" ".join(around.split()))


def _is_chinese(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _words(seen: dict[str, _Seen], at_least: int) -> list[Candidate]:
    frequent = {
        word: found
        for word, found in seen.items()
        if found.posts >= at_least and found.ends >= _ENDS_CLAUSE * found.places
    }
    pieces = _pieces(frequent)
    kept = [
        Candidate(word, found.posts, tuple(found.contexts))
        for word, found in frequent.items()
        if word not in pieces
        and (found.asked or (len(found.before) >= 3 and not _is_longer(word, found, frequent)))
    ]
    return sorted(kept, key=lambda candidate: (-candidate.posts, candidate.word))


def _pieces(frequent: dict[str, _Seen]) -> set[str]:
    """Return the words that mostly stand as the end of one longer word (业生 of 毕业生)."""
    return {
        word[1:]
        for word, found in frequent.items()
        if word[1:] in frequent and found.places > 0.6 * frequent[word[1:]].places
    }


def _is_longer(word: str, found: _Seen, frequent: dict[str, _Seen]) -> bool:
    """Tell whether a word is a shorter candidate with something before it that is no part of it."""
    for start in range(1, len(word) - 1):
        shorter = frequent.get(word[start:])
        if shorter and len(shorter.before) > len(found.before) and shorter.posts > 2 * found.posts:
            return True
    return False
