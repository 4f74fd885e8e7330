"""Column to columns, worked out by hand: what is copied, computed or aggregated, and what only decides.

Seen at dbt-labs/dbt-core#3226, dbt-labs/dbt-core#8838, SQLMesh/sqlmesh#5675.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import headrace.plan
from headrace import Engine
from headrace.plan import Edge, Relation, postorder
from headrace.policy import OWNER

_SOURCES: dict[str, Any] = {
    "t": {
        "rows": [{"id": 1, "g": "x", "n": 5}, {"id": 2, "g": "y", "n": 6}],
        "keys": "id",
        "formulas": {"double": "n * 2", "total": "sum(double)", "share": "total / count()"},
    },
    "w": {"rows": [{"id": 1, "m": 7}], "keys": "id"},
    "u": {"rows": [{"id": 9, "v": "z"}]},
    "sales": {
        "columns": {"id": "integer", "product": "text", "day": "date", "amount": "decimal"},
        "rows": [],
        "keys": "id",
    },
    "prices": {"columns": {"product": "text", "since": "date", "until": "date", "price": "decimal"}, "rows": []},
    "months": {"columns": {"id": "integer", "jan": "integer", "feb": "decimal", "tags": "text"}, "rows": []},
    "s": {"series": {"day": {"every": "1 day", "from": "2024-01-01", "to": "2024-01-03"}}},
}


def _nodes(steps: list[Any], **more: Any) -> Any:
    nodes = {"result": {"from": "t", "steps": steps, **more.pop("node", {})}, **more}
    parameters = {"p": {"type": "integer", "default": 1}}
    result = Engine().check({"headrace": 1, "parameters": parameters, "sources": _SOURCES, "nodes": nodes})
    assert result.ok, [each.message for each in result.diagnostics]
    return result.nodes


def _words(edges: tuple[Edge, ...]) -> list[str]:
    return [f"{edge.how} {edge.origin.relation}.{edge.origin.column}" for edge in edges]


def _told(steps: list[Any], **more: Any) -> tuple[dict[str, list[str]], list[str]]:
    """Each column with its edges, direct before indirect; and the edges of the rows."""
    lineage = _nodes(steps, **more)["result"].lineage
    columns = {name: _words((*each.direct, *each.indirect)) for name, each in lineage.columns.items()}
    return columns, _words(lineage.rows)


@pytest.mark.parametrize(
    ("steps", "columns", "rows"),
    [
        (
            [{"select": ["id", {"m": "n + id"}, {"one": "1"}]}],
            {"id": ["copied t.id"], "m": ["computed t.n", "computed t.id"], "one": []},
            [],
        ),
        ([{"rename": {"k": "id"}}, {"drop": ["g", "n"]}], {"k": ["copied t.id"]}, []),
        (
            [{"derive": {"a": "n + 1", "b": "a * id"}}, {"select": ["a", "b"]}],
            {"a": ["computed t.n"], "b": ["computed t.n", "computed t.id"]},
            [],
        ),
        ([{"filter": "n > 1"}, {"select": ["id"]}], {"id": ["copied t.id"]}, ["filtered_by t.n"]),
        (
            [{"aggregate": {"by": ["g"], "measures": {"c": "count()", "s": "sum(n where id > 1)"}}}],
            {"g": ["copied t.g"], "c": [], "s": ["aggregated t.n", "filtered_by t.id"]},
            ["grouped_by t.g"],
        ),
        (
            [{"aggregate": {"by": [{"big": "n > 5"}], "measures": {"s": "sum(n) / sum(id)"}}}],
            {"big": ["computed t.n"], "s": ["aggregated t.n", "aggregated t.id"]},
            ["grouped_by t.n"],
        ),
        (
            [{"aggregate": {"measures": {"all": 'string_agg(g, "," order by n)', "d": "count(distinct g)"}}}],
            {"all": ["aggregated t.g", "ordered_by t.n", "ordered_by t.id"], "d": ["aggregated t.g"]},
            [],
        ),
        (
            [{"derive": {"w": "sum(n per g order by id)"}}, {"select": ["w"]}],
            {"w": ["aggregated t.n", "grouped_by t.g", "ordered_by t.id"]},
            [],
        ),
        (
            [{"derive": {"w": "lag(n per g order by id)", "r": "rank(order by n)"}}, {"select": ["w", "r"]}],
            {"w": ["computed t.n", "grouped_by t.g", "ordered_by t.id"], "r": ["ordered_by t.n"]},
            [],
        ),
        (
            [{"derive": {"c": 'if(g = "x", n, id)'}}, {"select": ["c"]}],
            {"c": ["computed t.n", "computed t.id", "chosen_by t.g"]},
            [],
        ),
        (  # the amount is in its share twice: as it is, and in the total
            [{"derive": {"share": "n / sum(n per ())"}}, {"select": ["share"]}],
            {"share": ["computed t.n", "aggregated t.n"]},
            [],
        ),
        (  # computed from an aggregate is aggregated; what a condition has read stays a condition
            [
                {"aggregate": {"by": ["g"], "measures": {"s": "sum(n where id > 1)"}}},
                {"derive": {"x": "s + 1"}},
                {"filter": "x > 2"},
                {"select": ["x"]},
            ],
            {"x": ["aggregated t.n", "filtered_by t.id"]},
            ["grouped_by t.g", "filtered_by t.n", "filtered_by t.id"],
        ),
        (
            [{"join": {"with": "w", "by": "id", "kind": "left"}}, {"select": ["id", "m"]}],
            {"id": ["copied t.id"], "m": ["copied w.m"]},
            ["joined_on t.id", "joined_on w.id"],
        ),
        (
            [{"join": {"with": "w", "by": "id", "kind": "right"}}, {"select": ["id"]}],
            {"id": ["copied w.id"]},
            ["joined_on t.id", "joined_on w.id"],
        ),
        (
            [{"join": {"with": "w", "by": "id", "kind": "full"}}, {"select": ["id"]}],
            {"id": ["copied t.id", "copied w.id"]},
            ["joined_on t.id", "joined_on w.id"],
        ),
        (
            [{"join": {"with": "w", "by": "id", "kind": "semi"}}, {"select": ["n"]}],
            {"n": ["copied t.n"]},
            ["joined_on t.id", "joined_on w.id"],
        ),
        ([{"join": {"with": "s", "kind": "cross"}}, {"select": ["day"]}], {"day": ["copied s.day"]}, []),
        (
            [{"union": {"with": ["u"], "origin": "o"}}, {"select": ["o", "id", "v"]}],
            {"o": [], "id": ["copied t.id", "copied u.id"], "v": ["copied u.v"]},
            [],
        ),
        (
            [{"select": ["id"]}, {"except": ["ids"]}],
            {"id": ["copied t.id"]},
            ["joined_on t.id", "joined_on ids.id"],
        ),
        (
            [{"select": ["g", "n"]}, {"distinct": "all"}, {"sort": "n"}, {"select": ["n"]}],
            {"n": ["copied t.n"]},
            ["grouped_by t.g", "grouped_by t.n", "ordered_by t.n"],
        ),
        (
            [{"limit": {"rows": 1, "per": "g", "order": "n desc"}}, {"select": ["id"]}],
            {"id": ["copied t.id"]},
            ["grouped_by t.g", "ordered_by t.n", "ordered_by t.id"],  # the key breaks ties
        ),
        (  # virtual columns and values: what they are computed from
            [{"filter": "double > 3"}, {"aggregate": {"measures": {"total": "total", "share": "share"}}}],
            {"total": ["aggregated t.n"], "share": ["aggregated t.n"]},
            ["filtered_by t.n"],
        ),
    ],
)
def test_lineage(steps: list[Any], columns: dict[str, list[str]], rows: list[str]) -> None:
    ids = {"from": "u", "steps": [{"select": ["id"]}]}
    assert _told(steps, ids=ids) == (columns, rows)


_RANGE = "day >= since and (until is null or day < prices.until)"


@pytest.mark.parametrize(
    ("source", "step", "column", "edges", "rows"),
    [
        (
            "sales",
            {"join": {"with": "prices", "by": "product", "where": _RANGE, "columns": ["price"]}},
            "price",
            ["copied prices.price"],
            [
                "joined_on sales.product",
                "joined_on prices.product",
                "joined_on sales.day",
                "joined_on prices.since",
                "joined_on prices.until",
            ],
        ),
        (
            "sales",
            {"join": {"with": "prices", "by": "product", "latest": "since <= day", "columns": ["price"]}},
            "price",
            ["copied prices.price"],
            # Which of the prices is the latest is found by the order of since among those of the product.
            ["joined_on sales.product", "joined_on prices.product", "joined_on prices.since", "joined_on sales.day"],
        ),
        (
            "sales",
            {"lookup": {"with": "prices", "by": "product", "columns": ["price"], "missing": {"price": "0"}}},
            "price",
            ["computed prices.price", "chosen_by prices.product"],
            ["joined_on sales.product", "joined_on prices.product"],
        ),
        (
            "months",
            {"unpivot": {"columns": ["jan", "feb"], "name": "m", "value": "v"}},
            "v",
            ["copied months.jan", "copied months.feb"],
            [],
        ),
        ("months", {"unpivot": {"columns": ["jan", "feb"], "name": "m", "value": "v"}}, "m", [], []),
        (
            "sales",
            {"pivot": {"by": ["product"], "columns": "day", "values": {"s": "sum(amount)"}, "only": ["2024-01-01"]}},
            "s_2024-01-01",
            ["aggregated sales.amount", "filtered_by sales.day"],
            ["grouped_by sales.product"],
        ),
        (
            "months",
            {"split": {"column": "tags", "at": ";", "into": "tag"}},
            "tag",
            ["computed months.tags"],
            ["joined_on months.tags"],
        ),
        (
            "sales",
            {"expect": [{"unique": ["product"]}]},
            "amount",
            ["copied sales.amount"],
            [],
        ),
    ],
)
def test_lineage_of_single_columns(
    source: str, step: dict[str, Any], column: str, edges: list[str], rows: list[str]
) -> None:
    columns, found = _told([step], node={"from": source})
    assert columns[column] == edges
    assert found == rows


_EXISTS = "select id from result where exists (select 1 from w where w.id = result.id and w.m > 2)"
_CTE = "with big as (select id, n * 2 as d from result where n > 1) select big.d, w.m from big join w on w.id = big.id"


@pytest.mark.parametrize(
    ("sql", "columns", "rows"),
    [
        (
            "select id, n + 1 as m from result where g = 'x'",
            {"id": ["copied t.id"], "m": ["computed t.n"]},
            ["filtered_by t.g"],
        ),
        (
            "select g, sum(n) filter (where id > 1) as s, count(*) as c from result group by g having max(id) > 3",
            {"g": ["copied t.g"], "s": ["aggregated t.n", "filtered_by t.id"], "c": []},
            ["grouped_by t.g", "filtered_by t.id"],
        ),
        (
            _CTE,
            {"d": ["computed t.n"], "m": ["copied w.m"]},
            ["filtered_by t.n", "joined_on w.id", "joined_on t.id"],
        ),
        (
            "select case when g = 'a' then n end as v, rank() over (partition by g order by n) as r from result",
            {"v": ["computed t.n", "chosen_by t.g"], "r": ["grouped_by t.g", "ordered_by t.n"]},
            [],
        ),
        (_EXISTS, {"id": ["copied t.id"]}, ["filtered_by t.id", "filtered_by w.id", "filtered_by w.m"]),
        (
            "select (select max(m) from w where w.id = result.id) as most from result",
            {"most": ["aggregated w.m"]},
            ["filtered_by t.id", "filtered_by w.id"],
        ),
        ("select id as k from result union all select m from w", {"k": ["copied t.id", "copied w.m"]}, []),
        (
            "select id from result except select m from w",
            {"id": ["copied t.id"]},
            ["joined_on t.id", "joined_on w.m"],
        ),
        (
            "select id from result intersect select m from w",
            {"id": ["copied t.id"]},
            ["joined_on t.id", "joined_on w.m"],
        ),
        ("select distinct g from result", {"g": ["copied t.g"]}, ["grouped_by t.g"]),
        (
            "select distinct on (g) id from result order by g, n desc",
            {"id": ["copied t.id"]},
            ["ordered_by t.g", "ordered_by t.n", "grouped_by t.g"],
        ),
        ("select id, n as o from result order by 2, g limit 4", None, ["ordered_by t.n", "ordered_by t.g"]),
        ("select id, n as o from result order by o limit 4", None, ["ordered_by t.n"]),
        (
            "select coalesce(result.id, w.id) as id from result full join w on result.id = w.id",
            {"id": ["computed t.id", "computed w.id"]},
            ["joined_on t.id", "joined_on w.id"],
        ),
    ],
)
def test_lineage_through_sql(sql: str, columns: dict[str, list[str]] | None, rows: list[str]) -> None:
    nodes = {"result": {"from": "t", "steps": [{"sql": sql}]}}
    result = Engine(OWNER).check({"headrace": 1, "sources": _SOURCES, "nodes": nodes})
    assert result.ok, [each.message for each in result.diagnostics]
    lineage = result.nodes["result"].lineage
    assert _words(lineage.rows) == rows
    if columns is not None:
        assert {name: _words((*each.direct, *each.indirect)) for name, each in lineage.columns.items()} == columns


def test_values_of_a_for_each_from_a_node() -> None:
    columns, rows = _told(
        [{"filter": "day = $d"}, {"aggregate": {"measures": {"s": "sum(amount)"}}}],
        node={"from": "sales", "for_each": {"d": {"node": "prices", "column": "since"}}},
    )
    assert columns == {"d": ["copied prices.since"], "s": ["aggregated sales.amount"]}
    assert rows == ["filtered_by sales.day", "filtered_by prices.since"]  # nulls are no values


def test_columns_of_the_other_side_are_written_with_its_name() -> None:
    step = {"join": {"with": "prices", "by": "product", "where": _RANGE, "columns": ["price"]}}
    rows = _nodes([step], node={"from": "sales"})["result"].lineage.rows
    assert rows[-1].through[0].formula == "day >= prices.since and (prices.until is null or day < prices.until)"


def test_columns_through_relations_are_written_with_their_path() -> None:
    relation = {"with": "w", "by": "id", "cardinality": "many_to_one"}
    steps = [{"filter": "w.m > 3"}, {"derive": {"twice": "w.m * 2"}}]
    up = {"from": "t", "relations": {"w": relation}}
    lineage = _nodes(steps, node={"from": "up"}, up=up)["result"].lineage
    assert _words(lineage.columns["twice"].direct) == ["computed w.m"]
    assert lineage.columns["twice"].through[0].formula == "w.m * 2"
    assert [edge.through[-1].formula for edge in lineage.rows] == ["id = w.id", "id = w.id", "w.m > 3"]


def test_what_a_joined_node_filters_is_its_own() -> None:
    """Lineage ends at the columns of the nodes that are read; what decides their rows stands with them."""
    more = {"big": {"from": "w", "steps": [{"filter": "m > 3"}]}}
    columns, rows = _told([{"join": {"with": "big", "by": "id"}}, {"select": ["m"]}], **more)
    assert columns == {"m": ["copied big.m"]}
    assert rows == ["joined_on t.id", "joined_on big.id"]
    assert _words(_nodes([], **more)["big"].lineage.rows) == ["filtered_by w.m"]


def test_an_expansion() -> None:
    """The parameter's column comes from its values; a template upstream is looked through, for its plan is used."""
    up = {"from": "t", "steps": [{"derive": {"m": "n * $p"}}, {"filter": "id < $p"}]}
    columns, rows = _told(
        [{"aggregate": {"measures": {"m": "sum(m)"}}}],
        node={
            "from": "up",
            "for_each": {"p": [1, 2]},
            "then": [{"derive": {"change": "m - lag(m order by p)"}}],
        },
        up=up,
    )
    assert columns == {"p": [], "m": ["aggregated t.n"], "change": ["aggregated t.n"]}
    assert rows == ["filtered_by t.id"]


