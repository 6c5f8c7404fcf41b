"""Poster tags that name a position, judged against what the post says of every position word."""
