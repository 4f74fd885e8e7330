"""Functions that make one value of many rows. Nulls are left out, except where the meaning says so.

``sum_if(x, condition)`` and its like are ``sum(x where condition)``: PostgreSQL's FILTER.
"""

from __future__ import annotations

from headrace.grammar.function import Example, Function, Merge, Signature, merge, signature

_ORDERED = ("integer", "decimal", "float", "date", "time", "timestamp", "timestamptz", "interval")
_NUMBERS = (("x integer",), (1,), (2,), (None,), (2,))
_PAIRS = (("x integer", "y text"), (1, "a"), (2, "b"), (4, "a"))

_SUM = (
    ("integer", "integer", "SUM({0})", "CAST({} AS BIGINT)"),
    ("decimal", "decimal", "SUM({0})", ""),
    ("float", "float", "SUM({0})", ""),
    ("interval", "interval", "SUM({0})", ""),
)
_AVERAGE = (
    ("decimal", "decimal", "AVG({0})", ""),
    ("float", "float", "AVG({0})", ""),
    ("interval", "interval", "AVG({0})", ""),
)


def _extreme(name: str, of_booleans: str) -> tuple[tuple[str, str, str, str], ...]:
    return (
        *((kind, "argument 0", f"{name}({{0}})", "") for kind in _ORDERED),
        ("text", "text", f'{name}({{0}} COLLATE "C")', ""),
        ("boolean", "boolean", f"{of_booleans}({{0}})", ""),
    )


_MIN = _extreme("MIN", "BOOL_AND")
_MAX = _extreme("MAX", "BOOL_OR")


_MERGE: dict[str, Merge] = {
    "sum": merge("sum({})", "sum"),
    "avg": merge("sum({}); count({})", "sum sum", "{0} / NULLIF({1}, 0)", "decimal float"),
    "min": merge("min({})", "min"),
    "max": merge("max({})", "max"),
    "count": merge("count({})", "sum", "COALESCE({0}, 0)"),
    "bool_and": merge("bool_and({})", "bool_and"),
    "bool_or": merge("bool_or({})", "bool_or"),
}


def _signatures(rows: tuple[tuple[str, str, str, str], ...], *, condition: bool = False) -> tuple[Signature, ...]:
    if condition:
        return tuple(
            signature(f"{kind}, boolean", result, sql, outside=outside, condition=1)
            for kind, result, sql, outside in rows
        )
    return tuple(signature(kind, result, sql, outside=outside) for kind, result, sql, outside in rows)


_BASIC = (
    Function(
        "sum",
        "aggregates",
        "aggregate",
        _signatures(_SUM),
        "The sum; null where there is no value.",
        (
            Example("sum(x)", "5", rows=_NUMBERS),
            Example("sum(x)", None, rows=(("x integer",), (None,))),
            Example("sum(x)", "0.3", rows=(("x decimal",), (0.1,), (0.2,))),
            Example('sum(x where y = "a")', "5", rows=_PAIRS),
        ),
        nulls="empty",
        merge=_MERGE["sum"],
    ),
    Function(
        "avg",
        "aggregates",
        "aggregate",
        _signatures(_AVERAGE),
        "The mean; nulls do not count.",
        (
            Example("round(avg(x), 2)", "1.67", rows=_NUMBERS),
            Example("avg(x)", "1.5", rows=(("x float",), (1,), (2,))),
        ),
        aliases=("average", "mean"),
        nulls="empty",
        merge=_MERGE["avg"],
    ),
    Function(
        "min",
        "aggregates",
        "aggregate",
        _signatures(_MIN),
        "The least value; texts compare by code point.",
        (Example("min(x)", "1", rows=_NUMBERS), Example("min(x)", "B", rows=(("x text",), ("a",), ("B",)))),
        nulls="empty",
        merge=_MERGE["min"],
    ),
    Function(
        "max",
        "aggregates",
        "aggregate",
        _signatures(_MAX),
        "The greatest value; texts compare by code point.",
        (Example("max(x)", "2", rows=_NUMBERS), Example("max(x)", "a", rows=(("x text",), ("a",), ("B",)))),
        nulls="empty",
        merge=_MERGE["max"],
    ),
    Function(
        "count",
        "aggregates",
        "aggregate",
        (signature("", "integer", "COUNT(*)"), signature("any", "integer", "COUNT({0})")),
        "The number of rows, or of those where the value is not null; count(distinct x) counts different values.",
        (
            Example("count()", "4", rows=_NUMBERS),
            Example("count(x)", "3", rows=_NUMBERS),
            Example("count(distinct x)", "2", rows=_NUMBERS),
        ),
        aliases=("counta",),
        nulls="never",
        merge=_MERGE["count"],
    ),
    Function(
        "count_distinct",
        "aggregates",
        "aggregate",
        (signature("any", "integer", "COUNT({0})", distinct=True),),
        "The number of different values, as count(distinct x).",
        (Example("count_distinct(x)", "2", rows=_NUMBERS),),
        aliases=("dcount", "countd", "n_distinct"),
        nulls="never",
        merge=_MERGE["count"],
    ),
)

