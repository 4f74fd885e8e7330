"""Random formulas over the columns and parameters there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from .functions import FUNCTIONS, Function
from .making_values import value
from .tables import NUMBERS
from .trees import (
    Aggregate,
    Call,
    Column,
    Constant,
    Formula,
    ListParameter,
    Order,
    OwnCall,
    OwnFunction,
    Parameter,
    Path,
    Shift,
    Virtual,
    Window,
)

ALL_TYPES = ("integer", "decimal", "float", "text", "boolean", "date", "timestamp", "time", "timestamptz", "uuid")
_NO_GREATEST = ("boolean", "uuid")
_REGULAR = ("[a-z]+", "^a", "b$", "[0-9]", "(a)(.)", "[ ;]", "a*b", "(n)?a", "é", "[^a]", "^$", "(an)+")
_GENERIC = {"number": NUMBERS, "exact": ("integer", "decimal"), "moment": ("date", "timestamp")}
_COMPARISONS = ("equal", "not_equal", "less", "less_or_equal", "greater", "greater_or_equal", "is_distinct",
                "is_not_distinct")  # fmt: skip
_AGGREGATES_OF_NUMBERS = ("sum", "avg", "sum_if", "avg_if")


def _by_result() -> dict[str, list[tuple[str, Function, str | None]]]:
    """The functions that give each type, and the type that their generic arguments have."""
    made: dict[str, list[tuple[str, Function, str | None]]] = {type_: [] for type_ in ALL_TYPES}
    for name, overloads in FUNCTIONS.items():
        for overload in overloads:
            if overload.result in _GENERIC:
                for type_ in _GENERIC[overload.result]:
                    made[type_].append((name, overload, type_))
            else:
                made[overload.result].append((name, overload, None))
    return made


_BY_RESULT = _by_result()


@dataclass(frozen=True)
class Scope:
    """What a formula may name."""

    columns: tuple[Column | Path | Virtual, ...]
    parameters: tuple[Parameter, ...] = ()


def _with(formula: Formula, given: Mapping[str, Formula]) -> Formula:
    """The formula of an own function, with arguments for its columns."""
    match formula:
        case Column(name):
            return given[name]
        case Shift():
            return replace(formula, formula=_with(formula.formula, given))
        case Call():
            return replace(formula, arguments=tuple(_with(each, given) for each in formula.arguments))
    return formula


class FormulaMaker:
    """Random formulas; always the same from the same random numbers. ``functions`` are own ones that they may call,
    ``lists`` parameters in which a value may be looked for."""

    def __init__(
        self, random: Random, functions: Mapping[str, OwnFunction], lists: Sequence[ListParameter] = ()
    ) -> None:
        self.random = random
        self.functions = functions
        self.lists = lists

    def formula(self, type_: str, scope: Scope, depth: int) -> Formula:
        if depth <= 0 or self.random.random() < 0.25:
            return self.leaf(type_, scope)
        own = [name for name, function in self.functions.items() if function.formula.type == type_]
        if own and self.random.random() < 0.15:
            return self._own_call(self.random.choice(own), scope, depth)
        choice = self.random.random()
        if type_ == "boolean" and choice < 0.75:
            return self._condition(scope, depth)
        if type_ in NUMBERS and choice < 0.35:
            return self._arithmetic(type_, scope, depth)
        if choice < 0.55:
            return self._of_any_type(type_, scope, depth)
        if type_ in ("date", "timestamp", "timestamptz") and choice < 0.75:
            return self._shift(type_, scope, depth)
        if type_ == "text" and choice < 0.65:
            return self._joined_text(scope, depth)
        return self._function(type_, scope, depth)

    def _own_call(self, name: str, scope: Scope, depth: int) -> Formula:
        function = self.functions[name]
        arguments = tuple(self.formula(each.type, scope, depth - 1) for each in function.arguments)
        given = {each.name: argument for each, argument in zip(function.arguments, arguments, strict=True)}
        return OwnCall(name, arguments, _with(function.formula, given))

    def leaf(self, type_: str, scope: Scope) -> Formula:
        columns = [each for each in scope.columns if each.type == type_]
        parameters = [each for each in scope.parameters if each.type == type_]
        if parameters and self.random.random() < 0.4:
            return self.random.choice(parameters)
        if columns and self.random.random() < 0.85:
            return self.random.choice(columns)
        return self.constant(type_)

    def constant(self, type_: str) -> Constant:
        if self.random.random() < 0.07:
            return Constant(None, type_)
        return Constant(value(self.random, type_), type_)

    def narrower(self, type_: str) -> str:
        """The type, or one that widens to it."""
        return "integer" if type_ == "decimal" and self.random.random() < 0.3 else type_

    def _arithmetic(self, type_: str, scope: Scope, depth: int) -> Formula:
        names = ["add", "subtract", "multiply", "add", "subtract"]
        if type_ != "float":
            names += ["div", "modulo", "floor_mod"]
        types = [type_, self.narrower(type_)]
        self.random.shuffle(types)
        name = self.random.choice(names)
        return Call(name, tuple(self.formula(each, scope, depth - 1) for each in types), type_)

    def _of_any_type(self, type_: str, scope: Scope, depth: int) -> Formula:
        random = self.random

        def values(count: int) -> list[Formula]:
            types = [type_, *(self.narrower(type_) for _ in range(count - 1))]
            random.shuffle(types)
            return [self.formula(each, scope, depth - 1) for each in types]

        name = random.choice(("if", "if", "case", "switch", "coalesce", "coalesce", "null_if", "greatest", "least",
                              "clamp"))  # fmt: skip
        match name:
            case "if" | "case":
                pairs = random.choice((1, 1, 2))
                *thens, otherwise = values(pairs + 1)
                branches = [part for then in thens for part in (self.formula("boolean", scope, depth - 1), then)]
                return Call(name, (*branches, otherwise), type_)
            case "switch":
                matched = random.choice(("integer", "text", "date"))
                subject = self.formula(matched, scope, depth - 1)
                *thens, otherwise = values(3)
                matches = [Constant(value(random, matched), matched) for _ in thens]
                parts = [part for match, then in zip(matches, thens, strict=True) for part in (match, then)]
                return Call(name, (subject, *parts, otherwise), type_)
            case "null_if":
                return Call(name, (self.formula(type_, scope, depth - 1), self.formula(type_, scope, depth - 1)), type_)
            case "clamp":
                if type_ in ("text", "time", "timestamptz", *_NO_GREATEST):
                    return self.leaf(type_, scope)
                return Call(name, tuple(values(3)), type_)
            case "greatest" | "least" if type_ in _NO_GREATEST:
                return self.leaf(type_, scope)
        return Call(name, tuple(values(random.choice((2, 2, 3)))), type_)

    def _shift(self, type_: str, scope: Scope, depth: int) -> Formula:
        units = ("year", "month", "month", "week", "day", "day", *(("hour", "minute") if type_ == "timestamp" else ()))
        count = self.random.choice((1, 1, 2, 3, 6, 12, -1, -1, -2, -30))
        return Shift(self.formula(type_, scope, depth - 1), count, self.random.choice(units))

    def _joined_text(self, scope: Scope, depth: int) -> Formula:
        types = [self.random.choice(("text", "text", "integer", "date", "boolean")) for _ in range(2)]
        if all(each != "text" for each in types):
            types[0] = "text"
        name = self.random.choice(("join_text", "join_text", "concat", "concat_ws"))
        parts = [self.formula(each, scope, depth - 1) for each in types]
        if name == "concat_ws":
            parts.insert(0, Constant("-", "text"))
        return Call(name, tuple(parts), "text")

    def _condition(self, scope: Scope, depth: int) -> Formula:
        random = self.random
        name = random.choice(
            (*_COMPARISONS, *_COMPARISONS, "and", "or", "and", "or", "not", "in", "not_in", "between", "not_between",
             "is_null", "is_not_null", "is_empty", "is_blank", "is_defined")
        )  # fmt: skip
        if name in ("and", "or"):
            return Call(name, (self.formula("boolean", scope, depth - 1), self.formula("boolean", scope, depth - 1)),
                        "boolean")  # fmt: skip
        if name == "not":
            return Call(name, (self.formula("boolean", scope, depth - 1),), "boolean")
        if self.lists and random.random() < 0.15:
            listed = random.choice(self.lists)
            name = random.choice(("in_list", "not_in_list"))
            return Call(name, (self.formula(listed.type, scope, depth - 1), listed), "boolean")
        type_ = self._type_in(scope)
        first = self.formula(type_, scope, depth - 1)
        if name in ("is_null", "is_not_null", "is_empty", "is_blank", "is_defined"):
            return Call(name, (first,), "boolean")
        if name in ("in", "not_in"):
            listed = tuple(Constant(value(random, type_), type_) for _ in range(random.choice((1, 2, 3))))
            return Call(name, (first, *listed), "boolean")
        count = 2 if name in ("between", "not_between") else 1
        others = [self.formula(self._beside(type_), scope, depth - 1) for _ in range(count)]
        if type_ in _NO_GREATEST and name not in ("equal", "not_equal", "is_distinct", "is_not_distinct"):
            return Call("is_not_distinct", (first, others[0]), "boolean")
        return Call(name, (first, *others), "boolean")

    def _beside(self, type_: str) -> str:
        """A type that compares with it."""
        if type_ in ("integer", "decimal") and self.random.random() < 0.2:
            return self.random.choice(("integer", "decimal"))
        return type_

    def _type_in(self, scope: Scope) -> str:
        types = [each.type for each in (*scope.columns, *scope.parameters)]
        return self.random.choice(types or ["integer"])

    def _function(self, type_: str, scope: Scope, depth: int) -> Formula:
        found = _BY_RESULT[type_]
        if not found:
            return self.leaf(type_, scope)
        name, overload, generic = self.random.choice(found)
        arguments = [self._argument(kind, generic, scope, depth - 1) for kind in overload.arguments]
        if generic is None and "moment" in overload.arguments:
            moment = self.random.choice(("date", "timestamp"))
            arguments = [
                self._argument(kind, moment if kind == "moment" else None, scope, depth - 1)
                for kind in overload.arguments
            ]
        return Call(name, tuple(arguments), type_)

    def _argument(self, kind: str, generic: str | None, scope: Scope, depth: int) -> Formula:
        random = self.random
        match kind:
            case "small":
                return Constant(random.choice((0, 1, 2, 3, 4)), "integer")
            case "place":
                return Constant(random.choice((1, 1, 2, 3)), "integer")
            case "piece":
                return Constant(random.choice(("a", "b", "an", ";", " ", "é", "-", "%", "\\", "'")), "text")
            case "pattern":
                return Constant(random.choice(("%", "a%", "%a", "%a%", "_", "a_c", "__", "", "%;%", "é")), "text")
            case "regex":
                return Constant(random.choice(_REGULAR), "text")
            case "letter":
                return Constant(random.choice(("x", "-", "", "éa")), "text")
            case "zone":
                return Constant("UTC", "text")
            case "unit":
                return Constant(random.choice(("year", "quarter", "month", "week", "day")), "text")
        if kind in _GENERIC:
            return self.formula(generic or random.choice(_GENERIC[kind]), scope, depth)
        return self.formula(self.narrower(kind), scope, depth)

    # Orders, aggregates and windows.

    def total_order(self, columns: Sequence[Column | Path | Virtual]) -> tuple[Order, ...]:
        """An order by all columns: rows that are alike in it are alike in everything."""
        shuffled = self.random.sample(list(columns), len(columns))
        return tuple(self.order(column) for column in shuffled)

    def order(self, formula: Formula) -> Order:
        return Order(formula, self.random.random() < 0.4, self.random.random() < 0.3)

    def aggregate(self, scope: Scope, depth: int) -> Aggregate:
        """A single aggregate over the rows of a group."""
        random = self.random
        name = random.choice(
            ("sum", "sum", "sum", "avg", "min", "max", "count", "count", "count_column", "count_distinct", "bool_and",
             "bool_or", "string_agg", "first_value", "last_value", "max_by", "mode", "median", "percentile_disc",
             "sum_if", "count_if", "min_if", "max_if", "avg_if", "any_value")
        )  # fmt: skip
        where = self.formula("boolean", scope, depth) if random.random() < 0.25 else None
        made = self._aggregate(name, scope, depth)
        if where is None or name.endswith("_if"):
            return made
        return Aggregate(made.function, made.arguments, made.type, made.distinct, where, made.order)

    def _aggregate(self, name: str, scope: Scope, depth: int) -> Aggregate:
        random = self.random
        number = self.formula(random.choice(("integer", "decimal", "float")), scope, depth)
        any_type = self._type_in(scope)
        anything = self.formula(any_type, scope, depth)
        exact = self.formula(random.choice(("integer", "decimal")), scope, depth)
        condition = self.formula("boolean", scope, depth)
        distinct = random.random() < 0.2
        match name:
            case "sum":
                return Aggregate("sum", (number,), number.type, distinct)
            case "avg":
                return Aggregate("avg", (exact,), "decimal", distinct)
            case "min" | "max" | "any_value" if any_type != "uuid":
                return Aggregate(name, (anything,), any_type)
            case "count_column":
                return Aggregate("count", (anything,), "integer", distinct)
            case "count_distinct":
                return Aggregate("count_distinct", (anything,), "integer")
            case "bool_and" | "bool_or":
                return Aggregate(name, (condition,), "boolean")
            case "string_agg":
                text = self.formula("text", scope, depth)
                if distinct:
                    return Aggregate(name, (text, Constant(", ", "text")), "text", True, None, (self.order(text),))
                order = self.total_order(scope.columns)
                return Aggregate(name, (text, Constant("-", "text")), "text", False, None, order)
            case "first_value" | "last_value":
                return Aggregate(name, (anything,), any_type, False, None, self.total_order(scope.columns))
            case "max_by":
                return Aggregate(random.choice(("max_by", "min_by")), (anything, exact), any_type)
            case "mode" if any_type not in ("float", "uuid", "time"):
                return Aggregate("mode", (anything,), any_type)
            case "median":
                return Aggregate("median", (exact,), "decimal")
            case "percentile_disc":
                share = Constant(random.choice((Decimal("0.5"), Decimal("0.25"), Decimal("0.9"))), "decimal")
                return Aggregate("percentile_disc", (exact, share), exact.type)
            case "sum_if":
                return Aggregate("sum_if", (number, condition), number.type)
            case "avg_if":
                return Aggregate("avg_if", (exact, condition), "decimal")
            case "min_if" | "max_if" if any_type != "uuid":
                return Aggregate(name, (anything, condition), any_type)
            case "count_if":
                return Aggregate("count_if", (condition,), "integer")
        return Aggregate("count", (), "integer")

    def measure(self, scope: Scope, depth: int) -> Formula:
        """A formula of aggregates: one of them, two with an operator between, or a share of all groups."""
        random = self.random
        choice = random.random()
        if choice < 0.6:
            return self.aggregate(scope, depth)
        first, second = self._number_of(scope, depth), self._number_of(scope, depth)
        if choice < 0.75:
            return Call("divide", (first, second), "decimal")
        if choice < 0.85:
            type_ = "decimal" if "decimal" in (first.type, second.type) else "integer"
            return Call(random.choice(("add", "subtract", "coalesce")), (first, second), type_)
        if choice < 0.93:
            return Call("divide", (first, Window("sum", (first,), first.type, ())), "decimal")
        return Window(random.choice(("rank", "dense_rank")), (), "integer", None, (self.order(first),))

    def _number_of(self, scope: Scope, depth: int) -> Aggregate:
        name = self.random.choice(("sum", "count", "count_distinct", "max", "sum_if"))
        exact = self.formula(self.random.choice(("integer", "decimal")), scope, depth)
        match name:
            case "sum" | "max":
                return Aggregate(name, (exact,), exact.type)
            case "sum_if":
                return Aggregate(name, (exact, self.formula("boolean", scope, depth)), exact.type)
            case "count_distinct":
                return Aggregate("count", (exact,), "integer", True)
        return Aggregate("count", (), "integer")

    def window(self, scope: Scope, depth: int) -> Window:
        """A value that looks at other rows; the order is by all columns where the result depends on it."""
        random = self.random
        total = self.total_order(scope.columns)
        count = random.choice((1, 1, 2))
        per = None if random.random() < 0.3 else tuple(
            random.choice(scope.columns) if random.random() < 0.8 else self.formula(self._type_in(scope), scope, 1)
            for _ in range(random.choice((0, 1, 1, count)))
        )  # fmt: skip
        name = random.choice(
            ("row_number", "rank", "dense_rank", "ntile", "is_first", "is_last", "lag", "lead", "first_value",
             "last_value", "nth_value", "aggregate", "aggregate", "aggregate", "running", "running", "rows",
             "range", "range")
        )  # fmt: skip
        type_ = self._type_in(scope)
        argument = self.formula(type_, scope, depth)
        match name:
            case "row_number":
                return Window(name, (), "integer", per, total)
            case "rank" | "dense_rank":
                return Window(name, (), "integer", per, (self.order(argument),))
            case "ntile":
                return Window(name, (Constant(random.choice((1, 2, 3, 5)), "integer"),), "integer", per, total)
            case "is_first" | "is_last":
                return Window(name, (), "boolean", per, total)
            case "lag" | "lead":
                more: tuple[Formula, ...] = ()
                if random.random() < 0.4:
                    more = (Constant(random.choice((1, 2, 3)), "integer"),)
                    if random.random() < 0.5:
                        more = (*more, Constant(value(random, type_), type_))
                return Window(name, (argument, *more), type_, per, total)
            case "first_value" | "last_value":
                return Window(name, (argument,), type_, per, total)
            case "nth_value":
                return Window(name, (argument, Constant(random.choice((1, 2, 4)), "integer")), type_, per, total)
        function = random.choice(("sum", "avg", "min", "max", "count", "count_column", "bool_or"))
        made = self._aggregate(function, scope, depth)
        where = self.formula("boolean", scope, depth) if random.random() < 0.2 else None
        if name == "rows":
            return Window(made.function, made.arguments, made.type, per, total, False, where, random.choice((1, 2, 3)))
        moments = [each for each in scope.columns if each.type in ("date", "timestamp", "timestamptz")]
        if name == "range" and moments:
            far = random.choice(((1, "day"), (3, "day"), (30, "day"), (2, "week"), (1, "month"), (12, "month")))
            order = (self.order(random.choice(moments)),)
            return Window(made.function, made.arguments, made.type, per, order, where=where, range=far)
        if name in ("running", "range"):
            order = (self.order(argument),)
            return Window(made.function, made.arguments, made.type, per, order, made.distinct, where)
        return Window(made.function, made.arguments, made.type, per or (), (), made.distinct, where)
