"""Statistics over rows. (Sums, means and counts are aggregates.)"""

from __future__ import annotations

from headrace.grammar.function import Constant, Example, Function, Merge, Signature, merge, signature

_FRACTION = Constant(minimum=0, maximum=1)
_FOUR = (("x integer",), (1,), (2,), (3,), (10,))
_LINE = (("x float", "y float"), (1, 3), (2, 5), (3, 7))


def _exact_or_float(template: str) -> tuple[Signature, ...]:
    return (signature("decimal", "decimal", template), signature("float", "float", template))


def _merged_spread(name: str) -> Merge:
    """Of exact numbers, from their count, sum and sum of squares, to the digit: PostgreSQL computes it so itself."""
    least, divisor = ("1", "({0} * ({0} - 1))") if name.endswith("samp") else ("0", "({0} * {0})")
    squares = "{0} * {2} - {1} * {1}"
    variance = f"({squares}) / {divisor}"
    if name.startswith("stddev"):
        # Ten digits more before the last rounding, so that it is rounded once.
        variance = f"ROUND(SQRT(ROUND({variance}, SCALE({variance}) + 10)), SCALE({variance}))"
    value = f"CASE WHEN {{0}} > {least} THEN CASE WHEN {squares} <= 0 THEN 0 ELSE {variance} END END"
    return merge("count({}); sum({}); sum({} * {})", "sum sum sum", value, "decimal")


def _spread(name: str, meaning: str, example: str, *aliases: str) -> Function:
    return Function(
        name,
        "statistics",
        "aggregate",
        _exact_or_float(f"{name.upper()}({{0}})"),
        meaning,
        (Example(f"round({name}(x), 4)", example, rows=_FOUR),),
        aliases=aliases,
        nulls="custom",
        merge=_merged_spread(name),
    )


def _of_pairs(name: str, call: str, meaning: str, formula: str, value: str, *aliases: str) -> Function:
    return Function(
        name,
        "statistics",
        "aggregate",
        (signature("float, float", "float", f"{call}({{0}}, {{1}})"),),
        meaning,
        (Example(formula, value, rows=_LINE),),
        aliases=aliases,
        nulls="custom",
    )


_QUANTILES = (
    Function(
        "median",
        "statistics",
        "aggregate",
        (
            signature(
                "decimal", "decimal", "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {0})", outside="CAST({} AS NUMERIC)"
            ),
            signature("float", "float", "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {0})"),
        ),
        "The value in the middle, or the mean of the two in the middle, to 15 digits.",
        (
            Example("median(x)", "2.5", rows=_FOUR),
            Example("median(x)", "0.15", rows=(("x decimal",), (0.1,), (0.2,), (None,))),
            Example("median(x)", None, rows=(("x integer",), (None,))),
        ),
        nulls="empty",
        over=False,
    ),
    Function(
        "quantile",
        "statistics",
        "aggregate",
        (
            signature(
                "decimal, decimal",
                "decimal",
                "PERCENTILE_CONT({1}) WITHIN GROUP (ORDER BY {0})",
                outside="CAST({} AS NUMERIC)",
                constants={1: _FRACTION},
            ),
            signature(
                "float, decimal",
                "float",
                "PERCENTILE_CONT({1}) WITHIN GROUP (ORDER BY {0})",
                constants={1: _FRACTION},
            ),
        ),
        "The value below which a share of the values lies, 0 to 1, between neighbours in proportion, to 15 digits:"
        " quantile(x, 0.9).",
        (Example("quantile(x, 0.5)", "2.5", rows=_FOUR), Example("quantile(x, 1)", "10", rows=_FOUR)),
        aliases=("percentile", "percentile_cont"),
        nulls="empty",
        over=False,
    ),
    Function(
        "percentile_disc",
        "statistics",
        "aggregate",
        tuple(
            signature(
                f"{kind}, decimal",
                kind,
                "PERCENTILE_DISC({1}) WITHIN GROUP (ORDER BY {0})",
                constants={1: _FRACTION},
            )
            for kind in ("integer", "decimal", "float", "date", "timestamp", "timestamptz")
        ),
        "The first of the values, in order, at which a share of them is reached, 0 to 1; dates too.",
        (
            Example("percentile_disc(x, 0.5)", "2", rows=_FOUR),
            Example(
                "percentile_disc(x, 0.5)",
                "2024-01-01",
                rows=(("x date",), ("2024-01-01",), ("2024-05-01",)),
            ),
        ),
        aliases=("quantile_disc",),
        nulls="empty",
        over=False,
    ),
    Function(
        "mode",
        "statistics",
        "aggregate",
        (
            signature("text", "text", 'MODE() WITHIN GROUP (ORDER BY {0} COLLATE "C")'),
            *(
                signature(kind, kind, "MODE() WITHIN GROUP (ORDER BY {0})")
                for kind in ("integer", "decimal", "float", "boolean", "date", "timestamp", "timestamptz")
            ),
        ),
        "The value that occurs most often; of several, the least.",
        (
            Example("mode(x)", "2", rows=(("x integer",), (3,), (2,), (1,), (2,))),
            Example("mode(x)", "a", rows=(("x text",), ("b",), ("a",), (None,), (None,))),
        ),
        nulls="empty",
        over=False,
    ),
)

