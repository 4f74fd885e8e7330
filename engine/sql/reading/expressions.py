"""The parts of a query that are computed for each row or group: their types, nulls, and what they are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from headrace.diagnostics import closest
from headrace.grammar.types import Type
from headrace.sql.reading.functions import (
    CLOCKS,
    FUNCTIONS,
    INSTEAD,
    REFUSED,
    REFUSED_PREFIXES,
    WITHIN_GROUP,
    SqlFunction,
)
from headrace.sql.reading.names import folded
from headrace.sql.reading.problem import Refused
from headrace.sql.reading.scopes import Made, Scope, Value, made_of
from headrace.sql.reading.sql_types import NUMBERS, SqlType, arithmetic, common, concatenated, sql_type_of

_ARITHMETIC: Mapping[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.Pow: "^",
}
_CONDITIONS = (
    exp.And,
    exp.Or,
    exp.Not,
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.Between,
    exp.Like,
    exp.ILike,
    exp.SimilarTo,
    exp.RegexpLike,
    exp.RegexpILike,
    exp.Escape,
)
_NEVER_NULL = (exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ)

_CASTS: Mapping[str, str] = {
    "BIGINT": "int8",
    "BOOLEAN": "bool",
    "CHAR": "bpchar",
    "DATE": "date",
    "DECIMAL": "numeric",
    "DOUBLE": "float8",
    "FLOAT": "float4",
    "INT": "int4",
    "INTERVAL": "interval",
    "JSON": "json",
    "JSONB": "jsonb",
    "SMALLINT": "int2",
    "TEXT": "text",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMPTZ": "timestamptz",
    "UUID": "uuid",
    "VARBINARY": "bytea",
    "VARCHAR": "varchar",
}

_SESSION = ("current_catalog", "current_role", "current_schema", "current_user", "session_user", "system_user", "user")
"""Names without quotes that are no columns to PostgreSQL, but ask the session."""


class Reader(ABC):
    """Types expressions; what stands in queries inside them is asked of ``subquery``."""

    def __init__(self, parameters: Mapping[str, tuple[Type, bool]], any_function: bool) -> None:
        self.parameters = parameters
        self.any_function = any_function
        self.calls_unknown = False

    @abstractmethod
    def subquery(self, node: exp.Expr, scope: Scope) -> tuple[Value, ...]:
        """The columns of a query that may look at the rows of ``scope``."""

    def values_of(self, nodes: Iterable[exp.Expr | None], scope: Scope) -> list[Value]:
        return [self.value(node, scope) for node in nodes if node is not None]

    def value(self, node: exp.Expr, scope: Scope) -> Value:
        """What is known of an expression. Raises Refused for what may not stand there."""
        kind = type(node)
        if kind in _ARITHMETIC:
            left, right = self.value(node.this, scope), self.value(node.expression, scope)
            return _computed(arithmetic(_ARITHMETIC[kind], left.type, right.type), [left, right])
        if kind in _CONDITIONS:
            return _computed("bool", self.values_of(node.iter_expressions(), scope))
        if kind in _NEVER_NULL:
            return _computed("bool", self.values_of(node.iter_expressions(), scope), nullable=False)
        method = getattr(self, f"of_{kind.__name__.lower()}", None)
        if method is None:
            raise Refused("S255", node, found=kind.__name__.upper())
        value = method(node, scope)
        assert isinstance(value, Value)
        return value

    # Names and constants

    def of_column(self, node: exp.Column, scope: Scope) -> Value:
        if isinstance(node.this, exp.Star):
            raise Refused("S255", node, found="* inside an expression")
        if not node.this.args.get("quoted") and not node.args.get("table") and folded(node.this) in _SESSION:
            raise Refused("S255", node, found=folded(node.this))
        return scope.column(node)

    def of_literal(self, node: exp.Literal, scope: Scope) -> Value:
        if node.is_string:
            return Value("unknown", False)
        text = str(node.this)
        if not text.isdigit():
            return Value("numeric", False)
        return Value("int4" if int(text) < 2**31 else "int8" if int(text) < 2**63 else "numeric", False)

    def of_boolean(self, node: exp.Boolean, scope: Scope) -> Value:
        return Value("bool", False)

    def of_null(self, node: exp.Null, scope: Scope) -> Value:
        return Value("unknown", True)

    def of_interval(self, node: exp.Interval, scope: Scope) -> Value:
        if not isinstance(node.this, exp.Literal):
            raise Refused("S255", node, found="An INTERVAL that is no constant")
        return Value("interval", False)

    def of_parameter(self, node: exp.Parameter, scope: Scope) -> Value:
        type_, many = self.parameter(node)
        if many:
            raise Refused("S267", node, name=node.name)
        return Value(sql_type_of(type_), type_.nullable)

    def parameter(self, node: exp.Parameter) -> tuple[Type, bool]:
        name = node.name
        if name not in self.parameters:
            near = closest(name, self.parameters)
            raise Refused("S266", node, (f"Did you mean ${near[0]}?",) if near else (), name=name)
        return self.parameters[name]

    def of_currenttimestamp(self, node: exp.CurrentTimestamp, scope: Scope) -> Value:
        if node.this is not None:
            raise Refused("S255", node, found="CURRENT_TIMESTAMP with a precision")
        return Value("timestamptz", False)

    # Brackets, rows, queries

    def of_paren(self, node: exp.Paren, scope: Scope) -> Value:
        return self.value(node.this, scope)

    def of_tuple(self, node: exp.Tuple, scope: Scope) -> Value:
        return _computed(None, self.values_of(node.expressions, scope))

    def of_subquery(self, node: exp.Subquery, scope: Scope) -> Value:
        columns = self.subquery(node, scope)
        if len(columns) != 1:
            raise Refused("S257", node, word="A subquery that stands for a value", first=1, second=len(columns))
        type_ = "text" if columns[0].type == "unknown" else columns[0].type
        return Value(type_, True, columns[0].made, columns[0].scale)

    def of_exists(self, node: exp.Exists, scope: Scope) -> Value:
        self.subquery(node.this, scope)
        return Value("bool", False)

    def of_any(self, node: exp.Any | exp.All, scope: Scope) -> Value:
        inner = node.this
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if not isinstance(inner, exp.Query):
            name = type(node).__name__.upper()
            raise Refused("S255", node, ("For a list: x in $list, or x in (1, 2).",), found=f"{name} of a list")
        return _computed(None, self.subquery(inner, scope), nullable=True)

    of_all = of_any

    def of_in(self, node: exp.In, scope: Scope) -> Value:
        operand = self.value(node.this, scope)
        listed = node.args.get("field")
        if listed is not None:
            if not isinstance(listed, exp.Parameter) or not self.parameter(listed)[1]:
                raise Refused("S255", node, found="IN without brackets")
            return _computed("bool", [operand])
        query = node.args.get("query")
        if query is not None:
            return _computed("bool", [operand, *self.subquery(query, scope)])
        items = node.expressions
        if len(items) == 1 and isinstance(items[0], exp.Parameter) and self.parameter(items[0])[1]:
            return _computed("bool", [operand])
        return _computed("bool", [operand, *self.values_of(items, scope)])

    # Forms

    def of_neg(self, node: exp.Neg, scope: Scope) -> Value:
        value = self.value(node.this, scope)
        return _computed(value.type if value.type in (*NUMBERS, "interval") else None, [value])

    def of_dpipe(self, node: exp.DPipe, scope: Scope) -> Value:
        left, right = self.value(node.this, scope), self.value(node.expression, scope)
        return _computed(concatenated(left.type, right.type), [left, right])

    def of_collate(self, node: exp.Collate, scope: Scope) -> Value:
        value = self.value(node.this, scope)
        return _computed(value.type if value.type != "unknown" else "text", [value])

    def of_case(self, node: exp.Case, scope: Scope) -> Value:
        conditions = self.values_of([node.this, *(branch.this for branch in node.args["ifs"])], scope)
        results = self.values_of(
            [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")], scope
        )
        nullable = node.args.get("default") is None or any(value.nullable for value in results)
        made = made_of([value.made for value in results], "computed") | made_of(
            [value.made for value in conditions], "chosen_by"
        )
        groups = any(value.groups for value in (*conditions, *results))
        return Value(common([value.type for value in results]), nullable, made, None, groups)

    def of_cast(self, node: exp.Cast, scope: Scope) -> Value:
        value = self.value(node.this, scope)
        type_, scale = _cast_type(node.args["to"])
        # The null of JSON becomes null (from PostgreSQL 18 on).
        cast = _computed(type_, [value], nullable=True if value.type in ("json", "jsonb", None) else None)
        return Value(cast.type, cast.nullable, cast.made, scale, cast.groups)

    def of_attimezone(self, node: exp.AtTimeZone, scope: Scope) -> Value:
        value, zone = self.value(node.this, scope), self.value(node.args["zone"], scope)
        moved: Mapping[str, SqlType] = {"timestamptz": "timestamp", "timestamp": "timestamptz", "date": "timestamp"}
        return _computed(moved.get(value.type or ""), [value, zone])

    def of_extract(self, node: exp.Extract, scope: Scope) -> Value:
        # The month of infinity is null.
        return _computed("numeric", [self.value(node.expression, scope)], nullable=True)

    def of_trim(self, node: exp.Trim, scope: Scope) -> Value:
        return _computed("text", self.values_of((node.this, node.args.get("expression")), scope))

    def of_substring(self, node: exp.Substring, scope: Scope) -> Value:
        parts = (node.this, node.args.get("start"), node.args.get("length"))
        values = self.values_of(parts, scope)
        # substring(text from pattern) is null where nothing matches.
        by_pattern = len(values) > 1 and values[1].type not in ("int2", "int4")
        return _computed("text", values, nullable=True if by_pattern else None)

    def of_overlay(self, node: exp.Overlay, scope: Scope) -> Value:
        return _computed("text", self.values_of(node.iter_expressions(), scope))

    def of_strposition(self, node: exp.StrPosition, scope: Scope) -> Value:
        return _computed("int4", self.values_of((node.this, node.args.get("substr")), scope))

    def of_jsonextract(self, node: exp.JSONExtract, scope: Scope) -> Value:
        value = self.value(node.this, scope)
        return _computed(value.type if value.type in ("json", "jsonb") else None, [value], nullable=True)

    def of_jsonextractscalar(self, node: exp.JSONExtractScalar, scope: Scope) -> Value:
        return _computed("text", [self.value(node.this, scope)], nullable=True)

    # Calls

    def of_anonymous(self, node: exp.Anonymous, scope: Scope) -> Value:
        name = str(node.this).lower()
        if name in CLOCKS and not node.expressions:
            return Value("timestamptz", False)
        known = self.known(name, node)
        values, decided = self.arguments(node, scope)
        if known is None:
            return Value(None, True, made_of([value.made for value in values], "computed"))
        if known.level == "window":
            raise Refused("S255", node, found=f"{name} without OVER")
        return self.called(known, values, decided)

    def known(self, name: str, node: exp.Expr) -> SqlFunction | None:
        """What is known of a function; None where it may be called without being known."""
        function = FUNCTIONS.get(name)
        if function is not None:
            return function
        hints = (INSTEAD[name],) if name in INSTEAD else ()
        if name in REFUSED or name.startswith(REFUSED_PREFIXES):
            raise Refused("S272", node, hints, name=name)
        if self.any_function:
            self.calls_unknown = True
            return None
        near = closest(name, FUNCTIONS)
        raise Refused("S273", node, (f"Did you mean {near[0]}?",) if near else (), name=name)

    def arguments(self, node: exp.Anonymous, scope: Scope) -> tuple[list[Value], Made]:
        """The arguments, and what only decides about them (the ORDER BY of an aggregate)."""
        values: list[Value] = []
        decided: list[Made] = []
        for each in node.expressions:
            while isinstance(each, (exp.Order, exp.Distinct)):
                if isinstance(each, exp.Order):
                    decided += [self.value(term.this, scope).made for term in each.expressions]
                    each = each.this
                else:
                    *others, each = each.expressions
                    values += self.values_of(others, scope)
            if not isinstance(each, exp.Star):
                values.append(self.value(each, scope))
        return values, made_of(decided, "ordered_by")

    def called(self, function: SqlFunction, values: Sequence[Value], decided: Made) -> Value:
        type_ = function.rule([value.type for value in values])
        nullable = {
            "strict": any(value.nullable for value in values),
            "all": all(value.nullable for value in values),
            "never": False,
            "maybe": True,
        }[function.nulls]
        grouping = function.level == "aggregate"
        made = made_of([value.made for value in values], "aggregated" if grouping else "computed")
        groups = grouping or any(value.groups for value in values)
        return Value(type_, nullable, made | decided, None, groups)

    def of_filter(self, node: exp.Filter, scope: Scope) -> Value:
        value = self.value(node.this, scope)
        condition = self.value(node.expression.this, scope)
        made = value.made | made_of([condition.made], "filtered_by")
        return Value(value.type, value.nullable, made, value.scale, value.groups)

    def of_withingroup(self, node: exp.WithinGroup, scope: Scope) -> Value:
        name = str(node.this.this).lower() if isinstance(node.this, exp.Anonymous) else ""
        if name not in WITHIN_GROUP:
            raise Refused("S255", node, found="WITHIN GROUP")
        self.values_of(node.this.expressions, scope)
        values = [self.value(term.this, scope) for term in node.expression.expressions]
        type_ = values[0].type
        if name == "percentile_cont":
            type_ = "interval" if type_ == "interval" else "float8" if type_ in NUMBERS else None
        elif type_ == "unknown":
            type_ = None
        return Value(type_, True, made_of([value.made for value in values], "aggregated"), None, True)

    def of_window(self, node: exp.Window, scope: Scope) -> Value:
        inner, condition = node.this, None
        if isinstance(inner, exp.Filter):
            inner, condition = inner.this, self.value(inner.expression.this, scope)
        if not isinstance(inner, exp.Anonymous):
            raise Refused("S255", node, found="OVER of this")
        name = str(inner.this).lower()
        function = self.known(name, node)
        values, decided = self.arguments(inner, scope)
        over = self.window_parts(node, scope)
        made = made_of([value.made for value in values], "computed") | decided | over
        if condition is not None:
            made |= made_of([condition.made], "filtered_by")
        if function is None:
            return Value(None, True, made)
        if function.level == "row":
            raise Refused("S255", node, found=f"OVER of {name}")
        value = self.called(function, values, decided)
        return Value(value.type, value.nullable, made, None, any(each.groups for each in values))

    def window_parts(self, node: exp.Window, scope: Scope) -> Made:
        """What a window is partitioned and ordered by."""
        partition = self.values_of(node.args.get("partition_by") or (), scope)
        order = node.args.get("order")
        terms = [self.value(term.this, scope) for term in order.expressions] if order is not None else []
        spec = node.args.get("spec")
        for key in ("start", "end"):
            bound = spec.args.get(key) if spec is not None else None
            if isinstance(bound, exp.Expr) and not isinstance(bound, exp.Var):
                self.value(bound, scope)
        return made_of([each.made for each in partition], "grouped_by") | made_of(
            [each.made for each in terms], "ordered_by"
        )


def _computed(type_: SqlType, parts: Sequence[Value], nullable: bool | None = None) -> Value:
    """A value of this type that is made of others and null where one of them is, unless it is said otherwise."""
    if nullable is None:
        nullable = any(part.nullable for part in parts)
    made = made_of([part.made for part in parts], "computed")
    return Value(type_, nullable, made, None, any(part.groups for part in parts))


def _cast_type(node: exp.Expr) -> tuple[SqlType, tuple[int, int] | None]:
    name = node.this.name if isinstance(node, exp.DataType) else ""
    if name not in _CASTS:
        raise Refused("S274", node, found=node.sql(dialect="postgres").lower())
    numbers = [str(each.this.this) for each in node.expressions if isinstance(each, exp.DataTypeParam)]
    if name == "DECIMAL" and numbers and all(each.isdigit() for each in numbers):
        return "numeric", (int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0)
    return _CASTS[name], None
