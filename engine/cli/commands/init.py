"""``headrace init NAME``: a folder with a small project that runs, and whose comments teach."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from headrace.cli.options import colour_option
from headrace.cli.project import headrace_command
from headrace.cli.screen import plain_text, say


@click.command("init")
@click.argument("name", type=click.Path())
@colour_option
def command(name: str) -> int:
    """Make the folder NAME with a small project that runs: a CSV file, a flow, headrace.yaml."""
    folder = Path(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(f"{plain_text(name)} is there already, and not an empty folder. Nothing was changed.")
    project = folder.resolve().name
    try:
        written = _copy(files("headrace.cli") / "scaffold", folder, project)
    except OSError as error:
        raise click.UsageError(f"{plain_text(name)} could not be written: {error.strerror}.") from None
    for path in written:
        say(f"  {plain_text(str(path))}")
    say()
    say(f"Now: {headrace_command('run', name)}", bold=True)
    say(f"Then change {plain_text(str(folder / 'flows' / 'shop.yaml'))}; it says how.")
    return 0


def _copy(template: Traversable, folder: Path, project: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for part in sorted(template.iterdir(), key=lambda part: (part.is_dir(), part.name)):
        target = folder / (".gitignore" if part.name == "gitignore" else part.name)
        if part.is_dir():
            written += _copy(part, target, project)
        else:
            text = part.read_text("utf-8").replace("name: PROJECT", f"name: {_yaml_word(project)}")
            target.write_text(text, "utf-8", newline="\n")
            written.append(target)
    return written


def _yaml_word(name: str) -> str:
    """``name`` as YAML, in quotes where it is more than letters, digits and underscores."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else json.dumps(name, ensure_ascii=False)
