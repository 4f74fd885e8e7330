"""``headrace check``: what does not fit, without running anything and without a database."""

from __future__ import annotations

import click

from headrace.cli.options import colour_option, folder_argument, format_option
from headrace.cli.project import open_project
from headrace.cli.screen import report, report_json, say


@click.command("check")
@folder_argument
@format_option("text", "json")
@colour_option
def command(folder: str, format_: str) -> int:
    """Say what does not fit in the project in FOLDER, without running anything.

    The exit status is 2 where there are errors.
    """
    result = open_project(folder).check()
    if format_ == "json":
        return report_json(result.diagnostics)
    status = report(result.diagnostics, error=False)
    if not result.diagnostics:
        say("Everything fits.", fg="green")
    return status
