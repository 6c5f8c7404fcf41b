"""Drains a home in one child process after another until one survives; prints how many died.

Usage: ``python -m tests.crash.deadly HOME TITLE``: reading a post of this title kills a child.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.crash.writer import drain_home, open_home

MOST = 20


def main(home: Path, title: str) -> int:
    """Nothing is open before the fork: SQLite connections must not cross it."""
    for died in range(MOST):
        child = os.fork()
        if child == 0:
            engine, index, enricher = open_home(home)
            drain_home(engine, index, replace(enricher, deadly=frozenset({title})))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            return died
    return MOST


if __name__ == "__main__":
    sys.stdout.write(str(main(Path(sys.argv[1]), sys.argv[2])))
