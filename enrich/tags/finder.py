"""All ten attributes of one field, as marks of the original text."""

from __future__ import annotations

from collections.abc import Iterable

from enrich.post import AttributeName, FieldName, Mark
from enrich.tags.age import find_ages
from enrich.tags.company import find_companies
from enrich.tags.dictionary import find_benefits, find_job_types, find_workplaces
from enrich.tags.education import find_education
from enrich.tags.experience import find_experience
from enrich.tags.gender import find_genders
from enrich.tags.places import find_places
from enrich.tags.salary import find_salary
from enrich.tags.spans import Found, longest_first
from enrich.text import Normalized


def find_marks(
    field: FieldName,
    normalized: Normalized,
    *,
    company: str | None = None,
    city: str | None = None,
) -> dict[AttributeName, tuple[Mark, ...]]:
    """Return every statement of the ten attributes in one field of a post.

    Args:
        field: which field the text is.
        normalized: the field's normalised text; marks count code points of its original.
        company: the post's own company, whose name is looked for in the text.
        city: the post's own city, looked for in the text too.
    """
    text = normalized.text
    if not text:
        return {}
    companies = longest_first(find_companies(text, company))
    found: dict[AttributeName, Iterable[Found]] = {
        "salary": find_salary(text),
        "age": find_ages(text),
        "gender": find_genders(text),
        "education": find_education(text),
        "experience": find_experience(text),
        "job_type": find_job_types(text),
        "benefit": find_benefits(text),
        "workplace": _outside(find_workplaces(text, title=field == "title"), companies),
        "location": _outside(find_places(text, city), companies),
        "company": companies,
    }
    marks = {name: _marks(field, normalized, items) for name, items in found.items()}
    return {name: items for name, items in marks.items() if items}


def _marks(field: FieldName, normalized: Normalized, found: Iterable[Found]) -> tuple[Mark, ...]:
    return tuple(_mark(field, normalized, item) for item in longest_first(found))


def _mark(field: FieldName, normalized: Normalized, item: Found) -> Mark:
    start, end = normalized.span(item.start, item.end)
    return Mark(
        field=field,
        start=start,
        end=end,
        text=normalized.original[start:end],
        polarity=item.polarity,
        value=item.value,
    )


def _outside(found: Iterable[Found], others: Iterable[Found]) -> list[Found]:
    """Leave out what stands inside a company's name: 上海 in 上海某某有限公司 says no place."""
    taken = [(item.start, item.end) for item in others]
    return [f for f in found if not any(start < f.end and f.start < end for start, end in taken)]
