"""Start and end of periods, addition to dates and differences between them, for every unit."""

from __future__ import annotations

from collections.abc import Callable

from headrace.grammar.function import Constant, Example, Function, Signature, signature

DATE_UNITS = ("year", "quarter", "month", "week", "day")
TIME_UNITS = ("hour", "minute", "second")
UNITS = (*DATE_UNITS, *TIME_UNITS)

_LENGTH = {
    "year": "INTERVAL '1 year'",
    "quarter": "INTERVAL '3 months'",
    "month": "INTERVAL '1 month'",
    "week": "INTERVAL '7 days'",
    "day": "INTERVAL '1 day'",
    "hour": "INTERVAL '1 hour'",
    "minute": "INTERVAL '1 minute'",
    "second": "INTERVAL '1 second'",
}
_ADDED = {
    "year": "MAKE_INTERVAL(years => {n:int})",
    "quarter": "MAKE_INTERVAL(months => 3 * {n:int})",
    "month": "MAKE_INTERVAL(months => {n:int})",
    "week": "MAKE_INTERVAL(weeks => {n:int})",
    "day": "MAKE_INTERVAL(days => {n:int})",
    "hour": "MAKE_INTERVAL(hours => {n:int})",
    "minute": "MAKE_INTERVAL(mins => {n:int})",
    "second": "MAKE_INTERVAL(secs => {n})",
}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def unit_names(unit: str) -> Constant:
    """The literals that name a unit: ``"month"``, ``"months"``."""
    return Constant(choices=(unit, f"{unit}s"))


def start_of_date(unit: str, value: str) -> str:
    """SQL for the first day of the unit in which the date ``value`` is."""
    # DATE_TRUNC of a date would go through timestamptz, and so through the session's time zone.
    return value if unit == "day" else f"CAST(DATE_TRUNC('{unit}', CAST({value} AS TIMESTAMP)) AS DATE)"


def add_to_date(unit: str, value: str, count: str) -> str:
    """SQL for a date and a whole number of units of a day or more; ``count`` is a placeholder's name."""
    if unit == "day":
        return f"{value} + {{{count}:int}}"
    if unit == "week":
        return f"{value} + 7 * {{{count}:int}}"
    return f"CAST({value} + {_added(unit, count)} AS DATE)"


def _added(unit: str, count: str) -> str:
    return _ADDED[unit].replace("{n", "{" + count)


def _start(unit: str, at: int = 0) -> tuple[tuple[str, str], ...]:
    """Kind and template of the start of a unit; the value is argument ``at``, a time zone the last."""
    value = f"{{{at}}}"
    starts = [
        ("timestamp", f"DATE_TRUNC('{unit}', {value})"),
        ("timestamptz", f"DATE_TRUNC('{unit}', {value}, {{zone}})"),
    ]
    if unit in DATE_UNITS:
        starts.insert(0, ("date", start_of_date(unit, value)))
    return tuple(starts)


def _end(unit: str, at: int = 0) -> tuple[tuple[str, str], ...]:
    value, length = f"{{{at}}}", _LENGTH[unit]
    last = "INTERVAL '1 microsecond'"
    ends = [("timestamp", f"DATE_TRUNC('{unit}', {value}) + {length} - {last}")]
    if unit in TIME_UNITS:
        ends.append(("timestamptz", f"DATE_TRUNC('{unit}', {value}, {{zone}}) + {length} - {last}"))
        return tuple(ends)
    local = f"DATE_TRUNC('{unit}', {value} AT TIME ZONE {{zone}}) + {length}"
    ends.append(("timestamptz", f"({local}) AT TIME ZONE {{zone}} - {last}"))
    if unit == "day":
        return (("date", value), *ends)
    day = f"CAST(DATE_TRUNC('{unit}', CAST({value} AS TIMESTAMP)) + {length} - INTERVAL '1 day' AS DATE)"
    return (("date", day), *ends)


