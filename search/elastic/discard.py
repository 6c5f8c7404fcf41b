"""Removing every index of a prefix: for indices that were made to be measured."""

from __future__ import annotations

from contextlib import closing

from search.elastic.client import connect, translated
from search.elastic.config import ElasticConfig
from search.elastic.roles import generations


def discard(config: ElasticConfig) -> None:
    """Delete all generations of a prefix, whatever part they play.

    Raises:
        IndexUnavailableError: the cluster cannot be asked.
    """
    with closing(connect(config)) as client, translated(config):
        for one in generations(client, config):
            client.indices.delete(index=one.name, ignore_unavailable=True)
