"""Codes ``M…``: what can be said of a model."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = ()
