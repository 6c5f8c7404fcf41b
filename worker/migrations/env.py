"""What Alembic runs: migrates the connection that ``worker.schema`` hands over."""

from __future__ import annotations

from alembic import context

from worker.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # The caller's transaction (and lock) spans the whole upgrade.
    transactional_ddl=False,
)
context.run_migrations()
