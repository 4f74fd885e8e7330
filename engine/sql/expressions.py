"""Typed expressions as SQL, generic over the templates of the function catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from headrace.grammar.expression import (
    Aggregate,
    Call,
    Case,
    Cast,
    Column,
    Expression,
    Frame,
    In,
    Literal,
    Merged,
    Order,
    ParameterValue,
    Window,
)
from headrace.grammar.function import Signature
from headrace.grammar.functions import CATALOGUE, entry_of
from headrace.grammar.functions.date_patterns import DatePattern, read_pattern
from headrace.grammar.nulls import is_nonzero
from headrace.grammar.types import Type
from headrace.sql.literals import render_literal
from headrace.sql.precedence import bracketed
from headrace.sql.templates import fill
from headrace.sql.types import sql_cast

DIALECT = "postgres"
"""The key of the catalogue's templates."""

Resolve = Callable[[Column], exp.Expression]
Parameter = Callable[[ParameterValue], exp.Expression]

NOW = ParameterValue(Type("timestamptz", nullable=False), "now()")
"""The run's instant, which ``{now}`` in a template stands for: asked of ``parameter`` under a name no user can give."""

_ARITHMETIC = ("add", "subtract", "multiply", "negate")
_DIVISIONS = ("divide", "div", "modulo")
_INTEGER = Type("integer")
_SMALL = 2**31


def render_expression(expression: Expression, resolve: Resolve, parameter: Parameter | None = None) -> exp.Expression:
    """The expression as a sqlglot tree in PostgreSQL's dialect, with brackets where they are needed.

    ``resolve`` gives the SQL of a column, ``parameter`` that of a parameter; each result is used once. Raises
    ValueError where the expression has a parameter and ``parameter`` is not given.

    >>> from headrace.grammar.types import Type
    >>> total = Call(Type("integer"), "add", 0, (Column(Type("integer"), "a"), Literal(Type("integer"), 1)))
    >>> render_expression(total, lambda column: exp.column(column.name)).sql("postgres")
    'a + 1'
    """
    return _Renderer(resolve, parameter).render(expression)


def render_order(value: exp.Expression, term: Order) -> exp.Ordered:
    """One term of an ORDER BY over ``value``; where nulls go is always said."""
    ordered = exp.Ordered(this=value, desc=term.descending or None, nulls_first=term.nulls_first)
    if not term.descending and not term.nulls_first:
        # sqlglot leaves away what PostgreSQL would do by itself; a reader should not have to know that.
        ordered.set("with_fill", exp.Var(this="NULLS LAST"))
    return ordered


def is_narrow(expression: Expression) -> bool:
    """Whether an ``integer`` would be an int4 to PostgreSQL, which overflows where our integers do not.

    Constants are, and what takes the type of nothing but constants: ``case when a then 1 else 0 end``.
    """
    if expression.type.kind != "integer":
        return False
    if isinstance(expression, Literal):
        return isinstance(expression.value, int) and abs(expression.value) < _SMALL
    if isinstance(expression, Case):
        values = [*(value for _, value in expression.branches), expression.otherwise]
        return all(is_narrow(value) or _is_null(value) for value in values)
    if isinstance(expression, Window):
        return is_narrow(expression.function)
    if isinstance(expression, Call | Aggregate):
        if expression.function in _ARITHMETIC or _signature(expression).outside:
            return False
        numbers = [each for each in expression.arguments if each.type.kind == "integer" and not _is_null(each)]
        return bool(numbers) and all(is_narrow(each) for each in numbers)
    return False


def _is_null(expression: Expression) -> bool:
    return isinstance(expression, Literal) and expression.value is None


def _signature(call: Call | Aggregate) -> Signature:
    return entry_of(call).signatures[call.signature]


