"""``intersect``: our rows that are in all the others too, each once."""

from __future__ import annotations

from pydantic import Field

from headrace.models.scalar import SomeNames
from headrace.models.steps.step import Step


class Intersect(Step):
    """``intersect: [customers_of_2022]``: our rows that are in all the others too, each once."""

    word = "intersect"
    example = "intersect: [customers_of_2022]"
    short = "with"

    with_: SomeNames = Field(alias="with")

    @property
    def reads(self) -> tuple[str, ...]:
        return self.with_
