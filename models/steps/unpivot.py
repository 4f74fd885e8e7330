"""``unpivot``: one row for each of several columns."""

from __future__ import annotations

from pydantic import Field

from headrace.models.scalar import Name, Names
from headrace.models.steps.step import Step


class Unpivot(Step):
    """``unpivot: {columns: "????-??", name: month, value: budget}``: a row for each row and each of these columns.

    The names of the columns become the texts of ``name``, what stood in them the column ``value``; ``position`` counts
    them from 1. The other columns are repeated.
    """

    word = "unpivot"
    example = 'unpivot: {columns: "????-??", name: month, value: budget}'

    columns: Names
    name_: Name = Field(alias="name")
    value: Name
    position: Name | None = None
