"""The values that a pivot makes columns of: listed in the document, or found in the database and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from headrace.bind.context import Context
from headrace.bind.values import literal
from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema, Type
from headrace.models import Range, read_value
from headrace.models.steps import Pivot
from headrace.plan.limits import MOST_COLUMNS

Combination: TypeAlias = tuple[Literal, ...]
"""A value of each of the columns that are pivoted."""


def pivot_values(step: Pivot, columns: Schema, context: Context) -> tuple[Combination, ...] | None:
    """The values, typed, in the order of their columns; None after reporting."""
    values = _known(step, columns, context) if step.only is None else _only(step, columns, context)
    if values is None or not _differ(step, values, context):
        return None
    count = len(step.by) + len(step.values) * (len(values) + (step.unseen == "other"))
    if count > MOST_COLUMNS:
        context.report("S116", step.at(), count=count, limit=MOST_COLUMNS)
        return None
    return values


def _known(step: Pivot, columns: Schema, context: Context) -> tuple[Combination, ...] | None:
    """What was found before."""
    hints = [
        "headrace discover asks the database for them and keeps them in headrace.lock.",
        "Or list them: only: [ … ].",
    ]
    names = " and ".join(columns.names)
    facts = context.pivots.get(context.label)
    if facts is None:
        context.report("S203", step.at(), names=names, hints=hints)
        return None
    if [(name, type_.kind) for name, type_ in facts.columns] != [(name, type_.kind) for name, type_ in columns]:
        found = " and ".join(f"{name} ({type_.kind})" for name, type_ in facts.columns)
        told = " and ".join(f"{name} ({type_.kind})" for name, type_ in columns)
        context.report("S204", step.at(), found=found, names=told, hints=hints)
        return None
    types = columns.types.values()
    return tuple(tuple(map(literal, each, types)) for each in facts.values)


def _only(step: Pivot, columns: Schema, context: Context) -> tuple[Combination, ...] | None:
    types = tuple(columns.types.values())
    if isinstance(step.only, Range):
        return _counted_out(step.only, types, step, context)
    values = []
    for index, cells in enumerate(step.only or ()):
        if len(cells) != len(types):
            written = ", ".join("null" if cell is None else cell for cell in cells) or "[]"
            context.report(
                "S205", step.at("only", index), found=written, count=len(types), names=", ".join(columns.names)
            )
            return None
        combination = []
        for cell, type_ in zip(cells, types, strict=True):
            try:
                value = None if cell is None else read_value(str(cell), type_)
            except ValueError as error:
                context.report("S206", step.at("only", index), found=cell, expected=str(error))
                return None
            combination.append(literal(value, type_))
        values.append(tuple(combination))
    return tuple(values)


def _counted_out(range_: Range, types: Sequence[Type], step: Pivot, context: Context) -> tuple[Combination, ...] | None:
    if len(types) != 1 or types[0].kind != range_.type.kind:
        found, expected = f"A range of {range_.type}s", " and ".join(str(type_) for type_ in types)
        context.report("S206", step.at("only"), found=found, expected=f"of type {expected}")
        return None
    count = range_.count()
    if count > MOST_COLUMNS:
        context.report("S116", step.at("only"), count=count, limit=MOST_COLUMNS)
        return None
    return tuple((literal(value, types[0]),) for value in range_.values())


def _differ(step: Pivot, values: Sequence[Combination], context: Context) -> bool:
    seen: set[tuple[object, ...]] = set()
    for index, combination in enumerate(values):
        value = tuple(each.value for each in combination)
        if value in seen:
            written = ", ".join("null" if each is None else str(each) for each in value)
            context.report("S207", step.at() if step.only is None else step.at("only", index), found=written)
            return False
        seen.add(value)
    return True