def _zoned(arguments: str, result: str, template: str, constants: dict[int, Constant] | None = None) -> Signature:
    """A signature whose ``{zone}``, if any, is one more argument: the project's time zone when left out."""
    if "{zone}" not in template:
        return signature(arguments, result, template, constants=constants)
    position = arguments.count(",") + 1
    template = template.replace("{zone}", f"{{{position}}}")
    return signature(f"{arguments}, text?", result, template, constants=constants, timezone=position)


def _days_from(start: int, value: str) -> str:
    return f"(CAST(EXTRACT(ISODOW FROM {value}) AS INT) + {(7 - start) % 7}) % 7"


def week_from(start: int, kind: str, value: str) -> str:
    """SQL for the first day, or its first moment, of the week of ``value``, in weeks from the weekday ``start``."""
    if kind == "date":
        return f"{value} - {_days_from(start, value)}"
    local = value if kind == "timestamp" else f"{value} AT TIME ZONE {{zone}}"
    back = _days_from(start, local if kind == "timestamp" else f"({local})")
    moment = f"DATE_TRUNC('day', {local}) - MAKE_INTERVAL(days => {back})"
    return moment if kind == "timestamp" else f"({moment}) AT TIME ZONE {{zone}}"


def _week_to(start: int, kind: str, value: str) -> str:
    """SQL for the last day, or its last moment, of the week of ``value``, in weeks from the weekday ``start``."""
    first, last = week_from(start, kind, value), "INTERVAL '1 microsecond'"
    if kind == "date":
        return f"{first} + 6"
    if kind == "timestamp":
        return f"{first} + {_LENGTH['week']} - {last}"
    return first.replace(") AT TIME ZONE {zone}", f" + {_LENGTH['week']}) AT TIME ZONE {{zone}}") + f" - {last}"


def weekday_signatures(
    arguments: str,
    made: Callable[[int, str], tuple[str, str]],
    at: int,
    kinds: tuple[str, ...] = ("date", "timestamp", "timestamptz"),
) -> tuple[Signature, ...]:
    """Signatures for weeks that start on another day than Monday, which argument ``at`` names.

    ``made`` gives the result and the template for the number of a weekday and a kind; ``KIND`` stands for the kind in
    ``arguments``.
    """
    found = []
    for number, name in enumerate(_WEEKDAYS, 1):
        for kind in kinds:
            constants = {at: Constant(choices=(name,))}
            words = arguments.replace("KIND", kind).split(", ")
            if "unit" in words:
                constants[words.index("unit")] = unit_names("week")
            result, template = made(number, kind)
            found.append(_zoned(", ".join(words).replace("unit", "text"), result, template, constants))
    return tuple(found)


_START_EXAMPLES = {
    "year": "2024-01-01 00:00:00",
    "quarter": "2024-07-01 00:00:00",
    "month": "2024-08-01 00:00:00",
    "week": "2024-08-05 00:00:00",
    "day": "2024-08-09 00:00:00",
    "hour": "2024-08-09 14:00:00",
    "minute": "2024-08-09 14:05:00",
    "second": "2024-08-09 14:05:59",
}
_END_EXAMPLES = {
    "year": "2024-12-31 23:59:59.999999",
    "quarter": "2024-09-30 23:59:59.999999",
    "month": "2024-08-31 23:59:59.999999",
    "week": "2024-08-11 23:59:59.999999",
    "day": "2024-08-09 23:59:59.999999",
    "hour": "2024-08-09 14:59:59.999999",
    "minute": "2024-08-09 14:05:59.999999",
    "second": "2024-08-09 14:05:59.999999",
}
_MOMENT = 'timestamp("2024-08-09 14:05:59.75")'
_DATE = 'date("2024-08-09")'


