"""``headrace compile``: the SQL of every node as files that a reader can keep."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from headrace.cli.files import file_names
from headrace.cli.options import (
    as_of_option,
    colour_option,
    folder_argument,
    format_option,
    parameter_option,
    rules_option,
)
from headrace.cli.project import no_such, open_project, shell_words
from headrace.cli.screen import plain_text, plural, say


@click.command("compile")
@folder_argument
@click.option("--out", metavar="DIR", type=click.Path(), help="Where to write.  [default: target in FOLDER]")
@click.option("--stdout", "only", metavar="NODE", help="Print the SQL of one node instead of writing files.")
@parameter_option
@as_of_option
@rules_option
@click.option("--explain-rules", is_flag=True, help="Show what each rule changes in the plans, and write no files.")
@format_option("text", "json")
@colour_option
def command(
    folder: str,
    out: str | None,
    only: str | None,
    parameters: dict[str, Any],
    as_of: str | None,
    rules: tuple[str, ...] | None,
    explain_rules: bool,
    format_: str,
) -> int:
    """Write one .sql file a node, and program.sql, which psql runs to the same tables.

    psql -v ON_ERROR_STOP=1 -f target/program.sql

    --format json prints the whole result, plans and rules included, and writes no files.
    """
    from headrace.cli.running import compiled

    project = open_project(folder)
    result, program = compiled(project, parameters, as_of, rules)
    if only is not None and (only not in result.nodes or result.nodes[only].sql is None):
        raise no_such("node", only, result.nodes)
    shown = result.nodes if only is None else {only: result.nodes[only]}
    if format_ == "json":
        found = {name: node.to_json() for name, node in shown.items()} if only is not None else result.to_json()
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    if explain_rules:
        from headrace.cli.plans import show_firings

        show_firings(shown)
        return 0
    if only is not None:
        click.echo((result.nodes[only].sql or "").rstrip("\n"))
        return 0

    from headrace.program.text import program_text

    target = Path(out) if out is not None else project.root / "target"
    texts = {name: node.sql for name, node in result.nodes.items() if node.sql is not None}
    files = {target / file: texts[name] for name, file in file_names(texts).items()}
    files[target / "program.sql"] = program_text(program)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text if text.endswith("\n") else text + "\n", "utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(
            f"{plain_text(str(error.filename or target))} cannot be written: {error.strerror}."
        ) from None
    for path in files:
        click.echo(f"  {plain_text(str(path))}")
    # psql finds the files of sources from the folder it is started in, which is to be the project's.
    there = [] if project.root == Path() else ["cd", str(project.root)]
    program_file = os.path.relpath(target / "program.sql", project.root)
    psql = shell_words("psql", "-v", "ON_ERROR_STOP=1", "-f", program_file)
    say(f"{plural(len(texts), 'node')}. All of them: {shell_words(*there) + ' && ' if there else ''}{psql}")
    return 0
