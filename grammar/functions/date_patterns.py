"""The patterns in which formulas write and read dates: ``"DD/MM/YYYY"``, ``"YYYY-MM-DD HH:mm:ss"``.

One set, whatever the database. Case matters only where two parts share a letter: ``MM`` is the month, ``mm`` the
minutes. The parts::

    YYYY  year               M     month, 1 to 12          HH  hour, 00 to 23 (HH24 too)
    YY    year, 2000 to 2099 MMM   Jan                     hh  hour, 01 to 12, with AM (HH12 too)
    Q     quarter            MMMM  January                 mm  minutes (MI too)
    MM    month, 01 to 12    DD    day, 01 to 31           ss  seconds (SS too)
    WW    ISO week, 01 to 53 D     day, 1 to 31            SSS milliseconds
    GGGG  year of that week  DDD   Mon    DDDD  Monday     AM  AM or PM

Anything that is no letter or digit stands for itself, and so do ``T`` and what stands in single quotes. Quarters,
weeks and days of the week can be written, not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PARTS: tuple[tuple[str, str], ...] = (
    ("YYYY", "the year, 1000 to 9999"),
    ("YY", "the year in two digits, 2000 to 2099"),
    ("Q", "the quarter, 1 to 4 (written only)"),
    ("MMMM", "the month's English name, January"),
    ("MMM", "the first three letters of it, Jan"),
    ("MM", "the month, 01 to 12"),
    ("M", "the month, 1 to 12"),
    ("DDDD", "the weekday's English name, Monday (written only)"),
    ("DDD", "the first three letters of it, Mon (written only)"),
    ("DD", "the day of the month, 01 to 31"),
    ("D", "the day of the month, 1 to 31"),
    ("GGGG", "the year of the ISO week (written only)"),
    ("WW", "the ISO week, 01 to 53 (written only)"),
    ("HH", "the hour, 00 to 23"),
    ("hh", "the hour, 01 to 12, with AM"),
    ("mm", "the minute, 00 to 59"),
    ("ss", "the second, 00 to 59"),
    ("SSS", "the millisecond, 000 to 999"),
    ("AM", "AM or PM"),
)
"""The parts of a pattern and what they mean, for the reference page."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_SYNONYMS = {
    "yyyy": "YYYY",
    "yy": "YY",
    "dd": "DD",
    "d": "D",
    "Mon": "MMM",
    "Month": "MMMM",
    "Dy": "DDD",
    "Day": "DDDD",
    "HH24": "HH",
    "HH12": "hh",
    "MI": "mm",
    "SS": "ss",
    "MS": "SSS",
    "IW": "WW",
    "IYYY": "GGGG",
    "PM": "AM",
}
"""Spellings that other tools have and that mean nothing else here."""

_POSTGRES = {
    "YYYY": "YYYY",
    "YY": "YY",
    "Q": "Q",
    "MMMM": "FMMonth",
    "MMM": "Mon",
    "MM": "MM",
    "M": "FMMM",
    "DDDD": "FMDay",
    "DDD": "Dy",
    "DD": "DD",
    "D": "FMDD",
    "GGGG": "IYYY",
    "WW": "IW",
    "HH": "HH24",
    "hh": "HH12",
    "mm": "MI",
    "ss": "SS",
    "SSS": "MS",
    "AM": "AM",
}

_TOKEN = re.compile(
    r"'(?P<quoted>[^']*)'|(?P<part>HH24|HH12|IYYY|YYYY|yyyy|GGGG|MMMM|Month|DDDD|MMM|Mon|DDD|Day|SSS"
    r"|YY|yy|MM|DD|dd|Dy|WW|IW|HH|hh|MI|mm|SS|ss|MS|AM|PM|Q|M|D|d)|(?P<other>[^A-Za-z0-9]|T)"
)

