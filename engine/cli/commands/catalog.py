"""``headrace catalog``: columns, keys and statistics of tables, read from the database and kept in catalog.json."""

from __future__ import annotations

import click

from headrace.cli.options import colour_option, folder_argument, warehouse_option
from headrace.cli.project import open_project
from headrace.cli.screen import report


@click.command("catalog")
@folder_argument
@warehouse_option
@click.option(
    "--schema",
    "schemas",
    metavar="NAME",
    multiple=True,
    help="Also all tables and views of this schema. May be given several times.",
)
@click.option("--out", metavar="FILE", type=click.Path(), help="Where to write.  [default: catalog.json in FOLDER]")
@colour_option
def command(folder: str, warehouse: str | None, schemas: tuple[str, ...], out: str | None) -> int:
    """Keep what the database knows of the tables that the project in FOLDER reads.

    Columns, keys, how many rows there are and how many different values: with catalog.json in the folder, sources need
    no columns, and what is compiled is chosen by the sizes. No row is read, and no text of one is kept.
    """
    from headrace.cli.cataloguing import keep_catalog

    return report(keep_catalog(open_project(folder), warehouse, schemas, out))
