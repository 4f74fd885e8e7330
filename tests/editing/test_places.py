"""Completion, explanation and hover in documents: for hosts with an editor of their own."""

from __future__ import annotations

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace import Catalog, Engine, read_yaml
from headrace.policy import OWNER

DOCUMENT: dict[str, Any] = {
    "headrace": 1,
    "flow": "shop",
    "parameters": {"least": {"type": "integer", "default": 2}, "day": {"type": "date"}},
    "sources": {
        "sales": {
            "table": "shop.sales",
            "columns": {
                "id": {"type": "integer", "nullable": False},
                "country": "text",
                "amount": "decimal",
                "Unit price": "decimal",
            },
            "formulas": {"net": "amount / 1.2", "revenue": "sum(amount)"},
            "description": "Every sale.",
        },
        "countries": {"rows": [{"code": "FR", "name": "France"}], "keys": ["code"]},
    },
    "nodes": {
        "big": {
            "description": "Large sales.",
            "from": "sales",
            "steps": [
                {"filter": "amount >= $least"},
                {"derive": {"twice": "amount * 2", "thrice": "twice + amount", "label": "upper(country)"}},
                {"select": ["id", "twice"]},
            ],
        },
        "named": {
            "from": "sales",
            "steps": [{"join": {"with": "countries", "by": {"country": "code"}, "kind": "left"}}, {"sort": "id desc"}],
        },
        "totals": {
            "for_each": {"least": [1, 2]},
            "from": "named",
            "steps": [{"aggregate": {"by": ["name"], "measures": {"n": "count()", "share": "n / sum(n per ())"}}}],
            "then": [{"sort": "least"}],
        },
    },
}

ENGINE = Engine(OWNER)


def labels(pointer: str, text: str | None = None, offset: int | None = None, **more: Any) -> list[str]:
    document = more.pop("document", DOCUMENT)
    return [item.label for item in ENGINE.complete(document, None, pointer, text, offset, **more).items]


@pytest.mark.parametrize(
    ("pointer", "text", "place", "first"),
    [
        ("/nodes/big/steps/0/filter", "am", "formula", ["amount"]),
        ("/nodes/big/steps/0/filter", "", "formula", ["id", "country", "amount", "Unit price", "net", "revenue"]),
        ("/nodes/big/steps/0/filter", "$", "formula", ["$least", "$day"]),
        ("/nodes/big/steps/1/derive/label", "t", "formula", ["twice", "thrice"]),
        ("/nodes/big/steps/1/derive/new", "th", "formula", ["thrice"]),
        ("/nodes/big/steps/2/select", "", "column", ["id", "country", "amount", "Unit price", "twice"]),
        ("/nodes/big/steps/2/select/1", "tw", "column", ["twice"]),
        ("/nodes/big/steps/2/select/1/x", "twi", "formula", ["twice"]),
        ("/nodes/big/steps/3/filter", "", "formula", ["id", "twice", "$least"]),
        ("/nodes/big/steps/3/drop", "", "column", ["id", "twice"]),
        ("/nodes/big/steps/3", "tw", "formula", ["twice"]),
        ("/nodes/big", "tw", "formula", ["twice"]),
        ("/sources/sales", "am", "formula", ["amount"]),
        ("/sources/sales/formulas/margin", "", "formula", ["id", "country", "amount", "Unit price", "net", "revenue"]),
        ("/nodes/big/from", "", "relation", ["named", "totals", "sales", "countries"]),
        ("/nodes/named/from", "", "relation", ["big", "sales", "countries"]),
        ("/nodes/named/steps/0/join/with", "co", "relation", ["countries"]),
        ("/nodes/named/steps/2/union/0", "", "relation", ["big", "sales", "countries"]),
        ("/nodes/named/steps/2/union/with/0", "", "relation", ["big", "sales", "countries"]),
        ("/nodes/named/steps/0/join/kind", "l", "word", ["left", "full"]),
        ("/nodes/named/steps/0/join/cardinality", "many", "word", ["many_to_one", "many_to_many", "one_to_many"]),
        ("/nodes/named/steps/0/join/columns/0", "", "column", ["code", "name"]),
        ("/nodes/named/steps/1/sort", "id ", "formula", ["desc", "asc"]),
        ("/nodes/named/steps/1/sort/1", "na", "formula", ["name"]),
        ("/nodes/named/materialize", "t", "word", ["table"]),
        ("/nodes/named/keys", "", "column", ["id", "country", "amount", "Unit price", "name"]),
        ("/nodes/totals/steps/0/aggregate/by/0", "", "column", ["id", "country", "amount", "Unit price", "name"]),
        ("/nodes/totals/steps/0/aggregate/measures/x", "", "formula", ["name", "net", "revenue", "n", "share"]),
        ("/nodes/totals/steps/0/aggregate/measures/x", "sum(", "formula", ["id", "amount", "Unit price"]),
        ("/nodes/totals/steps/0/aggregate/measures/x", "$", "formula", ["$least", "$day"]),
        ("/nodes/totals/then/0/sort", "", "formula", ["least", "name", "n", "share"]),
        ("/nodes/big/steps/0/name", "x", "nothing", []),
        ("/nodes/nosuch/steps/0/filter", "$", "formula", ["$least", "$day"]),
        ("/nowhere", "x", "nothing", []),
        ("", "x", "key", []),
    ],
)
def test_what_is_offered_at_a_place(pointer: str, text: str, place: str, first: list[str]) -> None:
    found = ENGINE.complete(DOCUMENT, None, pointer, text)
    assert found.place == place
    assert [item.label for item in found.items][: len(first)] == first


