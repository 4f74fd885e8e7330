"""Relative ranges: whether a date or time lies in this month, in the last 7 days, in the year to date.

They are anchored on ``today()`` or on the day given last. Each is a comparison of the value with two bounds, so that an
index or a partition on it serves.
"""

from __future__ import annotations

from headrace.grammar.function import Constant, Example, Function, Signature, signature
from headrace.grammar.functions.date_arithmetic import DATE_UNITS, unit_names, week_from, weekday_signatures

_KINDS = ("date", "timestamp", "timestamptz")
_PERIODS = ("week", "month", "quarter", "year")
_LENGTH = {
    "year": "INTERVAL '1 year'",
    "quarter": "INTERVAL '3 months'",
    "month": "INTERVAL '1 month'",
    "week": "INTERVAL '7 days'",
    "day": "INTERVAL '1 day'",
}
_ANCHOR = 'date("2024-08-09")'


def _start(unit: str, anchor: str) -> str:
    return f"DATE_TRUNC('{unit}', CAST({anchor} AS TIMESTAMP))"


def _within(kind: str, first: str, end: str) -> str:
    if kind == "timestamptz":
        first, end = f"({first}) AT TIME ZONE {{zone}}", f"({end}) AT TIME ZONE {{zone}}"
    return f"{{0}} >= {first} AND {{0}} < {end}"


def _range(arguments: str, template: str, anchor: int, constants: dict[int, Constant] | None = None) -> Signature:
    """A signature whose argument ``anchor`` is a day, today where it is left out; a ``{zone}`` comes after it."""
    zone = anchor + 1 if "{zone}" in template else None
    return signature(
        arguments + (", text?" if zone else ""),
        "boolean",
        template.replace("{zone}", f"{{{zone}}}"),
        defaults={anchor: "today()"},
        constants=constants,
        timezone=zone,
    )


def _period(name: str, unit: str, first: str, end: str, meaning: str, yes: str, no: str, *aliases: str) -> Function:
    """A range of one period; ``first`` and ``end`` are templates over the start of the anchor's."""
    length = _LENGTH[unit]

    def template(kind: str, start: str) -> str:
        return _within(kind, first.format(start=start, length=length), end.format(start=start, length=length))

    def from_weekday(day: int, kind: str) -> tuple[str, str]:
        return "boolean", template(kind, week_from(day, "timestamp", "CAST({1} AS TIMESTAMP)"))

    more: tuple[Example, ...] = ()
    if name == "this_week":
        more = (
            Example(f'this_week(date("2024-08-04"), {_ANCHOR}, "sunday")', "true"),
            Example(f'this_week(date("2024-08-11"), {_ANCHOR}, "sunday")', "false"),
        )
    weeks = ", and weeks from the weekday named after it" if unit == "week" else ""
    return Function(
        name,
        "dates",
        "row",
        (
            *(_range(f"{kind}, date?", template(kind, _start(unit, "{1}")), 1) for kind in _KINDS),
            *(weekday_signatures("KIND, date, text", from_weekday, 2) if unit == "week" else ()),
        ),
        f"{meaning}; of today, or of the day given after it{weeks}. A timestamptz is looked at in a time zone.",
        (
            Example(f'{name}(date("{yes}"), {_ANCHOR})', "true"),
            Example(f'{name}(date("{no}"), {_ANCHOR})', "false"),
            Example(f'{name}(timestamp("{yes} 23:59:59"), {_ANCHOR})', "true"),
            Example(f'{name}(timestamptz("{yes}T23:30:00Z"), {_ANCHOR}, "UTC")', "true"),
            *more,
        ),
        aliases=aliases,
    )


# For each unit around 9 August 2024, a Friday: a day within and one just outside of this, the last and the next period.
_THIS = {
    "week": ("2024-08-11", "2024-08-12"),
    "month": ("2024-08-31", "2024-09-01"),
    "quarter": ("2024-07-01", "2024-06-30"),
    "year": ("2024-12-31", "2025-01-01"),
}
_LAST = {
    "week": ("2024-08-04", "2024-08-05"),
    "month": ("2024-07-01", "2024-08-01"),
    "quarter": ("2024-04-01", "2024-03-31"),
    "year": ("2023-12-31", "2022-12-31"),
}
_NEXT = {
    "week": ("2024-08-12", "2024-08-11"),
    "month": ("2024-09-30", "2024-10-01"),
    "quarter": ("2024-12-31", "2025-01-01"),
    "year": ("2025-12-31", "2024-12-31"),
}
_TO_DATE = {
    "week": ("2024-08-05", "2024-08-10"),
    "month": ("2024-08-09", "2024-08-10"),
    "quarter": ("2024-07-01", "2024-08-10"),
    "year": ("2024-01-01", "2023-12-31"),
}


