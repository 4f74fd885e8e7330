"""``lookup``: columns of the one row of another relation that goes with ours. It never multiplies rows."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.cardinality import add_check, declare
from headrace.bind.checks import typed
from headrace.bind.context import Context
from headrace.bind.join_columns import Taken, join_columns
from headrace.bind.join_keys import JoinKeys, bind_keys
from headrace.bind.values import literal
from headrace.bind.virtual import other_side
from headrace.grammar.expression import Case, Cast, Column, Expression, Literal
from headrace.grammar.printer import print_name
from headrace.models import read_value
from headrace.models.steps import Lookup
from headrace.plan import Join, JoinColumn, Project
from headrace.plan.names import NameSpace


def bind(step: Lookup, stream: Stream, context: Context) -> Stream | None:
    other = other_side(step, context)
    if other is None:
        return None
    keys = bind_keys(step.by, stream, other, context, step.at("by"))
    if keys is None:
        return None
    taken = Taken(step.columns, step.prefix or "", lambda index: step.at("columns", index), step.at(), step.with_)
    columns = join_columns("left", stream.relation.schema, other.relation.schema, keys, taken, context)
    if columns is None:
        return None
    subject = f"The lookup in {step.with_}"
    join = Join(keys.left, keys.right, "left", keys.on, columns, declared="many_to_one", step=context.label)
    declare(join, "many_to_one", step.with_, context, subject)
    if step.missing == "error":
        _find_all(step, keys, subject, context)
    elif isinstance(step.missing, dict):
        values = _values(step.missing, step, columns, context)
        if values is None:
            return None
        return Stream(_with_values(join, values, keys, context), stream.formulas)
    return Stream(join, stream.formulas)


def _find_all(step: Lookup, keys: JoinKeys, subject: str, context: Context) -> None:
    """That every row of ours finds one there, null keys too."""
    columns = tuple(JoinColumn(name, name, None, type_) for name, type_ in keys.left.schema)
    lost = Join(keys.left, keys.right, "anti", keys.on, columns, step="missing")
    ours = tuple(dict.fromkeys(ours for ours, _ in keys.on))
    rule = f"{step.with_} has a row for every {', '.join(str(text) for text, _ in step.by)}"
    add_check(keys.left, lost, lost, rule, subject, "missing", context, ours)


def _values(
    missing: dict[str, str], step: Lookup, columns: tuple[JoinColumn, ...], context: Context
) -> dict[str, Literal] | None:
    """The value of each column where no row is found, by the name that it comes out under."""
    taken = {column.right: column for column in columns if column.right is not None and column.left is None}
    values: dict[str, Literal] = {}
    for name, text in missing.items():
        pointer = step.at("missing", name)
        column = taken.get(name)
        if column is None:
            context.unknown("S110", name, pointer, list(taken))
            continue
        try:
            values[column.name] = literal(read_value(text, column.type), column.type)
        except ValueError as error:
            context.report("S135", pointer, found=text, column=name, expected=str(error))
    return values if len(values) == len(missing) else None


def _with_values(join: Join, values: dict[str, Literal], keys: JoinKeys, context: Context) -> Project:
    """The join with ``values`` in the rows that found none: those in which the other side's key is null."""
    their_key = keys.on[0][1]
    found = NameSpace(join.schema.names).claim(f"{their_key}_found")
    type_ = keys.right.schema[their_key].with_null()
    whole = Join(
        join.left,
        join.right,
        "left",
        join.on,
        (*join.columns, JoinColumn(found, None, their_key, type_)),
        declared="many_to_one",
        step=f"{context.label}_found",
    )
    lacks = typed(f"{print_name(found)} is null", whole)
    columns: list[tuple[str, Expression]] = []
    for column in join.columns:
        value = Column(column.type, column.name)
        if column.name not in values or column.right is None:
            columns.append((column.name, value))
            continue
        nullable = keys.right.schema[column.right].nullable or values[column.name].type.nullable
        wanted = column.type.with_null(nullable)
        columns.append((column.name, Cast(wanted, Case(wanted, ((lacks, values[column.name]),), value))))
    return Project(whole, tuple(columns), step=context.label)
