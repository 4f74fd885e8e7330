"""Functions of numbers."""

from __future__ import annotations

from headrace.grammar.function import Constant, Example, Function, Signature, signature


def _rounding(name: str) -> tuple[Signature, ...]:
    """``ROUND`` and ``TRUNC``, alone and to a number of digits.

    Floats go through numeric, since PostgreSQL rounds their halves to even and has no digits for them.
    """
    return (
        signature("integer", "integer", "{0}"),
        signature("decimal", "decimal", f"{name}({{0}})"),
        signature("float", "float", f"CAST({name}(CAST({{0}} AS NUMERIC)) AS DOUBLE PRECISION)"),
        signature("integer, integer", "integer", f"CAST({name}(CAST({{0}} AS NUMERIC), {{1:int}}) AS BIGINT)"),
        signature("decimal, integer", "decimal", f"{name}({{0}}, {{1:int}})"),
        signature("float, integer", "float", f"CAST({name}(CAST({{0}} AS NUMERIC), {{1:int}}) AS DOUBLE PRECISION)"),
    )


def _to_step(name: str) -> tuple[Signature, ...]:
    """``name(x, step)``: a multiple of ``step``; null for the step 0."""
    return (
        signature(
            "integer, integer",
            "integer",
            f"CAST({name}(CAST({{0}} AS NUMERIC) / NULLIF({{1}}, 0)) * {{1}} AS BIGINT)",
        ),
        signature("decimal, decimal", "decimal", f"{name}({{0}} / NULLIF({{1}}, 0)) * {{1}}"),
        signature(
            "float, float",
            "float",
            f"CAST({name}(CAST({{0}} AS NUMERIC) / NULLIF(CAST({{1}} AS NUMERIC), 0)) * CAST({{1}} AS NUMERIC)"
            " AS DOUBLE PRECISION)",
        ),
    )


def _whole(name: str) -> tuple[Signature, ...]:
    return (
        signature("integer", "integer", "{0}"),
        signature("decimal", "decimal", f"{name}({{0}})"),
        signature("float", "float", f"{name}({{0}})"),
    )


def _exact_or_float(arguments: int, exact: str, inexact: str = "") -> tuple[Signature, ...]:
    """Decimals (and integers, widened) give a decimal, floats a float."""
    return (
        signature(", ".join(["decimal"] * arguments), "decimal", exact),
        signature(", ".join(["float"] * arguments), "float", inexact or exact),
    )


_ROUND = (
    Function(
        "round",
        "number",
        "row",
        _rounding("ROUND"),
        "The number rounded to whole, or to as many digits after the point (before it, where negative);"
        " halves go away from zero, as in spreadsheets.",
        (
            Example("round(2.5)", "3"),
            Example("round(-2.5)", "-3"),
            Example("round(to_float(2.5))", "3"),
            Example("round(1234.567, 2)", "1234.57"),
            Example("round(1250, -2)", "1300"),
            Example("round(to_float(1.005), 2)", "1.01"),
        ),
        monotone=(0,),
    ),
    Function(
        "trunc",
        "number",
        "row",
        _rounding("TRUNC"),
        "The number without what follows the point, or cut to as many digits after it.",
        (Example("trunc(-2.7)", "-2"), Example("trunc(1.239, 2)", "1.23"), Example("trunc(1299, -2)", "1200")),
        aliases=("truncate", "round_down", "rounddown"),
        monotone=(0,),
    ),
    Function(
        "round_up",
        "number",
        "row",
        (
            signature(
                "decimal, integer?",
                "decimal",
                "TRUNC(SIGN({0}) * CEIL(ABS({0}) * POWER(CAST(10 AS NUMERIC), {1}))"
                " / POWER(CAST(10 AS NUMERIC), {1}), {1:int})",
                defaults={1: "0"},
            ),
            signature(
                "float, integer?",
                "float",
                "CAST(SIGN({0}) * CEIL(ABS(CAST({0} AS NUMERIC)) * POWER(CAST(10 AS NUMERIC), {1}))"
                " / POWER(CAST(10 AS NUMERIC), {1}) AS DOUBLE PRECISION)",
                defaults={1: "0"},
            ),
        ),
        "The number rounded away from zero to as many digits after the point.",
        (
            Example("round_up(1.231, 2)", "1.24"),
            Example("round_up(-1.1, 0)", "-2"),
            Example("round_up(1.2, 1)", "1.2"),
            Example("round_up(7.1)", "8"),
        ),
        aliases=("roundup",),
        monotone=(0,),
    ),
    Function(
        "floor",
        "number",
        "row",
        (*_whole("FLOOR"), *_to_step("FLOOR")),
        "The greatest whole number that is not above the number; with a step, the greatest multiple of it.",
        (
            Example("floor(-2.5)", "-3"),
            Example("floor(7)", "7"),
            Example("floor(17, 5)", "15"),
            Example("floor(to_float(0.3), to_float(0.1))", "0.3"),
        ),
        nulls="custom",
        monotone=(0,),
    ),
    Function(
        "ceil",
        "number",
        "row",
        (*_whole("CEIL"), *_to_step("CEIL")),
        "The least whole number that is not below the number; with a step, the least multiple of it.",
        (Example("ceil(2.1)", "3"), Example("ceil(-2.5)", "-2"), Example("ceil(2.3, 0.5)", "2.5")),
        aliases=("ceiling",),
        nulls="custom",
        monotone=(0,),
    ),
    Function(
        "round_to",
        "number",
        "row",
        _to_step("ROUND"),
        "The nearest multiple of a step; halves go away from zero; null for the step 0.",
        (Example("round_to(17, 5)", "15"), Example("round_to(1.27, 0.05)", "1.25"), Example("round_to(1, 0)", None)),
        aliases=("mround",),
        nulls="custom",
    ),
)

