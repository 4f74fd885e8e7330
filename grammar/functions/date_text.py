"""Time zones, and dates as text. ``date_patterns`` has the parts of a pattern."""

from __future__ import annotations

from headrace.grammar.function import Constant, Example, Function, signature

PATTERN = Constant(reads="pattern")

_ZONES = (
    Function(
        "at_timezone",
        "dates",
        "row",
        (
            signature("timestamptz, text?", "timestamp", "{0} AT TIME ZONE {1}", timezone=1),
            signature("timestamp, text?", "timestamptz", "{0} AT TIME ZONE {1}", timezone=1),
        ),
        "What the clocks of a time zone show at a moment; or, of a timestamp, the moment at which they show it.",
        (
            Example('at_timezone(timestamptz("2024-07-01T12:00:00Z"), "Europe/Paris")', "2024-07-01 14:00:00"),
            Example('at_timezone(timestamp("2024-01-01 12:00:00"), "Europe/Paris")', "2024-01-01 11:00:00+00"),
            # Clocks in Paris went from 02:00 to 03:00: a time that they never showed counts from before the change.
            Example('at_timezone(timestamp("2024-03-31 02:30:00"), "Europe/Paris")', "2024-03-31 01:30:00+00"),
        ),
    ),
    Function(
        "utc_to_timezone",
        "dates",
        "row",
        (
            signature("timestamp, text?", "timestamp", "{0} AT TIME ZONE 'UTC' AT TIME ZONE {1}", timezone=1),
            signature("timestamptz, text?", "timestamp", "{0} AT TIME ZONE {1}", timezone=1),
        ),
        "A timestamp in UTC as the clocks of a time zone show it.",
        (
            Example('utc_to_timezone(timestamp("2024-07-01 12:00:00"), "Europe/Paris")', "2024-07-01 14:00:00"),
            Example('utc_to_timezone(timestamp("2024-01-01 12:00:00"), "America/New_York")', "2024-01-01 07:00:00"),
        ),
        aliases=("from_utc",),
    ),
    Function(
        "to_utc",
        "dates",
        "row",
        (
            signature("timestamp, text?", "timestamp", "{0} AT TIME ZONE {1} AT TIME ZONE 'UTC'", timezone=1),
            signature("timestamptz", "timestamp", "{0} AT TIME ZONE 'UTC'"),
        ),
        "A timestamp that the clocks of a time zone show, or a moment, in UTC.",
        (
            Example('to_utc(timestamp("2024-07-01 14:00:00"), "Europe/Paris")', "2024-07-01 12:00:00"),
            Example('to_utc(timestamptz("2024-07-01T14:00:00+02:00"))', "2024-07-01 12:00:00"),
        ),
        aliases=("timezone_to_utc",),
    ),
    Function(
        "from_unix",
        "dates",
        "row",
        (signature("decimal", "timestamptz", "TO_TIMESTAMP({0})"),),
        "The moment so many seconds after 1 January 1970 in UTC.",
        (
            Example("from_unix(1706745600)", "2024-02-01 00:00:00+00"),
            Example("from_unix(0.5)", "1970-01-01 00:00:00.5+00"),
        ),
        aliases=("from_epoch",),
        monotone=(0,),
    ),
    Function(
        "to_unix",
        "dates",
        "row",
        tuple(
            signature(kind, "integer", "CAST(FLOOR(EXTRACT(EPOCH FROM {0})) AS BIGINT)")
            for kind in ("timestamptz", "timestamp", "date")
        ),
        "The whole seconds from 1 January 1970 in UTC to a moment; a timestamp or date counts as UTC.",
        (
            Example('to_unix(timestamptz("2024-02-01T01:00:00+01:00"))', "1706745600"),
            Example('to_unix(date("1970-01-02"))', "86400"),
        ),
        aliases=("epoch", "to_epoch"),
        monotone=(0,),
    ),
)

_FORMAT = Function(
    "format_date",
    "dates",
    "row",
    (
        signature("date, text", "text", "TO_CHAR(CAST({0} AS TIMESTAMP), {1:pattern})", constants={1: PATTERN}),
        signature("timestamp, text", "text", "TO_CHAR({0}, {1:pattern})", constants={1: PATTERN}),
        signature(
            "timestamptz, text, text?",
            "text",
            "TO_CHAR({0} AT TIME ZONE {2}, {1:pattern})",
            constants={1: PATTERN},
            timezone=2,
        ),
    ),
    "A date or time as text, in a pattern such as DD/MM/YYYY or YYYY-MM-DD HH:mm:ss.",
    (
        Example('format_date(date("2024-01-05"), "DD/MM/YYYY")', "05/01/2024"),
        Example('format_date(date("2024-01-05"), "D MMMM YYYY")', "5 January 2024"),
        Example('format_date(date("2024-12-30"), "GGGG-\'W\'WW")', "2025-W01"),
        Example(
            'format_date(timestamp("2024-01-05 15:04:05.678"), "YYYY-MM-DDTHH:mm:ss.SSS")', "2024-01-05T15:04:05.678"
        ),
        Example('format_date(timestamp("2024-01-05 15:04:05"), "hh:mm AM")', "03:04 PM"),
        Example(
            'format_date(timestamptz("2024-07-01T23:00:00Z"), "YYYY-MM-DD HH:mm", "Europe/Paris")', "2024-07-02 01:00"
        ),
    ),
    aliases=("date_format", "format_datetime"),
)

FUNCTIONS: tuple[Function, ...] = (*_ZONES, _FORMAT)
