"""Parts of dates and times, and their construction. Weeks start on Monday."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.grammar.function import Constant, Example, Function, Signature, signature

MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
WEEKDAYS: Mapping[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
"""Names in the order of the numbers: month 1 is January, weekday 1 is Monday."""

_JANUARY = 'date("2024-01-31")'
_MOMENT = 'timestamp("2024-08-09 14:05:59.75")'

_FIELDS = {
    "year": "EXTRACT(YEAR FROM {x})",
    "quarter": "EXTRACT(QUARTER FROM {x})",
    "month": "EXTRACT(MONTH FROM {x})",
    "week": "EXTRACT(WEEK FROM {x})",
    "iso_year": "EXTRACT(ISOYEAR FROM {x})",
    "day": "EXTRACT(DAY FROM {x})",
    "weekday": "EXTRACT(ISODOW FROM {x})",
    "day_of_year": "EXTRACT(DOY FROM {x})",
    "hour": "EXTRACT(HOUR FROM {x})",
    "minute": "EXTRACT(MINUTE FROM {x})",
    # The second has a fraction, and a cast would round 59.75 to 60.
    "second": "FLOOR(EXTRACT(SECOND FROM {x}))",
}
_TIMES = ("hour", "minute", "second")


def _number(field: str, value: str) -> str:
    return f"CAST({_FIELDS[field].format(x=value)} AS BIGINT)"


def _part(field: str) -> tuple[Signature, ...]:
    kinds = ("timestamp", "time") if field in _TIMES else ("date", "timestamp")
    return (
        *(signature(kind, "integer", _number(field, "{0}")) for kind in kinds),
        signature("timestamptz, text?", "integer", _number(field, "{0} AT TIME ZONE {1}"), timezone=1),
    )


def _part_function(
    name: str,
    field: str,
    meaning: str,
    *examples: Example,
    aliases: tuple[str, ...] = (),
    monotone: tuple[int, ...] = (),
) -> Function:
    return Function(name, "dates", "row", _part(field), meaning, examples, aliases=aliases, monotone=monotone)


_PARTS = (
    _part_function(
        "year",
        "year",
        "The year of a date or time.",
        Example(f"year({_JANUARY})", "2024"),
        Example('year(timestamptz("2024-12-31T23:30:00Z"), "Europe/Paris")', "2025"),
        monotone=(0,),
    ),
    _part_function("quarter", "quarter", "The quarter, 1 to 4.", Example('quarter(date("2024-06-30"))', "2")),
    _part_function("month", "month", "The month, 1 to 12.", Example(f"month({_JANUARY})", "1")),
    _part_function(
        "iso_week",
        "week",
        "The ISO week, 1 to 53: it starts on Monday, and week 1 has the year's first Thursday.",
        Example('iso_week(date("2024-12-30"))', "1"),
        Example('iso_week(date("2021-01-03"))', "53"),
        aliases=("week", "isoweeknum", "week_of_year", "weekofyear"),
    ),
    _part_function(
        "iso_year",
        "iso_year",
        "The year to which the ISO week belongs.",
        Example('iso_year(date("2024-12-30"))', "2025"),
        aliases=("isoyear",),
        monotone=(0,),
    ),
    _part_function(
        "day",
        "day",
        "The day of the month, 1 to 31.",
        Example(f"day({_JANUARY})", "31"),
        Example("day(null::date)", None),
        aliases=("day_of_month", "dayofmonth"),
    ),
    _part_function(
        "iso_weekday",
        "weekday",
        "The day of the week, 1 for Monday to 7 for Sunday.",
        Example('iso_weekday(date("2024-01-29"))', "1"),
        Example('iso_weekday(date("2024-02-04"))', "7"),
        aliases=("isodow",),
    ),
    _part_function(
        "day_of_year",
        "day_of_year",
        "The day of the year, 1 to 366.",
        Example('day_of_year(date("2024-12-31"))', "366"),
        aliases=("dayofyear",),
    ),
    _part_function(
        "hour",
        "hour",
        "The hour, 0 to 23.",
        Example(f"hour({_MOMENT})", "14"),
        Example('hour(timestamptz("2024-07-01T22:30:00Z"), "Europe/Paris")', "0"),
    ),
    _part_function("minute", "minute", "The minute, 0 to 59.", Example(f"minute({_MOMENT})", "5")),
    _part_function(
        "second", "second", "The second, 0 to 59, without its fraction.", Example(f"second({_MOMENT})", "59")
    ),
)


def _days_since(start: int, value: str) -> str:
    """The days from the last weekday ``start`` (1 is Monday) to ``value``, 0 to 6."""
    return f"(CAST(EXTRACT(ISODOW FROM {value}) AS BIGINT) + {7 - start}) % 7"


_WEEKDAY = Function(
    "weekday",
    "dates",
    "row",
    tuple(
        signature(
            f"{kind}, {of}", "integer", f"{_days_since(start, '{0}')} + {first}", constants={1: Constant(choices=names)}
        )
        for of, start, first, names in (
            ("text", 1, 1, ("monday",)),
            ("text", 7, 1, ("sunday",)),
            ("integer", 7, 1, (1,)),
            ("integer", 1, 1, (2,)),
            ("integer", 1, 0, (3,)),
        )
        for kind in ("date", "timestamp")
    ),
    'The day of the week, 1 to 7, counted from "monday" or "sunday"; or by a spreadsheet\'s code: 1 from Sunday,'
    " 2 from Monday, 3 from Monday with 0 to 6.",
    (
        Example('weekday(date("2024-01-29"), "monday")', "1"),
        Example('weekday(date("2024-01-29"), "sunday")', "2"),
        Example('weekday(date("2024-02-04"), 1)', "1"),
        Example('weekday(date("2024-02-04"), 2)', "7"),
        Example('weekday(date("2024-02-04"), 3)', "6"),
    ),
    caution="Tools disagree on the first day: write iso_weekday(x) for 1 on Monday,"
    ' weekday(x, "sunday") for 1 on Sunday.',
)


def _name_of(names: tuple[str, ...], field: str, numbered: bool = False) -> str:
    """SQL for the name that belongs to a part of ``{0}``; numbered, it sorts in the order of the calendar."""
    width = 2 if len(names) > 9 else 1
    texts = [f"{i:0{width}} - {name}" if numbered else name for i, name in enumerate(names, 1)]
    return f"SPLIT_PART('{','.join(texts)}', ',', CAST({_FIELDS[field].format(x='{0}')} AS INT))"


def _named(field: str, names: Mapping[str, tuple[str, ...]]) -> tuple[Signature, ...]:
    return tuple(
        signature(
            f"{kind}, text?",
            "text",
            _name_of(names[language], field),
            defaults={1: '"en"'},
            constants={1: Constant(choices=(language,))},
        )
        for language in names
        for kind in ("date", "timestamp")
    )


_NAMES = (
    Function(
        "month_name",
        "dates",
        "row",
        _named("month", MONTHS),
        'The name of the month, in English or, with "fr", in French.',
        (Example('month_name(date("2024-08-09"))', "August"), Example('month_name(date("2024-08-09"), "fr")', "août")),
        aliases=("monthname",),
    ),
    Function(
        "day_name",
        "dates",
        "row",
        _named("weekday", WEEKDAYS),
        'The name of the day of the week, in English or, with "fr", in French.',
        (Example('day_name(date("2024-01-29"))', "Monday"), Example('day_name(date("2024-01-29"), "fr")', "lundi")),
        aliases=("dayname", "weekday_name"),
    ),
    Function(
        "is_weekend",
        "dates",
        "row",
        tuple(signature(kind, "boolean", "EXTRACT(ISODOW FROM {0}) >= 6") for kind in ("date", "timestamp")),
        "Whether the day is a Saturday or a Sunday.",
        (Example('is_weekend(date("2024-02-03"))', "true"), Example('is_weekend(date("2024-02-05"))', "false")),
    ),
    Function(
        "days_in_month",
        "dates",
        "row",
        tuple(
            signature(
                kind,
                "integer",
                "CAST(EXTRACT(DAY FROM DATE_TRUNC('month', CAST({0} AS TIMESTAMP))"
                " + INTERVAL '1 month' - INTERVAL '1 day') AS BIGINT)",
            )
            for kind in ("date", "timestamp")
        ),
        "The number of days of the month, 28 to 31.",
        (Example('days_in_month(date("2024-02-10"))', "29"), Example('days_in_month(date("2023-02-10"))', "28")),
    ),
    Function(
        "is_leap_year",
        "dates",
        "row",
        tuple(
            signature(
                kind, "boolean", "EXTRACT(DAY FROM MAKE_DATE(CAST(EXTRACT(YEAR FROM {0}) AS INT), 3, 1) - 1) = 29"
            )
            for kind in ("date", "timestamp")
        ),
        "Whether the year has a 29 February.",
        (Example('is_leap_year(date("2000-05-01"))', "true"), Example('is_leap_year(date("1900-05-01"))', "false")),
    ),
)

_UNITS = {
    "year": ("year", "years"),
    "quarter": ("quarter", "quarters"),
    "month": ("month", "months"),
    "week": ("week", "weeks", "iso_week"),
    "iso_year": ("iso_year", "isoyear"),
    "day": ("day", "days", "day_of_month"),
    "weekday": ("weekday", "day_of_week", "isodow", "iso_weekday"),
    "day_of_year": ("day_of_year", "doy"),
    "hour": ("hour", "hours"),
    "minute": ("minute", "minutes"),
    "second": ("second", "seconds"),
}


def _extractions() -> tuple[Signature, ...]:
    signatures = []
    for field, names in _UNITS.items():
        kinds = ("timestamp", "time") if field in _TIMES else ("date", "timestamp")
        choice = Constant(choices=names)
        for kind in kinds:
            signatures.append(signature(f"{kind}, text", "integer", _number(field, "{0}"), constants={1: choice}))
        for kind in kinds:
            signatures.append(signature(f"text, {kind}", "integer", _number(field, "{1}"), constants={0: choice}))
    for field, texts in (("month", MONTHS), ("weekday", WEEKDAYS)):
        for language, names in texts.items():
            for label, numbered in ((language, False), (f"num-{language}", True)):
                for kind in ("date", "timestamp"):
                    constants = {1: Constant(choices=_UNITS[field]), 2: Constant(choices=(label,))}
                    template = _name_of(names, field, numbered)
                    signatures.append(signature(f"{kind}, text, text", "text", template, constants=constants))
    return tuple(signatures)


_EXTRACT = Function(
    "extract_date_part",
    "dates",
    "row",
    _extractions(),
    'A part of a date or time by its name; the month and the weekday also as a name, "en" or "fr", or as a label that'
    ' sorts in the order of the calendar, "num-en" or "num-fr".',
    (
        Example('extract_date_part(date("2024-08-09"), "month")', "8"),
        Example('extract_date_part(date("2024-08-09"), "weekday")', "5"),
        Example('extract_date_part(date("2024-08-09"), "month", "fr")', "août"),
        Example('extract_date_part(date("2024-08-09"), "month", "num-fr")', "08 - août"),
        Example('extract_date_part(date("2024-08-09"), "weekday", "num-fr")', "5 - vendredi"),
        Example('extract_date_part("hour", timestamp("2024-08-09 14:05:00"))', "14"),
    ),
    aliases=("date_part", "datepart", "extract"),
)

_CONSTRUCT = (
    Function(
        "date",
        "dates",
        "row",
        (
            signature("text", "date", "CAST({0} AS DATE)", constants={0: Constant(reads="date")}),
            signature("date", "date", "{0}"),
            signature("timestamp", "date", "CAST({0} AS DATE)"),
            signature("timestamptz, text?", "date", "CAST({0} AT TIME ZONE {1} AS DATE)", timezone=1),
            # Months and days that run over go into the next year or month, as DATE of spreadsheets has them.
            signature(
                "integer, integer, integer",
                "date",
                "CAST(MAKE_DATE({0:int}, 1, 1) + MAKE_INTERVAL(months => {1:int} - 1, days => {2:int} - 1) AS DATE)",
            ),
        ),
        "A date: as written, of a moment (in a time zone), or of year, month and day, where month 13 is the January"
        " after and day 0 the last of the month before, as in spreadsheets.",
        (
            Example('date("2024-01-31")', "2024-01-31"),
            Example("date(2024, 2, 29)", "2024-02-29"),
            Example("date(2024, 13, 1)", "2025-01-01"),
            Example("date(2024, 3, 0)", "2024-02-29"),
            Example('date(timestamp("2024-01-31 23:59:59"))', "2024-01-31"),
            Example('date(timestamptz("2024-01-31T23:30:00Z"), "Europe/Paris")', "2024-02-01"),
        ),
        monotone=(0,),
        caution="A column of text becomes a date by to_date(x).",
    ),
    Function(
        "make_date",
        "dates",
        "row",
        (signature("integer, integer, integer", "date", "MAKE_DATE({0:int}, {1:int}, {2:int})"),),
        "The date of year, month and day; one that does not exist is an error.",
        (Example("make_date(2024, 2, 29)", "2024-02-29"),),
        aliases=("date_from_parts", "datefromparts"),
    ),
    Function(
        "timestamp",
        "dates",
        "row",
        (
            signature("text", "timestamp", "CAST({0} AS TIMESTAMP)", constants={0: Constant(reads="timestamp")}),
            signature("timestamp", "timestamp", "{0}"),
            signature("date", "timestamp", "CAST({0} AS TIMESTAMP)"),
            signature("date, time", "timestamp", "{0} + {1}"),
            signature(
                "integer, integer, integer, integer, integer, integer",
                "timestamp",
                "MAKE_TIMESTAMP({0:int}, {1:int}, {2:int}, {3:int}, {4:int}, {5})",
            ),
        ),
        "A date and time without a time zone: as written, the start of a day, a day and a time, or of year, month,"
        " day, hour, minute and second.",
        (
            Example('timestamp("2024-01-31 10:30:00")', "2024-01-31 10:30:00"),
            Example('timestamp(date("2024-01-31"))', "2024-01-31 00:00:00"),
            Example('timestamp(date("2024-01-31"), time("10:30"))', "2024-01-31 10:30:00"),
            Example("timestamp(2024, 1, 31, 10, 30, 0)", "2024-01-31 10:30:00"),
        ),
        aliases=("datetime", "make_timestamp"),
        monotone=(0,),
        caution="A column of text becomes a timestamp by to_timestamp(x); a timestamptz by at_timezone(x, zone).",
    ),
    Function(
        "timestamptz",
        "dates",
        "row",
        (signature("text", "timestamptz", "CAST({0} AS TIMESTAMPTZ)", constants={0: Constant(reads="timestamptz")}),),
        "A moment, as written with its offset from UTC.",
        (Example('timestamptz("2024-01-31T10:30:00+02:00")', "2024-01-31 08:30:00+00"),),
    ),
    Function(
        "time",
        "dates",
        "row",
        (
            signature("text", "time", "CAST({0} AS TIME)", constants={0: Constant(reads="time")}),
            signature("timestamp", "time", "CAST({0} AS TIME)"),
            signature("integer, integer, integer", "time", "MAKE_TIME({0:int}, {1:int}, {2})"),
        ),
        "A time of day: as written, of a timestamp, or of hour, minute and second.",
        (
            Example('time("10:30")', "10:30:00"),
            Example('time(timestamp("2024-01-31 10:30:05"))', "10:30:05"),
            Example("time(9, 5, 0)", "09:05:00"),
        ),
        aliases=("make_time",),
    ),
    Function(
        "duration",
        "dates",
        "row",
        tuple(
            signature("integer, text", "interval", f"MAKE_INTERVAL({part})", constants={1: Constant(choices=names)})
            for names, part in (
                (("year", "years"), "years => {0:int}"),
                (("quarter", "quarters"), "months => 3 * {0:int}"),
                (("month", "months"), "months => {0:int}"),
                (("week", "weeks"), "weeks => {0:int}"),
                (("day", "days"), "days => {0:int}"),
                (("hour", "hours"), "hours => {0:int}"),
                (("minute", "minutes"), "mins => {0:int}"),
                (("second", "seconds"), "secs => {0}"),
            )
        ),
        'A length of time of as many units, to add to a date or take from it: duration(3, "month").',
        (
            Example('date("2024-01-31") + duration(1, "month")', "2024-02-29"),
            Example('timestamp("2024-01-31 00:00:00") - duration(90, "minutes")', "2024-01-30 22:30:00"),
        ),
        aliases=("time_delta", "timedelta"),
    ),
)

_CLOCK = (
    Function(
        "now",
        "dates",
        "row",
        (signature("", "timestamptz", "{now}"),),
        "The moment of the run, the same throughout it.",
        (Example("now() = now()", "true"),),
        aliases=("current_timestamp",),
        nulls="never",
        clock="instant",
        caution="at_timezone(now(), zone) is what a clock there shows.",
    ),
    Function(
        "today",
        "dates",
        "row",
        (signature("text?", "date", "CAST({now} AT TIME ZONE {0} AS DATE)", timezone=0),),
        "The day of the run, in the project's time zone or a given one.",
        (Example("today() = date(now())", "true"), Example("days_between(today(), tomorrow())", "1")),
        aliases=("current_date",),
        clock="day",
    ),
    Function(
        "yesterday",
        "dates",
        "row",
        (signature("text?", "date", "CAST({now} AT TIME ZONE {0} AS DATE) - 1", timezone=0),),
        "The day before today().",
        (Example("days_between(yesterday(), today())", "1"),),
        clock="day",
    ),
    Function(
        "tomorrow",
        "dates",
        "row",
        (signature("text?", "date", "CAST({now} AT TIME ZONE {0} AS DATE) + 1", timezone=0),),
        "The day after today().",
        (Example("days_between(today(), tomorrow())", "1"),),
        clock="day",
    ),
)

FUNCTIONS: tuple[Function, ...] = (*_PARTS, _WEEKDAY, *_NAMES, _EXTRACT, *_CONSTRUCT, *_CLOCK)
