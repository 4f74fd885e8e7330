"""Functions that a host gives to an engine: formulas, and entries with SQL of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from same_rows import difference

from headrace import Engine
from headrace.grammar.function import Example, Function, signature
from headrace.grammar.own_functions import given_functions
from headrace.run.embedded import Server

REVERSED = Function(
    "backwards",
    "text",
    "row",
    (signature("text", "text", "REVERSE({0})"), signature("text, integer", "text", "LEFT(REVERSE({0}), {1:int})")),
    "The text, last letter first.",
    (Example('backwards("abc")', "cba"),),
    aliases=("mirror",),
)
PRODUCT = Function(
    "product",
    "aggregates",
    "aggregate",
    (signature("float", "float", "SUM(LN({0}))", outside="EXP({})"),),
    "All multiplied.",
    (),
    nulls="custom",
)
MOMENT = Function("moment", "dates", "row", (signature("", "timestamptz", "{now}"),), "Now.", (), clock="instant")


def _document(**columns: str) -> dict[str, Any]:
    return {
        "headrace": 1,
        "functions": {"loud(x)": "upper(mirror(x))"},
        "sources": {"t": {"rows": [{"a": "abc", "n": 2}, {"a": "xyz", "n": 5}]}},
        "nodes": {"n": {"from": "t", "steps": [{"derive": columns}]}},
    }


def _rows(engine: Engine, document: dict[str, Any], server: Server) -> list[tuple[Any, ...]]:
    shown = engine.preview(document, None, "n")
    assert shown.sql is not None, shown.diagnostics
    connection = psycopg2.connect(server.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(shown.sql)
        rows = cursor.fetchall()
    connection.close()
    return rows


def test_entries_of_a_host_are_called_like_those_of_the_catalogue(server: Server) -> None:
    engine = Engine(functions=[REVERSED, PRODUCT, "half(x): x / 2"])
    document = _document(b="BACKWARDS(a)", c='mirror(a, 1) & "!"', d="loud(a)", e="product(n per ())", f="half(n)")
    found = _rows(engine, document, server)
    wanted = [("abc", 2, "cba", "c!", "CBA", 10.0, Decimal(1)), ("xyz", 5, "zyx", "z!", "ZYX", 10.0, Decimal("2.5"))]
    assert difference(wanted, found, list("anbcdef")) is None


def test_mistakes_in_their_calls_are_those_of_any_function() -> None:
    engine = Engine(functions=[REVERSED])
    (told,) = engine.check(_document(b="backwards(n)")).diagnostics
    assert (told.code, told.message) == ("F110", "backwards cannot take n (integer) as its first argument.")
    (told,) = engine.check(_document(b="bakwards(a)")).diagnostics
    assert told.hints == ("Did you mean backwards?",)


def test_only_its_engine_knows_a_function() -> None:
    said = {each.code for each in Engine().check(_document(b="backwards(a)")).diagnostics}
    assert "F101" in said
    assert Engine(functions=[REVERSED]).check(_document(b="backwards(a)")).ok


def test_a_fingerprint_is_of_the_sql_of_a_function() -> None:
    other = Function("backwards", "text", "row", (signature("text", "text", "UPPER({0})"),), "Other.", ())
    document = _document(b="backwards(a)")
    document["functions"] = {}
    prints = [Engine(functions=[each]).compile(document).nodes["n"].fingerprint for each in (REVERSED, other, REVERSED)]
    assert prints[0] == prints[2] != prints[1]


def test_a_fingerprint_is_of_the_formula_of_a_function() -> None:
    document = _document(b="half(n)")
    document["functions"] = {}
    prints = [
        Engine(functions=[text]).compile(document).nodes["n"].fingerprint
        for text in ("half(x): x / 2", "half(y): y / 2", "half(x): x / 3")
    ]
    assert prints[0] == prints[1] != prints[2]


def test_a_function_that_reads_the_clock_makes_nodes_stale() -> None:
    result = Engine(functions=[MOMENT]).check(_document(b="moment()") | {"functions": {}})
    assert result.nodes["n"].clock.changes == "instant"


@pytest.mark.parametrize(
    ("functions", "said"),
    [
        (["sum(x): x"], "There is a function sum already"),
        (["net(x) x"], "'net\\(x\\) x' is no function"),
        (["net(x, x): x"], "is no function"),
        (["f(x): g(x)", "g(x): f(x)"], "These functions need each other: f → g → f."),
        (["net(x): x +"], "A value is missing after"),
        (["net(x): y"], "y is no argument of net\\(x\\)"),
        (["net(x): x", "Net(x): x"], "declared twice"),
        ([REVERSED, "mirror(x): x"], "declared twice"),
        ([REVERSED, REVERSED], "there is a function backwards already"),
        ([Function("Loud", "text", "row", (signature("text", "text", "{0}"),), "", ())], "is no name of a function"),
        ([Function("total", "text", "row", (signature("text", "text", "{0}"),), "", ())], "a function total already"),
        ([Function("odd", "text", "row", (), "", ())], "at least one signature"),
        ([Function("odd", "text", "row", (signature("strng", "text", "{0}"),), "", ())], "strng is no kind"),
        ([Function("odd", "text", "row", (signature("text", "argument 1", "{0}"),), "", ())], "argument 1 is no kind"),
        ("net(x): x", "functions are a list"),
    ],
)
def test_a_function_that_makes_no_sense_is_the_mistake_of_the_host(functions: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Engine(functions=functions)


def test_documents_cannot_take_the_name_of_a_function_of_the_host() -> None:
    (told,) = Engine(functions=["loud(x): x"]).check(_document() | {"nodes": {}}).diagnostics[:1]
    assert (told.code, told.pointer) == ("F172", "/functions/loud(x)")


def test_editors_are_offered_them() -> None:
    engine = Engine(functions=[REVERSED, "half(x): x / 2"])
    document = _document(b="ha")
    labels = [each.label for each in engine.complete(document, None, "/nodes/n/steps/0/derive/b", offset=2).items]
    assert "half" in labels
    shown = engine.hover(_document(b="half(n)"), None, "/nodes/n/steps/0/derive/b", 1)
    assert shown.hover is not None
    assert (shown.hover.title, shown.hover.text) == ("half(x) → value", "x / 2")


def test_given_functions_are_found_by_every_name() -> None:
    assert sorted(given_functions([REVERSED, "Half(x): x / 2"])) == ["backwards", "half", "mirror"]
