"""What ``intersect`` and ``except`` share: rows compared by name in all their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal as Choice

from headrace.bind.alignment import Branch, branches_of, common_types, shaped
from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.types import Schema
from headrace.models.steps import Except, Intersect
from headrace.plan import SetOperation

_JOIN = {"intersect": "semi", "except": "anti"}


def bind_set_operation(
    kind: Choice["intersect", "except"], step: Intersect | Except, stream: Stream, context: Context
) -> Stream | None:
    """The stream after the step; None after reporting."""
    pointers = [step.at("with", index) for index in range(len(step.with_))]
    branches = branches_of(context, stream.relation, step.with_, pointers)
    if branches is None or not _have_the_same_columns(branches, context, _JOIN[kind]):
        return None
    columns = common_types(branches, context)
    if columns is None:
        return None
    deciding = branches if kind == "intersect" else branches[:1]
    types = {
        name: type_.with_null(all(branch.relation.schema[name].nullable for branch in deciding))
        for name, type_ in columns.items()
    }
    compared = tuple(shaped(branch.relation, columns, context.label) for branch in branches)
    return Stream(SetOperation(kind, compared, Schema.of(types), step=context.label), stream.formulas)


def _have_the_same_columns(branches: Sequence[Branch], context: Context, join: str) -> bool:
    hint = f"Keep the same columns on both sides with select, or join with kind {join} on those that count."
    ours, *others = branches
    sound = True
    for other in others:
        for has, lacks in ((ours, other), (other, ours)):
            names = [name for name in has.relation.schema.names if name not in lacks.relation.schema]
            if names:
                shown = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
                context.report("S142", other.pointer, has=has.name, found=shown, lacks=lacks.name, hints=[hint])
                sound = False
    return sound
