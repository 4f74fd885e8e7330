"""``headrace explain NODE``: PostgreSQL's plan of a node, told by its steps."""

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
from headrace.cli.project import open_project
from headrace.cli.screen import report


@click.command("explain")
@click.argument("node")
@folder_argument
@click.option("--analyze", is_flag=True, help="Run it too, and show how many rows there were and how long it took.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.001),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long each statement may run.",
)
@warehouse_option
@parameter_option
@as_of_option
@rules_option
@format_option("text", "json")
@colour_option
def command(
    node: str,
    folder: str,
    analyze: bool,
    timeout: float,
    warehouse: str | None,
    parameters: dict[str, Any],
    as_of: str | None,
    rules: tuple[str, ...] | None,
    format_: str,
) -> int:
    """Show how PostgreSQL computes NODE, by the names of its steps: how many rows it expects where, and with --analyze,
    how many there were, where the time went, where it was wrong by far, and what did not fit in memory.

    Nothing stays in the database. The tables of other nodes that NODE reads must be there: headrace run builds them.
    """
    from headrace.cli.explained import show_explanation
    from headrace.cli.progress import waiting
    from headrace.cli.running import Failed, Refused, opened_warehouse
    from headrace.run.explaining import explain
    from headrace.run.stopped import Stopped

    project = open_project(folder)
    result = project.explain_plan(node, parameters, as_of=as_of, rules=rules)
    if result.explained is None:
        raise Refused(result.diagnostics)
    report(diagnostic for diagnostic in result.diagnostics if diagnostic.severity != "error")
    with opened_warehouse(project, warehouse) as where:
        try:
            with waiting("running" if analyze else "asking PostgreSQL"):
                found = explain(where, result.explained, project.root, analyze=analyze, seconds=timeout)
        except Stopped as stopped:
            raise Failed([*map(project.placed, stopped.diagnostics)]) from None
    if format_ == "json":
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        show_explanation(found)
    return 0
