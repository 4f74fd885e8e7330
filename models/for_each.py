"""``for_each:`` of a node: the parameters it is expanded over, and their values.

``{month: VALUES}``, where VALUES is a list, a range ``{every: month_end, from: …, to: …}``, or the column of a node
``{node: months, column: month}`` (without ``column``, the one with the parameter's name). Several parameters
multiply; those under ``zip: {month: VALUES, label: VALUES}`` go together, first with first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from headrace.models.element import WHOLE, Element
from headrace.models.ranges import Range
from headrace.models.scalar import Name, PlainText, as_text, found, is_nothing, wrong


class ValueList(Element):
    """Values written out, as their texts: ``read_value(text, type)`` makes them values of the parameter's type."""

    texts: Annotated[tuple[str, ...], PlainValidator(lambda value: _texts(value))] = Field(validation_alias=WHOLE)


class NodeColumn(Element):
    """The values that a column of a node has when it runs; column None is the one with the parameter's name."""

    node: Name
    column: Name | None = None


Values: TypeAlias = ValueList | Range | NodeColumn


def _texts(value: object) -> tuple[str, ...]:
    texts: list[str] = []
    for index, item in enumerate(value if isinstance(value, (list, tuple)) else [value]):
        if is_nothing(item):
            raise wrong("M141", path=[index], problem="null is no value")
        text = item if isinstance(item, PlainText) else as_text(item, "a value")
        if text in texts:
            raise wrong("M141", path=[index], problem=f"{found(text)} is written twice")
        texts.append(text)
    return tuple(texts)


def _values(value: object) -> Values:
    if isinstance(value, (ValueList, Range, NodeColumn)):
        return value
    if isinstance(value, (list, tuple)):
        return ValueList.model_validate({WHOLE: value})
    if isinstance(value, dict):
        return (NodeColumn if "node" in value or "column" in value else Range).model_validate(value)
    raise wrong("M102", expected="a list of values, a range {every, from, to} or {node, column}", found=found(value))


_VALUES_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": {"type": ["string", "number", "boolean"]}},
        {"$ref": "#/$defs/Range"},
        {"$ref": "#/$defs/NodeColumn"},
    ]
}

_Values = Annotated[Values, PlainValidator(_values), WithJsonSchema(_VALUES_SCHEMA)]


class Zip(Element):
    """Parameters whose values go together: the first of each, then the second …"""

    parameters: dict[Name, _Values] = Field(validation_alias=WHOLE)


def _factor(value: object) -> Values | Zip:
    if isinstance(value, Zip):
        return value
    return _values(value)


@dataclass(frozen=True, slots=True)
class ForEachParameter:
    """One parameter and its values."""

    name: str
    values: Values

    @property
    def pointer(self) -> str:
        return self.values.pointer


@dataclass(frozen=True, slots=True)
class Factor:
    """One parameter, or several that are zipped."""

    parameters: tuple[ForEachParameter, ...]


_FOR_EACH_SCHEMA = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "zip": {"anyOf": [*_VALUES_SCHEMA["anyOf"], {"type": "object", "additionalProperties": _VALUES_SCHEMA}]}
    },
    "additionalProperties": _VALUES_SCHEMA,
}


class ForEach(Element):
    """What a node is expanded over: every combination of its factors."""

    given: Annotated[dict[Name, Annotated[Values | Zip, PlainValidator(_factor)]], WithJsonSchema(_FOR_EACH_SCHEMA)] = (
        Field(validation_alias=WHOLE)
    )

    @model_validator(mode="before")
    @classmethod
    def _find_zip(cls, value: object) -> object:
        given = value.get(WHOLE, value) if isinstance(value, dict) else None
        if isinstance(given, dict):
            zipped = given.get("zip")
            if isinstance(zipped, dict) and not _VALUE_KEYS & zipped.keys():
                return {WHOLE: {**given, "zip": Zip.model_validate({WHOLE: zipped})}}
        return value

    @model_validator(mode="after")
    def _once(self) -> ForEach:
        if not self.given:
            raise wrong("M103", expected="a parameter with its values")
        names = [parameter.name for parameter in self.parameters]
        for name in names:
            if names.count(name) > 1:
                raise wrong("M141", problem=f"the parameter {name} is written twice")
        return self

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The parameters as they multiply, in order."""
        return tuple(
            Factor(tuple(ForEachParameter(*item) for item in _parameters(name, values).items()))
            for name, values in self.given.items()
        )

    @property
    def parameters(self) -> tuple[ForEachParameter, ...]:
        """All parameters, in order."""
        return tuple(parameter for factor in self.factors for parameter in factor.parameters)


_VALUE_KEYS = frozenset(("every", "from", "to", "node", "column"))


def _parameters(name: str, values: Values | Zip) -> Mapping[str, Values]:
    return values.parameters if isinstance(values, Zip) else {name: values}
