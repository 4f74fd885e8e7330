"""A whole document: settings of a project, sources, parameters and nodes, each part optional."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from headrace.grammar.own_functions import read_signature
from headrace.models.element import WHOLE, Element, Named
from headrace.models.flow_test import FlowTest
from headrace.models.node import Materialize, Node, Strategy
from headrace.models.parameter import Parameter
from headrace.models.scalar import Flag, Formula, Meta, Name, Text, as_text, found, words, wrong
from headrace.models.source import Source

VERSION = 1
"""The version of the document format that this program reads; it reads every older one too."""


def _version(value: object) -> int:
    text = as_text(value, "the version of the format, 1")
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and int(text) > 0):
        raise wrong("M106", found=found(value))
    if int(text) > VERSION:
        raise wrong("M105", version=int(text), known=VERSION)
    return int(text)


class Defaults(Element):
    """What holds for every node that does not say otherwise."""

    materialize: Materialize | None = None
    unlogged: Flag | None = None
    strategy: Annotated[Strategy, words(Strategy)] | None = None


class OwnFunction(Named):
    """A function of the project's own: ``net(x): x / (1 + $vat)``."""

    formula: Formula = Field(validation_alias=WHOLE)

    @property
    def function(self) -> str:
        """The function's name, without its arguments."""
        found = read_signature(self.name)
        return self.name if found is None else found[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        found = read_signature(self.name)
        return () if found is None else found[1]


def _functions(value: object) -> object:
    if isinstance(value, dict):
        for signature in value:
            if read_signature(signature) is None:
                raise wrong("M134", path=[signature], signature=signature)
    return value


class Document(Element):
    """What one file, one JSON text or one Python object says. Every part is optional but ``headrace``."""

    headrace: Annotated[int, PlainValidator(_version), WithJsonSchema({"const": VERSION})] = VERSION
    name: Name | None = None
    warehouse: Text | None = None
    schema_: Name | None = Field(default=None, alias="schema")
    timezone: Text | None = None
    defaults: Defaults | None = None
    functions: Annotated[dict[Name, OwnFunction], BeforeValidator(_functions)] = Field(default_factory=dict)
    flow: Name | None = None
    description: Text | None = None
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    sources: dict[Name, Source] = Field(default_factory=dict)
    nodes: dict[Name, Node] = Field(default_factory=dict)
    tests: dict[Name, FlowTest] = Field(default_factory=dict)
    models: Annotated[Any, WithJsonSchema({"type": "object"})] = None
    meta: Meta = None