def test_without_a_text_the_document_has_it_and_the_cursor_is_at_its_end() -> None:
    assert labels("/nodes/big/steps/0/filter") == ["$least"]
    assert labels("/nodes/big/steps/0/filter", offset=2) == ["amount"]


def test_keys_of_mappings_are_completed() -> None:
    begun = labels("/nodes/big/steps/0", "d", key=True)
    assert begun[:2] == ["drop", "derive"]
    assert {"distinct", "disabled"} < {*begun}
    assert "filter" not in begun
    assert labels("/nodes/named/steps/0/join", "", key=True)[:3] == ["with", "by", "kind"]
    assert labels("/nodes/big", "mat", key=True) == ["materialize"]
    assert "nodes" in labels("", "", key=True)


def test_a_column_of_the_step_that_depends_on_the_formula_is_not_offered() -> None:
    assert "thrice" not in labels("/nodes/big/steps/1/derive/twice", "t", 1)
    assert "twice" in labels("/nodes/big/steps/1/derive/thrice", "t", 1)


def test_mistakes_elsewhere_do_not_hide_what_comes_before_them() -> None:
    document = copy.deepcopy(DOCUMENT)
    steps = document["nodes"]["big"]["steps"]
    steps[1]["derive"]["label"] = "nosuch("
    steps[2] = {"aggregate": {"by": [], "mesures": {"n": "cou"}}}
    assert "thrice" in labels("/nodes/big/steps/1/derive/other", "", document=document)
    steps[1]["derive"]["label"] = "upper(country)"
    assert labels("/nodes/big/steps/2/aggregate/measures/n", "tw", document=document) == ["twice"]
    steps[2] = {"filter": None}
    assert labels("/nodes/big/steps/2/filter", "tw", document=document) == ["twice"]
    steps[2] = None
    assert labels("/nodes/big/steps/2/filter", "tw", document=document) == ["twice"]


def test_several_documents_are_one_project() -> None:
    first = {"headrace": 1, "sources": DOCUMENT["sources"], "parameters": DOCUMENT["parameters"]}
    second = {"headrace": 1, "nodes": DOCUMENT["nodes"]}
    found = ENGINE.complete([first, second], None, "/nodes/big/steps/0/filter", "am")
    assert [item.label for item in found.items] == ["amount"]


