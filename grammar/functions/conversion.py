"""From one type to another. ``to_…`` fails on a value that does not fit, ``try_to_…`` gives null for it.

PostgreSQL 15 has no cast that gives null, so ``try_to_…`` casts only what a regular expression has found fit. Digits
are written ``[0-9]``, since ``\\d`` may mean those of other scripts too, which casts do not read.
"""

from __future__ import annotations

import re

from headrace.grammar.function import Constant, Example, Function, signature
from headrace.grammar.functions.date_patterns import DatePattern, read_pattern
from headrace.grammar.functions.date_text import PATTERN

INTEGER = "^ *[-+]?[0-9]+ *$"
NUMBER = r"^ *[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9][0-9]?[0-9]?)? *$"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?"
OFFSET = "(Z|[-+](0[0-9]|1[0-5]):?[0-5][0-9]|[-+](0[0-9]|1[0-5]))"
UUID = "^" + "-".join(f"[0-9a-fA-F]{{{count},{count}}}" for count in (8, 4, 4, 4, 12)) + "$"
TRUE = "'true', 't', 'yes', 'y', 'on', '1'"
FALSE = "'false', 'f', 'no', 'n', 'off', '0'"


def _iso_day() -> str:
    """The expression of the days there are, as ``2024-02-29``; ``{4}`` is written ``{4,4}``, being no place."""
    pattern = read_pattern("YYYY-MM-DD")
    assert isinstance(pattern, DatePattern)
    return re.sub(r"\{(\d)\}", r"{\1,\1}", pattern.regex).removeprefix("^").removesuffix("$")


DAY = f"^{_iso_day()}$"
MOMENT = f"^{_iso_day()}([ T]{CLOCK})?$"
ZONED = f"^{_iso_day()}[ T]{CLOCK}{OFFSET}$"

# What a text must look like for a cast to read it in one way only, whatever DateStyle says; the cast then finds
# whether there is such a day.
_DAY_SHAPE = "^[0-9]{4,4}-[0-9][0-9]-[0-9][0-9]"
_CLOCK_SHAPE = r"[0-9][0-9]:[0-9][0-9](:[0-9][0-9](\.[0-9]+)?)?"


def guarded(expression: str, type_: str) -> str:
    """SQL for ``{0}`` as a type, or null where it does not match the expression."""
    return f"CASE WHEN {{0}} ~ '{expression}' THEN CAST({{0:typed}} AS {type_}) END"


def _strict(shape: str, type_: str, wanted: str) -> str:
    """As ``guarded``, but a text of another shape fails, in words that PostgreSQL's own message quotes."""
    return (
        f"CASE WHEN {{0}} ~ '{shape}' THEN CAST({{0:typed}} AS {type_})"
        f" ELSE CAST('no {wanted}: ' || {{0}} AS {type_}) END"
    )


def _by_pattern(type_: str) -> str:
    return (
        f"CASE WHEN {{0}} ~ {{1:shape}} THEN CAST(REGEXP_REPLACE({{0}}, {{1:shape}}, {{1:iso}}) AS {type_})"
        f" ELSE CAST('not as the pattern says: ' || {{0}} AS {type_}) END"
    )


def _try_pattern(type_: str) -> str:
    return f"CASE WHEN {{0}} ~ {{1:regex}} THEN CAST(REGEXP_REPLACE({{0}}, {{1:shape}}, {{1:iso}}) AS {type_}) END"


_ISO_MOMENT = "RTRIM(RTRIM(TO_CHAR({x}, 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.')"

_TEXT = (
    Function(
        "to_text",
        "conversion",
        "row",
        (
            signature("text", "text", "{0}"),
            signature("boolean", "text", "CAST({0} AS TEXT)"),
            signature("integer", "text", "CAST({0} AS TEXT)"),
            signature("decimal", "text", "CAST({0} AS TEXT)"),
            signature("float", "text", "CAST({0} AS TEXT)"),
            # A cast would follow DateStyle and, for a timestamptz, TimeZone.
            signature("date", "text", "TO_CHAR(CAST({0} AS TIMESTAMP), 'YYYY-MM-DD')"),
            signature("time", "text", "CAST({0} AS TEXT)"),
            signature("timestamp", "text", _ISO_MOMENT.replace("{x}", "{0}")),
            signature("timestamptz", "text", _ISO_MOMENT.replace("{x}", "{0} AT TIME ZONE 'UTC'") + " || 'Z'"),
            signature("uuid", "text", "CAST({0} AS TEXT)"),
            signature("json", "text", "CAST({0} AS TEXT)"),
            signature("binary", "text", "ENCODE({0}, 'hex')"),
        ),
        "The value as plain text: numbers with a point, dates and times as ISO 8601 has them.",
        (
            Example("to_text(12)", "12"),
            Example("to_text(2.50)", "2.50"),
            Example("to_text(true)", "true"),
            Example('to_text(date("2024-01-31"))', "2024-01-31"),
            Example('to_text(timestamp("2024-01-31 10:30:00"))', "2024-01-31 10:30:00"),
            Example('to_text(timestamp("2024-01-31 10:30:00.25"))', "2024-01-31 10:30:00.25"),
            Example('to_text(timestamptz("2024-01-31T10:30:00+02:00"))', "2024-01-31 08:30:00Z"),
        ),
        aliases=("str", "to_string", "string"),
    ),
)

