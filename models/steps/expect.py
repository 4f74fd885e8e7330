"""``expect``: what must hold of the rows at this place; they go on unchanged."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from headrace.grammar.types import Type
from headrace.models.element import WHOLE, Element
from headrace.models.keys import JoinKeys
from headrace.models.scalar import (
    Count,
    Flag,
    Formula,
    Name,
    Names,
    PlainText,
    Text,
    as_text,
    found,
    is_nothing,
    listed,
    words,
    wrong,
)
from headrace.models.steps.step import Step
from headrace.models.value import read_value

Severity = Literal["warn", "stop"]


class AllowedValues(Element):
    """Values written out, as their texts: ``read_value(text, type)`` makes them values of the column's type."""

    texts: Annotated[
        tuple[str, ...],
        PlainValidator(lambda value: _texts(value)),
        WithJsonSchema({"type": "array", "items": {"type": ["string", "number", "boolean"]}}),
    ] = Field(validation_alias=WHOLE)


class Reference(Element):
    """``{by: customer_id, with: customers}``: our columns, and theirs that must have the same values."""

    by: JoinKeys
    with_: Name = Field(alias="with")


class RowCount(Element):
    """``{at_least: 1, at_most: 1000}``, or a number for exactly so many rows."""

    short = "exactly"

    exactly: Count | None = None
    at_least: Count | None = None
    at_most: Count | None = None

    @model_validator(mode="after")
    def _agree(self) -> RowCount:
        if self.exactly is None and self.at_least is None and self.at_most is None:
            raise wrong("M123", problem="Say how many rows: at_least, at_most, or both.")
        if self.exactly is not None and (self.at_least is not None or self.at_most is not None):
            raise wrong("M123", problem="exactly says it all: at_least and at_most cannot stand beside it.")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise wrong("M123", problem=f"No number of rows is at least {self.at_least} and at most {self.at_most}.")
        return self


def _duration(value: object) -> str:
    text = as_text(value, "a duration such as 2 days").strip()
    try:
        read_value(text, Type("interval"))
    except ValueError:
        raise wrong("M102", expected="a duration such as 2 days", found=found(value)) from None
    if "-" in text:
        raise wrong("M102", expected="a duration such as 2 days", found=found(value))
    return text


class Freshness(Element):
    """``{column: order_date, within: 2 days}``: the newest value is no older than that, at the run's instant."""

    column: Name
    within: Annotated[str, PlainValidator(_duration), WithJsonSchema({"type": "string"})]


class NoOverlap(Element):
    """``{by: product_id, from: valid_from, to: valid_to}``: no two ranges of one product share a moment.

    A range holds its beginning and not its end, unless it is ``closed``. A null end, on either side, is open.
    """

    by: Names = ()
    from_: Name = Field(alias="from")
    to: Name
    closed: Flag = False


class Expectation(Element):
    """One thing that must hold, with a name, a description, and what happens where it does not hold."""

    kinds: ClassVar[tuple[str, ...]] = (
        "unique",
        "not_null",
        "values",
        "relation",
        "rows",
        "freshness",
        "no_overlap",
        "formula",
    )

    unique: Names = ()
    not_null: Names = ()
    values: dict[Name, AllowedValues] = Field(default_factory=dict)
    relation: Reference | None = None
    rows: RowCount | None = None
    freshness: Freshness | None = None
    no_overlap: NoOverlap | None = None
    formula: Formula | None = None
    name: Name | None = None
    description: Text | None = None
    severity: Annotated[Severity, words(Severity)] = "stop"

    @property
    def kind(self) -> str:
        """The key that says what is expected."""
        return next(key for key in self.kinds if getattr(self, key))

    @model_validator(mode="after")
    def _is_one(self) -> Expectation:
        said = [key for key in self.kinds if getattr(self, key)]
        if len(said) != 1:
            what = " and ".join(said) or "none of them"
            raise wrong("M123", problem=f"An expectation is one of {listed(self.kinds)}, and this has {what}.")
        return self


class Expect(Step):
    """``expect: [{unique: [customer_id]}, {formula: amount >= 0, severity: warn}]``: a run checks it."""

    word = "expect"
    example = "expect: [{unique: [customer_id]}]"

    expectations: tuple[Expectation, ...] = Field(validation_alias=WHOLE)

    @model_validator(mode="after")
    def _expects(self) -> Expect:
        if not self.expectations:
            raise wrong("M103", expected="a list of expectations, such as [{unique: [customer_id]}]")
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(each.relation.with_ for each in self.expectations if each.relation is not None)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise wrong("M102", expected="a list of values, such as [open, closed]", found=found(value))
    if not value:
        raise wrong("M103", expected="a list of values, such as [open, closed]")
    texts: list[str] = []
    for index, item in enumerate(value):
        if is_nothing(item):
            raise wrong("M123", path=[index], problem="null is no value: that a column has none, not_null says.")
        texts.append(item if isinstance(item, PlainText) else as_text(item, "a value"))
    return tuple(texts)
