"""``lookup``: columns of the one row of another relation that goes with ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from headrace.models.keys import JoinFormulas
from headrace.models.scalar import Name, Names, Text, as_text, check_name, found, wrong
from headrace.models.steps.step import Step

Missing = Literal["error", "null"] | dict[str, str]


def _missing(value: object) -> Missing:
    if isinstance(value, dict):
        return {_name(name): _value(each, name) for name, each in value.items()}
    text = as_text(value, "error, null, or {column: value}")
    if text == "error":
        return "error"
    if text == "null":
        return "null"
    raise wrong("M102", expected="error, null, or {column: value}", found=found(value))


def _name(value: Any) -> str:
    check_name(value)
    return str(value)


def _value(value: object, name: str) -> str:
    if isinstance(value, (dict, list, tuple)):
        raise wrong("M102", path=[name], expected="a value", found=found(value))
    return value if isinstance(value, str) else as_text(value, "a value")


class Lookup(Step):
    """``lookup: {with: product, by: product_id, columns: [category], missing: error}`` puts the columns of one row of
    the other side beside each of ours, and never multiplies rows.

    ``missing`` says what our rows get that find no row there: null, values by column, or an error when it runs.
    """

    word = "lookup"
    example = "lookup: {with: product, by: product_id, columns: [category]}"

    with_: Name = Field(alias="with")
    by: JoinFormulas
    columns: Names | None = None
    prefix: Text | None = None
    missing: Annotated[
        Missing,
        BeforeValidator(_missing),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": ["error", "null"]},
                    {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
                ]
            }
        ),
    ] = "null"

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.with_,)

    @model_validator(mode="after")
    def _agree(self) -> Lookup:
        if not self.by:
            raise wrong("M123", problem="by is missing: the columns on which the rows meet, such as by: product_id.")
        return self
