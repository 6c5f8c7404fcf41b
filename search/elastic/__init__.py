"""Elasticsearch as the index: the only place that imports its client."""
