"""``headrace format``: documents rewritten in one style."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from headrace.cli.options import colour_option
from headrace.cli.screen import plain_text, plural, report, say
from headrace.diagnostics import Diagnostic, diagnose

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("format")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; the exit status is 2 where a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@colour_option
def command(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Rewrite the YAML documents of a project in one style: block style, formulas in canonical spelling.

    PATH is a project's folder or a YAML file, by default the current folder. Comments and the order of keys stay, and
    so does the meaning. A file that cannot be read is left as it is, and the exit status is 2.
    """
    from headrace.models.formatting import format_document

    told: list[Diagnostic] = []
    changed = same = 0
    for file, name in _files(paths or (".",), told):
        try:
            text = file.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            told.append(diagnose("M010").at(file=name))
            continue
        except OSError as error:
            told.append(diagnose("M034", path=name, problem=(error.strerror or "").lower()).at(file=name))
            continue
        formatted = format_document(text, name)
        told.extend(formatted.diagnostics)
        if formatted.text == text:
            same += not formatted.diagnostics
            continue
        changed += 1
        if diff:
            _show_difference(name, text, formatted.text)
        if not diff and not check:
            _write(file, formatted.text)
        say(plain_text(f"{'would format' if check or diff else 'formatted'} {name}"), error=diff)
    status = report(told)
    said = [plural(changed, "file") + (" would change" if check or diff else " changed")] if changed else []
    said += [plural(same, "file") + " in order"] if same else []
    say(", ".join(said) or "There is nothing to format.", error=diff)
    return 2 if check and changed else status


def _files(paths: Iterable[str], told: list[Diagnostic]) -> Iterable[tuple[Path, str]]:
    """The YAML files that the paths mean, each with the name to show; each once."""
    from headrace.models.folder import document_files

    seen = set()
    for given in paths:
        path = Path(given)
        if path.is_dir():
            files = [(file, (path / file.relative_to(path)).as_posix()) for file in document_files(path)]
        elif path.is_file():
            files = [(path, path.as_posix())]
        else:
            told.append(diagnose("M030", what="file or folder", path=given))
            continue
        for file, name in files:
            if file.suffix in (".yaml", ".yml") and file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, name


def _show_difference(name: str, before: str, after: str) -> None:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    for line in lines:
        colour = _COLOURS.get(line[:1]) if not line.startswith(("+++", "---")) else None
        say(plain_text(line), fg=colour) if colour else say(plain_text(line))


def _write(file: Path, text: str) -> None:
    """Put the text in the place of the file's, whole or not at all; what a link leads to is written, not the link."""
    target = file.resolve()
    mode = target.stat().st_mode
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(text.encode("utf-8"))
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
