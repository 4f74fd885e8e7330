"""Diagnostics: what Headrace says about a document, as data.

A diagnostic has a code (``F…`` formula, ``S…`` step, ``M…`` model, ``P…`` plan, ``R…`` run, ``T…`` test) that is
declared once, with its message and an example, in one of the ``*_codes`` modules of this package.
"""

from headrace.diagnostics.catalogue import CODES, diagnose
from headrace.diagnostics.code import Code
from headrace.diagnostics.diagnostic import Diagnostic, Fix, Severity, Span
from headrace.diagnostics.show import show
from headrace.diagnostics.suggest import closest, meant, there_are

__all__ = [
    "CODES",
    "Code",
    "Diagnostic",
    "Fix",
    "Severity",
    "Span",
    "closest",
    "diagnose",
    "meant",
    "show",
    "there_are",
]