def test_a_reading_of_yaml_is_a_document() -> None:
    reading = read_yaml(
        "headrace: 1\nsources: {t: {rows: [{amount: 1}]}}\nnodes:\n  x: {from: t, steps: [{filter: am}]}"
    )
    assert labels("/nodes/x/steps/0/filter", document=reading) == ["amount"]


def test_what_the_policy_refuses_is_not_shown() -> None:
    found = Engine().complete(DOCUMENT, None, "/nodes/big/steps/0/filter", "am")
    assert [item.label for item in found.items] == []
    catalog = Catalog.from_json({"tables": {"shop.sales": {"columns": {"id": "integer", "amount": "decimal"}}}})
    document = copy.deepcopy(DOCUMENT)
    del document["sources"]["sales"]["columns"]
    assert [i.label for i in Engine().complete(document, catalog, "/nodes/big/steps/0/filter", "am").items] == [
        "amount"
    ]


def test_an_answer_follows_its_document() -> None:
    engine = Engine(OWNER)
    document = copy.deepcopy(DOCUMENT)
    pointer = "/nodes/big/steps/2/select/0"
    assert "twice" in [item.label for item in engine.complete(document, None, pointer, "").items]
    document["nodes"]["big"]["steps"][1]["derive"] = {"other": "amount"}
    after = [item.label for item in engine.complete(document, None, pointer, "").items]
    assert "other" in after
    assert "twice" not in after
    typed = engine.explain(document, None, "/nodes/big/steps/0/filter", "amount > $least", parameters={"least": 7})
    assert typed.sql == "amount > 7"
    assert engine.explain(document, None, "/nodes/big/steps/0/filter", "amount > $least").sql == "amount > 2"


def test_explaining_a_formula() -> None:
    found = ENGINE.explain(DOCUMENT, None, "/nodes/big/steps/0/filter")
    assert found.to_json() == {
        "headrace": 1,
        "ok": True,
        "formula": "amount >= $least",
        "type": "boolean",
        "nullable": True,
        "level": "row",
        "columns": ["amount"],
        "parameters": ["least"],
        "formulas": [],
        "canonical": "amount >= $least",
        "sql": "amount >= 2",
        "diagnostics": [],
    }


@pytest.mark.parametrize(
    ("pointer", "text", "type_", "level", "columns", "sql"),
    [
        ("/nodes/big/steps/1/derive/x", "[Unit price]*id", "decimal", "row", ["id", "Unit price"], '"Unit price" * id'),
        ("/nodes/big/steps/1/derive/x", "ROUND( amount , 1 )", "decimal", "row", ["amount"], "ROUND(amount, 1)"),
        ("/nodes/big/steps/1/derive/x", "net", "decimal", "row", ["amount"], "amount / 1.2"),
        (
            "/nodes/big/steps/1/derive/x",
            "sum(amount per country)",
            "decimal",
            "window",
            ["country", "amount"],
            "SUM(amount) OVER (PARTITION BY country)",
        ),
        (
            "/nodes/totals/steps/0/aggregate/measures/x",
            "max(amount)",
            "decimal",
            "aggregate",
            ["amount"],
            "MAX(amount)",
        ),
        ("/nodes/totals/then/0/sort", "name desc", "text", "row", ["name"], "name"),
        ("/nodes/big/steps/2/select/0", "id", "integer", "row", ["id"], "id"),
        ("/nodes/big/steps/1/derive/x", "$day", "date", "row", [], "$day"),
        ("/sources/sales/formulas/revenue", None, "decimal", "aggregate", ["amount"], "SUM(amount)"),
        ("/sources/sales", "country = 'FR'", "boolean", "row", ["country"], "country = 'FR'"),
    ],
)
def test_type_level_columns_and_sql(
    pointer: str, text: str | None, type_: str, level: str, columns: list[str], sql: str
) -> None:
    found = ENGINE.explain(DOCUMENT, None, pointer, text)
    assert [each.message for each in found.diagnostics] == []
    assert (str(found.type), found.level, list(found.columns), found.sql) == (type_, level, columns, sql)


