"""Codes ``R…``: what can be said of a run."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = ()
