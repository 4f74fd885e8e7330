"""Operators. They are entries like functions, so that nothing after the type check knows them apart.

Two rules stand outside the entries. A signature with a repeating argument whose template names only ``{0}`` and
``{1}`` is applied from the left, pair by pair. Where the divisor is a constant other than 0 the renderer leaves
``NULLIF({1}, 0)`` away.
"""

from __future__ import annotations

from collections.abc import Mapping

from headrace.grammar.function import Example, Function, Signature


def _sql(template: str) -> Mapping[str, str]:
    return {"postgres": template}


def _comparison(name: str, template: str, meaning: str, *examples: Example) -> Function:
    return Function(
        name=name,
        family="operators",
        level="row",
        signatures=(Signature(("same", "same"), "boolean", _sql(template)),),
        meaning=meaning,
        examples=examples,
    )


def _order(name: str, sign: str, meaning: str, *examples: Example) -> Function:
    """A comparison by order: texts by code point, whatever the collation of the database."""
    return Function(
        name=name,
        family="operators",
        level="row",
        signatures=(
            Signature(("text", "text"), "boolean", _sql(f'{{0}} {sign} {{1}} COLLATE "C"')),
            Signature(("same", "same"), "boolean", _sql(f"{{0}} {sign} {{1}}")),
        ),
        meaning=meaning,
        examples=examples,
    )


def _arithmetic(template: str) -> tuple[Signature, ...]:
    return tuple(Signature((kind, kind), kind, _sql(template)) for kind in ("integer", "decimal", "float"))


def _logical(name: str, template: str, meaning: str, *examples: Example) -> Function:
    return Function(
        name=name,
        family="operators",
        level="row",
        signatures=(Signature(("boolean", "boolean*"), "boolean", _sql(template)),),
        meaning=meaning,
        examples=examples,
    )


_OR = _logical(
    "or",
    "{0} OR {1}",
    "True where one of the conditions is true.",
    Example("1 > 2 or 2 > 1", "true"),
    Example("or(false, null)", None),
)

_AND = _logical(
    "and",
    "{0} AND {1}",
    "True where all conditions are true.",
    Example("1 < 2 and 2 < 1", "false"),
    Example("and(true, true, true)", "true"),
)

_NOT = Function(
    name="not",
    family="operators",
    level="row",
    signatures=(Signature(("boolean",), "boolean", _sql("NOT {0}")),),
    meaning="True where the condition is false.",
    examples=(Example("not 1 = 2", "true"),),
)

_EQUAL = _comparison("equal", "{0} = {1}", "Whether two values are equal.", Example("1 = 1.0", "true"))
_NOT_EQUAL = _comparison("not_equal", "{0} <> {1}", "Whether two values are different.", Example('"a" != "A"', "true"))
_LESS = _order(
    "less",
    "<",
    "Whether the first value comes before the second; texts compare by code point.",
    Example("1 < 2", "true"),
)
_LESS_OR_EQUAL = _order(
    "less_or_equal",
    "<=",
    "Whether the first value comes before the second or equals it.",
    Example('date("2024-01-31") <= "2024-01-31"', "true"),
)
_GREATER = _order("greater", ">", "Whether the first value comes after the second.", Example("2 > 10", "false"))
_GREATER_OR_EQUAL = _order(
    "greater_or_equal",
    ">=",
    "Whether the first value comes after the second or equals it.",
    Example("1.5 >= 1", "true"),
)

_BETWEEN = Function(
    name="between",
    family="operators",
    level="row",
    signatures=(
        Signature(("text", "text", "text"), "boolean", _sql('{0} COLLATE "C" BETWEEN {1} AND {2}')),
        Signature(("same", "same", "same"), "boolean", _sql("{0} BETWEEN {1} AND {2}")),
    ),
    meaning="Whether a value lies between two others or equals one of them.",
    examples=(Example("2 between 1 and 2", "true"), Example("0 not between 1 and 2", "true")),
)

_COALESCE = Function(
    name="coalesce",
    family="operators",
    level="row",
    signatures=(Signature(("same", "same*"), "same", _sql("COALESCE({*})")),),
    meaning="The first value that is not null.",
    examples=(Example("coalesce(null, 2, 3)", "2"), Example("null ?? 1.5", "1.5")),
    nulls="custom",
)