_SPREADS = (
    # 1, 2, 3, 10: mean 4, squares of the distances 9 + 4 + 1 + 36 = 50.
    _spread("stddev_samp", "The standard deviation of a sample.", "4.0825", "stddev", "stdev"),
    _spread("stddev_pop", "The standard deviation of all there is.", "3.5355", "stdevp"),
    _spread("var_samp", "The variance of a sample.", "16.6667", "variance"),
    _spread("var_pop", "The variance of all there is.", "12.5000", "varp"),
)

_PAIRS = (
    # y = 2 x + 1
    _of_pairs("corr", "CORR", "The correlation of two numbers, -1 to 1.", "round(corr(y, x), 6)", "1", "correl"),
    _of_pairs("covar_samp", "COVAR_SAMP", "The covariance of a sample.", "covar_samp(y, x)", "2", "covariance"),
    _of_pairs("covar_pop", "COVAR_POP", "The covariance of all there is.", "round(covar_pop(y, x), 4)", "1.3333"),
    _of_pairs(
        "slope",
        "REGR_SLOPE",
        "The slope of the line of least squares: slope(y, x).",
        "slope(y, x)",
        "2",
        "regr_slope",
    ),
    _of_pairs(
        "intercept",
        "REGR_INTERCEPT",
        "Where the line of least squares meets x = 0: intercept(y, x).",
        "intercept(y, x)",
        "1",
        "regr_intercept",
    ),
    _of_pairs(
        "r_squared",
        "REGR_R2",
        "How much of the variance of y the line explains, 0 to 1: r_squared(y, x).",
        "r_squared(y, x)",
        "1",
        "regr_r2",
        "rsq",
    ),
)

_BUCKET = Function(
    "width_bucket",
    "statistics",
    "row",
    (
        signature(
            "decimal, decimal, decimal, integer",
            "integer",
            "CAST(WIDTH_BUCKET({0}, {1}, {2}, {3:int}) AS BIGINT)",
            constants={3: Constant(required=False, minimum=1)},
        ),
        signature(
            "float, float, float, integer",
            "integer",
            "CAST(WIDTH_BUCKET({0}, {1}, {2}, {3:int}) AS BIGINT)",
            constants={3: Constant(required=False, minimum=1)},
        ),
    ),
    "The number, from 1, of the class of equal width between two bounds in which the number is; 0 is below the first,"
    " one more than there are is from the second on.",
    (
        Example("width_bucket(35, 0, 100, 10)", "4"),
        Example("width_bucket(-1, 0, 100, 10)", "0"),
        Example("width_bucket(100, 0, 100, 10)", "11"),
    ),
)

FUNCTIONS: tuple[Function, ...] = (*_QUANTILES, *_SPREADS, *_PAIRS, _BUCKET)
