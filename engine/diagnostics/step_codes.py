"""Codes ``S…``: what can be said of a step."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = ()
