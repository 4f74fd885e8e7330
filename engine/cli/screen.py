"""Text on the terminal: what may stand there, in which colour, and how diagnostics are shown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from headrace.diagnostics import Diagnostic, show

if TYPE_CHECKING:
    from rich.console import Console

# What a terminal would obey instead of showing: C0, DEL and C1 controls, and marks that turn the direction of text.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def plain_text(text: str) -> str:
    r"""One line that is safe to print: every control character stands as a picture or as its code.

    >>> plain_text("a\x1b[31mb\u202ec")
    'a␛[31mb\\u202ec'
    """
    return _CONTROLS.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{code:04x}"


def say(text: str = "", *, error: bool = False, **style: Any) -> None:
    """Print a line, styled as ``click.style`` does where colours are wanted."""
    click.echo(click.style(text, **style) if style else text, err=error, color=colours())


def colours() -> bool | None:
    """False where colours are unwanted; None leaves it to whether the stream is a terminal."""
    context = click.get_current_context(silent=True)
    if os.environ.get("NO_COLOR") or (context is not None and context.find_root().color is False):
        return False
    return None


def console() -> Console:
    """Where tables are printed: standard output, in the width of its terminal, with colours where wanted."""
    from rich.console import Console

    return Console(no_color=True if colours() is False else None, highlight=False, markup=False)


def report(diagnostics: Iterable[Diagnostic], *, error: bool = True) -> int:
    """Show diagnostics and a line that counts them. Returns the exit status: 2 where one is an error, else 0."""
    given = list(diagnostics)
    for diagnostic in given:
        say(_coloured(diagnostic), error=error)
        say(error=error)
    if given:
        worst = min((d.severity for d in given), key=list(_COLOURS).index)
        say(summary(given), error=error, fg=_COLOURS[worst], bold=True)
    return status(given)


def report_json(diagnostics: Iterable[Diagnostic]) -> int:
    """The same as data, on standard output."""
    given = list(diagnostics)
    click.echo(json.dumps({"diagnostics": [d.to_json() for d in given]}, ensure_ascii=False, indent=2))
    return status(given)


def status(diagnostics: Iterable[Diagnostic]) -> int:
    return 2 if any(d.severity == "error" for d in diagnostics) else 0


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many of each severity: ``2 errors, 1 warning``.

    >>> summary([Diagnostic("M1", "…"), Diagnostic("M2", "…", "warning"), Diagnostic("M1", "…")])
    '2 errors, 1 warning'
    """
    count = dict.fromkeys(_COLOURS, 0)
    for diagnostic in diagnostics:
        count[diagnostic.severity] += 1
    words = {"error": "error", "warning": "warning", "info": "note"}
    return ", ".join(plural(n, words[severity]) for severity, n in count.items() if n)


def plural(count: int, noun: str) -> str:
    """``1 row``, ``69,659 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _coloured(diagnostic: Diagnostic) -> str:
    colour = _COLOURS[diagnostic.severity]
    head = f"{diagnostic.severity} {diagnostic.code}:"
    lines: list[str] = []
    for line in show(diagnostic).split("\n"):
        line = plain_text(line)
        if line.startswith(head):
            line = click.style(head, fg=colour, bold=True) + line[len(head) :]
        elif line.strip() and not line.strip("^ "):
            line = click.style(line, fg=colour)
        elif not lines:
            line = click.style(line, bold=True)
        lines.append(line)
    return "\n".join(lines)