def test_explaining_a_mistake() -> None:
    found = ENGINE.explain(DOCUMENT, None, "/nodes/big/steps/0/filter", "amout > 1")
    assert (found.ok, found.type, found.sql) == (False, None, None)
    (said,) = found.diagnostics
    assert (said.code, said.pointer, said.fixes[0].replacement) == ("F100", "/nodes/big/steps/0/filter", "amount")
    assert ENGINE.explain(DOCUMENT, None, "/nodes/big/steps/0/filter", "amount >").canonical is None
    assert not ENGINE.explain(DOCUMENT, None, "/nodes/big/steps/0/filter", "sum(amount) > 1").ok


@pytest.mark.parametrize(
    ("pointer", "offset", "kind", "title", "text"),
    [
        ("/nodes/big/steps/0/filter", 1, "column", "amount: decimal", "A column; may be null."),
        ("/nodes/big/steps/0/filter", 12, "parameter", "$least: integer", "A parameter."),
        ("/nodes/big/steps/0/filter", 8, "value", "amount >= $least: boolean", "A value of each row; may be null."),
        (
            "/nodes/named/steps/0/join/with",
            2,
            "source",
            "source countries",
            "Columns: code text, name text.",
        ),
        (
            "/nodes/big/from",
            0,
            "source",
            "source sales",
            "Every sale. Columns: id integer, country text, amount decimal, [Unit price] decimal.",
        ),
        ("/nodes/big/steps/2/select/0", 1, "column", "id: integer", "A column; never null."),
        ("/nodes/named/steps/1/sort", 1, "column", "id: integer", "A column; never null."),
    ],
)
def test_hover(pointer: str, offset: int, kind: str, title: str, text: str) -> None:
    found = ENGINE.hover(DOCUMENT, None, pointer, offset).hover
    assert found is not None
    assert (found.kind, found.title, found.text) == (kind, title, text)


def test_nothing_is_known_of_nothing() -> None:
    assert ENGINE.hover(DOCUMENT, None, "/flow", 1).to_json() == {"headrace": 1, "hover": None}
    assert ENGINE.hover(DOCUMENT, None, "/nodes/big/steps/0/filter", 99).hover is None


_POINTERS = st.sampled_from(
    [
        "",
        "/",
        "/nodes",
        "/nodes/big/steps/-1/filter",
        "/nodes/big/steps/x",
        "/nodes/big/steps/99/derive/a",
        "/nodes/big/steps/0/filter/deeper/still",
        "/sources/sales/columns/id/type",
        "/functions/net(x)",
        "nodes/big",
        "/~2/~",
        "/nodes/totals/for_each/least",
        "/nodes/big/steps/1/derive/label",
    ]
)
_DOCUMENTS = st.sampled_from(
    [
        None,
        [],
        {},
        "x",
        3,
        {"headrace": 1, "nodes": 3},
        {"nodes": {"big": None}},
        {"nodes": {"big": {"steps": {}}}},
        DOCUMENT,
    ]
)


@settings(max_examples=150, deadline=None)
@given(_DOCUMENTS, _POINTERS, st.text(max_size=8), st.integers(-3, 12))
def test_nothing_that_a_user_wrote_raises(document: Any, pointer: str, text: str, offset: int) -> None:
    json.dumps(ENGINE.complete(document, None, pointer, text, offset).to_json())
    json.dumps(ENGINE.complete(document, None, pointer, text, offset, key=True).to_json())
    json.dumps(ENGINE.explain(document, None, pointer, text).to_json())
    json.dumps(ENGINE.hover(document, None, pointer, offset, text).to_json())
    json.dumps(ENGINE.complete(document, None, pointer).to_json())


