"""Reading what the database knows of the tables that a project reads, and keeping it in catalog.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headrace.cli.progress import waiting
from headrace.cli.running import Failed, opened_warehouse
from headrace.cli.screen import plain_text, plural, say

if TYPE_CHECKING:
    from headrace.catalog import Catalog
    from headrace.diagnostics import Diagnostic
    from headrace.project import OpenProject


def keep_catalog(
    project: OpenProject,
    warehouse: str | None,
    schemas: Sequence[str] = (),
    out: str | None = None,
    quiet: bool = False,
) -> Sequence[Diagnostic]:
    """Writes catalog.json anew and tells what is in it. Gives what could not be found out."""
    from headrace.catalog.file import CATALOG, catalog_text

    if not project.tables and not schemas:
        if not quiet:
            say("No source reads a table of the database, and no --schema was named.")
        return ()
    catalog, problems = fetched_catalog(project, warehouse, schemas)
    path = project.root / CATALOG if out is None else Path(out)
    try:
        path.write_text(catalog_text(catalog), "utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"{plain_text(str(path))} cannot be written: {error.strerror}.") from None
    if not quiet:
        _tell(catalog)
        say(f"Kept in {plain_text(str(path))}.", fg="green")
    return problems


def fetched_catalog(
    project: OpenProject, warehouse: str | None, schemas: Sequence[str] = ()
) -> tuple[Catalog, Sequence[Diagnostic]]:
    """What the database knows of the project's tables and of all in ``schemas``. Where it refuses, the command ends."""
    from headrace.run.catalog import read_catalog
    from headrace.run.stopped import Stopped

    with opened_warehouse(project, warehouse) as where:
        try:
            with waiting("reading the catalog"):
                return read_catalog(where, project.tables, schemas)
        except Stopped as stopped:
            raise Failed(stopped.diagnostics) from None


def _tell(catalog: Catalog) -> None:
    """A line for each table: its columns, and how many rows it has."""
    width = max((len(plain_text(name)) for name in catalog.tables), default=0)
    unknown = 0
    for name, facts in sorted(catalog.tables.items()):
        rows = "rows not known" if facts.rows is None else f"about {plural(facts.rows, 'row')}"
        unknown += facts.rows is None
        say(f"  {plain_text(name):<{width}}  {plural(len(facts.schema), 'column'):>11}  {rows}")
    if unknown:
        say("PostgreSQL knows the rows of a table after ANALYZE; of a view it does not.", dim=True)
