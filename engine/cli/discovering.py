"""Finding the values of pivots in the warehouse, and keeping them in headrace.lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.running import Failed, fetched_rows, opened_warehouse
from headrace.cli.screen import plain_text, plural, say

if TYPE_CHECKING:
    from headrace.catalog import PivotFacts
    from headrace.diagnostics import Diagnostic
    from headrace.project import OpenProject


def keep_values(
    project: OpenProject, warehouse: str | None, parameters: Mapping[str, Any], quiet: bool = False
) -> Sequence[Diagnostic]:
    """Writes headrace.lock anew, where the project has pivots whose values are found; tells what came and went.

    Gives what is wrong with the project otherwise. Values that no column can stand for end the command.
    """
    from headrace.catalog.lock import LOCK, lock_text
    from headrace.discovering import discover
    from headrace.run.stopped import Stopped

    known, _ = project.locked()
    first = project.discover(parameters, known)
    if not first.queries and not known:
        if not quiet:
            say("There is no pivot whose values are to be found.")
        return first.diagnostics
    with opened_warehouse(project, warehouse) as where:
        try:
            found, last = discover(
                known,
                lambda pivots: project.discover(parameters, pivots),
                lambda query: fetched_rows(
                    where, project, query.sql, query.schema, query.node, query.loads, query.reads
                ),
            )
        except Stopped as stopped:
            raise Failed(stopped.diagnostics) from None
    path = project.root / LOCK
    try:
        path.write_text(lock_text(found), "utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"{plain_text(str(path))} cannot be written: {error.strerror}.") from None
    if not quiet:
        for node in sorted({*known, *found}):
            for step in sorted({*known.get(node, {}), *found.get(node, {})}):
                _tell(f"{node}.{step}", known.get(node, {}).get(step), found.get(node, {}).get(step))
        say(f"Kept in {plain_text(str(path))}.", fg="green")
    return last.diagnostics


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
