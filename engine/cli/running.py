"""From a project to what a command needs of it: a compiled program, a warehouse, a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import click

from headrace.cli.progress import shown_progress, waiting
from headrace.cli.screen import plain_text, plural, report, say, status

if TYPE_CHECKING:
    from headrace.diagnostics import Diagnostic
    from headrace.grammar.types import Schema
    from headrace.program.program import FileLoad, Program, TableRead
    from headrace.project import OpenProject
    from headrace.results import CompileResult
    from headrace.run.events import RunResult
    from headrace.run.warehouse import Warehouse

INTERRUPTED = 130


class Refused(click.ClickException):
    """Ends a command with diagnostics about what the user can mend."""

    exit_code = 2

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics

    def show(self, file: IO[Any] | None = None) -> None:
        report(self.diagnostics)


class Failed(Refused):
    """Ends a command with diagnostics about something that went wrong in the warehouse."""

    exit_code = 1


def compiled(
    project: OpenProject,
    parameters: Mapping[str, Any],
    as_of: str | None = None,
    rules: Sequence[str] | None = None,
) -> tuple[CompileResult, Program]:
    """The project's program. Warnings are shown; an error ends the command."""
    result = project.compile(parameters, as_of=as_of, rules=rules)
    if status(result.diagnostics) or result.program is None:
        raise Refused(result.diagnostics)
    report(result.diagnostics)
    return result, result.program


@contextmanager
def opened_warehouse(project: OpenProject, url: str | None) -> Iterator[Warehouse]:
    """The warehouse that ``--warehouse``, the environment or the project names, or the embedded server."""
    from headrace.run.warehouse import WarehouseError, open_warehouse

    try:
        with waiting("starting PostgreSQL"):
            warehouse = open_warehouse(url, project.root, declared=project.warehouse)
    except WarehouseError as refused:
        raise Refused([refused.diagnostic]) from None
    with warehouse:
        yield warehouse


def build_tables(program: Program, project: OpenProject, warehouse: Warehouse, quiet: bool = False) -> RunResult:
    """Run the program and show how it goes. The result is that of ``run_program``, whether it succeeded or not."""
    from headrace.run import run_program

    with shown_progress(quiet) as listener:
        # Who opens a folder on a command line owns it: its files may lie anywhere.
        result = run_program(program, warehouse, project.root, on_event=listener, allow_outside=True)
    return replace(result, diagnostics=tuple(map(project.placed, result.diagnostics)))


def fetched_rows(
    warehouse: Warehouse,
    project: OpenProject,
    sql: str,
    schema: Schema,
    name: str,
    loads: Sequence[FileLoad] = (),
    reads: Sequence[TableRead] = (),
) -> list[tuple[str | None, ...]]:
    """The rows of a query as texts. What is wrong with its files, or with the query, ends the command."""
    from headrace.run.reading import read_rows
    from headrace.run.stopped import Stopped

    try:
        with waiting("reading"):
            return read_rows(warehouse, sql, schema, name=name, loads=loads, reads=reads, folder=project.root)
    except Stopped as stopped:
        raise Failed([*map(project.placed, stopped.diagnostics)]) from None


def exit_status(result: RunResult) -> int:
    if result.state == "interrupted":
        return INTERRUPTED
    return 0 if result.ok else 1


def show_built(result: RunResult, warehouse: Warehouse) -> None:
    """What a run has made: a line for each table and view, and where they are."""
    kept = [step for step in result.steps if step.target is not None and step.kind in ("table", "view")]
    names = [plain_text(f"{step.target.schema}.{step.target.name}") for step in kept if step.target]
    width = max(map(len, names), default=0)
    for step, name in zip(kept, names, strict=True):
        rows = "view" if step.rows is None else plural(step.rows, "row")
        computed = f"  {step.computed}" if step.computed else ""
        say(f"  {name:<{width}}  {rows:>14}  {step.seconds:6.2f} s{computed}")
    say(f"Done in {result.seconds:.1f} s, in {plain_text(warehouse.shown)}.", fg="green")
