"""Codes ``P…``: what can be said of a plan."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = ()
