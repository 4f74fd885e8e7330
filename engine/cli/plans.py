"""Plans on the terminal: as steps in their order, and what rules have changed in them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from headrace.cli.screen import plain_text, plural, say

if TYPE_CHECKING:
    from headrace.plan.changes import ShownLine
    from headrace.plan.tree import PlanLine
    from headrace.results import NodeResult

_NARROWEST = 40
_WIDEST = 120


def show_plan(lines: Iterable[PlanLine]) -> None:
    for line in lines:
        _show(str(line))


def show_firings(nodes: Mapping[str, NodeResult]) -> None:
    """For each node, the rules that have changed its plan, each with the parts that it has changed."""
    untouched = [name for name, node in nodes.items() if node.sql is not None and not node.firings]
    for name, node in nodes.items():
        if not node.firings:
            continue
        say(plain_text(name), bold=True)
        for firing in node.firings:
            say(f"  {firing.rule}", fg="cyan")
            for change in firing.changes:
                say("    before")
                _show_lines(change.before, "-", "red")
                say("    after")
                _show_lines(change.after, "+", "green")
        say()
    if untouched:
        which = "No rule changes" if len(untouched) < len(nodes) else "No rule changes anything: the plans of"
        text = f"{which} {', '.join(map(plain_text, untouched))}{'' if len(untouched) < len(nodes) else ' stay'}."
        for part in wrap(text, _width(), break_on_hyphens=False):
            say(part)
    count = sum(len(node.firings) for node in nodes.values())
    if count:
        say(f"{plural(count, 'change')} in {plural(len(nodes) - len(untouched), 'node')}.")


def _show_lines(lines: Iterable[ShownLine], mark: str, colour: str) -> None:
    for line in lines:
        if line.changed:
            _show(f"    {mark} {line.text}", fg=colour)
        else:
            _show(f"      {line.text}", dim=True)


def _show(text: str, **style: Any) -> None:
    """One line in the width of the terminal; what it goes on with is indented."""
    text = plain_text(text)
    indent = len(text) - len(text.lstrip(" -+"))
    for part in wrap(text, _width(), subsequent_indent=" " * (indent + 4), break_on_hyphens=False) or [""]:
        say(part, **style)


def _width() -> int:
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
