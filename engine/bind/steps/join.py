"""``join``: pairs of rows that go together. One key column comes out, also of a full join."""

from __future__ import annotations

from headrace.bind.as_of import Latest, bind_latest, read_latest, with_reach
from headrace.bind.bound import Stream
from headrace.bind.cardinality import declare
from headrace.bind.context import Context
from headrace.bind.join_columns import Taken, join_columns
from headrace.bind.join_keys import bind_keys
from headrace.bind.virtual import other_side
from headrace.grammar.expression import Column, Expression, Scope
from headrace.models.steps import Join as JoinStep
from headrace.plan import Join


def bind(step: JoinStep, stream: Stream, context: Context) -> Stream | None:
    other = other_side(step, context)
    if other is None:
        return None
    keys = bind_keys(step.by, stream, other, context, step.at("by"))
    scope = _scope(step, stream, other, context)
    where = _where(step, scope, context)
    latest = _latest(step, scope, context)
    if keys is None or (step.where and where is None) or (step.latest and latest is None):
        return None
    taken = Taken(step.columns, step.prefix or "", lambda index: step.at("columns", index), step.at(), step.with_)
    columns = join_columns(step.kind, stream.relation.schema, other.relation.schema, keys, taken, context)
    if columns is None:
        return None
    join = Join(
        keys.left,
        keys.right,
        step.kind,
        keys.on,
        columns,
        condition=where,
        declared=step.cardinality,
        step=context.label,
    )
    if latest is not None:
        return Stream(bind_latest(join, latest, step.with_, step.cardinality, context), stream.formulas)
    if step.cardinality is not None:
        declare(join, step.cardinality, step.with_, context)
    return Stream(join, stream.formulas)


def _scope(step: JoinStep, stream: Stream, other: Stream, context: Context) -> Scope:
    """Plain names are ours, or theirs where only they have one; under the name of the other side all are theirs."""
    scope = context.scope(stream)
    theirs: dict[str, Expression] = {name: Column(type_, name, 1) for name, type_ in other.relation.schema}
    columns = {name: column for name, column in theirs.items() if name not in scope.formulas}
    columns |= scope.columns
    return context.scope(stream, columns=columns, qualified={**scope.qualified, (step.with_,): theirs})


def _where(step: JoinStep, scope: Scope, context: Context) -> Expression | None:
    if step.where is None:
        return None
    pointer = step.at("where")
    condition = context.formula(step.where, pointer, scope)
    if condition is not None and condition.type.kind not in ("boolean", "null"):
        context.report("S132", pointer, type=str(condition.type), source=step.where)
        return None
    return condition


def _latest(step: JoinStep, scope: Scope, context: Context) -> Latest | None:
    if step.latest is None:
        return None
    pointer = step.at("latest")
    condition = context.formula(step.latest, pointer, scope)
    latest = None if condition is None else read_latest(condition, step.latest, pointer, context)
    if latest is None or step.at_most is None:
        return latest
    return with_reach(latest, step.at_most, step.at("at_most"), context)
