"""The index of a run: the embedded one, or generations on one or two Elasticsearch nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.elastic.config import ElasticConfig
from search.elastic.generations import Generations, Plan
from search.elastic.index import ElasticIndex
from search.embedded import EmbeddedIndex
from search.index import Index
from tests.crash.encoder import LENGTH, RECIPE

TIMEOUT_S = 1.5
PATIENT_S = 30.0


@dataclass(frozen=True, slots=True)
class Where:
    """``urls`` of Elasticsearch nodes; without any the index is the embedded one in ``file``."""

    file: str = ""
    urls: tuple[str, ...] = ()
    prefix: str = "crash"
    replicas: int = 0
    roles_ttl_s: float = 1.0

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Where:
        """Read the JSON form back."""
        return cls(**{**data, "urls": tuple(data["urls"])})

    @property
    def is_elastic(self) -> bool:
        """Whether it is on Elasticsearch."""
        return bool(self.urls)

    def config(self, timeout_s: float = TIMEOUT_S) -> ElasticConfig:
        """How the nodes are reached: short times, so that outages are noticed in the run."""
        return ElasticConfig(
            self.urls,
            prefix=self.prefix,
            timeout_s=timeout_s,
            retries=1,
            replicas=self.replicas,
            roles_ttl_s=self.roles_ttl_s,
        )

    def prepare(self) -> None:
        """Make what must be there before the first document."""
        if self.is_elastic:
            generations = Generations.open(self.config(PATIENT_S))
            plan = Plan(RECIPE.vector_space, RECIPE.digest, 1, self.replicas, LENGTH)
            generations.create(plan)
            generations.close()

    def open(self, *, patient: bool = False) -> Index:
        """Open it; ``patient``: for reading back, when nothing is broken any more."""
        if not self.is_elastic:
            return EmbeddedIndex(Path(self.file), RECIPE.vector_space)
        config = self.config(PATIENT_S if patient else TIMEOUT_S)
        return ElasticIndex(config, RECIPE.vector_space)


def embedded(file: object) -> Where:
    """Return the embedded index of a file."""
    return Where(file=str(file))


def elastic(nodes: Sequence[Any]) -> Where:
    """Return an index of its own on nodes of one cluster, a copy of every shard on each."""
    urls = tuple(node.url for node in nodes)
    return Where(urls=urls, prefix=nodes[0].fresh_prefix(), replicas=len(nodes) - 1)