_BASIC = (
    Function(
        "abs",
        "number",
        "row",
        (signature("number", "argument 0", "ABS({0})"),),
        "The number without its sign.",
        (Example("abs(-12)", "12"), Example("abs(-0.5)", "0.5"), Example("abs(null::integer)", None)),
    ),
    Function(
        "sign",
        "number",
        "row",
        (signature("number", "integer", "CAST(SIGN({0}) AS BIGINT)"),),
        "-1 for a negative number, 0 for zero, 1 for a positive one.",
        (Example("sign(-0.5)", "-1"), Example("sign(0)", "0"), Example("sign(7)", "1")),
        monotone=(0,),
    ),
    Function(
        "greatest",
        "number",
        "row",
        (
            signature("text, text*", "text", "GREATEST({*})", each='{} COLLATE "C"'),
            signature("same, same*", "same", "GREATEST({*})"),
        ),
        "The greatest of the values; nulls are left out. (The greatest over rows is max.)",
        (
            Example("greatest(1, 3, 2)", "3"),
            Example("greatest(1, null)", "1"),
            Example('greatest("a", "B")', "a"),
            Example('greatest(date("2024-01-31"), date("2023-12-31"))', "2024-01-31"),
        ),
        nulls="custom",
        monotone=(0, 1),
    ),
    Function(
        "least",
        "number",
        "row",
        (
            signature("text, text*", "text", "LEAST({*})", each='{} COLLATE "C"'),
            signature("same, same*", "same", "LEAST({*})"),
        ),
        "The least of the values; nulls are left out. (The least over rows is min.)",
        (Example("least(1.5, 3, 2)", "1.5"), Example('least("a", "B")', "B"), Example("least(null, 2)", "2")),
        nulls="custom",
        monotone=(0, 1),
    ),
    Function(
        "clamp",
        "number",
        "row",
        tuple(
            signature(
                f"{kind}, {kind}, {kind}",
                kind,
                "CASE WHEN {0} < {1} THEN {1} WHEN {0} > {2} THEN {2} ELSE {0} END",
            )
            for kind in ("integer", "decimal", "float", "date", "timestamp")
        ),
        "The value, but not less than the second and not more than the third; null stays null, and a bound that is null"
        " binds nothing.",
        (
            Example("clamp(12, 0, 10)", "10"),
            Example("clamp(-1, 0, 10)", "0"),
            Example("clamp(null, 0, 10)", None),
            Example("clamp(12, 20, null)", "20"),
        ),
        nulls="custom",
        monotone=(0,),
    ),
    Function(
        "safe_divide",
        "number",
        "row",
        (
            *_exact_or_float(2, "{0} / NULLIF({1}, 0)"),
            *_exact_or_float(3, "CASE WHEN {1} = 0 THEN {2} ELSE {0} / {1} END"),
        ),
        "The first number divided by the second; where that is 0, null or the third number.",
        (
            Example("safe_divide(1, 4)", "0.25000000000000000000"),
            Example("safe_divide(1, 0)", None),
            Example("safe_divide(1, 0, 0)", "0"),
            Example("safe_divide(null, 2, 0)", None),
        ),
        nulls="custom",
    ),
    Function(
        "floor_mod",
        "number",
        "row",
        (
            # In numeric, since the sum of two integers may be none.
            signature(
                "integer, integer",
                "integer",
                "CAST(MOD(CAST(MOD({0}, NULLIF({1}, 0)) AS NUMERIC) + {1}, {1}) AS BIGINT)",
            ),
            signature("decimal, decimal", "decimal", "MOD(MOD({0}, NULLIF({1}, 0)) + {1}, {1})"),
            signature("float, float", "float", "{0} - {1} * FLOOR({0} / NULLIF({1}, 0))"),
        ),
        "The remainder of a division with the sign of the divisor, as MOD in spreadsheets; null where that is 0."
        " (x % y has the sign of x.)",
        (
            Example("floor_mod(-7, 3)", "2"),
            Example("floor_mod(7, -3)", "-2"),
            Example("floor_mod(5.5, 2)", "1.5"),
            Example("floor_mod(1, 0)", None),
        ),
        nulls="custom",
    ),
    Function(
        "is_even",
        "number",
        "row",
        (signature("integer", "boolean", "{0} % 2 = 0"),),
        "Whether the whole number is even.",
        (Example("is_even(-4)", "true"), Example("is_even(3)", "false")),
        aliases=("iseven",),
    ),
    Function(
        "is_odd",
        "number",
        "row",
        (signature("integer", "boolean", "{0} % 2 <> 0"),),
        "Whether the whole number is odd.",
        (Example("is_odd(-3)", "true"), Example("is_odd(0)", "false")),
        aliases=("isodd",),
    ),
    Function(
        "gcd",
        "number",
        "row",
        (signature("integer, integer", "integer", "GCD({0}, {1})"),),
        "The greatest common divisor.",
        (Example("gcd(12, 18)", "6"),),
    ),
    Function(
        "lcm",
        "number",
        "row",
        (signature("integer, integer", "integer", "LCM({0}, {1})"),),
        "The least common multiple.",
        (Example("lcm(4, 6)", "12"),),
    ),
    Function(
        "factorial",
        "number",
        "row",
        (signature("integer", "decimal", "FACTORIAL({0})", constants={0: Constant(required=False, minimum=0)}),),
        "The product of the whole numbers from 1 to the number.",
        (
            Example("factorial(5)", "120"),
            Example("factorial(0)", "1"),
            Example("factorial(25)", "15511210043330985984000000"),
        ),
        aliases=("fact",),
    ),
)

