"""The settings of the worker processes, checked together.

A wrong chain of times loses no post, but has healthy work started again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from worker.checks import MAX_BATCH, SECONDS_A_POST, SettingsError

CONSUMER_TIMEOUT_S = 1800.0
"""RabbitMQ closes a channel whose message was not acknowledged for so long (its default)."""
MIN_MEMORY_MB = 256
MODEL_LOAD_S = 10.0
"""What loading the model may take on a slow machine."""
_AMQP = frozenset({"amqp", "amqps", "pyamqp"})
_REDIS = frozenset({"redis", "rediss"})


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """Everything that ``worker`` and ``relay`` are told; times in seconds.

    Attributes:
        broker_url: ``amqp://…`` (RabbitMQ) or ``redis://…``.
        prefix: what the names of queues and exchanges begin with.
        batch: posts of one hint.
        concurrency: child processes of a worker.
        threads: threads of the model in a child; None leaves it to the provider.
        max_tasks_per_child: a child is replaced after so many messages.
        max_memory_mb: a child that holds more after a message is replaced.
        batch_deadline_s: what one batch may take; a longer one is only told.
        soft_limit_s: then the batch is given back.
        hard_limit_s: then the child is killed.
        lease_s: then other processes may take the rows over.
        visibility_timeout_s: Redis only: then an unacknowledged message is sent again.
        delivery_limit: redeliveries of one ingest message before it is refused.
        backoff_s: first delay of a row that failed.
        poll_s: pause of the relay between two looks at the outbox.
        alive_timeout_s: what a new child may take until it is ready.
    """

    broker_url: str
    prefix: str = "hirelens"
    batch: int = 32
    concurrency: int = 1
    threads: int | None = None
    max_tasks_per_child: int = 20_000
    max_memory_mb: int = 4096
    batch_deadline_s: float = 60.0
    soft_limit_s: float = 120.0
    hard_limit_s: float = 150.0
    lease_s: float = 300.0
    visibility_timeout_s: float = 900.0
    delivery_limit: int = 5
    backoff_s: float = 1.0
    poll_s: float = 0.5
    alive_timeout_s: float = 60.0

    @property
    def is_redis(self) -> bool:
        """Tell whether the broker is Redis; RabbitMQ otherwise."""
        return urlsplit(self.broker_url).scheme in _REDIS

    @property
    def live_queue(self) -> str:
        """The hints of the live lane."""
        return f"{self.prefix}.live"

    @property
    def backfill_queue(self) -> str:
        """The hints of the backfill lane."""
        return f"{self.prefix}.backfill"

    @property
    def ingest_queue(self) -> str:
        """Posts of other systems."""
        return f"{self.prefix}.ingest"

    @property
    def dead_exchange(self) -> str:
        """Where RabbitMQ sends messages that were delivered too often."""
        return f"{self.prefix}.dead"

    @property
    def dead_queue(self) -> str:
        """Where they lie until the relay moves them into ``ingest_rejects``."""
        return f"{self.prefix}.ingest.dead"

    def check(self) -> WorkerConfig:
        """Return the same settings when they can work together.

        Raises:
            SettingsError: names the settings with their values, and the remedy.
        """
        self._check_broker()
        self._check_ranges()
        for low, high in self._chain():
            (name, value), (other, above) = low, high
            if not value < above:
                remedy = f"raise {other} above {value:g}" if other in _OWN else f"lower {name}"
                raise SettingsError(
                    f"{name} is {value:g} s and {other} is {above:g} s; {remedy}: each step must "
                    "end before the next one takes the work away"
                )
        needed = self.batch * SECONDS_A_POST
        if self.batch_deadline_s < needed:
            raise SettingsError(
                f"batch_deadline_s is {self.batch_deadline_s:g} s, and a batch of {self.batch} may "
                f"take {needed:g} s; raise batch_deadline_s or lower batch"
            )
        return self

    def _chain(self) -> Iterator[tuple[tuple[str, float], tuple[str, float]]]:
        end = (
            ("visibility_timeout_s", self.visibility_timeout_s)
            if self.is_redis
            else ("RabbitMQ's consumer_timeout", CONSUMER_TIMEOUT_S)
        )
        steps = [
            ("batch_deadline_s", self.batch_deadline_s),
            ("soft_limit_s", self.soft_limit_s),
            ("hard_limit_s", self.hard_limit_s),
            ("lease_s", self.lease_s),
            end,
        ]
        yield from pairwise(steps)
        # A message that was fetched ahead waits for one task and then is one.
        yield ("twice hard_limit_s", 2 * self.hard_limit_s), end
        yield (
            ("the time to load the model", MODEL_LOAD_S),
            ("alive_timeout_s", self.alive_timeout_s),
        )

    def _check_broker(self) -> None:
        scheme = urlsplit(self.broker_url).scheme
        if scheme not in _AMQP | _REDIS:
            shown = f"has the scheme {scheme!r}" if scheme else "is no URL"
            raise SettingsError(
                f"broker_url {shown}; write amqp://user:password@host:5672/vhost (RabbitMQ) "
                "or redis://host:6379/0"
            )
        if not self.prefix or any(c.isspace() for c in self.prefix) or len(self.prefix) > 100:
            raise SettingsError(
                f"prefix is {self.prefix!r}; choose 1 to 100 characters without blanks"
            )

    def _check_ranges(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise SettingsError(f"{name} is {value:g}; choose {low:g} to {high:g}")


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("batch", 1, MAX_BATCH),
    ("concurrency", 1, 1024),
    ("threads", 1, 1024),
    ("max_tasks_per_child", 1, 10**9),
    ("max_memory_mb", MIN_MEMORY_MB, 10**7),
    ("batch_deadline_s", 0.1, 86_400),
    ("delivery_limit", 1, 1000),
    ("backoff_s", 0, 3600),
    ("poll_s", 0.01, 60),
)
_OWN = frozenset(WorkerConfig.__dataclass_fields__)
