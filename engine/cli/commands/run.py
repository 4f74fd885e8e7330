"""``headrace run``: build the tables in the warehouse."""

from __future__ import annotations

import json
from typing import Any

import click

from headrace.cli.options import (
    as_of_option,
    colour_option,
    folder_argument,
    format_option,
    parameter_option,
    rules_option,
    warehouse_option,
)
from headrace.cli.project import headrace_command, open_project
from headrace.cli.screen import report, say


@click.command("run")
@folder_argument
@warehouse_option
@parameter_option
@as_of_option
@click.option("--catalog", is_flag=True, help="Read the sizes of tables first, as headrace catalog does.")
@rules_option
@click.option("--discover", is_flag=True, help="Find the values of pivots first, as headrace discover does.")
@format_option("text", "json")
@colour_option
def command(
    folder: str,
    warehouse: str | None,
    parameters: dict[str, Any],
    as_of: str | None,
    catalog: bool,
    rules: tuple[str, ...] | None,
    discover: bool,
    format_: str,
) -> int:
    """Build the tables of the project in FOLDER.

    They are built beside the old ones and take their place together, at the end. Where a run fails, no table has
    changed, and the exit status is 1.
    """
    from headrace.cli.running import build_tables, compiled, exit_status, opened_warehouse, show_built

    project = open_project(folder)
    if catalog:
        from headrace.cli.cataloguing import keep_catalog

        report(keep_catalog(project, warehouse, quiet=format_ == "json"))
    if discover:
        from headrace.cli.discovering import keep_values

        keep_values(project, warehouse, parameters, quiet=format_ == "json")
    _, program = compiled(project, parameters, as_of, rules)
    with opened_warehouse(project, warehouse) as where:
        result = build_tables(program, project, where, quiet=format_ == "json")
        if format_ == "json":
            click.echo(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
        else:
            report(result.diagnostics)
            if result.ok:
                show_built(result, where)
    if result.ok and format_ == "text" and program.builds:
        say(f"Look at one: {headrace_command('preview', program.builds[-1].node, folder)}")
    return exit_status(result)
