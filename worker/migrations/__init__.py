"""Alembic's scripts; ``worker.schema`` runs them."""