_JOIN_TEXT = Function(
    name="join_text",
    family="operators",
    level="row",
    signatures=(Signature(("printed", "printed*"), "text", _sql("{0} || {1}")),),
    meaning="The texts one after the other; numbers and dates are written plainly, dates as 2024-01-31.",
    examples=(
        Example('"a" & "b"', "ab"),
        Example('"n" & 1', "n1"),
        Example('"on " & date("2024-01-31")', "on 2024-01-31"),
    ),
)

_ADD = Function(
    name="add",
    family="operators",
    level="row",
    signatures=(
        *_arithmetic("{0} + {1}"),
        Signature(("date", "interval"), "timestamp", _sql("{0} + {1}")),
        Signature(("date", "interval"), "date", _sql("CAST({0} + {1} AS DATE)")),
        Signature(("timestamp", "interval"), "timestamp", _sql("{0} + {1}")),
        Signature(("timestamptz", "interval"), "timestamptz", _sql("{0} + {1}")),
        Signature(
            ("timestamptz", "interval", "text"),
            "timestamptz",
            _sql("({0} AT TIME ZONE {2} + {1}) AT TIME ZONE {2}"),
        ),
        Signature(("time", "interval"), "time", _sql("{0} + {1}")),
        Signature(("date", "time"), "timestamp", _sql("{0} + {1}")),
        Signature(("interval", "interval"), "interval", _sql("{0} + {1}")),
    ),
    meaning="The sum of two numbers; a date or time moved on by a duration.",
    examples=(
        Example("1 + 2", "3"),
        Example('date("2024-01-31") + 1 month', "2024-02-29"),
        Example('date("2024-01-31") + 6 hours', "2024-01-31 06:00:00"),
    ),
    monotone=(0, 1),
)

_SUBTRACT = Function(
    name="subtract",
    family="operators",
    level="row",
    signatures=(
        *_arithmetic("{0} - {1}"),
        Signature(("date", "date"), "integer", _sql("CAST({0} - {1} AS BIGINT)")),
        Signature(("date", "interval"), "timestamp", _sql("{0} - {1}")),
        Signature(("date", "interval"), "date", _sql("CAST({0} - {1} AS DATE)")),
        Signature(("timestamp", "interval"), "timestamp", _sql("{0} - {1}")),
        Signature(("timestamp", "timestamp"), "interval", _sql("{0} - {1}")),
        Signature(("timestamptz", "interval"), "timestamptz", _sql("{0} - {1}")),
        Signature(
            ("timestamptz", "interval", "text"),
            "timestamptz",
            _sql("({0} AT TIME ZONE {2} - {1}) AT TIME ZONE {2}"),
        ),
        Signature(("timestamptz", "timestamptz"), "interval", _sql("{0} - {1}")),
        Signature(("time", "interval"), "time", _sql("{0} - {1}")),
        Signature(("time", "time"), "interval", _sql("{0} - {1}")),
        Signature(("interval", "interval"), "interval", _sql("{0} - {1}")),
    ),
    meaning="The difference of two numbers; the days between two dates; a date or time moved back by a duration.",
    examples=(
        Example("1 - 2.5", "-1.5"),
        Example('date("2024-03-01") - date("2024-02-01")', "29"),
        Example('date("2024-03-31") - 1 month', "2024-02-29"),
    ),
    monotone=(0,),
)

_MULTIPLY = Function(
    name="multiply",
    family="operators",
    level="row",
    signatures=(
        *_arithmetic("{0} * {1}"),
        Signature(("interval", "number"), "interval", _sql("{0} * {1}")),
        Signature(("number", "interval"), "interval", _sql("{0} * {1}")),
    ),
    meaning="The product of two numbers; a duration several times.",
    examples=(Example("6 * 7", "42"), Example("1.5 * 2", "3.0")),
)

_DIVIDE = Function(
    name="divide",
    family="operators",
    level="row",
    signatures=(
        Signature(("decimal", "decimal"), "decimal", _sql("{0} / NULLIF({1}, 0)")),
        Signature(("float", "float"), "float", _sql("{0} / NULLIF({1}, 0)")),
        Signature(("interval", "number"), "interval", _sql("{0} / NULLIF({1}, 0)")),
    ),
    meaning="One number divided by another, never cut to a whole number; null where the divisor is 0.",
    examples=(Example("7 / 2", "3.5000000000000000"), Example("1 / 0", None)),
    nulls="custom",
)

