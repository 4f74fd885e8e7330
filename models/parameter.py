"""``parameters:`` of a document."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Final

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema, field_validator

from headrace.grammar.types import KINDS, Type, parse_type
from headrace.models.element import Named
from headrace.models.scalar import Flag, Text, as_text, found, wrong
from headrace.models.value import Value, read_value


class All(Enum):
    """The default of a list parameter that restricts nothing."""

    ALL = "all"


ALL: Final = All.ALL


def _type(value: object) -> Type:
    if isinstance(value, Type):
        return value
    text = as_text(value, "a type such as integer, decimal, text or date")
    type_ = parse_type(text)
    if type_ is None:
        raise wrong("M109", type=text, known=list(KINDS))
    return type_


TypeText = Annotated[
    Type, PlainValidator(_type), WithJsonSchema({"type": "string", "title": "Type", "examples": list(KINDS)})
]
"""The name of a type, read."""


class Parameter(Named):
    """A value that formulas use as ``$name``.

    ``default`` is a value of ``type``, a tuple of them where ``list``, ``ALL``, or None where the parameter must be
    given.
    """

    short = "type"

    type: TypeText | None = None
    list: Flag = False
    default: Annotated[Any, WithJsonSchema({})] = None
    description: Text | None = None

    @field_validator("default", mode="plain")
    @classmethod
    def _read_default(cls, value: object, info: ValidationInfo) -> object:
        type_ = info.data.get("type")
        if not isinstance(type_, Type):
            return None
        if not info.data.get("list"):
            return _value(value, type_)
        if isinstance(value, str) and value == "all":
            return ALL
        if not isinstance(value, (list, tuple)):
            raise wrong("M102", expected="a list of values, or all", found=found(value))
        return tuple(_value(item, type_, index) for index, item in enumerate(value))


def _value(value: object, type_: Type, *path: str | int) -> Value:
    if isinstance(value, (dict, list, tuple)):
        raise wrong("M110", path=list(path), type=str(type_), expected=_one(type_), found=found(value))
    text = value if isinstance(value, str) or value is None else as_text(value)
    try:
        return read_value(text, type_)
    except ValueError as error:
        raise wrong("M110", path=list(path), type=str(type_), expected=str(error), found=found(value)) from None


def _one(type_: Type) -> str:
    return f"one value of type {type_}"
