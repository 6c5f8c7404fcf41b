"""Scoring what the product returned against judged sets: pure, from files and values."""
