"""``headrace schema``: the JSON Schema of the documents, for editors and hosts."""

from __future__ import annotations

import json

import click


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of the documents. Editors complete and check YAML with it."""
    from headrace.models.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return 0
