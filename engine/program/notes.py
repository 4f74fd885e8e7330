"""What the header of a node's SQL tells of how it is made."""

from __future__ import annotations

from headrace.bind.bound import Check
from headrace.grammar.expression import Literal
from headrace.plan import Clock
from headrace.rules.strategies import Choice


def check_note(check: Check) -> str:
    rule = "" if check.rule in check.subject else f": {check.rule}"
    return f"checked: {check.subject[:1].lower()}{check.subject[1:]}{rule}{' (warns)' * (check.severity == 'warn')}"


def expansion_note(choice: Choice) -> str:
    node = choice.expansion
    names, count = ", ".join(node.names.names), len(node.values)
    shown = f"for each {names}: "
    if node.given is not None:
        shown += "values known when it runs"
    else:
        shown += f"{count} value{'s' if count != 1 else ''}"
        if count:
            shown += f" from {_shown(node.values[0])} to {_shown(node.values[-1])}"
    return f"{shown}; {choice.strategy}: {choice.reason}"


def _shown(row: tuple[Literal, ...]) -> str:
    return " ".join(str(value.value) for value in row)


def clock_note(clock: Clock, view: bool) -> str:
    if clock == Clock():
        return ""
    return "now() and today() are of the moment at which the view is read" if view else str(clock)