class _Renderer:
    def __init__(self, resolve: Resolve, parameter: Parameter | None) -> None:
        self._resolve = resolve
        self._parameter = parameter

    def render(self, expression: Expression) -> exp.Expression:
        match expression:
            case Column():
                return self._resolve(expression)
            case Literal():
                return render_literal(expression)
            case Call():
                return self._outside(expression, self._call(expression))
            case Cast(type=type_, operand=operand):
                return sql_cast(exp.Null() if _is_null(operand) else self.render(operand), type_)
            case ParameterValue(name=name):
                if self._parameter is None:
                    raise ValueError(f"no value for parameter {name}")
                return self._parameter(expression)
            case Case():
                return self._case(expression)
            case In():
                return self._in(expression)
            case Aggregate():
                return self._outside(expression, self._aggregate(expression))
            case Window():
                return self._window(expression)
            case Merged():
                merge = CATALOGUE[expression.function].merge
                if merge is None:
                    raise ValueError(f"{expression.function} has no parts")
                return fill(merge.sql[DIALECT], [self.render(part) for part in expression.parts])
        raise TypeError(f"no SQL for {type(expression).__name__}")

    def _call(self, call: Call) -> exp.Expression:
        signature = _signature(call)
        template = signature.sql[DIALECT]
        arguments = [self.render(argument) for argument in call.arguments]
        if call.function in _ARITHMETIC and all(is_narrow(argument) for argument in call.arguments):
            arguments[0] = sql_cast(arguments[0], _INTEGER)
        if call.function in _DIVISIONS and is_nonzero(call.arguments[-1]):
            template = template.replace("NULLIF({1}, 0)", "{1}")
        if len(arguments) > 2 and signature.arguments[-1].endswith("*") and "*}" not in template:
            return self._fold(template, arguments)
        return self._fill(template, call, arguments)

    def _fold(self, template: str, arguments: Sequence[exp.Expression]) -> exp.Expression:
        result = arguments[0]
        for argument in arguments[1:]:
            result = fill(template, [result, argument])
        return result

    def _fill(self, template: str, call: Call | Aggregate, arguments: Sequence[exp.Expression]) -> exp.Expression:
        def special(position: int, form: str) -> exp.Expression:
            if form == "now":
                return self.render(NOW)
            return self._special(call.arguments[position], form)

        return fill(template, arguments, each=_signature(call).each.get(DIALECT, ""), special=special)

    def _special(self, argument: Expression, form: str) -> exp.Expression:
        value = argument.value if isinstance(argument, Literal) else None
        if form == "int":
            small = isinstance(value, int)
            return self.render(argument) if small else exp.Cast(this=self.render(argument), to=exp.Var(this="INT"))
        if form == "sorted":
            return by_code_point(self.render(argument), argument)
        if form == "typed":
            return self._typed(argument)
        pattern = read_pattern(value) if isinstance(value, str) else None
        if isinstance(pattern, DatePattern) and form in ("pattern", "shape", "iso", "regex"):
            return exp.Literal.string(getattr(pattern, form))
        raise ValueError(f"no form {form} of {argument}")

    def _typed(self, argument: Expression) -> exp.Expression:
        """The argument, a text that is written out with its type: PostgreSQL guesses none where many would do."""
        rendered = self.render(argument)
        is_untyped = isinstance(rendered, exp.Literal) and rendered.is_string
        return sql_cast(rendered, argument.type) if is_untyped else rendered

    def _outside(self, call: Call | Aggregate, inner: exp.Expression) -> exp.Expression:
        template = _signature(call).outside.get(DIALECT)
        return fill(template, [inner]) if template else inner

    def _case(self, case: Case) -> exp.Expression:
        values = [*(value for _, value in case.branches), case.otherwise]
        # A bare NULL takes the type of the other values; where there is no other, it has to be said.
        bare = not all(_is_null(value) for value in values)
        rendered = [exp.Null() if bare and _is_null(value) else self.render(value) for value in values]
        branches = [
            exp.If(this=self.render(condition), true=value)
            for (condition, _), value in zip(case.branches, rendered, strict=False)
        ]
        return exp.Case(ifs=branches, default=None if _is_null(case.otherwise) and bare else rendered[-1])

    def _in(self, expression: In) -> exp.Expression:
        result = exp.In()
        result.set("this", bracketed(self.render(expression.operand), result, "this"))
        items: list[exp.Expression] = []
        for item in expression.items:
            rendered = exp.Null() if _is_null(item) else self.render(item)
            many = isinstance(item, ParameterValue) and item.many and isinstance(rendered, exp.Tuple)
            items.extend(rendered.expressions if many else [rendered])
        if not items:
            # PostgreSQL has no empty list.
            return exp.Boolean(this=expression.negated)
        result.set("expressions", items)
        return exp.Not(this=result) if expression.negated else result

    def _aggregate(self, aggregate: Aggregate) -> exp.Expression:
        signature = _signature(aggregate)
        arguments = [
            self._typed(argument) if not place else self.render(argument)
            for place, argument in enumerate(aggregate.arguments)
        ]
        value = arguments[0].copy() if arguments else None
        if aggregate.distinct:
            if aggregate.order:
                # PostgreSQL orders distinct values by nothing but the value, collation and all.
                arguments[0] = by_code_point(arguments[0], aggregate.arguments[0])
            arguments[0] = exp.Distinct(expressions=[arguments[0]])
        if aggregate.order:
            order = self._order(aggregate.order)
            if aggregate.distinct and value is not None:
                value = by_code_point(value, aggregate.arguments[0])
                order = [render_order(value.copy(), term) for term in aggregate.order]
            arguments[-1] = exp.Order(this=arguments[-1], expressions=order)
        result = self._fill(signature.sql[DIALECT], aggregate, arguments)
        return result if aggregate.where is None else _filtered(result, self.render(aggregate.where))

    def _window(self, window: Window) -> exp.Expression:
        function = window.function
        inner = self._aggregate(function) if isinstance(function, Aggregate) else self._call(function)
        result = exp.Window(this=inner, partition_by=[self.render(part) for part in window.partition])
        if window.order:
            result.set("order", exp.Order(expressions=self._order(window.order)))
        spec = self._frame(window)
        if spec is not None:
            result.set("spec", spec)
        return self._outside(function, result)

    def _frame(self, window: Window) -> exp.WindowSpec | None:
        frame: Frame | None = window.frame
        if frame is None:
            if window.order and entry_of(window.function).whole:
                # SQL's default frame ends at the current row, where the last value is the row's own.
                return exp.WindowSpec(
                    kind="ROWS",
                    start="UNBOUNDED",
                    start_side="PRECEDING",
                    end="UNBOUNDED",
                    end_side="FOLLOWING",
                )
            return None
        start = "UNBOUNDED" if frame.preceding is None else self.render(frame.preceding)
        return exp.WindowSpec(kind=frame.kind.upper(), start=start, start_side="PRECEDING", end="CURRENT ROW")

    def _order(self, terms: Sequence[Order]) -> list[exp.Expression]:
        return [render_order(by_code_point(self.render(term.value), term.value), term) for term in terms]


def by_code_point(value: exp.Expression, expression: Expression) -> exp.Expression:
    """A value to order by: texts by code point, whatever the collation of the database."""
    return fill('{} COLLATE "C"', [value]) if expression.type.kind == "text" else value


def _filtered(aggregate: exp.Expression, condition: exp.Expression) -> exp.Expression:
    """The aggregate over the rows where ``condition`` holds, and whatever condition its template has."""
    if not isinstance(aggregate, exp.Filter):
        return exp.Filter(this=aggregate, expression=exp.Where(this=condition))
    both = exp.And()
    present = aggregate.expression.this
    both.set("this", bracketed(present, both, "this"))
    both.set("expression", bracketed(condition, both, "expression"))
    aggregate.set("expression", exp.Where(this=both))
    return aggregate