def _start_examples(unit: str) -> tuple[Example, ...]:
    value = _START_EXAMPLES[unit]
    examples = [Example(f"start_of_{unit}({_MOMENT})", value)]
    if unit in DATE_UNITS:
        examples.append(Example(f"start_of_{unit}({_DATE})", value[:10]))
    if unit == "week":
        examples.append(Example(f'start_of_week({_DATE}, "sunday")', "2024-08-04"))
        examples.append(Example('start_of_week(timestamp("2024-08-11 10:00:00"), "sunday")', "2024-08-11 00:00:00"))
        zoned = 'start_of_week(timestamptz("2024-03-31T22:30:00Z"), "monday", "Europe/Paris")'
        examples.append(Example(zoned, "2024-03-31 22:00:00+00"))
    if unit == "day":
        zoned = 'start_of_day(timestamptz("2024-03-31T10:00:00Z"), "Europe/Paris")'
        examples.append(Example(zoned, "2024-03-30 23:00:00+00"))
    return tuple(examples)


def _end_examples(unit: str) -> tuple[Example, ...]:
    value = _END_EXAMPLES[unit]
    examples = [Example(f"end_of_{unit}({_MOMENT})", value)]
    if unit in DATE_UNITS:
        examples.append(Example(f"end_of_{unit}({_DATE})", value[:10]))
    if unit == "month":
        examples.append(Example('end_of_month(date("2023-02-01"))', "2023-02-28"))
    if unit == "week":
        examples.append(Example(f'end_of_week({_DATE}, "sunday")', "2024-08-10"))
        examples.append(
            Example('end_of_week(timestamp("2024-08-11 10:00:00"), "saturday")', "2024-08-16 23:59:59.999999")
        )
    if unit == "day":
        zoned = 'end_of_day(timestamptz("2024-03-31T10:00:00Z"), "Europe/Paris")'
        examples.append(Example(zoned, "2024-03-31 21:59:59.999999+00"))
    return tuple(examples)


def _from_weekday(arguments: str, value: int, at: int) -> tuple[Signature, ...]:
    return weekday_signatures(arguments, lambda day, kind: (kind, week_from(day, kind, f"{{{value}}}")), at)


def _to_weekday(arguments: str, at: int) -> tuple[Signature, ...]:
    return weekday_signatures(arguments, lambda day, kind: (kind, _week_to(day, kind, "{0}")), at)


def _starts(unit: str) -> Function:
    week = ", which is a Monday, or the day named by the second argument" if unit == "week" else ""
    return Function(
        f"start_of_{unit}",
        "dates",
        "row",
        (
            *(_zoned(kind, kind, template) for kind, template in _start(unit)),
            *(_from_weekday("KIND, text", 0, 1) if unit == "week" else ()),
        ),
        f"The start of the {unit} of a date or time{week}; of a timestamptz, in a time zone.",
        _start_examples(unit),
        monotone=(0,),
    )


def _ends(unit: str) -> Function:
    return Function(
        f"end_of_{unit}",
        "dates",
        "row",
        (
            *(_zoned(kind, kind, template) for kind, template in _end(unit)),
            *(_to_weekday("KIND, text", 1) if unit == "week" else ()),
        ),
        f"The end of the {unit}: the last day, for a date, or the last microsecond, for a time."
        + (" Weeks start on Monday, or on the day named by the second argument." if unit == "week" else ""),
        _end_examples(unit),
        aliases=("last_day_of_month",) if unit == "month" else (),
        monotone=(0,),
    )


