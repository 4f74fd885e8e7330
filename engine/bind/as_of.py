"""As-of joins, ``latest: valid_from <= day``: of the rows that match, the one with the greatest ``valid_from``.

Where nothing else depends on our row, each row of the other side holds from its own value to the next one's, and the
join is an ordinary one on that range. Otherwise all pairs are made, and of those of each of our rows the last is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.bind.cardinality import add_check, declare, numbered
from headrace.bind.checks import typed, unique, with_column
from headrace.bind.context import Context, plain_columns
from headrace.grammar.check import type_formula
from headrace.grammar.expression import Call, Column, Expression, Order, Scope, columns_of, transform
from headrace.grammar.printer import print_name
from headrace.models.keys import Cardinality
from headrace.plan import Filter, Join, JoinColumn, JoinKind, Limit, Project, Relation
from headrace.plan.names import NameSpace

_FORMS = {"less_or_equal": "<=", "less": "<"}
_FLIPPED = {"greater_or_equal": "<=", "greater": "<"}


@dataclass(frozen=True, slots=True)
class Latest:
    """``theirs <= ours`` (or ``<``): a value of the other side that must not be after one of ours, nor before
    ``reach`` where that is given."""

    theirs: Expression
    ours: Expression
    sign: str
    reach: Expression | None = None


def read_latest(condition: Expression, text: str, pointer: str, context: Context) -> Latest | None:
    """The two sides of ``latest``; None after reporting that it is no such comparison."""
    if isinstance(condition, Call) and condition.function in (*_FORMS, *_FLIPPED):
        theirs, ours = condition.arguments
        if condition.function in _FLIPPED:
            theirs, ours = ours, theirs
        if _sides(theirs) == {1} and 1 not in _sides(ours):
            return Latest(theirs, ours, _FORMS.get(condition.function) or _FLIPPED[condition.function])
    context.report("S133", pointer, source=text)
    return None


def with_reach(latest: Latest, at_most: str, pointer: str, context: Context) -> Latest | None:
    """``latest`` that reaches back no further than ``at_most``; None after reporting."""
    scope = Scope(parameters=context.parameters, timezone=context.timezone)
    length = context.formula(at_most, pointer, scope)
    if length is None:
        return None
    columns = {"ours": latest.ours, "theirs": latest.theirs, "length": length}
    typed = type_formula("theirs >= ours - length", Scope(columns=columns, timezone=context.timezone))
    if typed.expression is None:
        context.report("S134", pointer, found=at_most, type=str(latest.theirs.type))
        return None
    return Latest(latest.theirs, latest.ours, latest.sign, typed.expression)


def bind_latest(join: Join, latest: Latest, theirs: str, cardinality: Cardinality | None, context: Context) -> Relation:
    """``join``, whose condition is that of ``where``, with the latest of the rows that match; ``theirs`` names the
    other side. That there is one latest row is proved by its keys, or checked when the program runs."""
    alone, together = _parted(join.condition)
    backwards = cardinality in ("one_to_one", "one_to_many")
    if any(1 in _sides(each) for each in together):
        return _last_of_pairs(join, latest, theirs, cardinality if backwards else None, context)
    right = join.right if not alone else Filter(join.right, _and(alone), step=f"{context.label}_matching")
    made = _in_ranges(join, right, together, latest, theirs, context)
    if not made.right_matches_once:
        declare(made, "many_to_one", theirs, context, _subject(theirs))
    if backwards:
        declare(made, "one_to_many", theirs, context, f"The declared cardinality {cardinality}")
    return made


def _subject(theirs: str) -> str:
    return f"That there is one latest row of {theirs}"


def _in_ranges(
    join: Join, right: Relation, together: Sequence[Expression], latest: Latest, other: str, context: Context
) -> Join:
    names = NameSpace((*join.left.schema.names, *right.schema.names))
    right, value = _as_column(right, latest.theirs, names, f"{context.label}_values")
    following = names.claim(f"next_{value}")
    keys = tuple(dict.fromkeys(theirs for _, theirs in join.on))
    per = _per(keys)
    is_unique = right.has_key((*keys, value))
    rest = () if is_unique else tuple(name for name in right.schema.names if name not in (*keys, value))
    order = ", ".join(print_name(name) for name in (value, *rest))
    lead = typed(f"lead({print_name(value)} {per} order by {order})", right, ("row", "window"))
    columns_kept = plain_columns(right, right.schema.names)
    ranges = Project(right, (*columns_kept, (following, lead)), step=f"{context.label}_ranges")
    until = "<" if latest.sign == "<=" else "<="
    formula = f"theirs {latest.sign} ours and (following is null or ours {until} following)"
    columns = {
        "theirs": Column(ranges.schema[value], value, 1),
        "following": Column(ranges.schema[following], following, 1),
        "ours": latest.ours,
    }
    holds = type_formula(formula, Scope(columns=columns)).expression
    if holds is None:
        raise ValueError(formula)
    conditions = [*together, holds, *([] if latest.reach is None else [_over(latest, value, ranges)])]
    condition = _and(conditions)
    exact = all(join.is_exact(*pair) for pair in join.on)
    if not is_unique:
        ties = names.claim("equally_late")
        tied = with_column(ranges, ties, f"count(per {_list((*keys, value))})")
        several = Filter(tied, typed(f"{print_name(ties)} > 1", tied), step="ties")
        shown = tuple(JoinColumn(name, None, name, type_) for name, type_ in join.right.schema)
        met = Join(join.left, several, "inner", join.on, shown, condition=condition, step="tied")
        add_check(join.right, met, met, _rule(value), _subject(other), "latest", context)
    return Join(
        join.left,
        ranges,
        join.kind,
        join.on,
        join.columns,
        condition=condition,
        right_is_one=exact,
        declared="many_to_one",
        step=join.step,
    )


def _last_of_pairs(join: Join, latest: Latest, other: str, backwards: Cardinality | None, context: Context) -> Relation:
    """``backwards``: what is declared, where a row of the other side must not be the latest for several of ours."""
    step = context.label
    names = NameSpace((*join.left.schema.names, *join.right.schema.names))
    right, value = _as_column(join.right, latest.theirs, names, f"{step}_values")
    right, their_key = numbered(right) if backwards else (right, ())
    columns = {"theirs": Column(right.schema[value], value, 1), "ours": latest.ours}
    in_time = type_formula(f"theirs {latest.sign} ours", Scope(columns=columns)).expression
    if in_time is None or join.condition is None:
        raise ValueError(latest.sign)
    reach = [] if latest.reach is None else [_over(latest, value, right)]
    condition = _and([join.condition, in_time, *reach])
    left, key = numbered(join.left)
    theirs = {name: names.claim(f"their_{name}") for name in right.schema.names}
    kind: JoinKind = join.kind
    outputs = [
        *(JoinColumn(name, name, None, type_) for name, type_ in left.schema),
        *(
            JoinColumn(theirs[name], None, name, type_.with_null(type_.nullable or kind == "left"))
            for name, type_ in right.schema
        ),
    ]
    pairs = Join(left, right, kind, join.on, tuple(outputs), condition=condition, step=f"{step}_pairs")
    by_value = (theirs[value], *(new for name, new in theirs.items() if name != value))
    order = tuple(Order(Column(pairs.schema[name], name), descending=name == theirs[value]) for name in by_value)
    last = Limit(pairs, 1, order, per=key, step=f"{step}_last")
    met = Join(left, right, "inner", join.on, tuple(outputs), condition=condition, step="met")
    place, ties = names.claim("place"), names.claim("equally_late")
    ranked = with_column(met, place, f"rank({_per(key)} order by {print_name(theirs[value])} desc)")
    first = Filter(ranked, typed(f"{print_name(place)} = 1", ranked), step="first")
    tied = with_column(first, ties, f"count({_per(key)})")
    several = Filter(tied, typed(f"{print_name(ties)} > 1", tied), step="ties")
    add_check(join.right, met, several, _rule(value), _subject(other), "latest", context)
    if backwards:
        context.checks.append(
            unique(
                context.node,
                context.label,
                last,
                tuple(theirs[name] for name in their_key),
                subject=f"The declared cardinality {backwards}",
                rule=f"a row of {other} meets one row of the left side at most",
                label=backwards,
                nulls_meet=False,
            )
        )
    taken = tuple(
        (column.name, Column(column.type, column.left if column.left is not None else theirs[column.right or ""]))
        for column in join.columns
    )
    return Project(last, taken, step=step)


def _rule(value: str) -> str:
    return f"of the rows that match, one has the greatest {value}"


def _as_column(relation: Relation, value: Expression, names: NameSpace, step: str) -> tuple[Relation, str]:
    """The relation with ``value``, over the right of a join, as a column; and its name."""
    if isinstance(value, Column):
        return relation, value.name
    name = names.claim("value")
    columns = tuple((each, Column(type_, each)) for each, type_ in relation.schema)
    return Project(relation, (*columns, (name, _here(value))), step=step), name


def _here(value: Expression) -> Expression:
    """An expression over the right of a join as one over that relation alone."""
    return transform(value, lambda each: Column(each.type, each.name) if isinstance(each, Column) else None)


def _over(latest: Latest, value: str, right: Relation) -> Expression:
    """How far back it reaches, over the column that holds the value."""
    column = Column(right.schema[value], value, 1)
    if latest.reach is None:
        raise ValueError("nothing says how far back")
    return transform(latest.reach, lambda each: column if each == latest.theirs else None)


def _parted(condition: Expression | None) -> tuple[list[Expression], list[Expression]]:
    """The parts of a condition that are about the right alone, as conditions over it, and the others."""
    alone, together = [], []
    for each in conjuncts(condition):
        if _sides(each) == {1}:
            alone.append(_here(each))
        else:
            together.append(each)
    return alone, together


def conjuncts(condition: Expression | None) -> list[Expression]:
    """What must all be true for the condition to be true."""
    if condition is None:
        return []
    if isinstance(condition, Call) and condition.function == "and":
        return [part for each in condition.arguments for part in conjuncts(each)]
    return [condition]


def _and(conditions: Sequence[Expression]) -> Expression:
    columns = {f"c{number}": each for number, each in enumerate(conditions)}
    typed = type_formula(" and ".join(columns), Scope(columns=columns)).expression
    if typed is None:
        raise ValueError("conditions that do not go together")
    return typed


def _sides(value: Expression) -> set[int]:
    return {column.side for column in columns_of(value)}


def _per(names: Sequence[str]) -> str:
    return f"per {_list(names) if names else '()'}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(print_name(name) for name in names)
