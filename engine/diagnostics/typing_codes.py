"""Codes ``F100`` and up: what can be said of the meaning and types of a formula."""

from headrace.diagnostics.code import Code

CODES: tuple[Code, ...] = ()
