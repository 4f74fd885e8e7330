"""Formulas, values and orders as the documentation has them written."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from .trees import (
    Aggregate,
    Call,
    Column,
    Constant,
    Formula,
    ListParameter,
    Order,
    OwnCall,
    Parameter,
    Path,
    Shift,
    Value,
    Virtual,
    Window,
)

_RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "between",
        "like",
        "ilike",
        "is",
        "null",
        "true",
        "false",
        "case",
        "when",
        "then",
        "else",
        "end",
        "distinct",
        "where",
        "per",
    ]
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Operators, loosest first: how they are written, and how tightly they hold.
_INFIX = {
    "or": (" or ", 1),
    "and": (" and ", 2),
    "equal": (" = ", 4),
    "not_equal": (" <> ", 4),
    "less": (" < ", 4),
    "less_or_equal": (" <= ", 4),
    "greater": (" > ", 4),
    "greater_or_equal": (" >= ", 4),
    "is_distinct": (" is distinct from ", 4),
    "is_not_distinct": (" is not distinct from ", 4),
    "like": (" like ", 4),
    "ilike": (" ilike ", 4),
    "coalesce": (" ?? ", 5),
    "join_text": (" & ", 6),
    "add": (" + ", 7),
    "subtract": (" - ", 7),
    "subtract_dates": (" - ", 7),
    "multiply": (" * ", 8),
    "divide": (" / ", 8),
    "div": (" // ", 8),
    "modulo": (" % ", 8),
}
_COMPARISON, _SUM, _UNARY, _CALL = 4, 7, 9, 12


def distance(every: int, unit: str) -> Any:
    """``2 months``; a number alone where there is no unit, the unit alone where it says it all (month_end)."""
    if not unit:
        return every
    return unit if unit.endswith("_end") else f"{every} {unit}{'s' if every != 1 else ''}"


def written(value: Value) -> Any:
    """A value as documents have it."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def orders(order: tuple[Order, ...]) -> list[str]:
    """The terms of an order, one by one."""
    return [_order(term) for term in order]


def _order(term: Order) -> str:
    down = " desc" if term.descending else ""
    return text(term.formula) + down + (" nulls first" if term.nulls_first else "")


def text(formula: Formula) -> str:
    return _text(formula, 0)


def _text(formula: Formula, least: int) -> str:
    """The formula, in parentheses where it holds less tightly than its place needs."""
    made, level = _piece(formula)
    return f"({made})" if level < least else made


def _piece(formula: Formula) -> tuple[str, int]:
    match formula:
        case Column(name, _, side):
            return (f"{name_of(side)}." if side is not None else "") + name_of(name), _CALL
        case Path(relations, name, _):
            return ".".join(map(name_of, (*relations, name))), _CALL
        case Virtual(name, _):
            return name_of(name), _CALL
        case OwnCall(function, arguments, _):
            return f"{function}({', '.join(map(text, arguments))})", _CALL
        case Parameter(name, _) | ListParameter(name, _):
            return f"${name}", _CALL
        case Constant(value, type_):
            return _constant(value, type_)
        case Shift(moved, count, unit):
            plural = "s" if abs(count) != 1 else ""
            return f"{_text(moved, _SUM)} {'-' if count < 0 else '+'} {abs(count)} {unit}{plural}", _SUM
        case Call():
            return _call(formula)
        case Aggregate(function, arguments, _, distinct, where, order):
            return f"{function}({_clauses(arguments, distinct, where, None, order)})", _CALL
        case Window(function, arguments, _, per, order, distinct, where, rows, far):
            last = "" if rows is None else f" rows {rows}"
            if far is not None:
                last = f" range {far[0]} {far[1]}s"
            return f"{function}({_clauses(arguments, distinct, where, per, order)}{last})", _CALL


def _clauses(
    arguments: tuple[Formula, ...],
    distinct: bool,
    where: Formula | None,
    per: tuple[Formula, ...] | None,
    order: tuple[Order, ...],
) -> str:
    parts = []
    if arguments:
        parts.append(("distinct " if distinct else "") + ", ".join(map(text, arguments)))
    if where is not None:
        parts.append(f"where {text(where)}")
    if per is not None:
        parts.append(f"per {', '.join(map(text, per)) or '()'}")
    if order:
        parts.append(f"order by {', '.join(map(_order, order))}")
    return " ".join(parts)


def _call(call: Call) -> tuple[str, int]:
    name, arguments = call.function, call.arguments
    if name in _INFIX:
        sign, level = _INFIX[name]
        first = level + 1 if level == _COMPARISON else level
        written_out = [_text(arguments[0], first), *(_text(each, level + 1) for each in arguments[1:])]
        return sign.join(written_out), level
    if name == "negate":
        return f"- {_text(arguments[0], _UNARY + 1)}", _UNARY
    if name == "not":
        return f"not {_text(arguments[0], 3)}", 3
    if name in ("is_null", "is_not_null"):
        return f"{_text(arguments[0], _COMPARISON + 1)} is {'not ' if name == 'is_not_null' else ''}null", _COMPARISON
    if name in ("in", "not_in"):
        first, *others = arguments
        negation = "not " if name == "not_in" else ""
        return f"{_text(first, _COMPARISON + 1)} {negation}in ({', '.join(map(text, others))})", _COMPARISON
    if name in ("in_list", "not_in_list"):
        negation = "not " if name == "not_in_list" else ""
        return f"{_text(arguments[0], _COMPARISON + 1)} {negation}in {text(arguments[1])}", _COMPARISON
    if name in ("between", "not_between"):
        value, low, high = (_text(each, _COMPARISON + 1) for each in arguments)
        return f"{value} {'not ' if name == 'not_between' else ''}between {low} and {high}", _COMPARISON
    if name == "case":
        *pairs, last = arguments
        branches = [
            f"when {text(condition)} then {text(value)}"
            for condition, value in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        return f"case {' '.join(branches)} else {text(last)} end", _CALL
    return f"{name}({', '.join(map(text, arguments))})", _CALL


def name_of(name: str) -> str:
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return "[" + name.replace("]", "]]") + "]"


def _constant(value: Value, type_: str) -> tuple[str, int]:
    if value is None:
        return f"null::{type_}", _CALL - 1
    match type_:
        case "text":
            quote = "'" if '"' in value else '"'
            return quote + value.replace(quote, quote * 2) + quote, _CALL
        case "boolean":
            return "true" if value else "false", _CALL
        case "date" | "timestamp" | "time" | "timestamptz":
            return f'{type_}("{written(value)}")', _CALL
        case "uuid":
            return f'to_uuid("{value}")', _CALL
        case "float":
            return f"to_float({value!r})", _CALL
    made = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if type_ == "decimal" and "." not in made:
        made += ".0"
    return (f"- {made[1:]}", _UNARY) if made.startswith("-") else (made, _CALL)
