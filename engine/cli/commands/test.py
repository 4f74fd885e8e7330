"""``headrace test``: the tests of nodes, each on the rows that are written for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.options import as_of_option, colour_option, format_option, warehouse_option
from headrace.cli.project import PROJECT_FILE, open_project
from headrace.cli.screen import console, plain_text, plural, report, say

if TYPE_CHECKING:
    from headrace.project import OpenProject
    from headrace.run.testing import TestRun
    from headrace.testing import ReadyTest

_MOST_ROWS = 20
_MOST_ROWS_AS_DATA = 100


@click.command("test")
@click.argument("names", nargs=-1, metavar="[NAME]... [FOLDER]")
@warehouse_option
@as_of_option
@format_option("text", "json")
@colour_option
def command(names: tuple[str, ...], warehouse: str | None, as_of: str | None, format_: str) -> int:
    """Run the tests of the project in FOLDER: all, or those called NAME, or those of the node NAME.

    No table of the warehouse is read or changed. The exit status is 1 where a test fails, and 2 where one, or the
    project, has a mistake, or there is nothing to test.
    """
    from headrace.cli.running import Refused

    folder, names = _folder(names)
    project = open_project(folder)
    result = project.tests(as_of=as_of)
    if not result.ok:
        raise Refused(result.diagnostics)
    if format_ == "text":
        report(result.diagnostics)
    chosen = _chosen(result.tests, names)
    runs = _run(project, warehouse, chosen)
    failed = sum(not run.passed for _, run in runs)
    if format_ == "json":
        data = {"headrace": 1, "passed": len(runs) - failed, "failed": failed, "tests": [_data(*each) for each in runs]}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for test, run in runs:
            _show(project, test, run)
        told = f"{plural(len(runs) - failed, 'test')} passed" + (f", {failed} failed" if failed else "")
        say(f"{told}.", fg="red" if failed else "green")
    return 1 if failed else 0


def _folder(names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The last word, where it is a project; the others are names."""
    if names and (Path(names[-1]) / PROJECT_FILE).is_file():
        return names[-1], names[:-1]
    if names and Path(names[-1]).suffix in (".yaml", ".yml", ".json") and Path(names[-1]).is_file():
        return names[-1], names[:-1]
    return ".", names


def _chosen(tests: Sequence[ReadyTest], names: Sequence[str]) -> list[ReadyTest]:
    from headrace.cli.running import Refused
    from headrace.diagnostics import closest, diagnose

    if not tests:
        hint = "A node's tests: stand beside its steps, or in a file of the folder tests. See docs/testing.md."
        raise Refused([diagnose("T120", hints=[hint])])
    known = {name for test in tests for name in (test.name, test.node)}
    unknown = [name for name in names if name not in known]
    if unknown:
        near = {name: closest(name, known) for name in unknown}
        raise Refused(
            [
                diagnose("T121", hints=[f"Did you mean {near[name][0]}?"] if near[name] else [], found=name)
                for name in unknown
            ]
        )
    return [test for test in tests if not names or test.name in names or test.node in names]


def _run(project: OpenProject, warehouse: str | None, tests: Sequence[ReadyTest]) -> list[tuple[ReadyTest, TestRun]]:
    from headrace.cli.running import Failed, opened_warehouse
    from headrace.run.testing import run_tests
    from headrace.run.warehouse import WarehouseError

    with opened_warehouse(project, warehouse) as where:
        try:
            return list(zip(tests, run_tests(tests, where), strict=True))
        except WarehouseError as refused:
            raise Failed([refused.diagnostic]) from None


def _data(test: ReadyTest, run: TestRun) -> dict[str, Any]:
    return {
        "name": test.name,
        "node": test.node,
        "passed": run.passed,
        "seconds": round(run.seconds, 3),
        "difference": run.difference.to_json(test.program.columns, _MOST_ROWS_AS_DATA) if run.difference else None,
        "problem": run.problem.to_json() if run.problem else None,
    }


def _show(project: OpenProject, test: ReadyTest, run: TestRun) -> None:
    title = f"{plain_text(test.node)}: {plain_text(test.name)}"
    if run.passed:
        say(f"  passed  {title}")
        return
    say(f"  FAILED  {title}", fg="red", bold=True)
    if run.problem is not None:
        report([project.placed(run.problem)], error=False)
        return
    if run.difference.moved is not None:
        place = run.difference.moved
        say(f"          The rows are the same, in another order: the first that stands elsewhere is row {place}.")
        return
    from headrace.cli.rows import show_difference

    show_difference(test.program.columns, run.difference, console(), _MOST_ROWS)