_DIV = Function(
    name="div",
    family="operators",
    level="row",
    signatures=(
        Signature(("integer", "integer"), "integer", _sql("{0} / NULLIF({1}, 0)")),
        Signature(("decimal", "decimal"), "decimal", _sql("DIV({0}, NULLIF({1}, 0))")),
        Signature(("float", "float"), "float", _sql("TRUNC({0} / NULLIF({1}, 0))")),
    ),
    meaning="How many times one number goes into another, cut towards 0; null where the divisor is 0.",
    examples=(Example("7 // 2", "3"), Example("-7 // 2", "-3"), Example("7.5 // 2", "3")),
    nulls="custom",
)

_MODULO = Function(
    name="modulo",
    family="operators",
    level="row",
    signatures=(
        Signature(("integer", "integer"), "integer", _sql("{0} % NULLIF({1}, 0)")),
        Signature(("decimal", "decimal"), "decimal", _sql("{0} % NULLIF({1}, 0)")),
        Signature(("float", "float"), "float", _sql("{0} - {1} * TRUNC({0} / NULLIF({1}, 0))")),
    ),
    meaning="What remains of a division, with the sign of the first number; null where the divisor is 0.",
    examples=(Example("7 % 3", "1"), Example("-7 % 3", "-1"), Example("5 % 0", None)),
    nulls="custom",
)

_POWER = Function(
    name="power",
    family="operators",
    level="row",
    signatures=(
        Signature(("integer", "integer"), "decimal", _sql("TRIM_SCALE(POWER(CAST({0} AS NUMERIC), {1}))")),
        Signature(("decimal", "decimal"), "decimal", _sql("POWER({0}, {1})")),
        Signature(("float", "float"), "float", _sql("POWER({0}, {1})")),
    ),
    meaning="A number raised to a power, from right to left; -2^2 is -4.",
    examples=(Example("2 ^ 10", "1024"), Example("2 ^ 3 ^ 2 = 512", "true"), Example("2 ^ -1", "0.5")),
    aliases=("pow",),
)

_NEGATE = Function(
    name="negate",
    family="operators",
    level="row",
    signatures=tuple(Signature((kind,), kind, _sql("-{0}")) for kind in ("integer", "decimal", "float", "interval")),
    meaning="The number or duration with its sign turned.",
    examples=(Example("-(1 + 2)", "-3"),),
)

_LIKE = Function(
    name="like",
    family="operators",
    level="row",
    signatures=(Signature(("text", "text"), "boolean", _sql("{0} LIKE {1}")),),
    meaning="Whether a text fits a pattern, in which % stands for any characters and _ for one.",
    examples=(Example('"Paris" like "P%"', "true"), Example('"Paris" like "p%"', "false")),
)

_ILIKE = Function(
    name="ilike",
    family="operators",
    level="row",
    signatures=(Signature(("text", "text"), "boolean", _sql("{0} ILIKE {1}")),),
    meaning="Whether a text fits a pattern, capital letters or not.",
    examples=(Example('"Paris" ilike "p%"', "true"),),
)

_IS_NULL = Function(
    name="is_null",
    family="operators",
    level="row",
    signatures=(Signature(("any",), "boolean", _sql("{0} IS NULL")),),
    meaning="Whether there is no value.",
    examples=(Example("null is null", "true"), Example("1 is not null", "true")),
    nulls="never",
)

_IS_DISTINCT = Function(
    name="is_distinct",
    family="operators",
    level="row",
    signatures=(Signature(("same", "same"), "boolean", _sql("{0} IS DISTINCT FROM {1}")),),
    meaning="Whether two values are different, null counting as a value.",
    examples=(Example("1 is distinct from null", "true"), Example("null is not distinct from null", "true")),
    nulls="never",
)

FUNCTIONS: tuple[Function, ...] = (
    _OR,
    _AND,
    _NOT,
    _EQUAL,
    _NOT_EQUAL,
    _LESS,
    _LESS_OR_EQUAL,
    _GREATER,
    _GREATER_OR_EQUAL,
    _BETWEEN,
    _COALESCE,
    _JOIN_TEXT,
    _ADD,
    _SUBTRACT,
    _MULTIPLY,
    _DIVIDE,
    _DIV,
    _MODULO,
    _POWER,
    _NEGATE,
    _LIKE,
    _ILIKE,
    _IS_NULL,
    _IS_DISTINCT,
)
