"""Attributes that a post states about the job, with evidence spans, polarity and values."""

from enrich.tags.certificates import find_certificates
from enrich.tags.finder import find_marks

__all__ = ["find_certificates", "find_marks"]
