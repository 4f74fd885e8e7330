"""A name means one thing: where two traditions differ, what tells them apart works in both ways; else both are offered.

Each row of the table of formulas.md, and of the page of functions: what works, with its value, and what is said of the
rest, word for word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Scope
from headrace.grammar.functions import CATALOGUE
from headrace.grammar.functions.foreign_names import AMBIGUOUS_NAMES, FOREIGN_NAMES
from headrace.grammar.types import Type

from .formulas import FRIENDLY, sql

_KINDS = {"x": "decimal", "n": "integer", "b": "text", "d": "date"}
_SCOPE = Scope(columns={name: Column(Type(kind), name) for name, kind in _KINDS.items()})

WORKS = {
    # Number or type of the arguments tells the traditions apart.
    "date(2024, 1, 31)": "2024-01-31",
    'date("2024-01-31")': "2024-01-31",
    'replace("abcabc", "bc", "X")': "aXaX",
    'replace("abcdef", 2, 3, "X")': "aXef",
    'date_trunc("month", date("2024-01-31"))': "2024-01-01",
    'date_trunc(date("2024-01-31"), "month")': "2024-01-01",
    'date_add("day", 1, date("2024-01-31"))': "2024-02-01",
    'date_add(date("2024-01-31"), 1, "day")': "2024-02-01",
    'extract("year", date("2024-01-31"))': "2024",
    'extract(year from date("2024-01-31"))': "2024",
    # What is offered for the names that are refused.
    "-7 % 3": "-1",
    "floor_mod(-7, 3)": "2",
    "floor(-1.5)": "-2",
    "trunc(-1.5)": "-1",
    "to_integer(-1.5)": "-2",
    "round(ln(100), 3)": "4.605",
    "round(log10(100), 3)": "2.000",
    "round(log_base(8, 2), 3)": "3.000",
    'weekday(date("2024-01-28"), "sunday")': "1",
    'iso_weekday(date("2024-01-28"))': "7",
    'trim("  a  b  ")': "a  b",
    'collapse_spaces("  a  b  ")': "a b",
    'concat("a", null)': "a",
    '"a" & null': None,
    'iso_week(date("2024-12-30"))': "1",
    '(day_of_year(date("2024-12-30")) - 1) // 7 + 1': "53",
    'null ?? "x"': "x",
    "null is null": "true",
    'end_of_month(date("2024-02-10"))': "2024-02-29",
}

REFUSED = {
    "mod(n, 3)": (
        "F107",
        "mod means different things in different programs. x % y has the sign of x, floor_mod(x, y) that of y, as in"
        " spreadsheets.",
        ["n % 3", "floor_mod(n, 3)"],
    ),
    "int(x)": (
        "F107",
        "int means different things in different programs. floor(x) goes down, as in spreadsheets; trunc(x) goes"
        " towards 0; to_integer(x) rounds.",
        ["floor(x)", "trunc(x)", "to_integer(x)"],
    ),
    "log(x)": (
        "F107",
        "log means different things in different programs. ln(x) is the natural logarithm, log10(x) that to base 10,"
        " log_base(x, y) that to base y.",
        ["ln(x)", "log10(x)"],
    ),
    "log(x, 2)": (
        "F107",
        "log means different things in different programs. ln(x) is the natural logarithm, log10(x) that to base 10,"
        " log_base(x, y) that to base y.",
        ["log_base(x, 2)", "log_base(2, x)"],
    ),
    "weekday(d)": ("F111", "weekday takes 2 arguments, not 1.", []),
    "dayofweek(d)": (
        "F107",
        'dayofweek means different things in different programs. iso_weekday(x) is 1 on Monday, weekday(x, "sunday")'
        " is 1 on Sunday.",
        ["iso_weekday(d)", 'weekday(d, "sunday")'],
    ),
    "rank(x)": ("F111", "rank takes no arguments, not 1.", ["rank(order by x desc)"]),
    "isnull(b)": (
        "F107",
        "isnull means different things in different programs. x is null asks whether there is no value; x ?? y puts y"
        " where there is none.",
        ["b is null"],
    ),
    'isnull(b, "x")': (
        "F107",
        "isnull means different things in different programs. x is null asks whether there is no value; x ?? y puts y"
        " where there is none.",
        ['b ?? "x"'],
    ),
    'date_diff(d, d, "day")': ("F110", "date_diff cannot take d (date) as its first argument.", []),
}

CAUTIONS = {
    "trim": "TRIM of spreadsheets also makes one space of several inside the text: that is collapse_spaces(x).",
    "concat": "Where a null should make the whole null, as CONCAT of some databases has it, join with &: a & b.",
    "rank": "RANK(value, list) of spreadsheets is rank(order by value desc).",
    "weekday": "Tools disagree on the first day: write iso_weekday(x) for 1 on Monday,"
    ' weekday(x, "sunday") for 1 on Sunday.',
    "regexp_replace": "REGEXP_REPLACE of PostgreSQL replaces the first part only: that is regexp_replace_first.",
    "atan2": "Excel's ATAN2 takes the width first.",
}
"""Names that are kept, since they mean the same nearly everywhere: the page and a call that does not fit say which."""


@pytest.mark.parametrize("formula", WORKS)
def test_what_works(cursor: Any, formula: str) -> None:
    typed = type_formula(formula, _SCOPE)
    assert [each.message for each in typed.diagnostics] == []
    assert typed.expression is not None
    cursor.execute(f"{FRIENDLY} SELECT CAST({sql(typed.expression)} AS TEXT)")
    assert cursor.fetchone()[0] == WORKS[formula]


@pytest.mark.parametrize("formula", REFUSED)
def test_what_is_said(formula: str) -> None:
    code, message, offered = REFUSED[formula]
    (said,) = type_formula(formula, _SCOPE, levels=("row", "window")).diagnostics
    assert (said.code, said.message) == (code, message)
    assert [fix.replacement for fix in said.fixes] == offered
    for fix in said.fixes:
        assert fix.span is not None
        mended = formula[: fix.span.start] + fix.replacement + formula[fix.span.end :]
        assert type_formula(mended, _SCOPE, levels=("row", "window")).diagnostics == ()


def test_cautions_are_as_written() -> None:
    assert {name: CATALOGUE[name].caution for name in CAUTIONS} == CAUTIONS


def test_each_refused_name_has_both_meanings() -> None:
    """Every name that would lie is refused with at least one sentence for each meaning, and stands on the page."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "functions.md").read_text(encoding="utf-8")
    section = page.partition("## A name means one thing")[2].partition("\n## ")[0]
    for name in AMBIGUOUS_NAMES:
        assert f"| `{name}` | {FOREIGN_NAMES[name]}" in section.replace("\\|", "|")
    for name, caution in CAUTIONS.items():
        assert f"| [`{name}`](#{name}) | {caution}" in section
    for formula in ("date(2024, 1, 31)", 'replace("abcabc", "bc", "X")'):
        assert f"`{formula}`" in section