_TRUNC = (
    Function(
        "date_trunc",
        "dates",
        "row",
        (
            *(
                _zoned(arguments, kind, template, {1 - at: unit_names(unit)})
                for at in (0, 1)
                for unit in UNITS
                for kind, template in _start(unit, at)
                for arguments in ((f"{kind}, text",) if at == 0 else (f"text, {kind}",))
            ),
            *_from_weekday("KIND, unit, text", 0, 2),
            *_from_weekday("unit, KIND, text", 1, 2),
        ),
        "The start of the unit in which a date or time is; date and unit in either order. Weeks start on Monday, or on"
        " the day named last.",
        (
            Example('date_trunc("month", date("2024-08-09"))', "2024-08-01"),
            Example(f'date_trunc({_MOMENT}, "hour")', "2024-08-09 14:00:00"),
            Example('date_trunc("week", date("2024-08-11"))', "2024-08-05"),
            Example('date_trunc("week", date("2024-08-11"), "sunday")', "2024-08-11"),
        ),
        aliases=("start_of",),
        monotone=(0, 1),
    ),
    Function(
        "end_of",
        "dates",
        "row",
        (
            *(
                _zoned(f"{kind}, text", kind, template, {1: unit_names(unit)})
                for unit in UNITS
                for kind, template in _end(unit)
            ),
            *_to_weekday("KIND, unit, text", 2),
        ),
        "The end of the unit in which a date or time is. Weeks start on Monday, or on the day named last.",
        (
            Example('end_of(date("2024-08-11"), "week", "sunday")', "2024-08-17"),
            Example('end_of(date("2024-02-09"), "month")', "2024-02-29"),
            Example(f'end_of({_MOMENT}, "hour")', "2024-08-09 14:59:59.999999"),
        ),
        monotone=(0,),
    ),
)


def _additions(unit: str, value: int, count: int) -> tuple[tuple[str, str, str], ...]:
    """Kind, result and template of the addition of argument ``count`` to argument ``value``."""
    x, step = f"{{{value}}}", _added(unit, str(count))
    moment = ("timestamp", "timestamp", f"{x} + {step}")
    if unit in TIME_UNITS:
        # Hours and less are the same everywhere, so a timestamptz needs no zone for them.
        day = ("date", "timestamp", f"CAST({x} AS TIMESTAMP) + {step}")
        return (day, moment, ("timestamptz", "timestamptz", f"{x} + {step}"))
    day = ("date", "date", add_to_date(unit, x, str(count)))
    return (day, moment, ("timestamptz", "timestamptz", f"({x} AT TIME ZONE {{zone}} + {step}) AT TIME ZONE {{zone}}"))


_ADD_EXAMPLES = {
    "year": ("2024-02-29", "2025-02-28"),
    "quarter": ("2023-11-30", "2024-02-29"),
    "month": ("2024-01-31", "2024-02-29"),
    "week": ("2024-02-26", "2024-03-04"),
    "day": ("2024-02-28", "2024-02-29"),
    "hour": ("2024-02-28", "2024-02-28 01:00:00"),
    "minute": ("2024-02-28", "2024-02-28 00:01:00"),
    "second": ("2024-02-28", "2024-02-28 00:00:01"),
}


def _adds(unit: str) -> Function:
    before, after = _ADD_EXAMPLES[unit]
    clamp = "; a day that the month does not have becomes its last" if unit in ("year", "quarter", "month") else ""
    return Function(
        f"add_{unit}s",
        "dates",
        "row",
        tuple(_zoned(f"{kind}, integer", result, template) for kind, result, template in _additions(unit, 0, 1)),
        f"The date or time as many {unit}s later, or earlier where negative{clamp}.",
        (Example(f'add_{unit}s(date("{before}"), 1)', after),),
        aliases=("edate",) if unit == "month" else (),
        # 30 January 20:00 and 31 January 03:00, a month later, are 29 February 20:00 and 03:00.
        monotone=() if unit in ("year", "quarter", "month") else (0, 1),
    )


_DATE_ADD = Function(
    "date_add",
    "dates",
    "row",
    (
        *(
            _zoned(f"{kind}, integer, text", result, template, {2: unit_names(unit)})
            for unit in UNITS
            for kind, result, template in _additions(unit, 0, 1)
        ),
        *(
            _zoned(f"text, integer, {kind}", result, template, {0: unit_names(unit)})
            for unit in UNITS
            for kind, result, template in _additions(unit, 2, 1)
        ),
        signature("timestamp, interval", "timestamp", "{0} + {1}"),
    ),
    'The date or time as many units later: date_add(x, 3, "month") or date_add("month", 3, x).',
    (
        Example('date_add(date("2024-01-31"), 1, "month")', "2024-02-29"),
        Example('date_add("day", -31, date("2024-01-31"))', "2023-12-31"),
        Example('date_add(timestamptz("2024-03-30T11:00:00Z"), 1, "day", "Europe/Paris")', "2024-03-31 10:00:00+00"),
        Example('date_add(timestamptz("2024-03-30T11:00:00Z"), 24, "hours")', "2024-03-31 11:00:00+00"),
        Example('date_add(timestamp("2024-01-31 10:00:00"), duration(2, "hours"))', "2024-01-31 12:00:00"),
    ),
    aliases=("time_add", "timestamp_add"),
    caution="To add a duration to a date, write x + 3 months.",
)

