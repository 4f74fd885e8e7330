"""How many rows of a join meet: proved by keys, or else checked when the program runs."""

from __future__ import annotations

from headrace.bind.bound import Check
from headrace.bind.checks import rows_that_fail, typed, unique, with_column
from headrace.bind.context import Context, plain_columns
from headrace.grammar.printer import print_name
from headrace.grammar.types import Type
from headrace.models.keys import Cardinality
from headrace.plan import Filter, Join, JoinColumn, JoinKind, Project, Relation
from headrace.plan.names import NameSpace


def declare(join: Join, cardinality: Cardinality, theirs: str, context: Context, subject: str | None = None) -> None:
    """See that the join is as declared; ``theirs`` names its right side, ``subject`` what declares it."""
    subject = subject or f"The declared cardinality {cardinality}"
    if cardinality in ("many_to_one", "one_to_one") and not join.right_matches_once:
        _check(join, 1, theirs, "a row", subject, cardinality, context)
    if cardinality in ("one_to_many", "one_to_one") and not join.left_matches_once:
        _check(join, 0, "the left side", f"a row of {theirs}", subject, cardinality, context)


def _check(join: Join, side: int, many: str, one: str, subject: str, label: str, context: Context) -> None:
    """No row of the other side meets two of ``side``."""
    if join.on and join.condition is None:
        columns = tuple(dict.fromkeys(pair[side] for pair in join.on))
        context.checks.append(
            unique(
                context.node,
                context.label,
                join.inputs[side],
                columns,
                subject=subject,
                rule=f"{many} has one row at most for each {', '.join(columns)}",
                label=label,
                # Null meets nothing in a join, so several nulls break no declaration.
                nulls_meet=False,
            )
        )
        return
    pairs, key = _pairs(join, 1 - side)
    met = NameSpace(pairs.schema.names).claim("rows_met")
    several = _where(with_column(pairs, met, f"count(per {_list(key)})"), f"{print_name(met)} > 1")
    rule = f"{one} meets one row of {many} at most"
    add_check(join, pairs, several, rule, subject, label, context)


def add_check(
    over: Relation,
    shown: Relation,
    failing: Relation,
    rule: str,
    subject: str,
    label: str,
    context: Context,
    order: tuple[str, ...] = (),
) -> None:
    """That ``failing`` has no rows; they are told with the columns of ``shown``, those of ``order`` first."""
    broken = rows_that_fail(Project(failing, plain_columns(failing, shown.schema.names), step="failing"))
    context.checks.append(
        Check(context.node, context.label, label, subject, rule, over, broken.failing, broken.count, order)
    )


def _pairs(join: Join, side: int) -> tuple[Relation, tuple[str, ...]]:
    """The pairs of rows that meet, and the columns in which one row of ``side`` differs from every other."""
    relation, key = numbered(join.inputs[side])
    other = join.inputs[1 - side]
    names = NameSpace(relation.schema.names)
    columns = [_from(name, name, side, type_) for name, type_ in relation.schema]
    columns += [_from(names.claim(name), name, 1 - side, type_) for name, type_ in other.schema]
    sides = (relation, other) if side == 0 else (other, relation)
    kind: JoinKind = "inner" if join.on or join.condition is not None else "cross"
    return Join(*sides, kind, join.on, tuple(columns), condition=join.condition, step="pairs"), key


def _from(name: str, column: str, side: int, type_: Type) -> JoinColumn:
    return JoinColumn(name, column, None, type_) if side == 0 else JoinColumn(name, None, column, type_)


def numbered(relation: Relation) -> tuple[Relation, tuple[str, ...]]:
    """The relation, and columns that tell its rows apart: a key, or else a number for each row."""
    key = next((key for key in relation.keys if key), None)
    if key is not None:
        return relation, tuple(name for name in relation.schema.names if name in key)
    number = NameSpace(relation.schema.names).claim("row_number")
    return with_column(relation, number, f"row_number(order by {_list(relation.schema.names)})"), (number,)


def _where(relation: Relation, formula: str) -> Relation:
    return Filter(relation, typed(formula, relation), step="several")


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(print_name(name) for name in names)
