"""``sources:`` of a document: files, tables, series and rows, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, field_validator

from headrace.grammar.types import Type
from headrace.models.element import Named
from headrace.models.keys import Keys
from headrace.models.parameter import TypeText
from headrace.models.ranges import Range
from headrace.models.relation import Relation
from headrace.models.rows import Row, infer_columns, read_rows
from headrace.models.scalar import Flag, Formula, Meta, Name, Text, as_text, found, wrong
from headrace.models.statistics import SourceStatistics


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(as_text(item) for item in value)
    return (as_text(value),)


_TEXTS_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


class SourceColumn(Named):
    """A column of a source: its type, how its values are written (``format``), which texts are null (``null``)."""

    short = "type"

    type: TypeText
    format: Text | None = None
    null: Annotated[tuple[str, ...], PlainValidator(_texts), WithJsonSchema(_TEXTS_SCHEMA)] = ()
    nullable: Flag = True

    @property
    def column_type(self) -> Type:
        """The type, with or without null."""
        return self.type.with_null(self.nullable)


class Source(Named):
    """Where rows come from: exactly one of ``file``, ``table``, ``rows``, ``series`` (or ``connection`` and
    ``table``)."""

    origins: ClassVar[tuple[str, ...]] = ("file", "table", "rows", "series")

    file: Text | None = None
    table: Text | None = None
    connection: Name | None = None
    declared_columns: dict[Name, SourceColumn] | None = Field(default=None, alias="columns")
    rows: Annotated[tuple[Row, ...] | None, WithJsonSchema({"type": "array", "items": {"type": "object"}})] = None
    series: Annotated[dict[Name, Range], BeforeValidator(lambda value: _some_series(value))] | None = None
    formulas: dict[Name, Formula] = Field(default_factory=dict)
    relations: dict[Name, Relation] = Field(default_factory=dict)
    keys: Keys = ()
    statistics: SourceStatistics | None = None
    description: Text | None = None
    meta: Meta = None

    @field_validator("rows", mode="plain")
    @classmethod
    def _read_rows(cls, value: object, info: Any) -> tuple[Row, ...]:
        columns = info.data.get("declared_columns")
        types = {name: column.type for name, column in columns.items()} if columns else None
        return read_rows(value, types)

    @cached_property
    def columns(self) -> Mapping[str, SourceColumn] | None:
        """The columns as declared, or as ``rows`` and ``series`` show them; None where only a catalog knows."""
        if self.declared_columns is not None:
            return self.declared_columns
        if self.rows is not None:
            inferred = infer_columns(self.rows)
        elif self.series:
            inferred = {name: range_.type for name, range_ in self.series.items()}
        else:
            return None
        return {
            name: SourceColumn(type=type_.with_null(), nullable=type_.nullable).placed(self.at("columns", name))
            for name, type_ in inferred.items()
        }


def _some_series(value: object) -> object:
    if not isinstance(value, dict) or not value:
        what = "an empty mapping" if isinstance(value, dict) else found(value)
        raise wrong("M102", expected="columns with their ranges: {day: {every: 1 day, from: …, to: …}}", found=what)
    return value
