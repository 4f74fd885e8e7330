"""What a catalog holds of tables: back and forth as JSON, and in the words of what is wrong."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest

import headrace
from headrace.catalog import Catalog, ColumnStatistics, Statistics, TableFacts
from headrace.catalog.file import catalog_text, read_catalog_text
from headrace.grammar.types import Schema, Type

CATALOG = Catalog(
    tables={
        "shop.sales": TableFacts(
            Schema.of(
                {
                    "id": Type("integer", nullable=False),
                    "day": Type("date"),
                    "amount": Type("decimal", 12, 2),
                    "at": Type("timestamptz"),
                    'a "name"': Type("text"),
                }
            ),
            (frozenset({"id"}), frozenset({"day", "amount"})),
            1_000_000,
            {
                "id": ColumnStatistics(1_000_000.0, 0.0, 8.0, 1, 2_000_000),
                "day": ColumnStatistics(365.0, 0.25, 4.0, dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
                "amount": ColumnStatistics(None, None, None, Decimal("-1.50"), Decimal("99.00")),
                "at": ColumnStatistics(least=dt.datetime(2024, 1, 1, 12, 30, tzinfo=dt.UTC)),
            },
        ),
        "shop.empty": TableFacts(Schema(()), (), 0),
    }
)


def test_a_catalog_comes_back_from_json_and_from_its_file() -> None:
    assert Catalog.from_json(CATALOG.to_json()) == CATALOG
    assert read_catalog_text(catalog_text(CATALOG)) == (CATALOG.tables, ())


_WRONG: list[tuple[Any, str]] = [
    ([], "a catalog is a mapping with headrace, tables, files and pivots"),
    ({"table": {}}, "a catalog has no key 'table'"),
    ({"headrace": 2}, "this Headrace reads catalogs of version 1, not 2"),
    ({"tables": []}, "tables is [], and should be a mapping"),
    ({"files": {"a.csv": ["a"]}}, "file a.csv: header is None, and should be a list of names"),
    ({"tables": {"t": {}}}, "table t: columns is missing"),
    ({"tables": {"t": {"columns": {}, "row": 1}}}, "table t: a table has no key 'row'"),
    ({"tables": {"t": {"columns": {}, "rows": -1}}}, "table t: rows is -1, and should be a number, 0 or more"),
    ({"tables": {"t": {"columns": {}, "rows": 1.5}}}, "table t: rows is 1.5, and should be a whole number"),
    ({"tables": {"t": {"columns": {"a": "integr"}}}}, "table t: column 'a' has the unknown type 'integr'"),
    ({"tables": {"t": {"columns": {"a": {}}}}}, "table t: column 'a' has no type"),
    (
        {"tables": {"t": {"columns": {"a": {"type": "text", "distnct": 1}}}}},
        "table t: column 'a' has the unknown key 'distnct'",
    ),
    (
        {"tables": {"t": {"columns": {"a": {"type": "text", "nullable": "no"}}}}},
        "table t: column 'a' is nullable: 'no', and should be so or not: true or false",
    ),
    (
        {"tables": {"t": {"columns": {"a": {"type": "text", "nulls": 2}}}}},
        "table t: column 'a' is wrong: nulls is 2, and should be a number from 0 to 1",
    ),
    (
        {"tables": {"t": {"columns": {"a": {"type": "text", "distinct": True}}}}},
        "table t: column 'a' is wrong: distinct is True, and should be a number, 0 or more",
    ),
    (
        {"tables": {"t": {"columns": {"a": {"type": "date", "least": "May"}}}}},
        "table t: column 'a' is wrong: a date such as 2024-01-31",
    ),
    (
        {"tables": {"t": {"columns": {"a": {"type": "date", "least": []}}}}},
        "table t: column 'a' is wrong: least is [], which is no value",
    ),
    (
        {"tables": {"t": {"columns": {}, "keys": "id"}}},
        "table t: keys is 'id', and should be a list of lists of columns",
    ),
    ({"tables": {"t": {"columns": {}, "keys": [["id"]]}}}, "table t: the key names the unknown column 'id'"),
]


@pytest.mark.parametrize(("data", "said"), _WRONG)
def test_what_is_no_catalog_is_said_to_be_none(data: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        Catalog.from_json(data)


def test_a_file_that_is_none_is_a_diagnostic() -> None:
    for text in ("{", '{"tables": []}', "[" * 100_000):
        tables, (found,) = read_catalog_text(text)
        assert (tables, found.code, found.file) == ({}, "P210", "catalog.json")
        assert found.hints == ("Run headrace catalog to write it anew.",)


def _statistics(source: dict[str, Any], catalog: Catalog | None = None) -> tuple[Statistics, list[str]]:
    from headrace.bind import bind
    from headrace.models import load_document, read_data

    document = load_document(read_data({"headrace": 1, "sources": {"s": source}}))
    assert not document.diagnostics
    bound, found = bind([document.document], catalog or Catalog())
    return bound.sources["s"].statistics, [f"{each.diagnostic.code} {each.diagnostic.pointer}" for each in found]


def test_a_source_says_its_own_statistics() -> None:
    said = {"rows": 500, "distinct": {"day": 12}, "nulls": {"day": 0.5}}
    columns = {"id": "integer", "day": "date"}
    of_file, _ = _statistics({"file": "s.csv", "columns": columns, "statistics": said})
    assert of_file == Statistics(500, {"day": ColumnStatistics(12.0, 0.5)})
    known, _ = _statistics({"table": "shop.sales", "statistics": {"distinct": {"day": 12}}}, CATALOG)
    assert known.rows == 1_000_000
    assert known.columns["day"] == ColumnStatistics(12.0, 0.25, 4.0, dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert known.columns["id"].distinct == 1_000_000


def test_statistics_of_no_column_are_an_error() -> None:
    source = {"file": "s.csv", "columns": {"day": "date"}, "statistics": {"nulls": {"dya": 0}}}
    assert _statistics(source)[1] == ["S110 /sources/s/statistics/nulls/dya"]


def test_statistics_change_no_fingerprint() -> None:
    source = {"table": "shop.sales", "columns": {"day": "date"}}
    nodes = {"days": {"from": "s", "steps": [{"derive": {"one": "1"}}], "materialize": "table"}}
    document = {"headrace": 1, "sources": {"s": source}, "nodes": nodes}
    sized = {**document, "sources": {"s": {**source, "statistics": {"rows": 7}}}}
    engine = headrace.Engine(headrace.policy.OWNER)
    plain, known = (engine.compile(each).nodes["days"] for each in (document, sized))
    assert plain.fingerprint == known.fingerprint
    assert "estimated: about 7 rows" in (known.sql or "")
    assert "estimated" not in (plain.sql or "")
