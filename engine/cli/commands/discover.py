"""``headrace discover``: the values that pivots make columns of, found in the database and kept in headrace.lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headrace.cli.options import colour_option, folder_argument, parameter_option, warehouse_option
from headrace.cli.project import open_project
from headrace.cli.screen import plain_text, plural, report, say

if TYPE_CHECKING:
    from headrace.catalog import PivotFacts


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
    from headrace.catalog.lock import LOCK, lock_text
    from headrace.cli.running import Failed, fetched_rows, opened_warehouse
    from headrace.discovering import discover
    from headrace.run.stopped import Stopped

    project = open_project(folder)
    known, _ = project.locked()
    first = project.discover(parameters, known)
    if not first.queries and not known:
        report(first.diagnostics)
        say("There is no pivot whose values are to be found.")
        return 2 if any(each.severity == "error" for each in first.diagnostics) else 0
    with opened_warehouse(project, warehouse) as where:
        try:
            found, last = discover(
                known,
                lambda pivots: project.discover(parameters, pivots),
                lambda query: fetched_rows(where, project, query.sql, query.schema, query.node, query.loads),
            )
        except Stopped as stopped:
            raise Failed(stopped.diagnostics) from None
    for node in sorted({*known, *found}):
        for step in sorted({*known.get(node, {}), *found.get(node, {})}):
            _tell(f"{node}.{step}", known.get(node, {}).get(step), found.get(node, {}).get(step))
    try:
        (project.root / LOCK).write_text(lock_text(found), "utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"{plain_text(str(project.root / LOCK))} cannot be written: {error.strerror}.") from None
    say(f"Kept in {plain_text(str(project.root / LOCK))}.", fg="green")
    return report(last.diagnostics)


def _tell(name: str, before: PivotFacts | None, now: PivotFacts | None) -> None:
    """A line for the pivot, and one for each value that came or went."""
    if now is None:
        say(f"  {plain_text(name)}: no longer a pivot whose values are found")
        return
    columns = " and ".join(now.columns.names)
    say(f"  {plain_text(name)}: {plural(len(now.values), 'value')} of {plain_text(columns)}")
    old = set() if before is None else set(before.values)
    came = [value for value in now.values if value not in old]
    went = [] if before is None else [value for value in before.values if value not in set(now.values)]
    for sign, values in (("+", came), ("-", went)):
        for value in values[:_MOST]:
            say(f"    {sign} {plain_text(_written(value))}")
        if len(values) > _MOST:
            say(f"    {sign} … and {len(values) - _MOST:,} more")


_MOST = 20


def _written(value: tuple[Any, ...]) -> str:
    from headrace.catalog.pivots import value_text

    return ", ".join("null" if each is None else value_text(each) for each in value)
