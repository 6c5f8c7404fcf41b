"""Settings checked as a system, before anything starts."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BATCH = 1000
SECONDS_A_POST = 1.0
"""What one post may take on a slow machine, several windows included."""


class SettingsError(ValueError):
    """Settings that cannot work together; the message names them and the remedy."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How many rows are leased together, for how long, and the first delay after an error."""

    batch: int
    lease_seconds: float
    backoff_seconds: float

    def check(self) -> None:
        """Refuse a timing under which healthy batches would lose their leases.

        Raises:
            SettingsError: names the setting and the remedy.
        """
        if not 1 <= self.batch <= MAX_BATCH:
            raise SettingsError(f"batch is {self.batch}; choose 1 to {MAX_BATCH}")
        if self.backoff_seconds < 0:
            raise SettingsError(f"backoff_s is {self.backoff_seconds}; choose 0 or more")
        needed = self.batch * SECONDS_A_POST
        if self.lease_seconds < needed:
            raise SettingsError(
                f"lease_s is {self.lease_seconds:g}, and a batch of {self.batch} may take "
                f"{needed:.0f} s; raise lease_s or lower batch"
            )
