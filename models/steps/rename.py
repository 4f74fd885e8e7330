"""``rename``: give columns new names."""

from __future__ import annotations

from pydantic import Field

from headrace.models.element import WHOLE
from headrace.models.scalar import Name
from headrace.models.steps.step import Step


class Rename(Step):
    """``rename: {day: order_date}``: new name, then old name; columns keep their places."""

    word = "rename"
    example = "rename: {day: order_date}"

    columns: dict[Name, Name] = Field(validation_alias=WHOLE)
