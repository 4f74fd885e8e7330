"""``headrace add FILE``: describe a CSV file as a source."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from headrace.cli.options import colour_option
from headrace.cli.screen import plain_text, plural, say


@click.command("add")
@click.argument("file", type=click.Path())
@click.argument("folder", default=".", metavar="[FOLDER]", type=click.Path())
@click.option("--name", help="What the source is called.  [default: the file's name]")
@colour_option
def command(file: str, folder: str, name: str | None) -> int:
    """Write sources/NAME.yaml for the CSV file FILE, with its columns and what they seem to be.

    Doubtful columns are marked. A file that is there already is left as it is.
    """
    from headrace.cli.running import Refused
    from headrace.connect.infer import infer_columns, source_yaml
    from headrace.diagnostics import Diagnostic

    path = Path(file)
    source = name or re.sub(r"\W+", "_", path.stem).strip("_") or "source"
    if not re.fullmatch(r"[\w -]+", source):
        raise click.UsageError(f"{plain_text(source)} is no name for a source: letters, digits and _ are.")
    target = Path(folder) / "sources" / f"{source}.yaml"
    columns = infer_columns(path)
    if isinstance(columns, Diagnostic):
        raise Refused([columns])
    # Another drive of Windows has no way to it but its own.
    same_drive = os.path.splitdrive(path.resolve())[0] == os.path.splitdrive(Path(folder).resolve())[0]
    shown = os.path.relpath(path, folder) if same_drive else str(path.resolve())
    text = source_yaml(source, shown.replace(os.sep, "/"), columns)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError:
        raise click.UsageError(f"{plain_text(str(target))} is there already, and was left as it is.") from None
    except OSError as error:
        raise click.UsageError(f"{plain_text(str(target))} cannot be written: {error.strerror}.") from None

    say(f"{plain_text(str(target))}:", bold=True)
    for column in columns:
        say(f"  {plain_text(column.name)}: {column.type}", fg="yellow" if column.doubt else None)
        if column.doubt:
            say(f"      {plain_text(column.doubt)}", fg="yellow")
    doubtful = sum(1 for column in columns if column.doubt)
    if doubtful:
        say(f"{plural(doubtful, 'column')} to look at.")
    say("A run checks every cell, and loads nothing where one does not fit.")
    return 0