def test_formulas_stand_on_the_way_in_the_order_of_their_steps() -> None:
    steps = [
        {"filter": "double > 4", "name": "big_ones"},
        {"aggregate": {"by": ["g"], "measures": {"s": "sum(n)"}}, "name": "sums"},
        {"derive": {"x": "s + 1", "y": "x * 2"}},
        {"rename": {"z": "y"}},
    ]
    lineage = _nodes(steps)["result"].lineage
    (edge,) = lineage.columns["z"].direct
    assert [(made.step, made.column, made.formula) for made in edge.through] == [
        ("sums", "s", "sum(n)"),
        ("derive_3", "x", "s + 1"),
        ("derive_3", "y", "x * 2"),
    ]
    assert [(made.step, made.column, made.formula) for made in lineage.rows[0].through] == [
        ("big_ones", None, "n * 2 > 4")
    ]
    join = _nodes([{"join": {"with": "w", "by": "id"}}])["result"].lineage
    assert [made.formula for made in join.rows[0].through] == ["id = w.id"]


def test_a_count_of_rows_and_a_constant_come_from_no_column() -> None:
    steps = [{"aggregate": {"measures": {"c": "count()"}}}, {"derive": {"k": "1 + 1", "d": "c * 2"}}]
    columns = _nodes(steps)["result"].lineage.columns
    assert all(each.direct == each.indirect == () for each in columns.values())
    told = {name: [made.formula for made in each.through] for name, each in columns.items()}
    assert told == {"c": ["count()"], "k": ["1 + 1"], "d": ["count()", "c * 2"]}


