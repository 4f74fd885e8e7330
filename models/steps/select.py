"""``select``: keep these columns, in this order."""

from __future__ import annotations

from pydantic import Field

from headrace.models.element import WHOLE
from headrace.models.steps.output_column import OutputColumns
from headrace.models.steps.step import Step


class Select(Step):
    """``select: [customer_id, {month: start_of_month(day)}]`` keeps these columns and no others."""

    word = "select"
    example = "select: [customer_id, order_date]"

    columns: OutputColumns = Field(validation_alias=WHOLE)
