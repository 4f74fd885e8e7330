"""Columns that a step puts out: one as it is, or a new one with its formula."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from headrace.models.element import Item
from headrace.models.scalar import Formula, Name, found, wrong


class OutputColumn(Item):
    """A column called ``name``: that of ``formula``, or, where it is None, the column that came in by this name."""

    name: Name
    formula: Formula | None = None


def _columns(value: object) -> tuple[OutputColumn, ...]:
    if isinstance(value, dict):
        return tuple(_column(name, formula, (name,)) for name, formula in value.items())
    if isinstance(value, str):
        return (_column(value, None, ()),)
    if not isinstance(value, (list, tuple)):
        raise wrong("M102", expected="a list of columns", found=found(value))
    return tuple(_item(item, index) for index, item in enumerate(value))


def _item(item: object, index: int) -> OutputColumn:
    if isinstance(item, OutputColumn):
        return item
    if not isinstance(item, dict):
        if item is None or isinstance(item, (list, tuple)):
            raise wrong("M102", path=[index], expected="a column, or {new: formula}", found=found(item))
        return _column(str(item), None, (index,))
    if len(item) != 1:
        raise wrong(
            "M102", path=[index], expected="one new column with its formula", found=f"a mapping with {len(item)} keys"
        )
    name, formula = next(iter(item.items()))
    return _column(name, formula, (index, name))


def _column(name: str, formula: object, path: tuple[str | int, ...]) -> OutputColumn:
    if formula is None and path and path[-1] == name:
        raise wrong("M103", path=list(path), expected="a formula")
    return OutputColumn.model_validate({"name": name, "formula": formula}).on(path)


_ITEM = {"type": ["string", "number", "boolean"]}

OutputColumns = Annotated[
    tuple[OutputColumn, ...],
    PlainValidator(_columns),
    WithJsonSchema(
        {
            "anyOf": [
                _ITEM,
                {"type": "object", "additionalProperties": _ITEM},
                {
                    "type": "array",
                    "items": {
                        "anyOf": [
                            _ITEM,
                            {
                                "type": "object",
                                "additionalProperties": _ITEM,
                                "minProperties": 1,
                                "maxProperties": 1,
                            },
                        ]
                    },
                },
            ]
        }
    ),
]
"""``[country, {month: start_of_month(day)}]``, one name, or ``{new: formula}``."""
