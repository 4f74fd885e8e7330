"""Typed expression → formula text: what a plan computes, in the words of formulas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from headrace.grammar import tree
from headrace.grammar.coerce import NUMBERS
from headrace.grammar.expression import (
    Aggregate,
    Call,
    Case,
    Cast,
    Column,
    Expression,
    Frame,
    In,
    Interval,
    Literal,
    Merged,
    Order,
    ParameterValue,
    Window,
)
from headrace.grammar.functions import entry_of
from headrace.grammar.printer import print_tree

_OPERATORS = {
    "or": "or",
    "and": "and",
    "equal": "=",
    "not_equal": "!=",
    "less": "<",
    "less_or_equal": "<=",
    "greater": ">",
    "greater_or_equal": ">=",
    "coalesce": "??",
    "join_text": "&",
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "div": "//",
    "modulo": "%",
    "power": "^",
}
_CHAINED = ("or", "and", "join_text")


def formula_of(
    expression: Expression, relations: Sequence[str] = (), paths: Mapping[str, tuple[str, ...]] | None = None
) -> str:
    """The formula that an expression is, with virtual columns and values put in. Widening casts are left out, since a
    formula need not write them.

    ``relations`` names the inputs of a join: a column of side 1 is written ``contract.valid_from`` where the second is
    ``contract``; an empty name leaves the column bare. ``paths`` are columns that paths through relations have led to,
    with these paths.

    >>> from headrace.grammar.check import type_formula
    >>> from headrace.grammar.expression import Scope
    >>> from headrace.grammar.types import Type
    >>> amount = Column(Type("decimal"), "amount")
    >>> scope = Scope(columns={"amount": amount}, formulas={"net": "amount / 1.2"}, groups={})
    >>> formula_of(type_formula("SUM(net WHERE amount>0)", scope).expression)
    'sum(amount / 1.2 where amount > 0)'
    """
    return print_tree(_Writer(relations, paths or {}).node(expression))


class _Writer:
    def __init__(self, relations: Sequence[str], paths: Mapping[str, tuple[str, ...]]) -> None:
        self.relations = relations
        self.paths = paths

    def node(self, expression: Expression) -> tree.Node:
        match expression:
            case Literal():
                return _literal(expression)
            case Column(name=name) if name in self.paths:
                return tree.Name(self.paths[name])
            case Column(name=name, side=side):
                relation = self.relations[side] if side < len(self.relations) else ""
                return tree.Name((relation, name) if relation else (name,))
            case ParameterValue(name=name):
                return tree.Parameter(name)
            case Cast(operand=operand, type=type_):
                inner = self.node(operand)
                return inner if widens(expression) else tree.Cast(inner, str(type_.with_null()))
            case In(operand=operand, items=items, negated=negated):
                return tree.In(self.node(operand), self.trees(items), negated)
            case Case(branches=branches, otherwise=otherwise):
                pairs = tuple((self.node(condition), self.node(value)) for condition, value in branches)
                rest = None if isinstance(otherwise, Literal) and otherwise.value is None else self.node(otherwise)
                arguments = [each for pair in pairs for each in pair]
                return tree.Call("if", (*arguments, *([] if rest is None else [rest])))
            case Call():
                return self.call(expression)
            case Aggregate():
                return self.aggregate(expression, tree.Clauses())
            case Window():
                return self.window(expression)
            case Merged(function=function, parts=parts):
                # Nobody writes it; a plan that has been rewritten is told by the aggregate that its parts make.
                return tree.Call(function, self.trees(parts))
        raise TypeError(f"{type(expression).__name__} is no expression of a formula")

    def trees(self, expressions: Sequence[Expression]) -> tuple[tree.Node, ...]:
        return tuple(self.node(each) for each in expressions)

    def call(self, call: Call) -> tree.Node:
        arguments = self.trees(call.arguments)
        name = call.function
        if name == "negate":
            return tree.Unary("-", arguments[0])
        if name == "not":
            return _negated(arguments[0])
        if name == "between":
            return tree.Between(arguments[0], arguments[1], arguments[2])
        if name in ("like", "ilike"):
            return tree.Like(arguments[0], arguments[1], name == "like")
        if name == "is_null":
            return tree.IsNull(arguments[0])
        if name == "is_distinct":
            return tree.IsDistinct(arguments[0], arguments[1])
        if name in _OPERATORS and (len(arguments) == 2 or (name in _CHAINED and len(arguments) > 2)):
            chain = arguments[0]
            for argument in arguments[1:]:
                chain = tree.Binary(_OPERATORS[name], chain, argument)
            return chain
        if name in ("add", "subtract") and len(arguments) == 3:  # the third is the zone in which days are added
            return tree.Binary(_OPERATORS[name], *arguments[:2])
        return tree.Call(name, self.without_defaults(call, arguments))

    def without_defaults(self, call: Call | Aggregate, arguments: tuple[tree.Node, ...]) -> tuple[tree.Node, ...]:
        defaults = entry_of(call).signatures[call.signature].defaults
        while arguments and print_tree(arguments[-1]) == defaults.get(len(arguments) - 1):
            arguments = arguments[:-1]
        return arguments

    def aggregate(self, aggregate: Aggregate, clauses: tree.Clauses) -> tree.Call:
        entry = entry_of(aggregate).signatures[aggregate.signature]
        arguments = self.without_defaults(aggregate, self.trees(aggregate.arguments))
        where = None if aggregate.where is None else self.node(aggregate.where)
        if entry.condition is not None and where is not None:
            arguments = (*arguments[: entry.condition], where, *arguments[entry.condition :])
            where = None
        order = self.order(aggregate.order) or clauses.order
        distinct = aggregate.distinct and not entry.distinct
        return tree.Call(
            aggregate.function, arguments, tree.Clauses(distinct, where, clauses.per, order, clauses.frame)
        )

    def window(self, window: Window) -> tree.Call:
        frame = None if window.frame is None else _frame(window.frame, window.order)
        order = self.order(window.order)
        per = self.trees(window.partition)
        clauses = tree.Clauses(per=per if per or not order else None, order=order, frame=frame)
        if isinstance(window.function, Aggregate):
            return self.aggregate(window.function, clauses)
        arguments = self.without_defaults(window.function, self.trees(window.function.arguments))
        return tree.Call(window.function.function, arguments, clauses)

    def order(self, terms: Sequence[Order]) -> tuple[tree.Order, ...]:
        return tuple(
            tree.Order(self.node(term.value), term.descending, True if term.nulls_first else None) for term in terms
        )


def _frame(frame: Frame, order: Sequence[Order]) -> tree.Frame | None:
    """The frame as it was written: this row counts in ``rows 7``, and ``range 7 days`` is less than 7 days away."""
    if not isinstance(frame.preceding, Literal):
        return None
    size = frame.preceding.value
    if isinstance(size, Interval):
        dates = bool(order) and order[0].value.type.kind == "date" and not size.microseconds
        written = replace(size, days=size.days + 1) if dates else replace(size, microseconds=size.microseconds + 1)
        return tree.Frame(frame.kind, _duration(written))
    return tree.Frame(frame.kind, tree.Number(str(int(str(size)) + 1)))


def widens(cast: Cast) -> bool:
    """Whether a cast only widens a number, or says a type without its precision: the value stays what it was."""
    found, wanted = cast.operand.type, cast.type
    if found.kind in NUMBERS and wanted.kind in NUMBERS and found.kind != wanted.kind:
        return NUMBERS.index(found.kind) < NUMBERS.index(wanted.kind)
    return found.kind == wanted.kind and wanted.precision is None


def _negated(node: tree.Node) -> tree.Node:
    match node:
        case tree.Between(operand=operand, low=low, high=high):
            return tree.Between(operand, low, high, True)
        case tree.Like(operand=operand, pattern=pattern, case_sensitive=sensitive):
            return tree.Like(operand, pattern, sensitive, True)
        case tree.IsNull(operand=operand, negated=False):
            return tree.IsNull(operand, True)
        case tree.IsDistinct(left=left, right=right, negated=False):
            return tree.IsDistinct(left, right, True)
    return tree.Unary("not", node)


def _literal(literal: Literal) -> tree.Node:
    match literal.value:
        case None:
            return tree.Null()
        case bool(value):
            return tree.Boolean(value)
        case int() | Decimal() | float():
            return _number(literal.value)
        case str(value):
            return tree.Text(value)
        case Interval() as value:
            return _duration(value)
        case dt.datetime() as value:
            return tree.Call(literal.type.kind, (tree.Text(value.isoformat(" ")),))
        case dt.date() | dt.time():
            return tree.Call(literal.type.kind, (tree.Text(literal.value.isoformat()),))
        case bytes(value):
            return tree.Text(f"\\x{value.hex()}")
    raise TypeError(f"{literal.value!r} is no value of a formula")


def _number(value: int | Decimal | float) -> tree.Node:
    text = str(value)
    if isinstance(value, float | Decimal) and not text.lstrip("-")[:1].isdigit():  # NaN, Infinity
        return tree.Cast(tree.Text(text), "float" if isinstance(value, float) else "decimal")
    if text.startswith("-"):
        return tree.Unary("-", tree.Number(text[1:]))
    return tree.Number(text)


_CLOCK = ((3_600_000_000, "hour"), (60_000_000, "minute"), (1_000_000, "second"), (1, "microsecond"))


def _duration(value: Interval) -> tree.Node:
    """``14 months 3 days``; where signs differ, terms that are added: ``1 month - 2 days``."""
    years = abs(value.months) > 12 and value.months % 12 == 0  # people say 12 months
    amounts = [(value.months // 12, "year") if years else (value.months, "month"), (value.days, "day")]
    amounts += _split(value.microseconds, _CLOCK)
    parts = [(count, unit) for count, unit in amounts if count] or [(0, "day")]
    if all(count >= 0 for count, _ in parts):
        return tree.Duration(tuple((str(count), unit) for count, unit in parts))
    whole: tree.Node | None = None
    for count, unit in parts:
        part: tree.Node = tree.Duration(((str(abs(count)), unit),))
        if whole is not None:
            whole = tree.Binary("-" if count < 0 else "+", whole, part)
        else:
            whole = tree.Unary("-", part) if count < 0 else part
    assert whole is not None
    return whole


def _split(amount: int, units: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """An amount of the smallest unit in larger ones first, all of its sign."""
    sign, rest = (-1 if amount < 0 else 1), abs(amount)
    parts = []
    for size, unit in units:
        count, rest = divmod(rest, size)
        parts.append((sign * count, unit))
    return parts