_SHAPES = {
    "YYYY": "[0-9]{4}",
    "YY": "[0-9]{2}",
    "MMMM": "[A-Za-z]{3,9}",
    "MMM": "[A-Za-z]{3}",
    "MM": "[0-9]{2}",
    "M": "[0-9]{1,2}",
    "DD": "[0-9]{2}",
    "D": "[0-9]{1,2}",
    "HH": "[0-9]{2}",
    "hh": "[0-9]{1,2}",
    "mm": "[0-9]{2}",
    "ss": "[0-9]{2}",
    "SSS": "[0-9]{3}",
    "AM": "[AaPp][Mm]",
}
_PLACES = {"YYYY": "y", "YY": "y", "MMMM": "m", "MMM": "m", "MM": "m", "M": "m", "DD": "d", "D": "d"} | {
    "HH": "H",
    "hh": "H",
    "mm": "M",
    "ss": "S",
    "SSS": "F",
    "AM": "A",
}
_TIMES = {
    "HH": "([01][0-9]|2[0-3])",
    "hh": "(0?[1-9]|1[0-2])",
    "mm": "[0-5][0-9]",
    "ss": "[0-5][0-9]",
    "SSS": "[0-9]{3}",
    "AM": "[AaPp][Mm]",
}
_LEAP = {
    "YYYY": "([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)",
    "YY": "([02468][048]|[13579][26])",
}
_NUMBERS = {
    "any": tuple(range(1, 13)),
    "not February": (1, *range(3, 13)),
    "long": (1, 3, 5, 7, 8, 10, 12),
    "February": (2,),
}
_MONTH_DIGITS = {
    "any": "({zero}[1-9]|1[0-2])",
    "not February": "({zero}[13-9]|1[0-2])",
    "long": "({zero}[13578]|1[02])",
    "February": "{zero}2",
}
_DAY_DIGITS = {"28": "({zero}[1-9]|1[0-9]|2[0-8])", "29 and 30": "(29|30)", "31": "31", "29": "29"}
_YEARS = {"YYYY": "[1-9][0-9]{3}", "YY": "[0-9]{2}"}


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A pattern in the forms that SQL needs.

    ``pattern`` is PostgreSQL's, for ``TO_CHAR``. For reading (empty where the pattern cannot be read): ``shape`` is a
    regular expression that a text must have, with its parts as groups, ``iso`` the replacement that brings these in
    ISO 8601's order, and ``regex`` matches exactly the texts that name a day (or a moment) that exists.
    """

    pattern: str
    shape: str = ""
    iso: str = ""
    regex: str = ""


def read_pattern(text: str) -> DatePattern | str:
    """The pattern in all its forms, or what is wrong with it, as a sentence.

    >>> read_pattern("DD/MM/YYYY").pattern
    'DD/MM/YYYY'
    """
    if "%" in text:
        return "Dates are written as in YYYY-MM-DD HH:mm:ss; patterns with % are not read."
    parts = _parts_of(text)
    if isinstance(parts, str):
        return parts
    kinds = [part for part, is_part in parts if is_part]
    if not kinds:
        return f"{text} names no part of a date: write it as in YYYY-MM-DD."
    if "mm" in kinds and not {"HH", "hh"} & set(kinds):
        return "mm is the minutes: write MM for the month."
    if re.search(r"(HH|hh)[^A-Za-z]*MM", "".join(part for part, _ in parts)):
        return "MM is the month: write mm for the minutes."
    if "AM" in kinds and "HH" in kinds:
        return "With AM and PM the hour is hh."
    if "hh" in kinds and "AM" not in kinds:
        return "hh is the hour from 1 to 12: add AM, or write HH for 0 to 23."
    postgres = "".join(_POSTGRES[part] if is_part else _quote(part) for part, is_part in parts)
    if not _can_be_read(kinds):
        return DatePattern(postgres)
    shape, groups = _shape(parts)
    return DatePattern(postgres, shape, _iso(groups), _regex(parts))


def _parts_of(text: str) -> list[tuple[str, bool]] | str:
    """The pattern cut in parts and other characters; True marks a part, in its first spelling."""
    parts: list[tuple[str, bool]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            word = re.match(r"[A-Za-z]+|[0-9]+|.", text[at:], re.DOTALL)
            assert word is not None
            return f"{word.group()} is no part of a date: write it as in YYYY-MM-DD, and other words in '…'."
        part = match.group("part")
        if part is not None:
            parts.append((_SYNONYMS.get(part, part), True))
        else:
            parts.append((match.group("quoted") or match.group("other") or "", False))
        at = match.end()
    return parts


def _quote(text: str) -> str:
    """Text that stands for itself in a pattern of PostgreSQL."""
    if not any(character.isalnum() or character in '"\\' for character in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _can_be_read(kinds: list[str]) -> bool:
    """Whether a day can be found: year, month and day once each, and of the time no part without the greater one."""
    places = [_PLACES.get(kind, "") for kind in kinds]
    if "" in places or len(set(places)) < len(places) or not {"y", "m", "d"} <= set(places):
        return False
    time = [place for place in "HMSF" if place in places]
    return time == list("HMSF")[: len(time)]


def _escape(text: str) -> str:
    return re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text)


def _shape(parts: list[tuple[str, bool]]) -> tuple[str, dict[str, tuple[int, str]]]:
    """The expression with one group a part, and the number and kind of the group of each place."""
    shape, groups = "^", dict[str, tuple[int, str]]()
    for part, is_part in parts:
        if not is_part:
            shape += _escape(part)
            continue
        groups[_PLACES[part]] = (len(groups) + 1, part)
        shape += f"({_SHAPES[part]})"
    return shape + "$", groups


def _iso(groups: dict[str, tuple[int, str]]) -> str:
    """The replacement that puts the groups in ISO 8601's order; PostgreSQL reads ``2024-Jan-5 3:05 PM`` too."""
    year, kind = groups["y"]
    text = ("20" if kind == "YY" else "") + f"\\{year}-\\{groups['m'][0]}-\\{groups['d'][0]}"
    for place, before in (("H", " "), ("M", ":"), ("S", ":"), ("F", "."), ("A", " ")):
        if place in groups:
            text += f"{before}\\{groups[place][0]}"
        if place == "M" and "H" in groups and "M" not in groups:
            text += ":00"
    return text


