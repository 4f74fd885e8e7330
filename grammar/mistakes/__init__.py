"""Why a formula cannot be read: each mistake that people make is recognized by a function of its own.

The functions are asked in order; the first that knows the mistake answers. They see a ``Site``: the text, the tokens
before the place, and what the parser could take there. None of them names a token of the grammar to the user.
"""

from __future__ import annotations

from collections.abc import Callable

from headrace.diagnostics import Diagnostic
from headrace.grammar.lalr import Failure
from headrace.grammar.mistakes import brackets, characters, clauses, conditions, habits, spreadsheets, values
from headrace.grammar.mistakes.site import Site

_Recognizer = Callable[[Site], Diagnostic | None]

RECOGNIZERS: tuple[_Recognizer, ...] = (
    *spreadsheets.FIRST,
    *characters.RECOGNIZERS,
    *spreadsheets.RECOGNIZERS,
    *habits.RECOGNIZERS,
    *characters.LAST,
    *clauses.RECOGNIZERS,
    *conditions.RECOGNIZERS,
    *brackets.RECOGNIZERS,
    *values.RECOGNIZERS,
)


def explain(source: str, failure: Failure) -> Diagnostic:
    """What to tell the author of ``source``, which the parser could not read past the failure."""
    site = Site(source, failure)
    for recognize in RECOGNIZERS:
        diagnostic = recognize(site)
        if diagnostic is not None:
            return diagnostic
    hints = []
    if site.wants_value:
        hints.append("A value is missing before it.")
    elif site.after_value:
        hints.append("After a value comes an operator, such as + or and.")
    return site.say("F060", hints=hints, found=site.shown or "The end")
