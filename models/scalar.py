"""Scalars of a document: how they are kept before a model gives them a type, and the text types of the models."""

from __future__ import annotations

import re
from math import isfinite
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Data: TypeAlias = "dict[str, Data] | list[Data] | str | None"
"""A document before it is typed. Numbers and words without quotes are ``PlainText``, quoted ones ``str``."""

MAX_NAME = 200


class PlainText(str):
    """Text written without quotes: the number, date or word that it looks like, wherever no model says otherwise."""

    __slots__ = ()


class Formula(str):
    """The text of a formula, without the space around it."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        types = ["string", "number", "boolean", "null"]
        return {"type": types, "title": "Formula", "description": "A formula; a bare null is the formula null."}

    @classmethod
    def _validate(cls, value: object) -> Formula:
        text = as_text(value, "a formula").strip()
        if not text:
            raise wrong("M103", expected="a formula")
        return cls(text)


def is_null(value: object) -> bool:
    """Whether this is the word null (or ``~``) without quotes, which is also what None and JSON's null are read as."""
    return isinstance(value, PlainText) and value in ("null", "Null", "NULL", "~")


def is_nothing(value: object) -> bool:
    """Whether nothing stands there, or null."""
    return value is None or is_null(value)


def wrong(code: str, **params: Any) -> PydanticCustomError:
    """What a validator raises: ``code`` is a declared diagnostic and ``params`` fill its message."""
    return PydanticCustomError(code, "not valid", params)


def found(value: object) -> str:
    """What stands in a place, for people: ``a list``, ``a mapping``, ``nothing``, ``“12”``."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"


def as_text(value: object, expected: str = "a text") -> str:
    """The text of a scalar, whatever it looks like; anything else is refused."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if value is None:
        raise wrong("M103", expected=expected)
    raise wrong("M102", expected=expected, found=found(value))


def _name(value: object) -> str:
    text = as_text(value, "a name")
    check_name(text)
    return text


def check_name(text: str) -> None:
    """Refuse what cannot name a source, node, column or parameter."""
    if not text.strip():
        raise wrong("M107", name=found(text), problem="it is empty")
    if len(text) > MAX_NAME:
        raise wrong("M107", name=found(text), problem=f"it has {len(text)} characters, and {MAX_NAME} are the most")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = as_text(value, "true or false")
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    raise wrong("M102", expected="true or false", found=found(value))


def _count(value: object) -> int:
    text = as_text(value, "a whole number")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise wrong("M102", expected="a whole number, 0 or more", found=found(value))
    return int(text)


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(value)
    if isinstance(value, str):
        return (value,)
    raise wrong("M102", expected="a name or a list of names", found=found(value))


def words(literal: Any) -> BeforeValidator:
    """Accepts one of the words of a ``Literal``, as a scalar."""
    known: tuple[str, ...] = get_args(literal)

    def validate(value: object) -> str:
        text = as_text(value, listed(known))
        if text not in known:
            raise wrong("M108", word=text, expected=listed(known), known=list(known))
        return text

    return BeforeValidator(validate)


def listed(known: tuple[str, ...]) -> str:
    """``a, b or c``."""
    return " or ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)


def _meta(value: object) -> Any:
    return plain_data(value)


def plain_data(value: object) -> Any:
    """Untyped data with YAML 1.2's core types for what stood without quotes: ``12`` a number, ``"12"`` a text."""
    if isinstance(value, dict):
        return {key: plain_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_data(item) for item in value]
    if isinstance(value, PlainText):
        return core_value(value)
    return value


def core_value(text: str) -> str | int | float | bool | None:
    """The value YAML 1.2's core schema gives to a plain scalar; numbers beyond a float's reach stay text."""
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if len(text) > 300 or not _NUMBER.fullmatch(text):
        return str(text)
    if text.startswith(("0x", "0o")):
        return int(text, 0)
    if text.lstrip("+-").isdigit():
        return int(text)
    number = float(text)
    return number if isfinite(number) else str(text)


_NUMBER = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CORE_WORDS: dict[str, bool | None] = {
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}

_TEXT_SCHEMA = {"type": ["string", "number", "boolean"]}

Text = Annotated[str, BeforeValidator(as_text), WithJsonSchema(_TEXT_SCHEMA)]
"""Any scalar, as text."""

Name = Annotated[str, BeforeValidator(_name), WithJsonSchema({**_TEXT_SCHEMA, "title": "Name"})]
"""The name of something: not empty, at most 200 characters."""

Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_names),
    WithJsonSchema({"anyOf": [_TEXT_SCHEMA, {"type": "array", "items": _TEXT_SCHEMA}]}),
]
"""One name, or a list of names."""


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise wrong("M103", expected="at least one name")
    return names


SomeNames = Annotated[Names, AfterValidator(_some)]
"""One name, or a list with at least one."""

Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Meta = Annotated[Any, BeforeValidator(_meta), WithJsonSchema({"title": "Free for the embedder; carried, never read"})]
"""Whatever the embedder wants to keep on an element."""
