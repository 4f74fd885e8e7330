"""``fill``: rows and values that are missing."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from headrace.models.element import Element
from headrace.models.ranges import EveryText
from headrace.models.scalar import Formula, Name, Names, Text, found, wrong
from headrace.models.steps.sort_key import Order
from headrace.models.steps.step import Step


class FillRange(Element):
    """The values that a column should have: ``{every: 1 day, from: first, to: last}``, or only ``1 day``.

    ``from_`` is ``first`` (of all rows), ``group_first`` (of the rows alike in ``per``), a value of the column's type,
    or a formula without columns; ``to`` likewise, with ``last`` and ``group_last``.
    """

    short = "every"

    every: EveryText
    from_: Text = Field(alias="from", default="first")
    to: Text = "last"


def _one(value: object) -> object:
    if not isinstance(value, dict) or len(value) != 1:
        what = f"a mapping with {len(value)} columns" if isinstance(value, dict) else found(value)
        raise wrong("M102", expected="one column with its range, such as {day: {every: 1 day}}", found=what)
    return value


class Fill(Step):
    """``fill: {series: {day: {every: 1 day, from: first, to: last}}, per: [product_id], values: {net: 0}}``.

    Adds a row for each value of the series that a group lacks, the groups being what occurs together in ``per``, times
    every combination of ``combinations``. ``values`` are for added rows; ``down`` carries the last known value of a
    column to the rows after it that have none, in the order of the series and then of ``order``.
    """

    word = "fill"
    example = "fill: {series: {day: {every: 1 day}}, per: [product_id], values: {net: 0}}"

    series: Annotated[dict[Name, FillRange], BeforeValidator(_one)] | None = None
    per: Names = ()
    combinations: Names = ()
    values: dict[Name, Formula] = Field(default_factory=dict)
    down: Names = ()
    order: Order = ()

    @model_validator(mode="after")
    def _agree(self) -> Fill:
        adds = self.series is not None or bool(self.combinations)
        if not adds and not self.down:
            raise wrong("M123", problem="A fill needs series or combinations for missing rows, or down for values.")
        if not adds and self.values:
            raise wrong("M123", problem="values are for added rows: say series or combinations, or use derive with ??.")
        if self.down and self.series is None and not self.order:
            raise wrong("M123", problem="down needs an order: a series, or order: day.")
        if self.order and not self.down:
            raise wrong("M123", problem="order is for down: without it nothing depends on an order.")
        return self
