"""Estimated sizes, against what the textbooks' formulas give by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from headrace.bind import bind
from headrace.catalog import Catalog, ColumnStatistics, TableFacts
from headrace.grammar.expression import Column
from headrace.grammar.types import Schema, Type
from headrace.models import load_document, read_data
from headrace.plan import Relation
from headrace.plan.estimates import Estimates

# A million sales by 10,000 of 20,000 customers, of whom 10 in each of 2,000 towns of 20 countries.
CATALOG = Catalog(
    tables={
        "sales": TableFacts(
            Schema.of(
                {"id": Type("integer"), "customer_id": Type("integer"), "day": Type("date"), "n": Type("integer")}
            ),
            (frozenset({"id"}),),
            1_000_000,
            {
                "customer_id": ColumnStatistics(10_000, 0.0),
                "day": ColumnStatistics(1000, 0.2, least=dt.date(2021, 1, 1), greatest=dt.date(2023, 9, 27)),
                "n": ColumnStatistics(100, 0.0, least=0, greatest=100),
            },
        ),
        "customers": TableFacts(
            Schema.of({"customer_id": Type("integer", nullable=False), "town": Type("text"), "country": Type("text")}),
            (frozenset({"customer_id"}),),
            20_000,
            {"town": ColumnStatistics(2000, 0.0), "country": ColumnStatistics(20, 0.0)},
        ),
        "unknown": TableFacts(Schema.of({"customer_id": Type("integer"), "x": Type("text")})),
    }
)


def _bound(source: str, steps: list[Any], **nodes: Any) -> tuple[Relation, Estimates]:
    document = {
        "headrace": 1,
        "sources": {name: {"table": name} for name in CATALOG.tables},
        "nodes": {**nodes, "result": {"from": source, "steps": steps}},
    }
    bound, found = bind([load_document(read_data(document)).document], CATALOG)
    assert not [each for each in found if each.diagnostic.severity == "error"]
    plan = bound.nodes["result"].plan
    assert plan is not None
    statistics = {name: each.statistics for name, each in bound.sources.items()}
    return plan, Estimates(statistics, {name: node.plan for name, node in bound.nodes.items() if node.plan is not None})


_JOIN = {"join": {"with": "customers", "by": "customer_id", "cardinality": "many_to_one"}}
_ROWS: list[tuple[str, list[Any], float | None]] = [
    ("sales", [], 1_000_000),
    ("unknown", [], None),
    ("unknown", [{"filter": 'x = "a"'}], None),
    ("unknown", [{"limit": {"rows": 5, "order": "x"}}], 5),
    ("unknown", [{"aggregate": {"measures": {"n": "count()"}}}], 1),
    # Selinger: one in as many as there are different values; the part of a range; one in three where nothing is known.
    ("sales", [{"filter": "customer_id = 7"}], 100),
    ("sales", [{"filter": "customer_id in [1, 2, 3]"}], 300),
    ("sales", [{"filter": "n < 25"}], 250_000),
    ("sales", [{"filter": "25 > n"}], 250_000),
    ("sales", [{"filter": "n between 20 and 30"}], 100_000),
    ("sales", [{"filter": "n > 20 and n <= 30"}], 100_000),
    ("sales", [{"filter": "n < 25 or n < 25"}], 437_500),
    ("sales", [{"filter": "not n < 25"}], 750_000),
    ("sales", [{"filter": "n > 1000"}], 0),
    ("sales", [{"filter": "day is null"}], 200_000),
    ("sales", [{"filter": "n + id > 3"}], 1_000_000 / 3),
    ("sales", [{"filter": 'day >= date("2021-01-01")'}], 800_000),
    # Groups: as many as there are values, and one for null; Cardenas where the rows are few beside them.
    ("sales", [{"distinct": ["customer_id"]}], 10_000),
    ("sales", [{"distinct": ["day"]}], 1001),
    (
        "sales",
        [{"aggregate": {"by": [{"year": "year(day)"}], "measures": {"n": "count()"}}}],
        1000 / 365.2 + 2 - 1 / 365.2,
    ),
    ("sales", [{"aggregate": {"by": ["n", {"m": "month(day)"}], "measures": {"s": "sum(n)"}}}], 1300),
    (
        "customers",
        [{"aggregate": {"by": ["town", "country"], "measures": {"s": "count()"}}}],
        40_000 * (1 - (1 - 1 / 40_000) ** 20_000),
    ),
    # Yao: of 10,000 customers, 5,000 sales at random meet 1 - (1 - 0.005)^100 of them.
    ("sales", [{"filter": "n < 0.5"}, {"distinct": ["customer_id"]}], 10_000 * (1 - (1 - 0.005) ** 100)),
    # Joins.
    ("sales", [_JOIN], 1_000_000),
    ("sales", [{"join": {**_JOIN["join"], "kind": "left"}}], 1_000_000),
    ("sales", [_JOIN, {"filter": 'country = "FR"'}], 50_000),
    ("sales", [_JOIN, {"aggregate": {"by": "country", "measures": {"s": "sum(n)"}}}], 20),
    ("sales", [{"join": {"with": "unknown", "by": "customer_id", "cardinality": "many_to_many"}}], None),
    (
        "customers",
        [{"join": {"with": "sales", "by": "customer_id", "kind": "left", "cardinality": "one_to_many"}}],
        1_010_000,
    ),
    ("customers", [{"join": {"with": "sales", "by": "customer_id", "kind": "semi"}}], 10_000),
    ("customers", [{"join": {"with": "sales", "by": "customer_id", "kind": "anti"}}], 10_000),
    ("sales", [{"union": ["sales"]}], 2_000_000),
    ("sales", [{"limit": {"rows": 3, "per": "customer_id", "order": "day"}}], 30_000),
    ("customers", [{"unpivot": {"columns": ["town", "country"], "name": "k", "value": "v"}}], 40_000),
]


@pytest.mark.parametrize(("source", "steps", "expected"), _ROWS)
def test_rows(source: str, steps: list[Any], expected: float | None) -> None:
    plan, estimates = _bound(source, steps)
    found = estimates.rows(plan)
    assert found == (None if expected is None else pytest.approx(expected, rel=0.005))


def test_another_node_is_as_large_as_its_plan() -> None:
    chain = {
        "first": {"from": "sales", "steps": [{"filter": "n < 25"}], "materialize": "table"},
        "second": {"from": "first", "steps": [{"distinct": ["n"]}], "materialize": "table"},
    }
    plan, estimates = _bound("second", [], **chain)
    assert estimates.rows(plan) == pytest.approx(100, rel=0.3)


def test_nulls_of_an_outer_join() -> None:
    french = {"french": {"from": "customers", "steps": [{"filter": 'country = "FR"'}]}}
    join = {"with": "french", "by": "customer_id", "kind": "left"}
    plan, estimates = _bound("sales", [{"join": join}], **french)
    assert estimates.nulls(plan, Column(plan.schema["day"], "day")) == 0.2
    assert estimates.nulls(plan, Column(plan.schema["country"], "country")) == pytest.approx(0.9)


def test_a_long_chain_is_looked_at_once() -> None:
    steps = [{"derive": {f"c{place}": f"c{place - 1} + 1" if place else "n + 1"}} for place in range(300)]
    plan, estimates = _bound("sales", steps)
    assert estimates.distinct(plan, [Column(plan.schema["c299"], "c299")]) == 100
    assert estimates.size(plan) is estimates.size(plan)
