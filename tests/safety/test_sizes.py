"""Formulas and documents of any size are compiled, or refused by a diagnostic, in bounded time; nothing recurses."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from headrace import Engine
from headrace.grammar.parse import parse
from headrace.grammar.printer import print_tree
from tests.safety.documents import document, everywhere

SECONDS = 60.0
"""For check, compile and preview together, on a busy machine; alone they take a fifth of it at most."""


def _derive(formula: str) -> dict[str, Any]:
    return document([{"derive": {"new": formula}}])


def _chain(length: int) -> list[str]:
    return ["a", *(f"c{number - 1} + 1" for number in range(1, length))]


COMPILED = {
    "a text of 99,000 characters": _derive('"' + "x" * 99_000 + '"'),
    "100 terms": _derive(" + ".join(["a"] * 100)),
    "200 terms": _derive(" + ".join(["a"] * 200)),
    "150 comparisons": document([{"filter": " or ".join(f"a = {number}" for number in range(150))}]),
    "a list of 9,900 values": document([{"filter": f"a in ({', '.join(map(str, range(9_900)))})"}]),
    "500 brackets": _derive("(" * 500 + "a" + ")" * 500),
    "60 conditions within each other": _derive("if(a = 1, 2, " * 60 + "3" + ")" * 60),
    "2,000 branches": _derive("case " + "when a = 1 then 2 " * 2_000 + "else 3 end"),
    "90 arguments": _derive(f"concat({', '.join(['b'] * 90)})"),
    "5,000 alternatives": _derive(f"coalesce({', '.join(['a'] * 5_000)})"),
    "1,500 formulas in a step": document([{"derive": {f"c{number}": f"a + {number}" for number in range(1_500)}}]),
    "100 formulas that use each other": document([{"derive": {f"c{n}": text for n, text in enumerate(_chain(100))}}]),
    "100 steps that use each other": document([{"derive": {f"c{n}": text}} for n, text in enumerate(_chain(100))]),
    "500 steps of one column": document([{"derive": {"a": "a + 1"}}] * 500),
    "60 squares": document([{"derive": {"a": "a * a"}}] * 60),
    "300 filters": document([{"filter": f"a > {number}"} for number in range(300)]),
    "100 windows": document([{"derive": {"a": "sum(a per ())"}}] * 100),
}

REFUSED = {
    "a text of 100,000 characters": ("F070", _derive('"' + "x" * 100_000 + '"')),
    "10,000 terms": ("F072", _derive(" + ".join(["a"] * 9_999))),
    "15,000 terms": ("F071", _derive("+".join(["a"] * 15_000))),
    "500 calls within calls": ("F072", _derive("abs(" * 500 + "a" + ")" * 500)),
    "150 calls within calls": ("F154", _derive("abs(" * 150 + "a" + ")" * 150)),
    "500 opened brackets": ("F004", _derive("(" * 500)),
    "500 opened conditions": ("F003", _derive("case when a then " * 500 + "1")),
    "150 conditions within each other": ("F154", _derive("if(a = 1, 2, " * 150 + "3" + ")" * 150)),
    "150 powers": ("F154", _derive("a" + " ^ 1" * 190)),
    "150 casts": ("F154", _derive("a" + "::text::integer" * 95)),
    "91 arguments": ("F111", _derive(f"concat({', '.join(['b'] * 91)})")),
    "25 squares in formulas": (
        "F153",
        {
            **(made := document([{"derive": {"new": "g25"}}])),
            "sources": {
                "s": {
                    **made["sources"]["s"],
                    "formulas": {"g0": "a", **{f"g{n}": f"g{n - 1} * g{n - 1}" for n in range(1, 26)}},
                }
            },
        },
    ),
    "10,000 formulas in a step": (
        "S116",
        document([{"derive": {f"c{number}": f"a + {number}" for number in range(10_000)}}]),
    ),
    "700 formulas that use each other": (
        "P202",
        document([{"derive": {f"c{n}": text for n, text in enumerate(_chain(700))}}]),
    ),
    "2,000 steps that use each other": (
        "P202",
        document([{"derive": {f"c{n}": text}} for n, text in enumerate(_chain(2_000))]),
    ),
}


@pytest.mark.parametrize("name", COMPILED)
def test_it_is_compiled_in_bounded_time(name: str) -> None:
    start = time.perf_counter()
    checked, compiled, previewed = everywhere(COMPILED[name])
    assert time.perf_counter() - start < SECONDS
    assert [each.code for each in (*checked, *compiled)] == []
    assert {each.code for each in previewed} <= {"P204"}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_bounded_time(name: str) -> None:
    code, made = REFUSED[name]
    start = time.perf_counter()
    said = everywhere(made)
    assert time.perf_counter() - start < SECONDS
    assert all(each and each[0].code == code for each in said)


@pytest.mark.parametrize(
    "formula",
    [
        " + ".join(["a"] * 200),
        "(" * 500 + "a" + ")" * 500,
        "abs(" * 199 + "a" + ")" * 199,
        "not " * 199 + "a",
        "case when a then 1 " + "when b then 2 " * 3_000 + "end",
        "if(a, b, " * 199 + "c" + ")" * 199,
    ],
    ids=lambda formula: formula[:12],
)
def test_printing_nests_as_far_as_reading(formula: str) -> None:
    tree = parse(formula).tree
    assert tree is not None
    assert parse(print_tree(tree)).tree == tree


def _from_deep(frames: int, ask: Callable[[], Any]) -> Any:
    """What ``ask`` gives when it is called from so many calls within calls."""
    return ask() if frames <= 0 else _from_deep(frames - 1, ask)


@pytest.mark.parametrize("frames", [0, 100, 200, 300, 400, 500])
@pytest.mark.parametrize("name", ["200 terms", "60 conditions within each other", "500 brackets", "60 squares"])
def test_a_host_may_call_from_deep_within_its_own(name: str, frames: int) -> None:
    """There is an answer, be it that the formula nests too deep for the stack that is left."""
    assert sys.getrecursionlimit() == 1_000
    made = COMPILED[name]
    engine = Engine()
    for ask in (partial(engine.check, made), partial(engine.compile, made), partial(engine.preview, made, None, "n")):
        said = _from_deep(frames, ask).diagnostics
        assert {each.code for each in said} <= {"F154", "P204", "P106"}
        assert frames > 100 or not said


def test_a_node_that_nests_too_deep_leaves_the_others() -> None:
    made = document([{"derive": {"new": " + ".join(["a"] * 200)}}], materialize="table")
    made["nodes"]["other"] = {"from": "s", "steps": [{"select": ["a"]}], "materialize": "table"}
    result = _from_deep(600, lambda: Engine().compile(made))
    assert {each.code for each in result.diagnostics} <= {"F154", "P204"}
    assert result.nodes["other"].sql is not None