_EOMONTH = Function(
    "eomonth",
    "dates",
    "row",
    tuple(
        signature(
            f"{kind}, integer?",
            "date",
            "CAST(DATE_TRUNC('month', CAST({0} AS TIMESTAMP)) + MAKE_INTERVAL(months => {1:int} + 1)"
            " - INTERVAL '1 day' AS DATE)",
            defaults={1: "0"},
        )
        for kind in ("date", "timestamp")
    ),
    "The last day of the month as many months later.",
    (
        Example('eomonth(date("2024-01-31"), 1)', "2024-02-29"),
        Example('eomonth(date("2024-03-15"), -1)', "2024-02-29"),
        Example('eomonth(date("2024-03-15"), 0)', "2024-03-31"),
    ),
    monotone=(0, 1),
)


def _whole_units(unit: str, start: str, end: str) -> tuple[tuple[str, str], ...]:
    """Kind and template of the number of whole units from ``start`` to ``end``."""

    def months(per: int, wrap: str) -> str:
        age = f"AGE({wrap.format(end)}, {wrap.format(start)})"
        if per == 12:
            return f"CAST(EXTRACT(YEAR FROM {age}) AS BIGINT)"
        count = f"EXTRACT(YEAR FROM {age}) * 12 + EXTRACT(MONTH FROM {age})"
        return f"CAST({count} AS BIGINT)" if per == 1 else f"CAST(DIV({count}, {per}) AS BIGINT)"

    def days(per: int, wrap: str) -> str:
        count = f"CAST(EXTRACT(DAY FROM {wrap.format(end)} - {wrap.format(start)}) AS BIGINT)"
        return count if per == 1 else f"{count} / {per}"

    zoned = "({} AT TIME ZONE {{zone}})"
    if unit in _SECONDS:
        seconds = _SECONDS[unit]
        passed = f"CAST(TRUNC(EXTRACT(EPOCH FROM {end} - {start}) / {seconds}) AS BIGINT)"
        dated = f"CAST({end} - {start} AS BIGINT) * {86400 // seconds}"
        return (("date", dated), ("timestamp", passed), ("timestamptz", passed))
    if unit in ("day", "week"):
        per = 1 if unit == "day" else 7
        dated = f"CAST({end} - {start} AS BIGINT)" + ("" if per == 1 else f" / {per}")
        return (
            ("date", dated),
            ("timestamp", days(per, "{}")),
            ("timestamptz", days(per, zoned)),
        )
    per = {"year": 12, "quarter": 3, "month": 1}[unit]
    return (
        ("date", months(per, "CAST({} AS TIMESTAMP)")),
        ("timestamp", months(per, "{}")),
        ("timestamptz", months(per, zoned)),
    )


_BETWEEN_EXAMPLES = {
    "year": (("2020-02-29", "2024-02-28", "3"), ("2020-02-29", "2024-02-29", "4")),
    "quarter": (("2024-01-15", "2024-07-14", "1"), ("2024-01-15", "2024-07-15", "2")),
    "month": (("2024-01-15", "2024-03-14", "1"), ("2024-01-31", "2024-03-31", "2"), ("2024-03-15", "2024-01-15", "-2")),
    "week": (("2024-01-01", "2024-01-14", "1"), ("2024-01-14", "2024-01-01", "-1")),
    "day": (("2024-02-28", "2024-03-01", "2"), ("2024-03-01", "2024-02-28", "-2")),
    "hour": (("2024-02-28", "2024-03-01", "48"),),
    "minute": (("2024-02-28", "2024-02-29", "1440"),),
    "second": (("2024-02-28", "2024-02-29", "86400"),),
}


