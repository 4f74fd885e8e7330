"""``unpivot``: a row for each row and each of several columns; nulls stay."""

from __future__ import annotations

from collections import Counter

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.types import Schema, Type, common_type
from headrace.models.steps import Unpivot as UnpivotStep
from headrace.plan import Unpivot


def bind(step: UnpivotStep, stream: Stream, context: Context) -> Stream | None:
    schema = stream.relation.schema
    columns = context.columns(step.columns, lambda index: step.at("columns", index), schema)
    if columns is None:
        return None
    kept = tuple(name for name in schema.names if name not in columns)
    type_ = _common(step, columns, schema, context)
    if not _names_differ(step, kept, context) or type_ is None:
        return None
    unpivot = Unpivot(
        stream.relation, kept, tuple(columns), step.name_, step.value, type_, step.position, step=context.label
    )
    return Stream(unpivot)


def _common(step: UnpivotStep, columns: list[str], schema: Schema, context: Context) -> Type | None:
    """The type that holds the values of all columns; None after naming those that do not go with the others."""
    first, *others = columns
    common: Type | None = schema[first]
    for name in others:
        common = None if common is None else common_type(common, schema[name])
    if common is not None:
        return common
    usual, _ = Counter(schema[name].kind for name in columns if schema[name].kind != "null").most_common(1)[0]
    odd = [name for name in columns if common_type(Type(usual), schema[name]) is None]
    told = ", ".join(f"{name} is {schema[name]}" for name in odd[:5]) + (" …" if len(odd) > 5 else "")
    context.report("S200", step.at("columns"), type=usual, odd=told)
    return None


def _names_differ(step: UnpivotStep, kept: tuple[str, ...], context: Context) -> bool:
    taken = set(kept)
    sound = True
    for key, name in (("name", step.name_), ("value", step.value), ("position", step.position)):
        if name is None:
            continue
        if name in taken:
            context.report("S111", step.at(key), found=name)
            sound = False
        taken.add(name)
    return sound
