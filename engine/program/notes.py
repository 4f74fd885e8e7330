"""What the header of a node's SQL tells of how it is made."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.bind.bound import Check
from headrace.grammar.expression import Literal
from headrace.plan import Clock, Relation
from headrace.plan.estimates import Estimates, about_rows
from headrace.rules.strategies import Choice


def check_note(check: Check) -> str:
    rule = "" if check.rule in check.subject else f": {check.rule}"
    return f"checked: {check.subject[:1].lower()}{check.subject[1:]}{rule}{' (warns)' * (check.severity == 'warn')}"


def rows_notes(plan: Relation, estimates: Estimates) -> list[str]:
    """How many rows are expected, in two figures, where statistics say so and the plan leaves it open."""
    if not estimates.measured or plan.rows.least == plan.rows.most:
        return []
    rows = estimates.rows(plan)
    return [] if rows is None else [f"estimated: {about_rows(rows)}"]


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


def sharing_notes(shared: Mapping[str, tuple[int, str]]) -> list[str]:
    """Which CTEs are read more than once: those whose rows are kept, with the reason, and those computed each time.

    >>> sharing_notes({"totals": (2, "it groups rows")})
    ['totals is read 2 times and MATERIALIZED: it groups rows']
    >>> sharing_notes({"clean": (3, "")})
    ['NOT MATERIALIZED, since reading again costs less than keeping: clean (read 3 times)']
    """
    notes = [
        f"{name} is read {count} times and MATERIALIZED: {reason}" for name, (count, reason) in shared.items() if reason
    ]
    plain = [f"{name} (read {count} times)" for name, (count, reason) in shared.items() if not reason]
    if plain:
        notes.append(f"NOT MATERIALIZED, since reading again costs less than keeping: {', '.join(plain)}")
    return notes
