"""``pivot``: a column for each value."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import PlainValidator, WithJsonSchema, model_validator

from headrace.models.ranges import Range
from headrace.models.scalar import Formula, Name, Text, as_text, found, is_nothing, words, wrong
from headrace.models.steps.output_column import OutputColumns
from headrace.models.steps.step import Step

Unseen = Literal["error", "ignore", "other"]

Cell: TypeAlias = str | None
"""A value as it is written; None is null."""


def _only(value: object) -> tuple[tuple[Cell, ...], ...] | Range:
    if isinstance(value, (Range, dict)):
        return value if isinstance(value, Range) else Range.model_validate(value)
    if not isinstance(value, (list, tuple)):
        raise wrong("M102", expected="a list of values, or a range {every, from, to}", found=found(value))
    if not value:
        raise wrong("M103", expected="at least one value")
    return tuple(_cells(item, index) for index, item in enumerate(value))


def _cells(item: object, index: int) -> tuple[Cell, ...]:
    if isinstance(item, dict):
        raise wrong("M102", path=[index], expected="a value", found=found(item))
    cells = item if isinstance(item, (list, tuple)) else [item]
    return tuple(None if is_nothing(cell) else _cell(cell, index) for cell in cells)


def _cell(cell: object, index: int) -> str:
    if isinstance(cell, (dict, list, tuple)):
        raise wrong("M102", path=[index], expected="a value", found=found(cell))
    return cell if isinstance(cell, str) else as_text(cell, "a value")


_VALUE = {"type": ["string", "number", "boolean", "null"]}
_ONLY = {
    "anyOf": [
        {"type": "array", "items": {"anyOf": [_VALUE, {"type": "array", "items": _VALUE}]}},
        {"$ref": "#/$defs/Range"},
    ]
}


class Pivot(Step):
    """``pivot: {by: country, columns: month, values: {revenue: sum(amount)}}``: a row for each ``by``, and for each
    value of ``columns`` a column with each of ``values``.

    ``only`` lists the values that become columns (with several ``columns``, lists of them); without it they are those
    that ``headrace discover`` has found. ``unseen`` says what happens to other values: ``error`` stops the run,
    ``ignore`` leaves their rows out, ``other`` gives them a column of their own. ``names`` is made of ``{column}`` (the
    name under ``values``), ``{value}``, and the name of any of ``columns`` in braces.
    """

    word = "pivot"
    example = "pivot: {by: country, columns: month, values: {revenue: sum(amount)}}"

    by: OutputColumns = ()
    columns: OutputColumns
    values: dict[Name, Formula]
    only: Annotated[tuple[tuple[Cell, ...], ...] | Range | None, PlainValidator(_only), WithJsonSchema(_ONLY)] = None
    unseen: Annotated[Unseen, words(Unseen)] = "error"
    names: Text = "{column}_{value}"

    @model_validator(mode="after")
    def _not_empty(self) -> Pivot:
        if not self.columns:
            raise wrong("M103", path=["columns"], expected="a column whose values become columns")
        if not self.values:
            raise wrong("M103", path=["values"], expected="at least one value, such as revenue: sum(amount)")
        return self