_NUMBERS = (
    Function(
        "to_integer",
        "conversion",
        "row",
        (
            signature("integer", "integer", "{0}"),
            signature("decimal", "integer", "CAST({0} AS BIGINT)"),
            # Straight from a float, PostgreSQL would round halves to even.
            signature("float", "integer", "CAST(CAST({0} AS NUMERIC) AS BIGINT)"),
            signature(
                "boolean", "integer", "CASE WHEN {0} THEN CAST(1 AS BIGINT) WHEN NOT {0} THEN CAST(0 AS BIGINT) END"
            ),
            signature("text", "integer", "CAST({0} AS BIGINT)"),
        ),
        "The value as a whole number: a number is rounded, halves away from zero; true is 1; a text that is no whole"
        " number is an error.",
        (
            Example('to_integer("42")', "42"),
            Example("to_integer(2.5)", "3"),
            Example("to_integer(to_float(2.5))", "3"),
            Example("to_integer(-1.4)", "-1"),
            Example("to_integer(true)", "1"),
        ),
        aliases=("to_int", "to_bigint"),
        caution="To round down write floor(x), to cut trunc(x).",
    ),
    Function(
        "try_to_integer",
        "conversion",
        "row",
        (
            signature(
                "text",
                "integer",
                f"CASE WHEN {{0}} ~ '{INTEGER}' THEN CASE WHEN CAST({{0:typed}} AS NUMERIC)"
                " BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST({0:typed} AS BIGINT) END END",
            ),
        ),
        "The text as a whole number; null where it is none.",
        (
            Example('try_to_integer(" -42 ")', "-42"),
            Example('try_to_integer("4.2")', None),
            Example('try_to_integer("")', None),
            Example('try_to_integer("9223372036854775807")', "9223372036854775807"),
            Example('try_to_integer("9223372036854775808")', None),
        ),
        aliases=("try_to_int",),
        nulls="custom",
    ),
    Function(
        "to_decimal",
        "conversion",
        "row",
        (
            signature("decimal", "decimal", "{0}"),
            signature("float", "decimal", "CAST({0} AS NUMERIC)"),
            signature("text", "decimal", "CAST({0} AS NUMERIC)"),
            signature(
                "text, text",
                "decimal",
                "CAST(TRANSLATE({0}, ',. ' || CHR(160) || CHR(8239), '.') AS NUMERIC)",
                constants={1: Constant(choices=(",",))},
            ),
            signature(
                "text, text",
                "decimal",
                "CAST(TRANSLATE({0}, ', ' || CHR(160) || CHR(8239), '') AS NUMERIC)",
                constants={1: Constant(choices=(".",))},
            ),
        ),
        "The value as an exact number; a text that is no number is an error. With the decimal mark as second argument,"
        " points or commas and spaces between thousands are taken away.",
        (
            Example('to_decimal("12.50")', "12.50"),
            Example('to_decimal("1 234,5", ",")', "1234.5"),
            Example('to_decimal("1,234.5", ".")', "1234.5"),
            Example("to_decimal(to_float(0.1))", "0.1"),
        ),
        aliases=("numeric", "to_number", "to_numeric", "value", "parse_number"),
    ),
    Function(
        "try_to_decimal",
        "conversion",
        "row",
        (signature("text", "decimal", guarded(NUMBER, "NUMERIC")),),
        "The text as an exact number; null where it is none.",
        (
            Example('try_to_decimal("12.50")', "12.50"),
            Example('try_to_decimal("-1e3")', "-1000"),
            Example('try_to_decimal("1,5")', None),
            Example('try_to_decimal("NaN")', None),
        ),
        aliases=("try_to_number",),
        nulls="custom",
    ),
    Function(
        "to_float",
        "conversion",
        "row",
        (
            signature("float", "float", "{0}"),
            signature("text", "float", "CAST({0} AS DOUBLE PRECISION)"),
        ),
        "The value as a floating point number, of about 15 digits; a text that is no number is an error.",
        (Example('to_float("1e-3")', "0.001"), Example("to_float(7)", "7")),
        aliases=("float", "to_double"),
    ),
    Function(
        "try_to_float",
        "conversion",
        "row",
        (
            signature(
                "text",
                "float",
                f"CASE WHEN {{0}} ~ '{NUMBER}' THEN CASE WHEN CAST({{0:typed}} AS NUMERIC) = 0"
                " OR ABS(CAST({0:typed} AS NUMERIC)) BETWEEN 1e-307 AND 1.7e308"
                " THEN CAST({0:typed} AS DOUBLE PRECISION) END END",
            ),
        ),
        "The text as a floating point number; null where it is none, or too great or small for one.",
        (
            Example('try_to_float("1.5e3")', "1500"),
            Example('try_to_float("1e400")', None),
            Example('try_to_float("0")', "0"),
            Example('try_to_float("many")', None),
        ),
        nulls="custom",
    ),
    Function(
        "to_boolean",
        "conversion",
        "row",
        (
            signature("boolean", "boolean", "{0}"),
            signature("integer", "boolean", "{0} <> 0"),
            signature(
                "text",
                "boolean",
                f"CASE WHEN LOWER(TRIM({{0}})) IN ({TRUE}) THEN TRUE WHEN LOWER(TRIM({{0}})) IN ({FALSE}) THEN FALSE"
                " ELSE CAST('neither true nor false: ' || {0} AS BOOLEAN) END",
            ),
        ),
        "True or false: of a number, whether it is not 0; of a text, true for true, t, yes, y, on, 1, false for false,"
        " f, no, n, off, 0 in any case; anything else is an error.",
        (
            Example('to_boolean("Yes")', "true"),
            Example("to_boolean(0)", "false"),
            Example('to_boolean(" off ")', "false"),
        ),
        aliases=("to_bool",),
    ),
    Function(
        "try_to_boolean",
        "conversion",
        "row",
        (
            signature(
                "text",
                "boolean",
                f"CASE WHEN LOWER(TRIM({{0}})) IN ({TRUE}) THEN TRUE"
                f" WHEN LOWER(TRIM({{0}})) IN ({FALSE}) THEN FALSE END",
            ),
        ),
        "As to_boolean of a text; null where it is neither.",
        (Example('try_to_boolean("N")', "false"), Example('try_to_boolean("maybe")', None)),
        aliases=("try_to_bool",),
        nulls="custom",
    ),
)

