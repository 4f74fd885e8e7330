"""Trees to documents, written as the documentation has them."""

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
    Dedupe,
    Derive,
    Distinct,
    Drop,
    Except,
    Expect,
    Fill,
    Filter,
    Flow,
    Formula,
    Group,
    Intersect,
    Join,
    Limit,
    ListParameter,
    Lookup,
    Named,
    Node,
    Order,
    OwnCall,
    Parameter,
    Path,
    Pivot,
    Rename,
    Sample,
    Select,
    Series,
    Shift,
    Sort,
    Source,
    Split,
    Step,
    Union,
    Unpivot,
    Value,
    Values,
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


def document_of(flow: Flow) -> dict[str, Any]:
    """The whole flow as a document."""
    parameters = {name: _parameter(type_, value) for name, (type_, value) in flow.parameters.items()}
    functions = {
        f"{name}({', '.join(_name(each.name) for each in own.arguments)})": text(own.formula)
        for name, own in flow.functions.items()
    }
    return {
        "headrace": 1,
        **({"parameters": parameters} if parameters else {}),
        **({"functions": functions} if functions else {}),
        "sources": {name: _source(name, source) for name, source in flow.sources.items()},
        "nodes": {name: _node(node) for name, node in flow.nodes.items()},
    }


def _parameter(type_: str, value: Value) -> dict[str, Any]:
    if isinstance(value, tuple):
        return {"type": type_, "list": True, "default": list(map(written, value))}
    return {"type": type_, "default": written(value)}


def declared(source: Source) -> dict[str, str]:
    """The types of its columns as they are declared."""
    return {name: "decimal(30, 2)" if name in source.precise else type_ for name, type_ in source.columns}


def table_name(source: str) -> str:
    """The table in which the rows of a source lie, where they lie in one."""
    return f"data.{source}"


def _source(name: str, source: Source) -> dict[str, Any]:
    keys: dict[str, Any] = {"keys": [list(key) for key in source.keys]} if source.keys else {}
    if source.relations:
        keys["relations"] = {
            relation: {"with": each.target, "by": {each.ours: each.theirs}, "cardinality": "many_to_one"}
            for relation, each in source.relations
        }
    if source.virtual:
        keys["formulas"] = _formulas(source.virtual)
    if source.is_table:
        return {"table": table_name(name), **keys}
    names = [column for column, _ in source.columns]
    rows = [dict(zip(names, map(written, row), strict=True)) for row in source.rows]
    return {"columns": declared(source), "rows": rows, **keys}


def _formulas(virtual: tuple[Named, ...]) -> dict[str, str]:
    return {name: text(formula) for name, formula in virtual}


