"""Every name of the design is a function, a form of the language, or answered with what to write instead."""

from __future__ import annotations

import re

import pytest

from headrace.grammar.calls import FORMS
from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Scope
from headrace.grammar.functions import CATALOGUE, lookup, words
from headrace.grammar.functions.foreign_names import AMBIGUOUS_NAMES, FOREIGN_NAMES
from headrace.grammar.types import Type

THESE_NAMES = """
extract_date_part utc_to_timezone date_diff time_delta now date date_add like ilike contains icontains regexp_match
left right str_len lower_case upper_case lpad rpad split substring replace float numeric str round to_int
datetime_from_string json_extract_path_text is_first ntile rank dense_rank quantile sum sum_if avg avg_if min min_if
max max_if count count_if dcount dcount_if last_value last_value_if is_defined is_empty
"""

SPREADSHEET_NAMES = """
if ifs switch and or not concat textjoin trim proper len mid find search substitute upper lower value abs ceiling floor
power sqrt exp ln sign year month day hour minute second eomonth edate datedif networkdays today sumif countif averageif
"""

SQL_NAMES = """
coalesce nullif greatest least cast extract date_trunc make_date string_agg median percentile stddev variance corr mode
bool_and bool_or array_agg row_number lag lead first_value
"""

FAMILIES = (
    *("text", "number", "dates", "logical", "conversion", "aggregates", "windows", "regular expressions"),
    *("json", "statistics", "quality", "operators"),
)
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
PERIODS = ("year", "quarter", "month", "week")
DATE_NAMES = [
    *(f"{word}_of_{unit}" for word in ("start", "end") for unit in UNITS),
    *(f"{unit}s_between" for unit in UNITS),
    *(f"add_{unit}s" for unit in UNITS),
    *(f"{word}_{unit}" for word in ("this", "last", "next") for unit in PERIODS),
    *(f"{unit}_to_date" for unit in PERIODS),
    "last_n",
]


@pytest.mark.parametrize("name", [*f"{THESE_NAMES} {SPREADSHEET_NAMES} {SQL_NAMES}".split(), *DATE_NAMES])
def test_is_a_function(name: str) -> None:
    assert lookup(name) is not None or name in FORMS


def test_the_families_are_all_there() -> None:
    assert {function.family for function in CATALOGUE.values()} == set(FAMILIES)


def test_the_51_names_are_51() -> None:
    """With ``null``, which is a word of the language that may be called: ``null()``."""
    assert len({*THESE_NAMES.split(), "null"}) == 51
    for text in ("null", "null()"):
        expression = type_formula(text, Scope()).expression
        assert expression is not None
        assert expression.type.kind == "null"


@pytest.mark.parametrize(
    "formula",
    [
        *(f'date_trunc("{unit}", t)' for unit in UNITS),
        *(f'date_add(t, 2, "{unit}")' for unit in UNITS),
        *(f'date_diff("{unit}", t, t)' for unit in UNITS),
        *(f"t + 2 {unit}s" for unit in UNITS),
        *(f'duration(n, "{unit}")' for unit in UNITS),
        *(f'extract_date_part(t, "{unit}")' for unit in UNITS),
        *(f"extract({unit} from t)" for unit in UNITS),
        *(f'last_n(d, 3, "{unit}s")' for unit in PERIODS),
        "count(*) > 0",
        'b || "x"',
        "n::text",
        'extract_date_part(d, "month", "fr")',
        'extract_date_part(d, "month", "num-fr")',
    ],
)
def test_each_unit_and_sign_is_understood(formula: str) -> None:
    kinds = {"t": "timestamp", "d": "date", "n": "integer", "b": "text"}
    scope = Scope(columns={name: Column(Type(kind), name) for name, kind in kinds.items()})
    typed = type_formula(formula, scope, levels=("row", "aggregate"))
    assert [each.message for each in typed.diagnostics] == []


@pytest.mark.parametrize("name", ["mod", "int", "log"])
def test_ambiguous_names_are_none(name: str) -> None:
    """A name that would lie is no alias."""
    assert lookup(name) is None
    said = type_formula(f"{name}(x, 2)", Scope(columns={"x": Column(Type("integer"), "x")})).diagnostics
    assert [each.code for each in said] == ["F107"]


@pytest.mark.parametrize(
    ("formula", "words_of_hint"),
    [
        ("SI(x > 1, 2, 3)", "if(condition"),
        ("RECHERCHEV(x)", "lookup or join"),
        ("VLOOKUP(x)", "lookup or join"),
        ("CALCULATE(x)", "where"),
        ("DATEADD(x, 1)", "date_add"),
        ("IFERROR(x, 0)", "??"),
        ("NVL(x, 0)", "x ?? y"),
        ("getdate()", "now()"),
    ],
)
def test_foreign_names_are_answered(formula: str, words_of_hint: str) -> None:
    said = type_formula(formula, Scope(columns={"x": Column(Type("integer"), "x")})).diagnostics
    assert [each.code for each in said] == ["F101"]
    assert words_of_hint in " ".join(said[0].hints)


@pytest.mark.parametrize(
    ("formula", "differs"),
    [
        ('weekday(date("2024-01-29"))', "iso_weekday"),
        ("rank(x order by x)", "order by value desc"),
        ('date_diff(date("2024-01-29"), date("2024-01-30"), "day")', "unit first"),
    ],
)
def test_cautions_answer_calls_that_do_not_fit(formula: str, differs: str) -> None:
    scope = Scope(columns={"x": Column(Type("integer"), "x")})
    said = type_formula(formula, scope, levels=("row", "window")).diagnostics
    assert len(said) == 1
    assert differs in " ".join(said[0].hints)


def test_no_foreign_name_is_a_function() -> None:
    assert [name for name in FOREIGN_NAMES if lookup(name) is not None or name in FORMS] == []
    assert [name for name in FOREIGN_NAMES if name != name.casefold()] == []
    assert all(name in FOREIGN_NAMES for name in AMBIGUOUS_NAMES)


def test_what_is_offered_exists() -> None:
    """Each call that a sentence offers is one of a function or form there is."""
    known = {*words(), *FORMS}
    sentences = [*FOREIGN_NAMES.values(), *(function.caution for function in CATALOGUE.values())]
    for sentence in sentences:
        offered = set(re.findall(r"\b([a-z_][a-z_0-9]*)\(", sentence))
        assert offered <= known, sentence
        assert sentence == "" or sentence.endswith((".", ")")), sentence