def _periods(unit: str) -> tuple[Function, ...]:
    return (
        _period(
            f"this_{unit}", unit, "{start}", "{start} + {length}", f"Whether the day is in the {unit}", *_THIS[unit]
        ),
        _period(
            f"last_{unit}",
            unit,
            "{start} - {length}",
            "{start}",
            f"Whether the day is in the {unit} before the one",
            *_LAST[unit],
            f"previous_{unit}",
        ),
        _period(
            f"next_{unit}",
            unit,
            "{start} + {length}",
            "{start} + 2 * {length}",
            f"Whether the day is in the {unit} after the one",
            *_NEXT[unit],
        ),
        _period(
            f"{unit}_to_date",
            unit,
            "{start}",
            "CAST({{1}} AS TIMESTAMP) + INTERVAL '1 day'",
            f"Whether the day is between the start of the {unit} and the day itself",
            *_TO_DATE[unit],
        ),
    )


def _counted(name: str, first: str, end: str, meaning: str, examples: tuple[Example, ...], *aliases: str) -> Function:
    """A range of as many units as argument 1 says; the unit is argument 2."""

    def template(unit: str, kind: str) -> str:
        start, length = _start(unit, "{3}"), _LENGTH[unit]
        bounds = (bound.replace("START", start).replace("LENGTH", length) for bound in (first, end))
        return _within(kind, *bounds)

    return Function(
        name,
        "dates",
        "row",
        tuple(
            _range(
                f"{kind}, integer, text, date?",
                template(unit, kind),
                3,
                {1: Constant(required=False, minimum=1), 2: unit_names(unit)},
            )
            for unit in DATE_UNITS
            for kind in _KINDS
        ),
        meaning,
        examples,
        aliases=aliases,
        nulls="custom",
    )


_COUNTED = (
    _counted(
        "last_n",
        "START - ({1:int} - 1) * LENGTH",
        "CAST({3} AS TIMESTAMP) + INTERVAL '1 day'",
        "Whether the day is in the last n days, weeks, months …, up to today (or the day given last) and with the one"
        ' under way: last_n(x, 7, "days") is today and the six days before.',
        (
            Example(f'last_n(date("2024-08-03"), 7, "days", {_ANCHOR})', "true"),
            Example(f'last_n(date("2024-08-02"), 7, "days", {_ANCHOR})', "false"),
            Example(f'last_n(date("2024-08-10"), 7, "days", {_ANCHOR})', "false"),
            Example(f'last_n(date("2024-06-01"), 3, "months", {_ANCHOR})', "true"),
            Example(f'last_n(date("2024-05-31"), 3, "months", {_ANCHOR})', "false"),
            Example(f'last_n(timestamp("2024-08-09 23:59:59"), 1, "week", {_ANCHOR})', "true"),
        ),
    ),
    _counted(
        "previous_n",
        "START - {1:int} * LENGTH",
        "START",
        "Whether the day is in the n whole days, weeks, months … before the one under way.",
        (
            Example(f'previous_n(date("2024-08-02"), 7, "days", {_ANCHOR})', "true"),
            Example(f'previous_n({_ANCHOR}, 7, "days", {_ANCHOR})', "false"),
            Example(f'previous_n(date("2024-05-01"), 3, "months", {_ANCHOR})', "true"),
        ),
    ),
    _counted(
        "next_n",
        "START + LENGTH",
        "START + ({1:int} + 1) * LENGTH",
        "Whether the day is in the n whole days, weeks, months … after the one under way.",
        (
            Example(f'next_n(date("2024-08-16"), 7, "days", {_ANCHOR})', "true"),
            Example(f'next_n(date("2024-08-17"), 7, "days", {_ANCHOR})', "false"),
            Example(f'next_n(date("2024-08-31"), 1, "month", {_ANCHOR})', "false"),
        ),
    ),
)

FUNCTIONS: tuple[Function, ...] = (*(function for unit in _PERIODS for function in _periods(unit)), *_COUNTED)