_IF = (
    Function(
        "sum_if",
        "aggregates",
        "aggregate",
        _signatures(_SUM, condition=True),
        "The sum over the rows where the condition is true, as sum(x where condition).",
        (
            Example('sum_if(x, y = "a")', "5", rows=_PAIRS),
            Example('sum_if(x, y = "z")', None, rows=_PAIRS),
        ),
        aliases=("sumif",),
        nulls="custom",
        merge=_MERGE["sum"],
        caution='The value comes first, then the condition as a formula: sum_if(amount, country = "FR").',
    ),
    Function(
        "avg_if",
        "aggregates",
        "aggregate",
        _signatures(_AVERAGE, condition=True),
        "The mean over the rows where the condition is true, as avg(x where condition).",
        (Example('round(avg_if(x, y = "a"), 1)', "2.5", rows=_PAIRS),),
        aliases=("averageif", "avgif"),
        nulls="custom",
        merge=_MERGE["avg"],
        caution='The value comes first, then the condition as a formula: avg_if(amount, country = "FR").',
    ),
    Function(
        "min_if",
        "aggregates",
        "aggregate",
        _signatures(_MIN, condition=True),
        "The least value among the rows where the condition is true.",
        (Example('min_if(x, y = "b")', "2", rows=_PAIRS),),
        aliases=("minif",),
        nulls="custom",
        merge=_MERGE["min"],
    ),
    Function(
        "max_if",
        "aggregates",
        "aggregate",
        _signatures(_MAX, condition=True),
        "The greatest value among the rows where the condition is true.",
        (Example('max_if(x, y = "a")', "4", rows=_PAIRS),),
        aliases=("maxif",),
        nulls="custom",
        merge=_MERGE["max"],
    ),
    Function(
        "count_if",
        "aggregates",
        "aggregate",
        (signature("boolean", "integer", "COUNT(*)", condition=0),),
        "The number of rows where the condition is true, as count(where condition).",
        (Example('count_if(y = "a")', "2", rows=_PAIRS), Example("count_if(x > 9)", "0", rows=_PAIRS)),
        aliases=("countif",),
        nulls="never",
        merge=_MERGE["count"],
        caution='The condition is a formula: count_if(country = "FR").',
    ),
    Function(
        "count_distinct_if",
        "aggregates",
        "aggregate",
        (signature("any, boolean", "integer", "COUNT({0})", condition=1, distinct=True),),
        "The number of different values among the rows where the condition is true.",
        (Example("count_distinct_if(y, x > 1)", "2", rows=_PAIRS),),
        aliases=("dcount_if", "dcountif"),
        nulls="never",
        merge=_MERGE["count"],
    ),
)

_FIRST = "ARRAY_AGG({0})"
_HISTORY = (("x integer", "y date"), (1, "2024-01-01"), (3, "2024-01-03"), (2, "2024-01-02"))
_GAPS = (("x integer", "y date"), (None, "2024-01-01"), (3, "2024-01-03"), (2, "2024-01-02"))

