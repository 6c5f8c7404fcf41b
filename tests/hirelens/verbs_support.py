"""What tests of the verbs share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result


def write_lines(path: Path, rows: Any) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


def ok(result: Result) -> Result:
    """Insist on exit status 0 and show what was said otherwise."""
    assert result.exit_code == 0, (result.output, result.exception)
    return result