_DATES = (
    Function(
        "to_date",
        "conversion",
        "row",
        (
            signature("text", "date", _strict(f"{_DAY_SHAPE}$", "DATE", "date as YYYY-MM-DD")),
            signature("text, text", "date", _by_pattern("DATE"), constants={1: PATTERN}),
            signature("date", "date", "{0}"),
            signature("timestamp", "date", "CAST({0} AS DATE)"),
        ),
        "The text as a date: as YYYY-MM-DD, or as the pattern says, to the letter; anything else is an error.",
        (
            Example('to_date("2024-01-31")', "2024-01-31"),
            Example('to_date("31/01/2024", "DD/MM/YYYY")', "2024-01-31"),
            Example('to_date("5 January 2024", "D MMMM YYYY")', "2024-01-05"),
            Example('to_date("20240131", "YYYYMMDD")', "2024-01-31"),
        ),
        aliases=("parse_date", "date_from_string"),
    ),
    Function(
        "try_to_date",
        "conversion",
        "row",
        (
            signature("text", "date", guarded(DAY, "DATE")),
            signature("text, text", "date", _try_pattern("DATE"), constants={1: PATTERN}),
        ),
        "As to_date; null where the text is no date, or no day that there is in the years 1000 to 9999.",
        (
            Example('try_to_date("2024-02-29")', "2024-02-29"),
            Example('try_to_date("2023-02-29")', None),
            Example('try_to_date("1900-02-29")', None),
            Example('try_to_date("31/04/2024", "DD/MM/YYYY")', None),
            Example('try_to_date("30/04/2024", "DD/MM/YYYY")', "2024-04-30"),
            Example('try_to_date("soon")', None),
        ),
        aliases=("try_parse_date",),
        nulls="custom",
    ),
    Function(
        "to_timestamp",
        "conversion",
        "row",
        (
            signature(
                "text",
                "timestamp",
                _strict(f"{_DAY_SHAPE}([ T]{_CLOCK_SHAPE})?$", "TIMESTAMP", "time as YYYY-MM-DD HH:mm:ss"),
            ),
            signature("text, text", "timestamp", _by_pattern("TIMESTAMP"), constants={1: PATTERN}),
            signature("timestamp", "timestamp", "{0}"),
            signature("date", "timestamp", "CAST({0} AS TIMESTAMP)"),
        ),
        "The text as a date and time: as YYYY-MM-DD HH:mm:ss, or as the pattern says, to the letter; anything else is"
        " an error.",
        (
            Example('to_timestamp("2024-01-31 10:30:00")', "2024-01-31 10:30:00"),
            Example('to_timestamp("2024-01-31T10:30")', "2024-01-31 10:30:00"),
            Example('to_timestamp("31.01.2024 22h05", "DD.MM.YYYY HH\'h\'mm")', "2024-01-31 22:05:00"),
            Example('to_timestamp("31/1/24 9:05 PM", "D/M/YY hh:mm AM")', "2024-01-31 21:05:00"),
        ),
        aliases=("datetime_from_string", "parse_datetime", "parse_timestamp", "to_datetime"),
    ),
    Function(
        "try_to_timestamp",
        "conversion",
        "row",
        (
            signature("text", "timestamp", guarded(MOMENT, "TIMESTAMP")),
            signature("text, text", "timestamp", _try_pattern("TIMESTAMP"), constants={1: PATTERN}),
        ),
        "As to_timestamp; null where the text is no date and time in the years 1000 to 9999.",
        (
            Example('try_to_timestamp("2024-02-29 23:59:59.5")', "2024-02-29 23:59:59.5"),
            Example('try_to_timestamp("2024-02-29 24:00")', None),
            Example('try_to_timestamp("30/02/2024 10:00", "DD/MM/YYYY HH:mm")', None),
        ),
        aliases=("try_parse_datetime", "try_to_datetime"),
        nulls="custom",
    ),
    Function(
        "to_timestamptz",
        "conversion",
        "row",
        (
            signature(
                "text",
                "timestamptz",
                _strict(f"{_DAY_SHAPE}[ T]{_CLOCK_SHAPE}{OFFSET}$", "TIMESTAMPTZ", "time with its offset from UTC"),
            ),
        ),
        "The text as a moment; it must say its offset from UTC, as 2024-01-31T10:30:00+02:00 or with Z.",
        (Example('to_timestamptz("2024-01-31T10:30:00+02:00")', "2024-01-31 08:30:00+00"),),
    ),
    Function(
        "try_to_timestamptz",
        "conversion",
        "row",
        (signature("text", "timestamptz", guarded(ZONED, "TIMESTAMPTZ")),),
        "As to_timestamptz; null where the text is no such moment.",
        (
            Example('try_to_timestamptz("2024-01-31T10:30Z")', "2024-01-31 10:30:00+00"),
            Example('try_to_timestamptz("2024-01-31 10:30")', None),
        ),
        nulls="custom",
    ),
    Function(
        "to_time",
        "conversion",
        "row",
        (signature("text", "time", _strict(f"^{_CLOCK_SHAPE}$", "TIME", "time as HH:mm:ss")),),
        "The text as a time of day, as HH:mm or HH:mm:ss; anything else is an error.",
        (Example('to_time("10:30")', "10:30:00"),),
    ),
    Function(
        "try_to_time",
        "conversion",
        "row",
        (signature("text", "time", guarded(f"^{CLOCK}$", "TIME")),),
        "As to_time; null where the text is no time of day.",
        (Example('try_to_time("23:59:59")', "23:59:59"), Example('try_to_time("25:00")', None)),
        nulls="custom",
    ),
)

_OTHERS = (
    Function(
        "to_uuid",
        "conversion",
        "row",
        (signature("text", "uuid", "CAST({0} AS UUID)"),),
        "The text as a UUID; anything else is an error.",
        (Example('to_uuid("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")', "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),),
    ),
    Function(
        "try_to_uuid",
        "conversion",
        "row",
        (signature("text", "uuid", guarded(UUID, "UUID")),),
        "The text as a UUID; null where it is none.",
        (Example('try_to_uuid("a0eebc99")', None),),
        nulls="custom",
    ),
)

FUNCTIONS: tuple[Function, ...] = (*_TEXT, *_NUMBERS, *_DATES, *_OTHERS)