def _node(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {"from": node.start, "steps": [step_of(step) for step in node.steps]}
    if node.for_each:
        values = {name: _values(each) for name, each in node.for_each}
        made["for_each"] = {"zip": values} if node.zipped else values
    if node.then:
        made["then"] = [step_of(step) for step in node.then]
    if node.materialize != "inline":
        made["materialize"] = node.materialize
    if node.strategy is not None:
        made["strategy"] = node.strategy
    if node.virtual:
        made["formulas"] = _formulas(node.virtual)
    return made


def _values(values: Values) -> Any:
    if values.listed is not None:
        return [written(value) for value in values.listed]
    if values.node is not None:
        return {"node": values.node, "column": values.column}
    return {"every": distance(values.every, values.unit), "from": written(values.start), "to": written(values.end)}


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


# Steps.


def step_of(step: Step) -> dict[str, Any]:
    match step:
        case Select(columns):
            return {"select": [_column(each) for each in columns]}
        case Drop(names):
            return {"drop": list(map(listed, names))}
        case Rename(names):
            return {"rename": dict(names)}
        case Derive(columns):
            return {"derive": {name: text(formula) for name, formula in columns}}
        case Filter(condition):
            return {"filter": text(condition)}
        case Group(by, measures):
            made: dict[str, Any] = {"by": [_column(each) for each in by]} if by else {}
            if measures:
                made["measures"] = {name: text(formula) for name, formula in measures}
            return {"aggregate": made}
        case Join():
            return {"join": _join(step)}
        case Lookup(other, keys, columns, prefix, missing):
            made = {"with": other, "by": _keys(keys)}
            if columns is not None:
                made["columns"] = list(map(listed, columns))
            if prefix:
                made["prefix"] = prefix
            if missing:
                made["missing"] = {name: written(value.value) for name, value in missing}
            return {"lookup": made}
        case Union(others, origin, distinct):
            if origin is None and not distinct:
                return {"union": list(others)}
            made = {"with": list(others)}
            if origin is not None:
                made["origin"] = origin
            if distinct:
                made["distinct"] = True
            return {"union": made}
        case Intersect(others):
            return {"intersect": list(others)}
        case Except(others):
            return {"except": list(others)}
        case Distinct(names):
            return {"distinct": "all" if names is None else list(map(listed, names))}
        case Dedupe(by, order):
            return {"dedupe": {"by": list(map(listed, by)), **({"order": orders(order)} if order else {})}}
        case Sort(order):
            return {"sort": orders(order)}
        case Limit(rows, offset, per, order):
            made = {"rows": rows}
            if offset:
                made["offset"] = offset
            if per:
                made["per"] = list(map(listed, per))
            if order:
                made["order"] = orders(order)
            return {"limit": made}
        case Pivot(by, columns, values, only, unseen, names):
            is_one = len(columns) == 1
            made = {
                "columns": columns[0].name if is_one else [column.name for column in columns],
                "values": {name: text(formula) for name, formula in values},
                "only": [written(each[0]) if is_one else list(map(written, each)) for each in only],
                "unseen": unseen,
                "names": names,
            }
            return {"pivot": {"by": list(by), **made} if by else made}
        case Unpivot(columns, name, value, position):
            made = {"columns": list(map(listed, columns)), "name": name, "value": value}
            return {"unpivot": made if position is None else {**made, "position": position}}
        case Fill():
            return {"fill": _fill(step)}
        case Split(column, at, into, position):
            made = {"column": column, "at": at}
            if into is not None:
                made["into"] = into
            if position is not None:
                made["position"] = position
            return {"split": made}
        case Sample(rows):
            return {"sample": rows}
        case Expect(items, doubts):
            doubted = [{word: content, "severity": "warn"} for word, content in doubts]
            return {"expect": [*({word: content} for word, content in items), *doubted]}


def listed(name: str) -> str:
    """A column in a list that takes patterns: its whole name always means that column."""
    return name


def _column(named: Named) -> Any:
    name, formula = named
    return name if formula == Column(name, formula.type) else {name: text(formula)}


def _keys(keys: tuple[tuple[Formula, Column], ...]) -> Any:
    if all(isinstance(ours, Column) and ours.name == theirs.name for ours, theirs in keys):
        return [theirs.name for _, theirs in keys]
    return {ours.name if isinstance(ours, Column) else text(ours): theirs.name for ours, theirs in keys}


def _join(step: Join) -> dict[str, Any]:
    made: dict[str, Any] = {"with": step.other, "kind": step.kind}
    if step.keys:
        made["by"] = _keys(step.keys)
    if step.where is not None:
        made["where"] = text(step.where)
    if step.latest is not None:
        sign = "<" if step.latest.strict else "<="
        made["latest"] = f"{text(step.latest.theirs)} {sign} {text(step.latest.ours)}"
        if step.latest.at_most is not None:
            unit = "" if step.latest.ours.type in ("integer", "decimal") else "day"
            made["at_most"] = distance(step.latest.at_most, unit)
    if step.columns is not None:
        made["columns"] = list(map(listed, step.columns))
    if step.prefix:
        made["prefix"] = step.prefix
    if step.cardinality is not None:
        made["cardinality"] = step.cardinality
    return made


def _fill(step: Fill) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if step.series is not None:
        made["series"] = {step.series.column: _series(step.series)}
    for word, names in (("per", step.per), ("combinations", step.combinations), ("down", step.down)):
        if names:
            made[word] = list(map(listed, names))
    if step.values:
        made["values"] = {name: text(formula) for name, formula in step.values}
    if step.order:
        made["order"] = orders(step.order)
    return made


def _series(series: Series) -> dict[str, Any]:
    return {
        "every": distance(series.every, series.unit),
        "from": written(series.start),
        "to": written(series.end),
    }


def orders(order: tuple[Order, ...]) -> list[str]:
    """The terms of an order, one by one."""
    return [_order(term) for term in order]


def _order(term: Order) -> str:
    down = " desc" if term.descending else ""
    return text(term.formula) + down + (" nulls first" if term.nulls_first else "")


# Formulas.


def text(formula: Formula) -> str:
    return _text(formula, 0)


def _text(formula: Formula, least: int) -> str:
    """The formula, in parentheses where it holds less tightly than its place needs."""
    made, level = _piece(formula)
    return f"({made})" if level < least else made


def _piece(formula: Formula) -> tuple[str, int]:
    match formula:
        case Column(name, _, side):
            return (f"{_name(side)}." if side is not None else "") + _name(name), _CALL
        case Path(relations, name, _):
            return ".".join(map(_name, (*relations, name))), _CALL
        case Virtual(name, _):
            return _name(name), _CALL
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


def _name(name: str) -> str:
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
