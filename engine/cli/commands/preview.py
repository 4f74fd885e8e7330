"""``headrace preview NODE``: rows of a node, or of one of its steps, computed from the sources."""

from __future__ import annotations

import sys
from typing import Any

import click

from headrace.cli.options import (
    as_of_option,
    colour_option,
    folder_argument,
    format_option,
    parameter_option,
    rows_option,
    rules_option,
    warehouse_option,
)
from headrace.cli.project import open_project
from headrace.cli.rows import FORMATS, show_table, write_csv, write_json
from headrace.cli.screen import console, report


@click.command("preview")
@click.argument("node")
@folder_argument
@click.option("--step", metavar="N|NAME", help="Stop after this step: its number, from 1, or its name.")
@rows_option(20)
@format_option(*FORMATS)
@warehouse_option
@parameter_option
@as_of_option
@rules_option
@colour_option
def command(
    node: str,
    folder: str,
    step: str | None,
    rows: int,
    format_: str,
    warehouse: str | None,
    parameters: dict[str, Any],
    as_of: str | None,
    rules: tuple[str, ...] | None,
) -> int:
    """Show the first rows of NODE in the project in FOLDER, or of one of its steps.

    They are computed from the sources, as the files say now. No table is changed.
    """
    from headrace.cli.running import Refused, fetched_rows, opened_warehouse

    project = open_project(folder)
    # One row more than is shown tells whether there are more.
    result = project.preview(node, step, rows + 1, parameters, as_of=as_of, rules=rules)
    if result.sql is None or result.schema is None:
        raise Refused(result.diagnostics)
    report(diagnostic for diagnostic in result.diagnostics if diagnostic.severity != "error")
    with opened_warehouse(project, warehouse) as where:
        found = fetched_rows(where, project, result.sql, result.schema, node, result.loads, result.reads)
    shown = found[:rows]
    if format_ == "csv":
        write_csv(result.schema, shown, sys.stdout)
    elif format_ == "json":
        write_json(result.schema, shown, sys.stdout)
    else:
        show_table(result.schema, shown, console(), more=len(found) > rows)
    return 0
