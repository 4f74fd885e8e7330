"""``rename``: ``new: old``, or a pattern of each; every column keeps its place."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.bind.patterns import is_pattern, renamed
from headrace.grammar.expression import Column
from headrace.grammar.types import Schema
from headrace.models.steps import Rename
from headrace.plan import Project


def bind(step: Rename, stream: Stream, context: Context) -> Stream | None:
    schema = stream.relation.schema
    new_names: dict[str, str] = {}
    entries: dict[str, str] = {}
    sound = True
    for entry, old in step.columns.items():
        renamed_here = _renamed(entry, old, step, schema, context)
        if renamed_here is None:
            sound = False
            continue
        for old_name, new in renamed_here.items():
            if old_name in new_names:
                context.report("S111", step.at(entry), found=old_name)
                sound = False
                break
            new_names[old_name] = new
            entries.setdefault(new, entry)
    names = [new_names.get(name, name) for name in schema.names]
    for name in sorted({name for name in names if names.count(name) > 1}):
        context.report("S111", step.at(entries[name]) if name in entries else step.at(), found=name)
        sound = False
    if not sound:
        return None
    columns = tuple((new, Column(type_, old)) for new, (old, type_) in zip(names, schema.columns, strict=True))
    return Stream(Project(stream.relation, columns, step=context.label), stream.formulas)


def _renamed(entry: str, old: str, step: Rename, schema: Schema, context: Context) -> dict[str, str] | None:
    """Old and new names that one entry means; a pattern means the columns that no other entry names."""
    if not is_pattern(old, schema.names):
        return {old: entry} if context.column(old, step.at(entry), schema) is not None else None
    if not context.fitting(old, step.at(entry), schema):
        return None
    found = renamed(old, entry, [name for name in schema.names if name not in step.columns.values()])
    if found is None:
        context.report("S115", step.at(entry), old=old, new=entry)
        return None
    empty = [name for name, new in found.items() if not new.strip()]
    if empty:
        context.report("M107", step.at(entry), name=f"What becomes of {empty[0]}", problem="it is empty")
        return None
    return found