_POWERS = (
    Function(
        "sqrt",
        "number",
        "row",
        _exact_or_float(1, "SQRT({0})"),
        "The square root; of a negative number it is an error.",
        (Example("round(sqrt(16), 3)", "4.000"), Example("sqrt(to_float(2.25))", "1.5")),
        monotone=(0,),
    ),
    Function(
        "cbrt",
        "number",
        "row",
        (signature("float", "float", "CBRT({0})"),),
        "The cube root.",
        (Example("round(cbrt(-27), 6)", "-3"),),
        monotone=(0,),
    ),
    Function(
        "exp",
        "number",
        "row",
        _exact_or_float(1, "EXP({0})"),
        "e to the power of the number.",
        (Example("round(exp(1), 5)", "2.71828"), Example("exp(to_float(0))", "1")),
        monotone=(0,),
    ),
    Function(
        "ln",
        "number",
        "row",
        _exact_or_float(1, "LN({0})"),
        "The natural logarithm, to the base e.",
        (Example("round(ln(10), 5)", "2.30259"), Example("ln(to_float(1))", "0")),
        monotone=(0,),
    ),
    Function(
        "log10",
        "number",
        "row",
        _exact_or_float(1, "LOG({0})"),
        "The logarithm to the base 10.",
        (Example("round(log10(1000), 3)", "3.000"), Example("log10(to_float(100))", "2")),
        monotone=(0,),
    ),
    Function(
        "log2",
        "number",
        "row",
        _exact_or_float(1, "LOG(2, {0})", "CAST(LOG(2, CAST({0} AS NUMERIC)) AS DOUBLE PRECISION)"),
        "The logarithm to the base 2.",
        (Example("round(log2(8), 3)", "3.000"), Example("log2(to_float(1024))", "10")),
        monotone=(0,),
    ),
    Function(
        "log_base",
        "number",
        "row",
        _exact_or_float(
            2, "LOG({1}, {0})", "CAST(LOG(CAST({1} AS NUMERIC), CAST({0} AS NUMERIC)) AS DOUBLE PRECISION)"
        ),
        "The logarithm of the first number to the base of the second.",
        (Example("round(log_base(81, 3), 3)", "4.000"),),
        aliases=("logb",),
    ),
)


