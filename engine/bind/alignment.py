"""Relations brought to the same columns, by name, so that their rows can be stacked or compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from headrace.bind.context import Context
from headrace.grammar.expression import Cast, Column, Expression, Literal
from headrace.grammar.types import Type, common_type
from headrace.plan import Project, Relation


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the relations: its name, and where the document names it."""

    name: str
    pointer: str
    relation: Relation
    formulas: Mapping[str, str] = field(default_factory=dict)


def branches_of(context: Context, ours: Relation, names: Sequence[str], pointers: Iterable[str]) -> list[Branch] | None:
    """Our rows and those of the named relations; None after reporting a name that is not known."""
    branches = [Branch(context.origin, "", ours)]
    for name, pointer in zip(names, pointers, strict=True):
        other = context.lookup(name, pointer)
        if other is not None:
            branches.append(Branch(name, pointer, other.relation, other.formulas))
    return branches if len(branches) == len(names) + 1 else None


def common_types(branches: Sequence[Branch], context: Context) -> dict[str, Type] | None:
    """Every column of any branch with the type that holds it in all, in order of appearance; None after reporting.

    A column is without null where it is so in every branch that has it.
    """
    columns: dict[str, Type] = {}
    sound = True
    for number, branch in enumerate(branches):
        for name, type_ in branch.relation.schema:
            present = columns.get(name)
            common = type_ if present is None else common_type(present, type_)
            if common is not None:
                columns[name] = common
                continue
            first = next(each for each in branches[:number] if _disagree(each, name, type_))
            context.report(
                "S140",
                branch.pointer,
                found=name,
                first=first.name,
                first_type=str(first.relation.schema[name]),
                second=branch.name,
                second_type=str(type_),
            )
            sound = False
    return columns if sound else None


def _disagree(branch: Branch, name: str, type_: Type) -> bool:
    own = branch.relation.schema.get(name)
    return own is not None and common_type(own, type_) is None


def shaped(
    relation: Relation, columns: Mapping[str, Type], label: str, given: Mapping[str, Expression] | None = None
) -> Relation:
    """The relation with exactly ``columns``: those it lacks are ``given``, or null; others are cast where need be."""
    made: list[tuple[str, Expression]] = []
    for name, type_ in columns.items():
        ours = relation.schema.get(name)
        if given is not None and name in given:
            made.append((name, _as(given[name], type_)))
        elif ours is None:
            made.append((name, Cast(type_, Literal(type_, None))))
        else:
            made.append((name, _as(Column(ours, name), type_)))
    return Project(relation, tuple(made), step=label)


def _as(value: Expression, type_: Type) -> Expression:
    if value.type.same_as(type_) and not isinstance(value, Literal):
        return value
    return Cast(type_.with_null(value.type.nullable), value)
