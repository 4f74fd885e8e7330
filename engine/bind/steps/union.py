"""``union``: rows under rows, matched by name; a column that one side lacks is null there."""

from __future__ import annotations

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Cast, Column, Expression, Literal
from headrace.grammar.types import Schema, Type, common_type
from headrace.models.steps import Union as UnionStep
from headrace.plan import Distinct, Project, Relation, Union


def bind(step: UnionStep, stream: Stream, context: Context) -> Stream | None:
    branches = [(context.origin, stream.relation)]
    for index, name in enumerate(step.with_):
        other = context.lookup(name, step.at("with", index))
        if other is not None:
            branches.append((name, other.relation))
    if len(branches) <= len(step.with_):
        return None
    columns = _columns(step, branches, context)
    if columns is None:
        return None
    if step.origin is not None and step.origin in columns:
        context.report("S141", step.at("origin"), found=step.origin)
        return None
    if step.origin is not None:
        columns = {step.origin: Type("text", nullable=False), **columns}
    shaped = tuple(_shaped(relation, name, columns, step.origin, context.label) for name, relation in branches)
    distinct_origins = len({name for name, _ in branches}) == len(branches)
    union: Relation = Union(shaped, Schema.of(columns), step.origin if distinct_origins else None, step=context.label)
    return Stream(Distinct(union, step=context.label) if step.distinct else union)


def _columns(step: UnionStep, branches: list[tuple[str, Relation]], context: Context) -> dict[str, Type] | None:
    columns: dict[str, Type] = {}
    seen_in: dict[str, str] = {}
    sound = True
    for branch, relation in branches:
        for name, type_ in relation.schema:
            present = columns.get(name)
            common = type_ if present is None else common_type(present, type_)
            if common is None:
                context.report(
                    "S140",
                    step.at(),
                    found=name,
                    first=seen_in[name],
                    first_type=str(present),
                    second=branch,
                    second_type=str(type_),
                )
                sound = False
                continue
            nullable = type_.nullable or (present is not None and present.nullable)
            columns[name] = common.with_null(nullable)
            seen_in.setdefault(name, branch)
    for name, type_ in columns.items():
        if any(name not in relation.schema for _, relation in branches):
            columns[name] = type_.with_null()
    return columns if sound else None


def _shaped(relation: Relation, branch: str, columns: dict[str, Type], origin: str | None, label: str) -> Relation:
    shaped: list[tuple[str, Expression]] = []
    for name, type_ in columns.items():
        ours = relation.schema.get(name)
        if name == origin:
            shaped.append((name, Cast(type_, Literal(type_, branch))))
        elif ours is None:
            shaped.append((name, Cast(type_, Literal(type_, None))))
        elif ours.same_as(type_):
            shaped.append((name, Column(ours, name)))
        else:
            shaped.append((name, Cast(type_.with_null(ours.nullable), Column(ours, name))))
    return Project(relation, tuple(shaped), step=label)
