"""``hirelens schema``: the published JSON schemas."""

from __future__ import annotations

import json

import click

from hirelens.output import emit_text
from hirelens.texts import examples


@click.command("schema", epilog=examples("hirelens schema post > post.schema.json"))
@click.argument("name", required=False, type=click.Choice(["post", "enrichment", "search"]))
def command(name: str | None) -> None:
    """Print the JSON schema of posts, of enrichments, of the search log, or all in one object."""
    emit_text(schema_text(name))


def schema_text(name: str | None) -> str:
    """Return the schema as it is published under ``docs/schema/``."""
    from enrich.post import json_schema
    from search.searchlog.model import json_schema as search_schema

    schemas = {**json_schema(), "search": search_schema()}
    return json.dumps(schemas if name is None else schemas[name], ensure_ascii=False, indent=2)
