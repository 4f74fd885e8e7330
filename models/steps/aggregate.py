"""``aggregate``: one row a group."""

from __future__ import annotations

from pydantic import Field, model_validator

from headrace.models.scalar import Formula, Name, wrong
from headrace.models.steps.output_column import OutputColumns
from headrace.models.steps.step import Step


class Aggregate(Step):
    """``aggregate: {by: [country], measures: {revenue: sum(amount)}}``; without ``by`` it is one row in all."""

    word = "aggregate"
    example = "aggregate: {by: country, measures: {revenue: sum(amount)}}"

    by: OutputColumns = ()
    measures: dict[Name, Formula] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _not_empty(self) -> Aggregate:
        if not self.by and not self.measures:
            raise wrong("M125")
        return self
