"""The database's clock in milliseconds since 1970, one expression for every dialect.

Leases are compared by one clock only: those of several machines drift apart. It is the time at
which the statement began, so that a database may use an index to compare with it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class now_ms(FunctionElement[int]):  # noqa: N801 - reads like the SQL function that it is
    """``now_ms()`` in a statement is the database's time in milliseconds."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_ms)
def _sqlite(_element: now_ms, _compiler: Any, **_kw: Any) -> str:  # noqa: ANN401
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(now_ms, "postgresql")
def _postgresql(_element: now_ms, _compiler: Any, **_kw: Any) -> str:  # noqa: ANN401
    return "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)"


@compiles(now_ms, "mysql", "mariadb")
def _mysql(_element: now_ms, _compiler: Any, **_kw: Any) -> str:  # noqa: ANN401
    # UNIX_TIMESTAMP() reads local time, which has an hour twice at the end of summer time.
    since = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3))"
    return f"CAST({since} DIV 1000 AS SIGNED)"
