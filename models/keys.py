"""Keys: the columns that tell rows apart, and the columns on which two relations meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

from pydantic import PlainValidator, WithJsonSchema

from headrace.models.scalar import Formula, as_text, check_name, found, words, wrong

Cardinality = Literal["one_to_one", "many_to_one", "one_to_many", "many_to_many"]
"""How many rows of ours meet how many of theirs."""

CardinalityWord = Annotated[Cardinality, words(Cardinality)]

T = TypeVar("T")

_TEXT = {"type": ["string", "number"]}
_LIST = {"type": "array", "items": _TEXT}


def _column(value: object) -> str:
    text = as_text(value, "the name of a column")
    check_name(text)
    return text


def _keys(value: object) -> tuple[tuple[str, ...], ...]:
    if isinstance(value, str):
        return ((_column(value),),)
    if not isinstance(value, (list, tuple)):
        raise wrong("M102", expected="a list of columns", found=found(value))
    if any(isinstance(item, (list, tuple)) for item in value):
        return tuple(
            tuple(_column(column) for column in (item if isinstance(item, (list, tuple)) else [item]))
            for item in value
            if not isinstance(item, (list, tuple)) or item
        )
    return (tuple(_column(item) for item in value),) if value else ()


def _key(value: object) -> Formula:
    text = as_text(value, "a column, or a formula")
    if not text.strip():
        raise wrong("M103", expected="a column, or a formula")
    return Formula(text)


def _pairs(value: object, read: Callable[[object], T]) -> tuple[tuple[T, T], ...]:
    if isinstance(value, dict):
        return tuple((read(ours), read(theirs)) for ours, theirs in value.items())
    items = value if isinstance(value, (list, tuple)) else [value]
    pairs: list[tuple[T, T]] = []
    for index, item in enumerate(items):
        if isinstance(item, dict):
            pairs.extend((read(ours), read(theirs)) for ours, theirs in item.items())
        elif isinstance(item, (list, tuple)) and len(item) == 2 and isinstance(value, tuple):
            pairs.append((read(item[0]), read(item[1])))
        elif isinstance(item, (list, tuple)):
            raise wrong("M102", path=[index], expected="the name of a column", found=found(item))
        else:
            pairs.append((read(item), read(item)))
    return tuple(pairs)


Keys = Annotated[
    tuple[tuple[str, ...], ...],
    PlainValidator(_keys),
    WithJsonSchema({"anyOf": [_TEXT, _LIST, {"type": "array", "items": _LIST}]}),
]
"""``[a, b]`` is one key of two columns; ``[[a, b], [c]]`` are two keys."""

_PAIRS_SCHEMA = WithJsonSchema({"anyOf": [_TEXT, _LIST, {"type": "object", "additionalProperties": _TEXT}]})

JoinKeys = Annotated[tuple[tuple[str, str], ...], PlainValidator(lambda value: _pairs(value, _column)), _PAIRS_SCHEMA]
"""``customer_id``, ``[a, b]`` or ``{ours: theirs}``, as pairs of columns, ours and theirs."""

JoinFormulas = Annotated[
    tuple[tuple[Formula, Formula], ...], PlainValidator(lambda value: _pairs(value, _key)), _PAIRS_SCHEMA
]
"""The same, each a column or a formula over its side."""
