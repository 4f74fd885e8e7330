"""PostgreSQL's plan on the terminal: what is read first, then what is made of it, each line with its rows and time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from headrace.cli.screen import plain_text, say

if TYPE_CHECKING:
    from headrace.run.explaining import Explanation, StatementPlan
    from headrace.run.query_plan import PlanPart

_NARROWEST = 60
_WIDEST = 120
_LABEL = 16
_SMALL = 0.01


@dataclass(frozen=True, slots=True)
class _Line:
    part: PlanPart
    label: str
    share: float


def show_explanation(found: Explanation) -> None:
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
    for place, statement in enumerate(found.statements):
        if place:
            say()
        say(_title(statement, found), bold=True)
        _show_plan(statement, found.analyzed, width)
    say()
    if not found.analyzed:
        _wrapped("PostgreSQL only expects this; --analyze runs it and shows what comes of it.", width, dim=True)
    elif not found.remarks:
        _wrapped("No expectation is off by more than 10 times, and everything fitted in memory.", width, dim=True)
    else:
        say("What stands out", bold=True)
        for remark in found.remarks:
            _wrapped(f"  {remark.step}: {remark.text}.", width, indent=4)


def _title(statement: StatementPlan, found: Explanation) -> str:
    what = plain_text(statement.name)
    if statement.name != found.node:
        what += f", a table placed before {plain_text(found.node)}"
    ran = "" if statement.seconds is None else f", run in {_time(statement.seconds)}"
    return f"{what} on {found.server}: planned in {_time(statement.planning_seconds)}{ran}"


def _show_plan(statement: StatementPlan, analyzed: bool, width: int) -> None:
    head = f"{'rows':>11}{'expected':>11}{'off':>8}{'time':>6}" if analyzed else f"{'expected':>11}{'cost':>6}"
    say(head, dim=True)
    lines = list(_sections(statement.plan))
    room = width - len(head) - 2
    longest = max(len(line.part.operation) for line in lines)
    labels = max(_LABEL, min(max(len(line.label) for line in lines), room - longest - 2))
    for line in lines:
        _show_line(line, analyzed, labels, room)
    if statement.along:
        names = ", ".join(map(plain_text, statement.along))
        _wrapped(f"Along the way, in the lines above: {names}.", width, dim=True)


def _show_line(line: _Line, analyzed: bool, labels: int, room: int) -> None:
    from headrace.run.explaining import is_far

    part = line.part
    numbers = f"{part.estimated:>11,.0f}{line.share:>6.0%}"
    if analyzed:
        rows = "never run" if part.actual is None or not part.loops else f"{part.actual:,.0f}"
        off = f"{max(part.factor or 1, 1 / (part.factor or 1)):,.0f}×" if is_far(part) else ""
        numbers = f"{rows:>11}{part.estimated:>11,.0f}{off:>8}{line.share:>6.0%}"
    text = f"{line.label:<{labels}}  {part.operation}"
    colour = "yellow" if is_far(part) or part.on_disk or part.batches > 1 else None
    if len(text) <= room:
        say(f"{numbers}  {text}", fg=colour)
        return
    # A name that takes the whole line; what PostgreSQL calls it goes below.
    say(f"{numbers}  {line.label}", fg=colour)
    say(" " * (len(numbers) + 2 + len(line.label) - len(line.label.lstrip(" -")) + 4) + part.operation, fg=colour)


def _sections(plan: PlanPart) -> Iterator[_Line]:
    """The rows that are kept for several readers, in the order in which they are told to be, then the rest."""
    for part in plan.parts():
        if part.cte:
            yield from _lines(part, f"kept as {part.cte}")
    yield from _lines(plan, "")


def _lines(plan: PlanPart, kept: str) -> Iterator[_Line]:
    """A plan from what is read first upward. Helpers are told in the line of what they serve."""
    waiting: list[tuple[PlanPart, int, bool, bool]] = [(plan, 0, False, False)]
    while waiting:
        part, depth, begins, inputs_told = waiting.pop()
        shown = [each for each in _below(part) if not each.cte]
        if not inputs_told and shown and not _stacks(part):
            waiting.append((part, depth, False, True))
            waiting.append((shown[0], depth, begins, False))
            continue
        indent = "    " * (depth - 1) + ("  - " if begins else "    ") if depth else ""
        name = f"from {part.reads}" if part.reads and not shown else part.step or f"in {part.block}"
        if part.operation == "Subquery Scan":
            name = f"in {part.block}"
        suffix = f" ({kept})" if kept and part is plan else ""
        yield _Line(part, plain_text(indent + name + suffix), part.share + _helping(part))
        rest = shown if _stacks(part) else shown[1:]
        waiting.extend((each, depth + 1, True, False) for each in reversed(rest))


def _below(part: PlanPart) -> list[PlanPart]:
    """The parts whose lines stand below that of ``part``: helpers give way to what they help with."""
    found = []
    for each in part.inputs:
        if each.is_apart and sum(inner.share for inner in each.parts()) < _SMALL:
            continue
        found.extend(_below(each) if _gives_way(each) else [each])
    return found


def _gives_way(part: PlanPart) -> bool:
    """Whether it has no line of its own: what only helps, and what hands on the rows of another SELECT as they are."""
    if part.operation == "Subquery Scan" and len(part.inputs) == 1:
        (inner,) = part.inputs
        return (part.actual, part.estimated) == (inner.actual, inner.estimated)
    return part.is_helper and not part.is_apart


def _helping(part: PlanPart) -> float:
    return sum(each.share + _helping(each) for each in part.inputs if _gives_way(each))


def _stacks(part: PlanPart) -> bool:
    return part.operation.removeprefix("Parallel ") in ("Append", "Merge Append")


def _wrapped(text: str, width: int, indent: int = 0, dim: bool = False) -> None:
    for line in wrap(plain_text(text), width, subsequent_indent=" " * indent, break_on_hyphens=False):
        say(line, dim=dim)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms" if seconds < 0.1 else f"{seconds:,.2f} s"
