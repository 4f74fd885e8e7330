"""The flows with other parameters than the standard's defaults, alone and all at once in a ``for_each``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from benchmarks.tpch.data import SCHEMA, node_of
from headrace import Engine
from headrace.models import load_document, read_data
from headrace.models.folder import Project, ProjectDocument
from tpch.loaded import Loaded, rows_of

ENGINE = Engine()

OTHERS: dict[int, tuple[str, Any, Any, dict[str, str]]] = {
    1: ("summary_days", 90, 60, {"1998-09-02": "1998-10-02"}),
    2: ("cheapest_region", "EUROPE", "ASIA", {"EUROPE": "ASIA"}),
    3: ("priority_segment", "BUILDING", "MACHINERY", {"BUILDING": "MACHINERY"}),
    4: ("checked_quarter", "1993-07-01", "1996-01-01", {"1993-07-01": "1996-01-01", "1993-10-01": "1996-04-01"}),
    5: ("local_region", "ASIA", "AMERICA", {"ASIA": "AMERICA"}),
    6: ("forecast_discount", "0.06", "0.03", {"0.05": "0.02", "0.07": "0.04"}),
    7: ("one_nation", "FRANCE", "CHINA", {"FRANCE": "CHINA"}),
    8: ("share_type", "ECONOMY ANODIZED STEEL", "SMALL PLATED TIN", {"ECONOMY ANODIZED STEEL": "SMALL PLATED TIN"}),
    9: ("profit_color", "green", "red", {"%green%": "%red%"}),
    10: ("returns_quarter", "1993-10-01", "1993-04-01", {"1993-10-01": "1993-04-01", "1994-01-01": "1993-07-01"}),
    11: ("stock_nation", "GERMANY", "FRANCE", {"GERMANY": "FRANCE"}),
    12: ("received_year", "1994-01-01", "1996-01-01", {"1994-01-01": "1996-01-01", "1995-01-01": "1997-01-01"}),
    13: (
        "unwanted_comment",
        "%special%requests%",
        "%express%packages%",
        {"special": "express", "requests": "packages"},
    ),
    14: ("promotion_month", "1995-09-01", "1996-03-01", {"1995-09-01": "1996-03-01", "1995-10-01": "1996-04-01"}),
    15: ("top_quarter", "1996-01-01", "1993-01-01", {"1996-01-01": "1993-01-01", "1996-04-01": "1993-04-01"}),
    16: ("unwanted_brand", "Brand#45", "Brand#12", {"Brand#45": "Brand#12"}),
    17: ("small_container", "MED BOX", "JUMBO PKG", {"MED BOX": "JUMBO PKG"}),
    18: ("large_quantity", 300, 280, {"> 300": "> 280"}),
    19: ("small_parts", "Brand#12", "Brand#21", {"Brand#12": "Brand#21"}),
    20: ("promoted_color", "forest", "a", {"forest%": "a%"}),
    21: ("waiting_nation", "SAUDI ARABIA", "CHINA", {"SAUDI ARABIA": "CHINA"}),
    22: ("country_codes", [], ["10", "12", "14"], {"'13', '31', '23', '29', '30', '18', '17'": "'10', '12', '14'"}),
}
"""For each query a parameter, its default, another value, and what that changes in the official text."""


def _shown(rows: list[tuple[Any, ...]]) -> list[list[str]]:
    """The rows to compare: quotients may be rounded at different places."""
    return [[f"{Decimal(v):.12g}" if isinstance(v, int | Decimal) else repr(v) for v in row] for row in rows]


def _official(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("number", OTHERS)
def test_another_value_of_a_parameter(number: int, loaded: Loaded) -> None:
    name, _, other, changes = OTHERS[number]
    query = _official(loaded.made.queries[number], changes)
    _, expected = rows_of(loaded.url, f"SET search_path TO pg_catalog, {SCHEMA}; {query}")
    shown = ENGINE.preview(
        loaded.project, loaded.made.catalog, node_of(number), limit=1_000_000, parameters={name: other}
    )
    assert shown.sql is not None, shown.diagnostics
    _, rows = rows_of(loaded.url, shown.sql)
    assert any(value is not None for row in expected for value in row), "a query that finds nothing tests nothing"
    assert _shown(rows) == _shown(expected), shown.sql


@pytest.mark.parametrize("number", [number for number in OTHERS if number != 22])
def test_all_values_at_once(number: int, loaded: Loaded) -> None:
    """An expansion over the flow gives the rows of each value, whatever its strategy."""
    name, default, other, _ = OTHERS[number]
    expected = []
    for value in (default, other):
        shown = ENGINE.preview(
            loaded.project, loaded.made.catalog, node_of(number), limit=1_000_000, parameters={name: value}
        )
        assert shown.sql is not None, shown.diagnostics
        expected += [[str(value), *row] for row in _shown(rows_of(loaded.url, shown.sql)[1])]
    for strategy in ("union", "lateral", "join"):
        expansion = {"for_each": {name: [default, other]}, "from": node_of(number), "strategy": strategy}
        written = load_document(read_data({"headrace": 1, "nodes": {"expansion": expansion}}))
        documents = Project((*loaded.project.documents, ProjectDocument(None, written)))
        shown = ENGINE.preview(documents, loaded.made.catalog, "expansion", limit=1_000_000)
        assert shown.sql is not None, shown.diagnostics
        _, rows = rows_of(loaded.url, shown.sql)
        found = [[str(row[0]), *rest] for row, rest in zip(rows, _shown([row[1:] for row in rows]), strict=True)]
        assert sorted(found) == sorted(expected), f"{strategy}\n{shown.sql}"
