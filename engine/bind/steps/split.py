"""``split``: a row for each part of a text; a null and an empty text keep their row."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.models.steps import Split as SplitStep
from headrace.plan import Split


def bind(step: SplitStep, stream: Stream, context: Context) -> Stream | None:
    schema = stream.relation.schema
    type_ = context.column(step.column, step.at("column"), schema)
    if type_ is None:
        return None
    if type_.kind not in ("text", "null"):
        hints = [f"Make it a text before: derive: {{{step.column}: to_text({step.column})}}."]
        context.report("S143", step.at("column"), found=step.column, type=str(type_), hints=hints)
        return None
    into = step.into or step.column
    new = [(step.into, "into"), (step.position, "position")]
    taken = set(schema.names) | ({into} if step.into is None else set())
    for name, key in new:
        if name is None or (key == "into" and name == step.column):
            continue
        if name in taken:
            context.report("S111", step.at(key), found=name)
            return None
        taken.add(name)
    split = Split(stream.relation, step.column, step.separator, into, step.position, step=context.label)
    return Stream(split, stream.formulas)
