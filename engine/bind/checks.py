"""Checks as plans: the rows that break what must hold, and how many they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from headrace.bind.bound import Check
from headrace.bind.context import ROW, columns_of, plain_columns
from headrace.grammar.check import type_formula
from headrace.grammar.expression import Expression, Level, Scope
from headrace.grammar.printer import print_name
from headrace.plan import Aggregation, Assured, Filter, Key, Known, Project, Relation, Sort
from headrace.plan.names import NameSpace

AGGREGATE: tuple[Level, ...] = ("aggregate",)
WINDOW: tuple[Level, ...] = ("row", "window")

FAILED = "failed"
"""The column that says how many rows break a check."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The rows that break a check, and a relation of one row and one column with their number."""

    failing: Relation
    count: Relation


def unique(
    node: str,
    step: str,
    relation: Relation,
    columns: Sequence[str],
    *,
    subject: str,
    rule: str,
    label: str,
    nulls_meet: bool = True,
    is_key: bool = False,
) -> Check:
    """No two rows of ``relation`` are alike in ``columns``; unless ``nulls_meet``, a null is like nothing."""
    broken = alike(relation, columns, nulls_meet)
    proves = Known(unique=(Key(columns),)) if nulls_meet else None
    return Check(
        node,
        step,
        label,
        subject,
        rule,
        relation,
        broken.failing,
        broken.count,
        tuple(columns),
        proves=proves,
        is_key=is_key,
    )


def alike(relation: Relation, columns: Sequence[str], nulls_meet: bool = True) -> Broken:
    """The rows that are not alone in their values of ``columns``."""
    listed = ", ".join(map(print_name, columns))
    if not nulls_meet:
        nullable = [name for name in columns if relation.schema[name].nullable]
        for name in nullable:
            relation = Filter(relation, typed(f"{print_name(name)} is not null", relation), step="known")
    number = NameSpace(relation.schema.names).claim("rows_alike")
    repeated = f"{print_name(number)} > 1"
    numbered = with_column(relation, number, f"count(per {listed})")
    failing = Filter(numbered, typed(repeated, numbered), step="alike")
    groups = Aggregation(
        relation,
        plain_columns(relation, columns),
        ((number, typed("count()", relation, AGGREGATE)),),
        step="groups",
    )
    several = Filter(groups, typed(repeated, groups), step="several")
    total = typed(f"sum({print_name(number)}) ?? 0", several, AGGREGATE)
    return Broken(
        Project(failing, plain_columns(relation, relation.schema.names), step="failing"),
        Aggregation(several, (), ((FAILED, total),), step="counted"),
    )


def rows_that_fail(failing: Relation) -> Broken:
    """The rows themselves, and their number."""
    counted = typed("count()", failing, AGGREGATE)
    return Broken(failing, Aggregation(failing, (), ((FAILED, counted),), step="counted"))


def with_column(relation: Relation, name: str, formula: str) -> Project:
    """The relation with one more column."""
    value = typed(formula, relation, WINDOW)
    return Project(relation, (*plain_columns(relation, relation.schema.names), (name, value)), step="checked")


def typed(formula: str, relation: Relation, levels: Collection[Level] = ROW) -> Expression:
    """A formula of our own over the columns of ``relation``; it is right, or the mistake is ours."""
    expression = type_formula(formula, Scope(columns=columns_of(relation.schema)), levels=levels).expression
    if expression is None:
        raise ValueError(f"no formula over {relation.schema.names}: {formula}")
    return expression


def top_of(relation: Relation) -> Relation:
    """The rows of a relation without their order and without what is only known of them."""
    while isinstance(relation, Assured) or (isinstance(relation, Sort) and not relation.hidden):
        relation = relation.input
    return relation