_SAME_DAY = " It is whole on the same day of the month: from 31 January to 29 February there is no whole month."


def _between(unit: str) -> Function:
    examples = [
        Example(f'{unit}s_between(date("{start}"), date("{end}"))', value)
        for start, end, value in _BETWEEN_EXAMPLES[unit]
    ]
    if unit == "hour":
        clocks = 'timestamp("2024-01-01 10:30:00"), timestamp("2024-01-01 12:29:59")'
        examples.append(Example(f"hours_between({clocks})", "1"))
    if unit == "day":
        clocks = 'timestamp("2024-01-01 12:00:00"), timestamp("2024-01-03 11:00:00")'
        examples.append(Example(f"days_between({clocks})", "1"))
    return Function(
        f"{unit}s_between",
        "dates",
        "row",
        tuple(_zoned(f"{kind}, {kind}", "integer", template) for kind, template in _whole_units(unit, "{0}", "{1}")),
        f"The number of whole {unit}s from the first date or time to the second; negative where that is earlier."
        + (_SAME_DAY if unit in ("year", "quarter", "month") else ""),
        tuple(examples),
    )


def _crossed(unit: str, kind: str, start: str, end: str) -> str:
    """SQL for the number of starts of a unit after ``start`` up to ``end``."""
    if kind == "timestamptz" and unit in DATE_UNITS:
        start, end = f"({start} AT TIME ZONE {{zone}})", f"({end} AT TIME ZONE {{zone}})"
    if unit in _SECONDS:
        if kind == "date":
            return f"CAST({end} - {start} AS BIGINT) * {86400 // _SECONDS[unit]}"
        zone = ", {zone}" if kind == "timestamptz" else ""
        apart = f"DATE_TRUNC('{unit}', {end}{zone}) - DATE_TRUNC('{unit}', {start}{zone})"
        return f"CAST(EXTRACT(EPOCH FROM {apart}) / {_SECONDS[unit]} AS BIGINT)"
    if unit in ("day", "week"):
        if unit == "week":
            start, end = (f"DATE_TRUNC('week', CAST({value} AS TIMESTAMP))" for value in (start, end))
        days = f"CAST(CAST({end} AS DATE) - CAST({start} AS DATE) AS BIGINT)"
        return days if unit == "day" else f"{days} / 7"
    years = f"(EXTRACT(YEAR FROM {end}) - EXTRACT(YEAR FROM {start}))"
    if unit == "year":
        return f"CAST({years} AS BIGINT)"
    field, per = ("QUARTER", 4) if unit == "quarter" else ("MONTH", 12)
    return f"CAST({years} * {per} + EXTRACT({field} FROM {end}) - EXTRACT({field} FROM {start}) AS BIGINT)"


def _weeks_crossed(day: int) -> str:
    return f"CAST(({week_from(day, 'date', '{2}')}) - ({week_from(day, 'date', '{1}')}) AS BIGINT) / 7"


_DATE_DIFF = Function(
    "date_diff",
    "dates",
    "row",
    (
        *(
            _zoned(f"text, {kind}, {kind}", "integer", _crossed(unit, kind, "{1}", "{2}"), {0: unit_names(unit)})
            for unit in UNITS
            for kind in ("date", "timestamp", "timestamptz")
        ),
        *weekday_signatures("unit, KIND, KIND, text", lambda day, _: ("integer", _weeks_crossed(day)), 3, ("date",)),
    ),
    "The number of starts of a unit (midnights, firsts of a month, Mondays …) between the first date or time and the"
    " second. Weeks start on Monday, or on the day named last. (months_between and its like count whole units.)",
    (
        Example('date_diff("day", date("2024-02-28"), date("2024-03-01"))', "2"),
        Example('date_diff("month", date("2024-01-31"), date("2024-02-01"))', "1"),
        Example('date_diff("year", date("2023-12-31"), date("2024-01-01"))', "1"),
        Example('date_diff("quarter", date("2024-06-30"), date("2024-01-01"))', "-1"),
        Example('date_diff("week", date("2024-08-04"), date("2024-08-05"))', "1"),
        Example('date_diff("week", date("2024-08-03"), date("2024-08-04"), "sunday")', "1"),
        Example('date_diff("hour", timestamp("2024-01-01 10:59:00"), timestamp("2024-01-01 12:01:00"))', "2"),
    ),
    aliases=("datediff",),
    caution='Tools disagree on the order: write the unit first, then start and end, date_diff("day", start, end);'
    " days_between(start, end) counts whole days.",
)