def test_row_filters_of_the_host_decide_too() -> None:
    document = {"headrace": 1, "sources": _SOURCES, "nodes": {"result": {"from": "t", "steps": [{"select": ["id"]}]}}}
    result = Engine().check(document, row_filters={"t": "n > 5"})
    assert _words(result.nodes["result"].lineage.rows) == ["filtered_by t.n"]


def test_as_data() -> None:
    data = _nodes([{"aggregate": {"measures": {"s": "sum(n where g = 'x')"}}}])["result"].to_json()["lineage"]
    made = {"step": "aggregate_1", "column": "s", "formula": 'sum(n where g = "x")'}
    assert json.loads(json.dumps(data)) == {
        "columns": {
            "s": {
                "direct": [{"relation": "t", "column": "n", "how": "aggregated", "through": [made]}],
                "indirect": [{"relation": "t", "column": "g", "how": "filtered_by", "through": [made]}],
                "through": [made],
            }
        },
        "rows": [],
    }


def test_a_node_with_a_mistake_has_none() -> None:
    nodes = {"bad": {"from": "t", "steps": [{"select": ["no"]}]}}
    lineage = Engine().check({"headrace": 1, "sources": _SOURCES, "nodes": nodes}).nodes["bad"].lineage
    assert lineage.columns == {}
    assert lineage.rows == ()


