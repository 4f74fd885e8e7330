"""``filter``: keep the rows for which a condition holds."""

from __future__ import annotations

from pydantic import Field

from headrace.models.element import WHOLE
from headrace.models.scalar import Formula
from headrace.models.steps.step import Step


class Filter(Step):
    """``filter: amount > 100`` keeps the rows where it is true, and none where it is null."""

    word = "filter"
    example = "filter: amount > 100"

    condition: Formula = Field(validation_alias=WHOLE)