_PICK = (
    Function(
        "any_value",
        "aggregates",
        "aggregate",
        _signatures(_MIN),
        "One value of those there are, where all rows of a group have the same; where they do not, the least.",
        (Example("any_value(x)", "1", rows=_NUMBERS),),
        aliases=("arbitrary",),
        nulls="empty",
        merge=_MERGE["min"],
    ),
    Function(
        "first_value",
        "aggregates",
        "aggregate",
        (signature("any", "argument 0", _FIRST, outside="({})[1]"),),
        "The value on the first row in the order given, null if it is null there:"
        " first_value(x order by day), first_value(x where x is not null order by day).",
        (
            Example("first_value(x order by y)", "1", rows=_HISTORY),
            Example("first_value(x order by y desc)", "3", rows=_HISTORY),
            Example("first_value(x order by y)", None, rows=_GAPS),
            Example("first_value(x where x is not null order by y)", "2", rows=_GAPS),
        ),
        aliases=("first",),
        nulls="empty",
        order="total",
        whole=True,
    ),
    Function(
        "last_value",
        "aggregates",
        "aggregate",
        (signature("any", "argument 0", _FIRST, outside="({})[CARDINALITY({})]"),),
        "The value on the last row in the order given, null if it is null there: last_value(x order by day)."
        " With per it is that of the whole group, not of the rows so far.",
        (
            Example("last_value(x order by y)", "3", rows=_HISTORY),
            Example('last_value(x where y < date("2024-01-03") order by y)', "2", rows=_HISTORY),
        ),
        aliases=("last",),
        nulls="empty",
        order="total",
        whole=True,
    ),
    Function(
        "first_value_if",
        "aggregates",
        "aggregate",
        (signature("any, boolean", "argument 0", _FIRST, outside="({})[1]", condition=1),),
        "The value on the first row, in the order given, where the condition is true.",
        (Example("first_value_if(x, x > 1 order by y)", "2", rows=_HISTORY),),
        aliases=("first_if",),
        nulls="custom",
        order="total",
        whole=True,
    ),
    Function(
        "last_value_if",
        "aggregates",
        "aggregate",
        (signature("any, boolean", "argument 0", _FIRST, outside="({})[CARDINALITY({})]", condition=1),),
        "The value on the last row, in the order given, where the condition is true.",
        (Example("last_value_if(x, x < 3 order by y)", "2", rows=_HISTORY),),
        aliases=("last_if",),
        nulls="custom",
        order="total",
        whole=True,
    ),
    # Among equal y the least x is taken, so that the value does not depend on how the rows come.
    Function(
        "max_by",
        "aggregates",
        "aggregate",
        (
            signature(
                "any, any",
                "argument 0",
                "ARRAY_AGG({0} ORDER BY {1:sorted} DESC NULLS LAST, {0:sorted}) FILTER (WHERE {1} IS NOT NULL)",
                outside="({})[1]",
            ),
        ),
        "The first value on the row where the second is greatest; rows where the second is null do not count.",
        (Example("max_by(x, y)", "3", rows=_HISTORY),),
        aliases=("arg_max",),
        nulls="empty",
        over=False,
    ),
    Function(
        "min_by",
        "aggregates",
        "aggregate",
        (
            signature(
                "any, any",
                "argument 0",
                "ARRAY_AGG({0} ORDER BY {1:sorted} NULLS LAST, {0:sorted}) FILTER (WHERE {1} IS NOT NULL)",
                outside="({})[1]",
            ),
        ),
        "The first value on the row where the second is least; rows where the second is null do not count.",
        (Example("min_by(x, y)", "1", rows=_HISTORY),),
        aliases=("arg_min",),
        nulls="empty",
        over=False,
    ),
)

_JOIN = (
    Function(
        "string_agg",
        "aggregates",
        "aggregate",
        (signature("printed, text", "text", "STRING_AGG({0}, {1})"),),
        "The texts joined, with the second text between them, in the order given.",
        (
            Example('string_agg(y, "-" order by x desc)', "a-b-a", rows=_PAIRS),
            Example('string_agg(distinct y, ", " order by y)', "a, b", rows=_PAIRS),
        ),
        aliases=("listagg",),
        nulls="empty",
        order="total",
    ),
    Function(
        "json_agg",
        "aggregates",
        "aggregate",
        tuple(
            signature(kind, "json", "JSONB_AGG({0})")
            for kind in ("boolean", "integer", "decimal", "text", "date", "timestamp", "uuid", "json")
        ),
        "The values, nulls too, as a JSON array in the order given.",
        (
            Example("json_agg(x order by y)", "[1, 2, 3]", rows=_HISTORY),
            Example("json_agg(x order by y)", "[null, 2, 3]", rows=_GAPS),
        ),
        aliases=("array_agg", "jsonb_agg"),
        nulls="empty",
        order="total",
    ),
    Function(
        "bool_and",
        "aggregates",
        "aggregate",
        (signature("boolean", "boolean", "BOOL_AND({0})"),),
        "Whether the condition is true on all rows where it is not null.",
        (Example("bool_and(x > 0)", "true", rows=_NUMBERS), Example("bool_and(x > 1)", "false", rows=_NUMBERS)),
        aliases=("every", "all_true"),
        nulls="empty",
        merge=_MERGE["bool_and"],
    ),
    Function(
        "bool_or",
        "aggregates",
        "aggregate",
        (signature("boolean", "boolean", "BOOL_OR({0})"),),
        "Whether the condition is true on at least one row.",
        (Example("bool_or(x > 1)", "true", rows=_NUMBERS), Example("bool_or(x > 2)", "false", rows=_NUMBERS)),
        aliases=("any_true",),
        nulls="empty",
        merge=_MERGE["bool_or"],
    ),
)

FUNCTIONS: tuple[Function, ...] = (*_BASIC, *_IF, *_PICK, *_JOIN)
