"""``join``: pairs of rows whose key columns are equal. One key column comes out, also of a full join."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.checks import unique
from headrace.bind.context import Context
from headrace.grammar.types import Schema, Type, common_type
from headrace.models.steps import Join as JoinStep
from headrace.plan import Join, JoinColumn, JoinKind


def bind(step: JoinStep, stream: Stream, context: Context) -> Stream | None:
    other = context.lookup(step.with_, step.at("with"))
    if other is None:
        return None
    left, right = stream.relation.schema, other.relation.schema
    kind: JoinKind = step.kind
    if not _keys_are_sound(step, left, right, context):
        return None
    columns = _columns(step, kind, left, right, context)
    if columns is None:
        return None
    join = Join(stream.relation, other.relation, kind, step.by, tuple(columns), step=context.label)
    _declare(step, join, context)
    return Stream(join, stream.formulas)


def _keys_are_sound(step: JoinStep, left: Schema, right: Schema, context: Context) -> bool:
    sound = True
    for ours, theirs in step.by:
        left_type = context.column(ours, step.at("by"), left)
        right_type = context.column(theirs, step.at("by"), right)
        if left_type is None or right_type is None:
            sound = False
        elif common_type(left_type, right_type) is None:
            context.report(
                "S130", step.at("by"), left=ours, right=theirs, left_type=str(left_type), right_type=str(right_type)
            )
            sound = False
    return sound


def _columns(step: JoinStep, kind: JoinKind, left: Schema, right: Schema, context: Context) -> list[JoinColumn] | None:
    partner = dict(step.by)
    if kind in ("semi", "anti"):
        return [JoinColumn(name, name, None, type_) for name, type_ in left]
    left_may_lack, right_may_lack = kind in ("right", "full"), kind in ("left", "full")
    columns = []
    for name, type_ in left:
        theirs = partner.get(name)
        if theirs is None:
            columns.append(JoinColumn(name, name, None, type_.with_null(type_.nullable or left_may_lack)))
        else:
            columns.append(JoinColumn(name, name, theirs, _key_type(kind, type_, right[theirs])))
    taken = step.columns
    if taken is None:
        taken = tuple(name for name in right.names if name not in partner.values())
    names = {column.name for column in columns}
    sound = True
    for index, theirs in enumerate(taken):
        pointer = step.at("columns", index) if step.columns is not None else step.at()
        their_type = context.column(theirs, pointer, right)
        if their_type is None:
            sound = False
            continue
        name = (step.prefix or "") + theirs
        if name in names:
            context.report("S131", pointer, found=name)
            sound = False
            continue
        names.add(name)
        columns.append(JoinColumn(name, None, theirs, their_type.with_null(their_type.nullable or right_may_lack)))
    return columns if sound else None


def _key_type(kind: JoinKind, ours: Type, theirs: Type) -> Type:
    if kind == "right":
        return theirs
    if kind == "full":
        common = common_type(ours, theirs) or ours
        return common.with_null(ours.nullable or theirs.nullable)
    if kind == "inner":
        return ours.with_null(False)
    return ours


def _declare(step: JoinStep, join: Join, context: Context) -> None:
    """What the step says of the cardinality is proved by keys, or else checked when the program runs."""
    if step.cardinality is None:
        return
    sides = []
    if step.cardinality in ("many_to_one", "one_to_one") and not join.right_matches_once:
        sides.append((join.right, tuple(theirs for _, theirs in step.by), step.with_))
    if step.cardinality in ("one_to_many", "one_to_one") and not join.left_matches_once:
        sides.append((join.left, tuple(ours for ours, _ in step.by), "the left side"))
    for relation, columns, name in sides:
        context.checks.append(
            unique(
                context.node,
                context.label,
                relation,
                columns,
                subject=f"The declared cardinality {step.cardinality}",
                rule=f"{name} has one row at most for each {', '.join(columns)}",
                label=step.cardinality,
                # Null meets nothing in a join, so several nulls break no declaration.
                nulls_meet=False,
            )
        )