def test_long_chains_stay_cheap() -> None:
    """Columns that multiply their ways (each reads the one before twice) have one edge and every formula once."""
    steps = [{"derive": {"n": "n * n"}} for _ in range(200)]
    (edge,) = _nodes(steps)["result"].lineage.columns["n"].direct
    assert edge.how == "computed"
    assert len(edge.through) == 200


def test_every_plan_node_says_its_lineage() -> None:
    """A new node of the plan is to say how its columns are made: the methods' own, or those of a base that knows."""
    kinds = [kind for kind in vars(headrace.plan).values() if isinstance(kind, type) and issubclass(kind, Relation)]
    concrete = [kind for kind in kinds if not kind.__abstractmethods__]
    assert len(concrete) >= 12
    assert all(kind.derivations is not Relation.derivations for kind in concrete)


def test_derivations_name_columns_that_are_there() -> None:
    document = {
        "headrace": 1,
        "sources": _SOURCES,
        "nodes": {
            "result": {
                "from": "t",
                "for_each": {"p": [1]},
                "steps": [
                    {"join": {"with": "w", "by": "id", "kind": "full", "prefix": "r_"}},
                    {"filter": "n > $p"},
                    {"union": ["u"]},
                    {"distinct": "all"},
                    {"limit": {"rows": 3, "per": "g", "order": "n"}},
                    {"aggregate": {"by": ["id"], "measures": {"s": "sum(n)"}}},
                    {"join": {"with": "s", "kind": "cross"}},
                ],
            }
        },
    }
    plan = Engine().check(document).nodes["result"].plan
    assert plan is not None
    for node in postorder(plan):
        derivations = node.derivations()
        assert list(derivations) == list(node.schema.names)
        for each in (*derivations.values(), *node.decisions()):
            assert all(use.column in node.inputs[use.input].schema for use in each.uses)
