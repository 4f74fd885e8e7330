"""``except``: our rows that are in none of the others, each once."""

from __future__ import annotations

from pydantic import Field

from headrace.models.scalar import SomeNames
from headrace.models.steps.step import Step


class Except(Step):
    """``except: [blocked_customers]``: our rows that are in none of the others, each once."""

    word = "except"
    example = "except: [blocked_customers]"
    short = "with"

    with_: SomeNames = Field(alias="with")

    @property
    def reads(self) -> tuple[str, ...]:
        return self.with_