_DATEDIF_UNITS = (
    (("y",), "year"),
    (("m",), "month"),
    (("d",), "day"),
)
_AGE = "AGE(CAST({1} AS TIMESTAMP), CAST({0} AS TIMESTAMP))"

_DATEDIF = Function(
    "datedif",
    "dates",
    "row",
    (
        *(
            signature(
                "date, date, text", "integer", dict(_whole_units(unit, "{0}", "{1}"))["date"], constants={2: choice}
            )
            for names, unit in _DATEDIF_UNITS
            for choice in (Constant(choices=names),)
        ),
        signature(
            "date, date, text",
            "integer",
            f"CAST(EXTRACT(MONTH FROM {_AGE}) AS BIGINT)",
            constants={2: Constant(choices=("ym",))},
        ),
        signature(
            "date, date, text",
            "integer",
            f"CAST(EXTRACT(DAY FROM {_AGE}) AS BIGINT)",
            constants={2: Constant(choices=("md",))},
        ),
    ),
    'The whole years ("Y"), months ("M") or days ("D") from the first date to the second, as in spreadsheets;'
    ' "YM" is the months that remain after the years, "MD" the days that remain after the months.',
    (
        Example('datedif(date("2020-01-15"), date("2024-03-20"), "Y")', "4"),
        Example('datedif(date("2020-01-15"), date("2024-03-20"), "M")', "50"),
        Example('datedif(date("2020-01-15"), date("2024-03-20"), "YM")', "2"),
        Example('datedif(date("2020-01-15"), date("2024-03-20"), "MD")', "5"),
        Example('datedif(date("2024-01-15"), date("2024-01-20"), "D")', "5"),
    ),
)


def _workdays_to(value: str) -> str:
    """SQL for the number of days from Monday to Friday since the first day of year 1, a Monday, to ``value``."""
    days = f"({value} - DATE '0001-01-01')"
    return f"{days} / 7 * 5 + LEAST({days} % 7 + 1, 5)"


_NETWORKDAYS = Function(
    "networkdays",
    "dates",
    "row",
    (
        signature(
            "date, date",
            "integer",
            f"CAST(CASE WHEN {{1}} >= {{0}} THEN {_workdays_to('{1}')} - ({_workdays_to('({0} - 1)')})"
            f" ELSE {_workdays_to('({1} - 1)')} - ({_workdays_to('{0}')}) END AS BIGINT)",
        ),
    ),
    "The number of days from Monday to Friday, from the first date to the second, both counted; negative where the"
    " second is earlier.",
    (
        Example('networkdays(date("2024-01-29"), date("2024-02-04"))', "5"),
        Example('networkdays(date("2024-02-02"), date("2024-02-05"))', "2"),
        Example('networkdays(date("2024-02-03"), date("2024-02-04"))', "0"),
        Example('networkdays(date("2024-02-05"), date("2024-02-02"))', "-2"),
    ),
    aliases=("workdays_between",),
)

FUNCTIONS: tuple[Function, ...] = (
    *(_starts(unit) for unit in UNITS),
    *(_ends(unit) for unit in UNITS),
    *_TRUNC,
    *(_adds(unit) for unit in UNITS),
    _DATE_ADD,
    _EOMONTH,
    *(_between(unit) for unit in UNITS),
    _DATE_DIFF,
    _DATEDIF,
    _NETWORKDAYS,
)
