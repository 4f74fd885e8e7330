"""Lifting what depends on a parameter out of a plan: row by row it is the same as over a plan that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from headrace.grammar.expression import Cast, Column, Expression, columns_of, level_of, parameters_of, transform
from headrace.grammar.types import Type
from headrace.plan import Assured, Filter, Join, JoinColumn, Project, Relation
from headrace.plan.intervals import Intervals
from headrace.plan.names import NameSpace
from headrace.rules.predicates import all_of, conjuncts


@dataclass(frozen=True, slots=True)
class Lifted:
    """The rows of ``base`` for which all ``terms`` are true, each column of the plan an expression over them.

    ``base`` does not depend on the parameters; ``terms`` and ``outputs`` may.
    """

    base: Relation
    outputs: Mapping[str, Expression]
    terms: tuple[Expression, ...]

    def over_base(self, expression: Expression) -> Expression:
        """An expression over the plan's columns as one over those of ``base``."""
        return transform(expression, lambda each: self.outputs[each.name] if isinstance(each, Column) else None)


def lift(relation: Relation, parameters: frozenset[str]) -> Lifted | None:
    """``relation`` as filters and row-wise columns over a base that does not depend on ``parameters``, or None.

    Looks through filters, projections without windows, and joins that keep or drop rows of the side that depends on
    the parameters whatever the other rows of that side are.
    """
    if not relation.parameters & parameters:
        return Lifted(relation, {name: Column(type_, name) for name, type_ in relation.schema}, ())
    match relation:
        case Assured():
            return lift(relation.input, parameters)
        case Filter():
            inner = lift(relation.input, parameters)
            if inner is None:
                return None
            return replace(inner, terms=(*inner.terms, inner.over_base(relation.predicate)))
        case Project():
            if any(level_of(value) != "row" for _, value in relation.columns):
                return None
            inner = lift(relation.input, parameters)
            if inner is None:
                return None
            return replace(inner, outputs={name: inner.over_base(value) for name, value in relation.columns})
        case Join():
            return _join(relation, parameters)
        case Intervals():
            return _intervals(relation, parameters)
    return None


def _intervals(node: Intervals, parameters: frozenset[str]) -> Lifted | None:
    """Runs of another parameter's values, over bounds that do not depend on these."""
    inner = lift(node.input, parameters)
    if inner is None or node.values.parameters & parameters:
        return None
    bounds = [
        tuple(replace(each, value=inner.over_base(each.value)) for each in side) for side in (node.starts, node.ends)
    ]
    if any(parameters_of(part) & parameters for side in bounds for each in side for part in (each, each.threshold)):
        return None
    names = NameSpace(inner.base.schema.names)
    first, last = names.claim(node.first), names.claim(node.last)
    base = replace(node, input=inner.base, starts=bounds[0], ends=bounds[1], first=first, last=last)
    runs = {node.first: Column(base.schema[first], first), node.last: Column(base.schema[last], last)}
    return Lifted(base, {**inner.outputs, **runs}, inner.terms)


def _join(node: Join, parameters: frozenset[str]) -> Lifted | None:
    """A join of which at most one side depends on the parameters and loses no row for want of a partner on it.

    What depends on them in the condition of an inner join is as good as a filter after it.
    """
    sides = (node.left, node.right)
    depends = [bool(side.parameters & parameters) for side in sides]
    own = bool(parameters & parameters_of(node.condition)) if node.condition is not None else False
    if all(depends) or node.kind not in ("inner", "cross", "left", "semi", "anti"):
        return None
    if (depends[1] or own) and node.kind not in ("inner", "cross"):
        return None
    index = 1 if depends[1] else 0
    inner = lift(sides[index], parameters)
    if inner is None:
        return None
    terms = [] if node.condition is None else conjuncts(node.condition)
    # The join reads its own keys from the base, under their own names where that is possible.
    needed = {pair[index] for pair in node.on}
    needed |= {column.name for term in terms for column in columns_of(term) if column.side == index}
    base, outputs = _with_plain(inner, needed, parameters)
    if base is None:
        return None
    plain = {name: value.name for name, value in outputs.items() if isinstance(value, Column)}
    names = NameSpace(base.schema.names)
    columns = [_from(index, name, name, type_) for name, type_ in base.schema]
    taken: dict[tuple[str, Type], str] = {}

    def other(name: str, type_: Type) -> Column:
        """A column of the other side, as it comes out of the join."""
        if (name, type_) not in taken:
            taken[name, type_] = names.claim(name)
            columns.append(_from(1 - index, taken[name, type_], name, type_))
        return Column(type_, taken[name, type_])

    result: dict[str, Expression] = {}
    for column in node.columns:
        # A merged key column has the value of the left side in all the kinds that come here.
        side, name = (0, column.left) if column.left is not None else (1, column.right or "")
        if side == index:
            value = outputs[name]
            result[column.name] = value if value.type.same_as(column.type) else Cast(column.type, value)
        else:
            result[column.name] = other(name, column.type)

    def inside(each: Expression) -> Expression | None:
        return replace(each, name=plain[each.name]) if isinstance(each, Column) and each.side == index else None

    def outside(each: Expression) -> Expression | None:
        if not isinstance(each, Column):
            return None
        return outputs[each.name] if each.side == index else other(each.name, each.type)

    kept = [transform(term, inside) for term in terms if not parameters_of(term) & parameters]
    lifted = [transform(term, outside) for term in terms if parameters_of(term) & parameters]
    on = tuple((plain[ours], theirs) if index == 0 else (ours, plain[theirs]) for ours, theirs in node.on)
    left, right = (base, sides[1]) if index == 0 else (sides[0], base)
    kind = "cross" if node.kind == "inner" and not on and not kept else node.kind
    joined = replace(
        node,
        left=left,
        right=right,
        kind=kind,
        on=on,
        columns=tuple(columns),
        condition=all_of(kept) if kept else None,
        right_is_one=node.right_is_one and not lifted,
    )
    return Lifted(joined, result, (*inner.terms, *lifted))


def _from(side: int, name: str, column: str, type_: Type) -> JoinColumn:
    return JoinColumn(name, column if side == 0 else None, column if side == 1 else None, type_)


def _with_plain(
    lifted: Lifted, needed: set[str], parameters: frozenset[str]
) -> tuple[Relation | None, Mapping[str, Expression]]:
    """A base in which the ``needed`` columns of the plan are plain columns, and the outputs over it."""
    computed = {name for name in needed if not isinstance(lifted.outputs[name], Column)}
    if not computed:
        return lifted.base, lifted.outputs
    base = lifted.base
    names = NameSpace(base.schema.names)
    columns: list[tuple[str, Expression]] = [(name, Column(type_, name)) for name, type_ in base.schema]
    outputs = dict(lifted.outputs)
    for name in sorted(computed):
        value = lifted.outputs[name]
        if parameters_of(value) & parameters:
            return None, outputs
        fresh = names.claim(name)
        columns.append((fresh, value))
        outputs[name] = Column(value.type, fresh)
    return Project(base, tuple(columns), step=base.step), outputs