RELATED: dict[str, Any] = {
    "headrace": 1,
    "sources": {
        "regions": {"rows": [{"region_id": 1, "title": "North"}], "keys": ["region_id"]},
        "customers": {
            "rows": [{"customer_id": 1, "city": "Lille", "region_id": 1}],
            "keys": ["customer_id"],
            "relations": {"region": {"with": "regions", "by": "region_id", "cardinality": "many_to_one"}},
        },
        "sales": {
            "rows": [{"customer_id": 1, "amount": 5}],
            "relations": {"customer": {"with": "customers", "by": "customer_id", "cardinality": "many_to_one"}},
        },
    },
    "functions": {"net(x)": "x / 1.2"},
    "nodes": {
        "seen": {"from": "sales", "steps": [{"filter": 'customer.city = "Lille"'}, {"derive": {"a": "net(amount)"}}]}
    },
}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("cus", ["customer_id", "customer"]),
        ("customer.", ["customer_id", "city", "region_id", "region"]),
        ("customer.ci", ["city"]),
        ("customer.region.", ["region_id", "title"]),
        ("customer.region.ti", ["title"]),
        ("customer.[", ["customer_id", "city", "region_id"]),
        ("net", ["net"]),
    ],
)
def test_columns_through_relations_and_own_functions_are_offered(text: str, first: list[str]) -> None:
    for pointer in ("/nodes/seen/steps/0/filter", "/nodes/seen/steps/1/derive/b"):
        assert labels(pointer, text, document=RELATED)[: len(first)] == first


def test_columns_through_relations_are_explained() -> None:
    found = ENGINE.explain(RELATED, None, "/nodes/seen/steps/1/derive/b", "customer.region.title & [customer].city")
    assert [each.message for each in found.diagnostics] == []
    assert (str(found.type), found.columns) == ("text", ("customer.city", "customer.region.title"))
    assert found.sql == "region.title || customer.city"
    shown = ENGINE.hover(RELATED, None, "/nodes/seen/steps/0/filter", 11).hover
    assert shown is not None
    assert shown.title == "customer.city: text"
    assert labels("/nodes/seen/steps/1/drop", "", document=RELATED) == ["customer_id", "amount"]


def test_a_function_of_the_projects_own_is_written_over_its_arguments() -> None:
    pointer = "/functions/margin(price, cost)"
    assert labels(pointer, "co", document=RELATED)[:1] == ["cost"]
    found = ENGINE.explain(RELATED, None, pointer, "PRICE-cost")
    assert (found.ok, found.canonical, found.diagnostics) == (False, "PRICE - cost", ())
    assert [each.code for each in ENGINE.explain(RELATED, None, pointer, "price -").diagnostics] == ["F004"]


def test_keys_of_a_join_are_columns_of_both_sides() -> None:
    document = copy.deepcopy(RELATED)
    document["nodes"]["seen"]["steps"] = [{"join": {"with": "customers", "by": "customer_id"}}]
    assert labels("/nodes/seen/steps/0/join/by", "cu", document=document)[:1] == ["customer_id"]
    assert "city" not in labels("/nodes/seen/steps/0/join/by", "", document=document)
    assert "city" in labels("/nodes/seen/steps/0/join/where", "", document=document)


def test_what_takes_no_name_is_offered_none() -> None:
    document = copy.deepcopy(RELATED)
    series = {"day": {"every": "1 day", "from": "2024-01-01", "to": "2024-01-31"}}
    document["nodes"]["seen"]["steps"] = [{"fill": {"series": series, "per": ["amount"]}}]
    assert labels("/nodes/seen/steps/0/fill/series/day/every", "", document=document) == []
    assert labels("/nodes/seen/steps/0/fill/per/0", "", document=document) == ["customer_id", "amount"]


def test_threads_share_an_engine() -> None:
    engine = Engine(OWNER)
    places = [
        ("/nodes/big/steps/0/filter", "am"),
        ("/nodes/big/steps/2/select/0", "tw"),
        ("/nodes/totals/steps/0/aggregate/measures/x", "sum(am"),
        ("/nodes/named/from", "s"),
    ]

    def ask(number: int) -> str:
        pointer, text = places[number % len(places)]
        return json.dumps(engine.complete(DOCUMENT, None, pointer, text).to_json())

    alone = [ask(number) for number in range(len(places))]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(200))) == alone * 50
