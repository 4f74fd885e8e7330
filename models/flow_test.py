"""``tests:`` of a node or a document: rows that go in, and the rows that must come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from headrace.models.element import Named
from headrace.models.scalar import Flag, Name, Text, as_text, check_name, found, is_nothing, wrong

Cells: TypeAlias = Mapping[str, str | None]
"""A row as it is written: each cell the text of a scalar, to be read as a value of its column's type."""


def _rows(value: object) -> tuple[Cells, ...]:
    if not isinstance(value, (list, tuple)):
        raise wrong("M102", expected="a list of rows, such as - {name: small, from: 0}", found=found(value))
    return tuple(_row(row, index) for index, row in enumerate(value))


def _row(row: object, index: int) -> Cells:
    if not isinstance(row, Mapping):
        raise wrong("M102", path=[index], expected="a row, such as {name: small, from: 0}", found=found(row))
    cells: dict[str, str | None] = {}
    for name, cell in row.items():
        check_name(name)
        if isinstance(cell, (dict, list, tuple)):
            raise wrong("M102", path=[index, name], expected="one value", found=found(cell))
        cells[str(name)] = None if is_nothing(cell) else cell if isinstance(cell, str) else as_text(cell)
    return cells


_ROWS = {"type": "array", "items": {"type": "object"}}
TestRows = Annotated[tuple[Cells, ...], PlainValidator(_rows), WithJsonSchema(_ROWS)]


def _parameters(value: object) -> object:
    if not isinstance(value, dict):
        raise wrong("M102", expected="parameters with their values", found=found(value))
    return value


class FlowTest(Named):
    """A test: with the rows of ``given``, and ``parameters`` and ``as_of`` where they matter, ``node`` has the rows of
    ``expect``.

    ``node`` is None for a test that stands beside its node. A column that no row of ``expect`` names is not compared.
    With ``ordered``, the order of the rows counts.
    """

    node: Name | None = None
    description: Text | None = None
    given: dict[Name, TestRows] = Field(default_factory=dict)
    parameters: Annotated[dict[str, Any], PlainValidator(_parameters), WithJsonSchema({"type": "object"})] = Field(
        default_factory=dict
    )
    as_of: Text | None = None
    expect: TestRows | None = None
    ordered: Flag = False

    @model_validator(mode="after")
    def _compares(self) -> FlowTest:
        if self.expect is None or (self.expect and not any(self.expect)):
            raise wrong("M135")
        return self
