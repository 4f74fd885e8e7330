"""``limit``: the first rows."""

from __future__ import annotations

from headrace.models.scalar import Count, Names
from headrace.models.steps.sort_key import Order
from headrace.models.steps.step import Step


class Limit(Step):
    """``limit: 10``, or ``limit: {rows: 3, per: country, order: revenue desc}``: the first rows, of each group."""

    word = "limit"
    example = "limit: 10"
    short = "rows"

    rows: Count
    offset: Count = 0
    per: Names = ()
    order: Order = ()