def _regex(parts: list[tuple[str, bool]]) -> str:
    """The expression that matches exactly the days there are: by length of month, and 29 February by leap year."""
    dated = [index for index, (part, _) in enumerate(parts) if _PLACES.get(part, "") in ("y", "m", "d")]
    first, last = dated[0], dated[-1] + 1
    cases = (
        ("any", "28", _YEARS),
        ("not February", "29 and 30", _YEARS),
        ("long", "31", _YEARS),
        ("February", "29", _LEAP),
    )
    days = "|".join(
        "".join(_case(part, is_part, month, day, years) for part, is_part in parts[first:last])
        for month, day, years in cases
    )
    before = "".join(_case(part, is_part, "", "", {}) for part, is_part in parts[:first])
    after = "".join(_case(part, is_part, "", "", {}) for part, is_part in parts[last:])
    any_case = "(?i)" if any(part in ("MMM", "MMMM", "AM") for part, _ in parts) else ""
    return f"{any_case}^{before}({days}){after}$"


def _case(part: str, is_part: bool, month: str, day: str, years: dict[str, str]) -> str:
    """The expression of one part of the pattern, for some months, days and years."""
    if not is_part:
        return _escape(part)
    place = _PLACES[part]
    zero = "0?" if len(part) == 1 else "0"
    if place == "y":
        return years[part]
    if part in ("MMM", "MMMM"):
        names = _MONTHS if part == "MMM" else _MONTH_NAMES
        return f"({'|'.join(names[number - 1] for number in _NUMBERS[month])})"
    if place == "m":
        return _MONTH_DIGITS[month].format(zero=zero)
    if place == "d":
        return _DAY_DIGITS[day].format(zero=zero)
    return _TIMES[part]
