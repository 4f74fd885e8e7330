"""The project that a command works on."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headrace.cli.screen import plain_text, say
from headrace.diagnostics.suggest import meant

if TYPE_CHECKING:
    from headrace.project import OpenProject

PROJECT_FILE = "headrace.yaml"


def open_project(folder: str) -> OpenProject:
    """The project in ``folder``. What is wrong with it, also that it is not there, is among its diagnostics.

    Where the current folder is meant, is no project, and holds one folder that is, that one is taken and named: so
    ``headrace init my`` and then ``headrace run`` does what it seems to say.
    """
    import headrace

    path = Path(folder)
    if folder == "." and not (path / PROJECT_FILE).exists():
        inside = sorted(found.parent for found in path.glob(f"*/{PROJECT_FILE}"))
        if len(inside) == 1:
            path = inside[0]
            say(f"The project is in {plain_text(str(path))}.", error=True, dim=True)
    return headrace.open(path)


def no_such(what: str, name: str, known: Collection[str]) -> click.UsageError:
    """What ends a command that was given a name which nothing has: ``There is no node sale. Did you mean sales?``"""
    _, hints = meant(name, known)
    return click.UsageError(plain_text(" ".join([f"There is no {what} {name}.", *hints])))


def shell_words(*words: str) -> str:
    """Words as a shell takes them, safe to print. The current folder goes without saying."""
    return plain_text(shlex.join(word for word in words if word != "."))


def headrace_command(*words: str) -> str:
    """A call of Headrace that can be typed as it stands: where no ``headrace`` is on the PATH, by this Python."""
    if shutil.which("headrace"):
        return shell_words("headrace", *words)
    python = Path(sys.executable)
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return shell_words(str(shown), "-m", "headrace", *words)
