"""``headrace plan NODE``: how a node is computed, as steps with their formulas. No database is needed."""

from __future__ import annotations

import json
from typing import Any

import click

from headrace.cli.options import colour_option, folder_argument, format_option, parameter_option, rules_option
from headrace.cli.project import no_such, open_project


@click.command("plan")
@click.argument("node")
@folder_argument
@parameter_option
@rules_option
@format_option("text", "json")
@colour_option
def command(node: str, folder: str, parameters: dict[str, Any], rules: tuple[str, ...] | None, format_: str) -> int:
    """Show how NODE is computed: its steps after the rules have rewritten them, those of nodes that are not kept too.

    With --no-rules, the steps as they are written. `headrace compile --explain-rules` tells what each rule has
    changed, `headrace explain` what PostgreSQL makes of it.
    """
    from headrace.cli.plans import show_plan
    from headrace.cli.running import Refused
    from headrace.plan.tree import plan_lines

    result = open_project(folder).compile(parameters, rules=rules)
    found = result.nodes.get(node)
    if found is None:
        raise no_such("node", node, result.nodes)
    if found.rewritten is None:
        raise Refused(result.diagnostics)
    lines = plan_lines(found.rewritten, found.estimates)
    if format_ == "json":
        told = [line.to_json() for line in lines]
        click.echo(json.dumps({"headrace": 1, "node": node, "plan": told}, ensure_ascii=False, indent=2))
    else:
        show_plan(lines)
    return 0
