"""Codes ``F001`` to ``F099``: what can be said of the writing of a formula."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = ()
