"""Where values of many rows, and values that look at other rows, may stand."""

from __future__ import annotations

from headrace.diagnostics import Fix, Span
from headrace.grammar.checker import Checker
from headrace.grammar.part import Part, Place


def admit(checker: Checker, part: Part, place: Place) -> Part | None:
    """The part, if its level may stand in ``place``; else None after saying why not."""
    if part.window and not place.windows:
        refuse_window(checker, part.span, place)
        return None
    if part.base == "aggregate" and not place.aggregates:
        refuse_aggregate(checker, part.span, place)
        return None
    return checker.bounded(part)


def refuse_window(checker: Checker, span: Span, place: Place) -> None:
    """Say that a value that looks at other rows cannot stand here."""
    found = checker.words(span)
    if place.inside is not None:
        hints = ["Compute it in a derive step before, under a name, and use that name here."]
        checker.say("F134", span, found=found, outer=f"{place.inside}(…)", hints=hints)
        return
    checker.say("F133", span, found=found, hints=["Compute it in a derive step before this one."])


def refuse_aggregate(checker: Checker, span: Span, place: Place, per_at: int | None = None) -> None:
    """Say that a value of many rows cannot stand here; ``per_at`` is where ``per ()`` could be put in."""
    found = checker.words(span)
    if place.inside is not None:
        hints = ["An aggregate step before this one can compute the inner value, under a name."]
        checker.say("F131", span, found=found, outer=f"{place.inside}(…)", hints=hints)
        return
    hints = ["Compute it in a step before this one: aggregate, or derive with per, as in sum(amount per customer_id)."]
    if place.windows:
        hints = [
            "Say over which rows: per () for all rows, per customer_id for those of the same customer.",
            "Or compute it in an aggregate step.",
        ]
    fixes = []
    if per_at is not None and place.windows:
        text = checker.text[span.start : per_at].rstrip()
        space = "" if text.endswith("(") else " "
        fixes = [Fix("Compute it over all rows", f"{text}{space}per ())", span)]
    checker.say("F130", span, found=found, hints=hints, fixes=fixes)
