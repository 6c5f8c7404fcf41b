"""Judged queries made from templates: what trains the tagger of queries."""
