"""``rows:`` of a source: a small table written in the document."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from headrace.grammar.types import Type
from headrace.models.scalar import as_text, check_name, found, wrong
from headrace.models.value import Value, infer_value, read_value, type_of

Row: TypeAlias = Mapping[str, Value]


def read_rows(value: object, types: Mapping[str, Type] | None) -> tuple[Row, ...]:
    """Rows with a value for every column, null where a row leaves it out.

    ``types`` are the declared columns. Where there are none, the columns are those that any row names, in order of
    appearance, and the values are what they look like; a column of whole and other numbers is decimal.
    """
    if not isinstance(value, (list, tuple)):
        raise wrong("M102", expected="a list of rows, such as - {name: small, from: 0}", found=found(value))
    for index, row in enumerate(value):
        if not isinstance(row, Mapping):
            raise wrong("M102", path=[index], expected="a row, such as {name: small, from: 0}", found=found(row))
    if types is not None:
        return tuple(_typed_row(row, types, index) for index, row in enumerate(value))
    names = list(dict.fromkeys(str(name) for row in value for name in row))
    for name in names:
        check_name(name)
    rows = [{name: _inferred(row.get(name), index, name) for name in names} for index, row in enumerate(value)]
    for name in names:
        _settle(rows, name)
    return tuple(rows)


def infer_columns(rows: tuple[Row, ...]) -> Mapping[str, Type]:
    """The columns of untyped rows; one that is null in every row is text."""
    columns: dict[str, Type] = {}
    for name in rows[0] if rows else ():
        kinds = {type_of(row[name]) for row in rows}
        kind = max((kind for kind in kinds if kind), default="text")
        columns[name] = Type(kind, nullable=None in kinds)
    return columns


def _typed_row(row: Mapping[str, object], types: Mapping[str, Type], index: int) -> Row:
    for name in row:
        if name not in types:
            raise wrong("M133", path=[index, name], column=name, known=list(types))
    values: dict[str, Value] = {}
    for name, type_ in types.items():
        cell = _cell(row.get(name), index, name)
        try:
            values[name] = read_value(cell, type_)
        except ValueError as error:
            raise wrong("M110", path=[index, name], type=str(type_), expected=str(error), found=found(cell)) from None
    return values


def _cell(value: object, index: int, name: str) -> str | None:
    if isinstance(value, (dict, list, tuple)):
        raise wrong("M102", path=[index, name], expected="one value", found=found(value))
    return value if value is None or isinstance(value, str) else as_text(value)


def _inferred(value: object, index: int, name: str) -> Value:
    cell = _cell(value, index, name)
    try:
        return infer_value(cell)
    except ValueError:
        raise wrong("M110", path=[index, name], type="decimal", expected="a number", found=found(cell)) from None


def _settle(rows: list[dict[str, Value]], name: str) -> None:
    """Make the values of a column of one type: numbers may be whole or not, nothing else mixes."""
    kinds: dict[str, int] = {}
    for index, row in enumerate(rows):
        kind = type_of(row[name])
        if kind:
            kinds.setdefault(kind, index)
    if set(kinds) == {"integer", "decimal"}:
        for row in rows:
            if isinstance(row[name], int):
                row[name] = Decimal(str(row[name]))
    elif len(kinds) > 1:
        first, second = list(kinds)[:2]
        raise wrong("M132", path=[kinds[second], name], column=name, first=first, second=second)
