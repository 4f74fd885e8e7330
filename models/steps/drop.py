"""``drop``: leave these columns out."""

from __future__ import annotations

from pydantic import Field

from headrace.models.element import WHOLE
from headrace.models.scalar import Names
from headrace.models.steps.step import Step


class Drop(Step):
    """``drop: [quantity]`` keeps every column but these."""

    word = "drop"
    example = "drop: [quantity]"

    columns: Names = Field(validation_alias=WHOLE)
