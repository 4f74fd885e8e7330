"""``dedupe``: one row of those alike in some columns."""

from __future__ import annotations

from headrace.models.scalar import SomeNames
from headrace.models.steps.sort_key import Order
from headrace.models.steps.step import Step


class Dedupe(Step):
    """``dedupe: {by: customer_id, order: day desc}`` keeps of each customer the first row in that order."""

    word = "dedupe"
    example = "dedupe: {by: customer_id, order: day desc}"
    short = "by"

    by: SomeNames
    order: Order = ()
