"""``rename``: ``new: old``; every column keeps its place."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Column
from headrace.models.steps import Rename
from headrace.plan import Project


def bind(step: Rename, stream: Stream, context: Context) -> Stream | None:
    schema = stream.relation.schema
    new_names: dict[str, str] = {}
    sound = True
    for new, old in step.columns.items():
        if context.column(old, step.at(new), schema) is None:
            sound = False
        elif old in new_names:
            context.report("S111", step.at(new), found=old)
            sound = False
        else:
            new_names[old] = new
    names = [new_names.get(name, name) for name in schema.names]
    for name in sorted({name for name in names if names.count(name) > 1}):
        context.report("S111", step.at(name) if name in step.columns else step.at(), found=name)
        sound = False
    if not sound:
        return None
    columns = tuple((new, Column(type_, old)) for new, (old, type_) in zip(names, schema.columns, strict=True))
    return Stream(Project(stream.relation, columns, step=context.label), stream.formulas)
