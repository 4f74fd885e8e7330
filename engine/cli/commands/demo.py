"""``headrace demo``: the CDNOW example, from a CSV file to tables on the screen."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import click

from headrace.cli.options import colour_option, warehouse_option
from headrace.cli.project import PROJECT_FILE, headrace_command
from headrace.cli.rows import show_table
from headrace.cli.screen import console, plain_text, report, say

# The nodes that are shown: a title, how the rows are ordered, how many of them.
_SHOWN = (
    ("best_customers", "The best customers", "revenue DESC, customer_id", 10),
    ("active_customers", "Customers active in the twelve months up to each month end", "month", 20),
)


@click.command("demo")
@click.argument("folder", default="headrace-demo", metavar="[FOLDER]", type=click.Path())
@warehouse_option
@colour_option
def command(folder: str, warehouse: str | None) -> int:
    """Run the CDNOW example: 69,659 purchases of a CD shop, from a CSV file to tables.

    It is copied into FOLDER, by default headrace-demo, where you can change it and run it again.
    """
    import headrace
    from headrace.cli.running import (
        build_tables,
        compiled,
        exit_status,
        fetched_rows,
        opened_warehouse,
        show_built,
    )
    from headrace.program.quoting import qualified

    copied = _copied(Path(folder))
    if copied:
        say(f"The example is in {plain_text(folder)}.")
    project = headrace.open(folder)
    result, program = compiled(project, {})
    with opened_warehouse(project, warehouse) as where:
        done = build_tables(program, project, where)
        report(done.diagnostics)
        if not done.ok:
            return exit_status(done)
        targets = {build.node: build.target for build in program.builds}
        screen = console()
        for node, title, order, rows in _SHOWN:
            schema = result.nodes[node].schema if node in targets else None
            if schema is None:  # somebody has changed the copy: what is left of it is shown
                continue
            sql = f"SELECT * FROM {qualified(targets[node])} ORDER BY {order} LIMIT {rows + 1}"
            found = fetched_rows(where, project, sql, schema, node)
            say()
            show_table(schema, found[:rows], screen, title, more=len(found) > rows)
        say()
        show_built(done, where)
    say()
    say("What to look at now:", bold=True)
    flow = Path(folder) / "flows" / "customers.yaml"
    say(f"  the dataflow      {plain_text(str(flow))}")
    say(f"  the SQL           {headrace_command('compile', folder)}")
    say(f"  rows of a node    {headrace_command('preview', 'sales_enriched', folder)}")
    say(f"  the tables        {headrace_command('psql', folder)}")
    say(f"  after a change    {headrace_command('run', folder)}")
    say(f"  one of your own   {headrace_command('init', 'my')}")
    return 0


def _copied(folder: Path) -> bool:
    """Copy the example where there is none yet. Says whether it had to."""
    if (folder / PROJECT_FILE).exists():
        return False
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(
            f"{plain_text(str(folder))} is there already and holds something else: name another folder."
        )
    try:
        with as_file(files("headrace.examples") / "cdnow") as example:
            shutil.copytree(example, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "target"))
    except OSError as error:
        raise click.UsageError(f"{plain_text(str(folder))} cannot be written: {error.strerror or error}.") from None
    return True
