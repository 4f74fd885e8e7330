"""``union``: the rows of this and of other relations, matched by the names of their columns."""

from __future__ import annotations

from pydantic import Field

from headrace.models.scalar import Flag, Name, SomeNames
from headrace.models.steps.step import Step


class Union(Step):
    """``union: [sales_2022, sales_2023]``, or ``union: {with: [...], origin: column, distinct: true}``.

    ``origin`` adds a column with the name of the relation a row came from; ``distinct`` keeps one of equal rows.
    """

    word = "union"
    example = "union: [sales_2022, sales_2023]"
    short = "with"

    with_: SomeNames = Field(alias="with")
    origin: Name | None = None
    distinct: Flag = False

    @property
    def reads(self) -> tuple[str, ...]:
        return self.with_
