"""How a function is called, in words that a reader takes in at a glance."""

from __future__ import annotations

import pytest

from headrace.grammar.functions import CATALOGUE
from headrace.grammar.usage import result_words, usage


@pytest.mark.parametrize(
    ("name", "calls", "result"),
    [
        ("trim", ("trim(text, [text])",), "text"),
        ("round", ("round(number, [integer])",), "number"),
        ("min", ("min(value)",), "value"),
        ("count", ("count([anything])",), "integer"),
        ("greatest", ("greatest(value, value, …)",), "value"),
        ("year", ("year(date | timestamp | timestamptz, [text])",), "integer"),
        ("to_integer", ("to_integer(number | boolean | text)",), "integer"),
        ("replace", ("replace(text, text, text)", "replace(text, integer, integer, text)"), "text"),
        (
            "clamp",
            ("clamp(number, number, number)", "clamp(date, date, date)", "clamp(timestamp, timestamp, timestamp)"),
            "number | date | timestamp",
        ),
        (
            "start_of_week",
            (
                "start_of_week(date | timestamp | timestamptz, [text])",
                'start_of_week(date | timestamp | timestamptz, "monday" | "tuesday" | "wednesday" | …, [text])',
            ),
            "date | timestamp | timestamptz",
        ),
    ],
)
def test_signatures_are_put_together(name: str, calls: tuple[str, ...], result: str) -> None:
    assert (usage(CATALOGUE[name]), result_words(CATALOGUE[name])) == (calls, result)


@pytest.mark.parametrize("name", [name for name, each in CATALOGUE.items() if each.family != "operators"])
def test_every_function_is_said_in_four_calls_at_most(name: str) -> None:
    calls = usage(CATALOGUE[name])
    assert 1 <= len(calls) <= 4
    assert all(call.startswith(f"{name}(") and call.count("(") == 1 for call in calls)
