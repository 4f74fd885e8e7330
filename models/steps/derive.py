"""``derive``: add or replace columns."""

from __future__ import annotations

from pydantic import Field

from headrace.models.element import WHOLE
from headrace.models.scalar import Formula, Name
from headrace.models.steps.step import Step


class Derive(Step):
    """``derive: {net: amount / 1.19}`` adds columns; a name that is there already is replaced."""

    word = "derive"
    example = "derive: {net: amount / 1.19}"

    columns: dict[Name, Formula] = Field(validation_alias=WHOLE)
