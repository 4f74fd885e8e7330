"""``sort``: the order of the rows."""

from __future__ import annotations

from pydantic import Field

from headrace.models.element import WHOLE
from headrace.models.steps.sort_key import Order
from headrace.models.steps.step import Step


class Sort(Step):
    """``sort: [country, day desc]``."""

    word = "sort"
    example = "sort: [country, day desc]"

    by: Order = Field(validation_alias=WHOLE)
