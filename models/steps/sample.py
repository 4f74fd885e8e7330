"""``sample``: some of the rows, the same ones every time."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema, model_validator

from headrace.grammar.types import Type
from headrace.models.scalar import Count, as_text, found, wrong
from headrace.models.steps.step import Step
from headrace.models.value import read_value

_SHARE = "a share between 0 and 1, such as 0.1"


def _share(value: object) -> Decimal:
    try:
        share = read_value(as_text(value, _SHARE), Type("decimal"))
    except ValueError:
        share = None
    if not isinstance(share, Decimal) or not 0 <= share <= 1:
        raise wrong("M102", expected=_SHARE, found=found(value))
    return share


class Sample(Step):
    """``sample: {rows: 1000, seed: 7}``, or ``sample: {share: 0.1, seed: 7}``: so many rows, or each with that chance.

    Which rows, a hash of their key and the seed decides: the same rows each time, and others by another seed.
    """

    word = "sample"
    example = "sample: {rows: 1000, seed: 7}"
    short = "rows"

    rows: Count | None = None
    share: Annotated[Decimal, PlainValidator(_share), WithJsonSchema({"type": ["number", "string"]})] | None = None
    seed: Count = 0

    @model_validator(mode="after")
    def _one_of_both(self) -> Sample:
        if (self.rows is None) == (self.share is None):
            raise wrong("M123", problem="A sample has rows or share: how many rows, or the chance of each.")
        return self
