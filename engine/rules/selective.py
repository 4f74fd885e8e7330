"""Conditions that leave few rows, as estimates say: of what is not known, their form tells."""

from __future__ import annotations

from headrace.plan.estimates import Estimates
from headrace.rules.predicates import all_of
from headrace.rules.sought import Values

_FEW = 0.3
"""The largest part of the rows that is few. One comparison of which nothing is known leaves more."""


def leaves_few(values: Values, estimates: Estimates) -> bool:
    """Whether the conditions leave few enough of the values for rows without them to be looked for."""
    return _part(values, estimates) <= _FEW


def _part(values: Values, estimates: Estimates) -> float:
    """Which part of the values of its column the conditions leave."""
    part = estimates.size(values.table).selectivity(all_of(values.terms)) if values.terms else 1.0
    for each in values.within.values():
        part *= _part(each, estimates)
    return part
