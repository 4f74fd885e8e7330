"""``nodes:`` of a document: what is computed, and how it is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, SerializeAsAny, WithJsonSchema

from headrace.models.element import Element, Named
from headrace.models.flow_test import FlowTest
from headrace.models.for_each import ForEach
from headrace.models.keys import Keys
from headrace.models.relation import Relation
from headrace.models.scalar import Flag, Formula, Meta, Name, Names, Text, as_text, found, words, wrong
from headrace.models.steps.step import Step

Kind = Literal["inline", "view", "table", "append", "incremental", "snapshot"]
Strategy = Literal["union", "lateral", "join", "sweep"]


class Materialize(Element):
    """How a node is kept: one word, or a mapping with what an incremental one needs.

    Beside ``for_each``, ``look_back`` is the number of the last values that are computed anew, and ``time`` the
    parameter that it counts, where there are several.
    """

    short = "kind"

    kind: Annotated[Kind, words(Kind)]
    by: Names = ()
    time: Name | None = None
    look_back: Text | None = None


class Index(Element):
    """An index of a table: ``[a, b]`` or ``{columns: [a, b], unique: true}``."""

    short = "columns"

    columns: Names
    unique: Flag = False


_INDEXES = {"type": "array", "items": {"$ref": "#/$defs/Index"}}


def _indexes(value: object) -> tuple[Index, ...]:
    items = value if isinstance(value, (list, tuple)) else [value]
    return tuple(item if isinstance(item, Index) else Index.model_validate(item) for item in items)


def _grants(value: object) -> dict[str, tuple[str, ...]]:
    if isinstance(value, dict):
        return {str(role): _privileges(privileges) for role, privileges in value.items()}
    if isinstance(value, (list, tuple)):
        return {as_text(role, "the name of a role"): ("select",) for role in value}
    return {as_text(value, "the name of a role"): ("select",)}


def _privileges(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, (list, tuple)) else [value]
    known = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
    privileges = tuple(as_text(item, "a privilege such as select").lower() for item in items)
    for privilege in privileges:
        if privilege not in known:
            raise wrong("M108", word=privilege, expected="select, insert, update or delete", known=list(known))
    return privileges


_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

Grants = Annotated[
    dict[str, tuple[str, ...]],
    PlainValidator(_grants),
    WithJsonSchema({"anyOf": [*_TEXTS["anyOf"], {"type": "object", "additionalProperties": _TEXTS}]}),
]
"""``[reader]`` may select; ``{writer: [select, insert]}`` says more."""


def _steps(value: object) -> tuple[Step, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, Step) for item in value):
        raise wrong("M102", expected="a list of steps", found=found(value))
    return tuple(value)


Steps = Annotated[
    tuple[SerializeAsAny[Step], ...],
    PlainValidator(_steps),
    WithJsonSchema({"type": "array", "items": {"$ref": "#/$defs/Step"}}),
]
"""Steps that have been read one by one."""


class Node(Named):
    """A named relation: the rows of ``from_`` through ``steps``, once or for each value, and how they are kept.

    ``from_`` is None where the document does not say it, which has been reported; ``materialize`` is None where the
    project's default holds.
    """

    from_: Name | None = Field(default=None, alias="from")
    for_each: ForEach | None = None
    steps: Steps = ()
    then: Steps = ()
    formulas: dict[Name, Formula] = Field(default_factory=dict)
    relations: dict[Name, Relation] = Field(default_factory=dict)
    materialize: Materialize | None = None
    keys: Keys = ()
    indexes: Annotated[tuple[Index, ...], PlainValidator(_indexes), WithJsonSchema(_INDEXES)] = ()
    grants: Grants = Field(default_factory=dict)
    tests: dict[Name, FlowTest] = Field(default_factory=dict)
    description: Text | None = None
    tags: Names = ()
    unlogged: Flag | None = None
    strategy: Annotated[Strategy, words(Strategy)] | None = None
    meta: Meta = None
