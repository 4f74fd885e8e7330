"""``headrace discover``: the values that pivots make columns of, found in the database and kept in headrace.lock."""

from __future__ import annotations

from typing import Any

import click

from headrace.cli.options import colour_option, folder_argument, parameter_option, warehouse_option
from headrace.cli.project import open_project
from headrace.cli.screen import report


@click.command("discover")
@folder_argument
@warehouse_option
@parameter_option
@colour_option
def command(folder: str, warehouse: str | None, parameters: dict[str, Any]) -> int:
    """Find the values that the pivots of the project in FOLDER make columns of.

    They are kept in headrace.lock, which belongs to the project: commit it, and the columns change only when you look
    anew. A pivot that lists its values (only:) is left alone.
    """
    from headrace.cli.discovering import keep_values

    return report(keep_values(open_project(folder), warehouse, parameters))