def _of_float(name: str, meaning: str, *examples: Example, aliases: tuple[str, ...] = ()) -> Function:
    """A function that computes in floats, whatever the number."""
    call = signature("float", "float", f"{name.upper()}({{0}})")
    return Function(name, "number", "row", (call,), meaning, examples, aliases=aliases)


_TRIGONOMETRY = (
    Function(
        "pi",
        "number",
        "row",
        (signature("", "float", "PI()"),),
        "The circumference of a circle of diameter 1.",
        (Example("pi()", "3.141592653589793"),),
        nulls="never",
    ),
    _of_float("sin", "The sine of an angle in radians.", Example("sin(0)", "0")),
    _of_float("cos", "The cosine of an angle in radians.", Example("cos(0)", "1")),
    _of_float("tan", "The tangent of an angle in radians.", Example("tan(0)", "0")),
    _of_float("asin", "The angle, in radians, of which this is the sine.", Example("asin(0)", "0")),
    _of_float("acos", "The angle, in radians, of which this is the cosine.", Example("acos(1)", "0")),
    _of_float("atan", "The angle, in radians, of which this is the tangent.", Example("atan(0)", "0")),
    Function(
        "atan2",
        "number",
        "row",
        (signature("float, float", "float", "ATAN2({0}, {1})"),),
        "The angle, in radians, of the point with height y and width x: atan2(y, x).",
        (Example("atan2(0, 1)", "0"), Example("round(degrees(atan2(1, 1)), 6)", "45")),
        caution="Excel's ATAN2 takes the width first.",
    ),
    _of_float("sinh", "The hyperbolic sine.", Example("sinh(0)", "0")),
    _of_float("cosh", "The hyperbolic cosine.", Example("cosh(0)", "1")),
    _of_float("tanh", "The hyperbolic tangent.", Example("tanh(0)", "0")),
    _of_float("asinh", "The inverse hyperbolic sine.", Example("asinh(0)", "0")),
    _of_float("acosh", "The inverse hyperbolic cosine.", Example("acosh(1)", "0")),
    _of_float("atanh", "The inverse hyperbolic tangent.", Example("atanh(0)", "0")),
    _of_float("degrees", "An angle in radians, in degrees.", Example("degrees(pi())", "180")),
    _of_float("radians", "An angle in degrees, in radians.", Example("radians(180)", "3.141592653589793")),
)

_SHOWN = (
    Function(
        "format_number",
        "number",
        "row",
        (
            signature(
                "decimal, integer?",
                "text",
                "RTRIM(TO_CHAR(ROUND({0}, {1:int}), 'FM999,999,999,999,999,999,990.' || REPEAT('0', {1:int})), '.')",
                defaults={1: "0"},
                constants={1: Constant(required=False, minimum=0, maximum=20)},
            ),
        ),
        "The number as text, with a comma between thousands and as many digits after the point.",
        (
            Example("format_number(1234567.891, 2)", "1,234,567.89"),
            Example("format_number(1234.5)", "1,235"),
            Example("format_number(-0.5, 1)", "-0.5"),
        ),
    ),
)

FUNCTIONS: tuple[Function, ...] = (*_ROUND, *_BASIC, *_POWERS, *_TRIGONOMETRY, *_SHOWN)
