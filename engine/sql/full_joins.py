"""Full joins that PostgreSQL refuses: it knows how to do them only where some key column must be equal.

Such a full join is the left join, and below it the rows of the right that have no partner. Both inputs stand in the
plan once, so that each is computed once.
"""

from __future__ import annotations

from headrace.grammar.expression import Cast, Column, Expression, Literal, transform
from headrace.grammar.types import Type
from headrace.plan import Join, JoinColumn, Project, Relation, Union, rebuild


def without_full_joins(plan: Relation) -> Relation:
    """The plan with every full join on no key column taken apart."""
    return rebuild(
        plan, lambda node: _apart(node) if isinstance(node, Join) and node.kind == "full" and not node.on else node
    )


def _apart(node: Join) -> Relation:
    ours = tuple(
        JoinColumn(column.name, column.left, None if column.left else column.right, _type_in(node, column))
        for column in node.columns
    )
    left = Join(node.left, node.right, "left", node.on, ours, condition=node.condition, step=node.step)
    theirs = tuple(JoinColumn(name, name, None, type_) for name, type_ in node.right.schema)
    swapped = tuple((right, left_) for left_, right in node.on)
    rest = Join(
        node.right, node.left, "anti", swapped, theirs, condition=_swapped(node.condition), step=f"{node.step}_rest"
    )
    sources = {column.name: column.right for column in node.columns}
    branches = (
        _shaped(left, node, {name: name for name in node.schema.names}),
        _shaped(rest, node, sources),
    )
    return Union(branches, node.schema, step=node.step)


def _type_in(node: Join, column: JoinColumn) -> Type:
    """The type of a column in the left join."""
    if column.left is not None:
        return node.left.schema[column.left]
    return node.right.schema[column.right or ""].with_null()


def _swapped(condition: Expression | None) -> Expression | None:
    if condition is None:
        return None
    return transform(
        condition,
        lambda each: Column(each.type, each.name, 1 - each.side) if isinstance(each, Column) else None,
    )


def _shaped(relation: Relation, node: Join, sources: dict[str, str | None]) -> Relation:
    """The columns of the full join, each from its source or null, each of its type."""
    shaped: list[tuple[str, Expression]] = []
    for name, type_ in node.schema:
        source = sources[name]
        if source is None:
            shaped.append((name, Cast(type_, Literal(type_, None))))
            continue
        found = relation.schema[source]
        value = Column(found, source)
        shaped.append((name, value if found.same_as(type_) else Cast(type_.with_null(found.nullable), value)))
    return Project(relation, tuple(shaped), step=node.step)
