"""Patterns of dates: what they read is exactly the days there are."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from headrace.grammar.functions.date_patterns import PARTS, DatePattern, read_pattern

READABLE = {
    "YYYY-MM-DD": "{y:04}-{m:02}-{d:02}",
    "DD/MM/YYYY": "{d:02}/{m:02}/{y:04}",
    "D.M.YYYY": "{d}.{m}.{y:04}",
    "YYYYMMDD": "{y:04}{m:02}{d:02}",
    "'le' DD-MM-YYYY": "le {d:02}-{m:02}-{y:04}",
}


def _read(pattern: str) -> DatePattern:
    read = read_pattern(pattern)
    assert isinstance(read, DatePattern), read
    return read


def _exists(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("pattern", READABLE)
def test_reads_the_days_there_are(pattern: str) -> None:
    regex = re.compile(_read(pattern).regex)
    for year in (1000, 1600, 1900, 2000, 2023, 2024, 2100, 9999):
        for month in range(14):
            for day in range(33):
                text = READABLE[pattern].format(y=year, m=month, d=day)
                assert bool(regex.search(text)) is _exists(year, month, day), text


def test_two_digits_are_this_century() -> None:
    regex = re.compile(_read("DD/MM/YY").regex)
    for year in range(100):
        assert bool(regex.search(f"29/02/{year:02}")) is _exists(2000 + year, 2, 29), year


@pytest.mark.parametrize("pattern", READABLE)
def test_postgresql_reads_the_same(cursor: Any, pattern: str) -> None:
    """A day written in a pattern and read in it again is the day, for ten years."""
    read = _read(pattern)
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE w ~ %s AND CAST(REGEXP_REPLACE(w, %s, %s) AS DATE) = d) FROM"
        " (SELECT d, TO_CHAR(CAST(d AS TIMESTAMP), %s) AS w FROM"
        " (SELECT DATE '1995-01-01' + n AS d FROM generate_series(0, 3652) AS n) AS a) AS b",
        (read.regex, read.shape, read.iso, read.pattern),
    )
    assert cursor.fetchone() == (3653, 3653)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("yyyy-mm-dd", "mm is the minutes: write MM for the month."),
        ("HH:MM", "MM is the month: write mm for the minutes."),
        ("hh:mm", "hh is the hour from 1 to 12: add AM, or write HH for 0 to 23."),
        ("HH:mm AM", "With AM and PM the hour is hh."),
        ("%d/%m/%Y", "Dates are written as in YYYY-MM-DD HH:mm:ss; patterns with % are not read."),
        ("jj/MM/YYYY", "jj is no part of a date: write it as in YYYY-MM-DD, and other words in '…'."),
        ("", " names no part of a date: write it as in YYYY-MM-DD."),
    ],
)
def test_says_what_is_wrong(pattern: str, said: str) -> None:
    assert read_pattern(pattern) == said


@pytest.mark.parametrize("pattern", ["MM/YYYY", "YYYY-'W'WW", "DD/MM/YYYY DD", "YYYY-MM-DD ss", "HH:mm"])
def test_some_can_be_written_only(pattern: str) -> None:
    """Where no day can be found there is nothing to read."""
    assert _read(pattern).regex == ""


@pytest.mark.parametrize("part", [part for part, _ in PARTS])
def test_every_part_that_is_described_is_known(part: str) -> None:
    pattern = {"hh": "hh AM", "AM": "hh AM", "mm": "HH:mm"}.get(part, part)
    assert isinstance(read_pattern(pattern), DatePattern)
