"""What nobody reads is neither computed nor carried along; what anybody reads stays."""

from __future__ import annotations

from typing import Any

import pytest

import headrace
from headrace.grammar.expression import Aggregate, Column, Literal, Order
from headrace.grammar.types import Schema, Type
from headrace.plan import (
    Aggregation,
    Assured,
    Distinct,
    Filter,
    Join,
    JoinColumn,
    Known,
    Limit,
    Project,
    Relation,
    SetOperation,
    Split,
    TableScan,
    Union,
    Unpivot,
    postorder,
)
from headrace.plan.estimates import Estimates
from headrace.plan.relation import Key
from headrace.rules.prune_columns import PRUNE_COLUMNS

NUMBER, TEXT = Type("integer", nullable=False), Type("text")
SCAN = TableScan(
    "sales", "shop.sales", Schema.of({"id": NUMBER, "country": TEXT, "note": TEXT, "day": NUMBER}), (Key({"id"}),)
)
COUNT = Aggregate(NUMBER, "count", 0, ())


def columns(relation: Relation, *names: str) -> tuple[tuple[str, Column], ...]:
    return tuple((name, Column(relation.schema[name], name)) for name in names)


def counted(relation: Relation, *groups: str) -> Aggregation:
    return Aggregation(relation, columns(relation, *groups), (("rows", COUNT),))


def pruned(relation: Relation) -> Relation:
    after = PRUNE_COLUMNS.rewrite(relation, Estimates())
    assert after.schema == relation.schema, "what comes out is the same"
    assert PRUNE_COLUMNS.rewrite(after, Estimates()) is after, "once is enough"
    return after


def names_of(relation: Relation, kind: type[Relation]) -> list[tuple[str, ...]]:
    return [each.schema.names for each in postorder(relation) if isinstance(each, kind)]


def test_projections_and_scans_keep_what_is_read() -> None:
    after = pruned(
        counted(Project(SCAN, (*columns(SCAN, "id", "note", "country"), ("one", Literal(NUMBER, 1)))), "country")
    )
    assert names_of(after, Project) == [("country",)]


def test_a_table_is_narrowed_where_its_columns_are_carried_along() -> None:
    yes = Literal(Type("boolean"), True)
    assert names_of(pruned(counted(Filter(SCAN, predicate=yes), "country")), TableScan) == [("country",)]
    picked = counted(SCAN, "country")
    assert pruned(picked) is picked


def test_a_filter_reads_its_own_columns() -> None:
    flag = TableScan("t", "s.t", Schema.of({"a": NUMBER, "b": Type("boolean"), "c": NUMBER}))
    assert names_of(pruned(counted(Filter(flag, predicate=Column(Type("boolean"), "b")), "a")), Filter) == [("a", "b")]


def test_a_relation_of_which_only_the_rows_count_keeps_a_column() -> None:
    assert names_of(pruned(counted(Project(SCAN, columns(SCAN, "note", "day")))), Project) == [("note",)]


def test_measures_go_and_group_keys_stay() -> None:
    inner = Aggregation(SCAN, columns(SCAN, "country", "day"), (("rows", COUNT), ("more", COUNT)))
    after = pruned(Project(inner, columns(inner, "country", "rows")))
    assert names_of(after, Aggregation) == [("country", "day", "rows")]


def test_a_group_key_that_another_implies_goes() -> None:
    inner = counted(SCAN, "id", "country", "note")
    assert names_of(pruned(Project(inner, columns(inner, "id", "rows"))), Aggregation) == [("id", "rows")]
    # The key itself is not asked for, but without it there would be fewer groups.
    assert names_of(pruned(Project(inner, columns(inner, "country"))), Aggregation) == [("id", "country")]


def test_a_group_stays_where_at_most_one_row_is_grouped() -> None:
    """Without any group there would be a row also for no rows."""
    inner = counted(Limit(SCAN, 1, ()), "country")
    assert names_of(pruned(Project(inner, columns(inner, "rows"))), Aggregation) == [("country", "rows")]


def test_a_total_keeps_a_measure() -> None:
    inner = Aggregation(SCAN, (), (("rows", COUNT), ("more", COUNT)))
    assert names_of(pruned(Project(inner, (("one", Literal(NUMBER, 1)),))), Aggregation) == [("rows",)]


@pytest.mark.parametrize("kind", ["intersect", "except"])
def test_rows_that_are_compared_as_wholes_stay_whole(kind: Any) -> None:
    whole = Project(SCAN, columns(SCAN, "country", "note"))
    for node in (Distinct(whole), SetOperation(kind, (whole, whole), whole.schema)):
        assert names_of(pruned(counted(node, "country")), Project) == [("country", "note")]


def test_unions_lose_a_column_in_every_branch() -> None:
    branches = (
        SCAN,
        Filter(SCAN, predicate=Literal(Type("boolean"), True)),
        Project(SCAN, columns(SCAN, *SCAN.schema.names)),
    )
    after = pruned(counted(Union(branches, SCAN.schema, apart=Key({"note"})), "country"))
    (union,) = (each for each in postorder(after) if isinstance(each, Union))
    assert [branch.schema.names for branch in union.branches] == [("country",)] * 3
    assert union.apart is None


def test_a_branch_has_no_column_more_than_its_union() -> None:
    first = Limit(SCAN, 3, (Order(Column(NUMBER, "id")),))
    union = Union((first, SCAN), SCAN.schema)
    after = pruned(counted(union, "country"))
    assert names_of(after, Limit) == [("id", "country")]
    (made,) = (each for each in postorder(after) if isinstance(each, Union))
    assert [branch.schema.names for branch in made.branches] == [("country",)] * 2


def test_joins_read_their_keys_and_conditions() -> None:
    other = TableScan("t", "s.t", Schema.of({"id": NUMBER, "name": TEXT, "flag": Type("boolean"), "rest": TEXT}))
    out = (JoinColumn("country", "country", None, TEXT), JoinColumn("name", None, "name", TEXT))
    join = Join(SCAN, other, "inner", (("id", "id"),), out, condition=Column(Type("boolean"), "flag", 1))
    after = pruned(counted(join, "country"))
    assert names_of(after, Join) == [("country",)]
    filtered = Join(
        Filter(SCAN, predicate=Literal(Type("boolean"), True)),
        Filter(other, predicate=Literal(Type("boolean"), True)),
        "inner", (("id", "id"),), out, condition=Column(Type("boolean"), "flag", 1),
    )  # fmt: skip
    assert names_of(pruned(counted(filtered, "country")), TableScan) == [("id", "country"), ("id", "flag")]


def test_what_several_read_has_what_each_of_them_reads() -> None:
    shared = Project(SCAN, columns(SCAN, "id", "country", "note", "day"))
    one, two = counted(shared, "country"), counted(shared, "day")
    out = (JoinColumn("country", "country", None, TEXT), JoinColumn("day", None, "day", NUMBER))
    join = Join(one, two, "inner", (("rows", "rows"),), out)
    assert names_of(pruned(join), Project) == [("country", "day")]


def test_parts_take_the_place_of_the_column_of_their_name() -> None:
    split = Split(SCAN, "country", ",", "note", "place")
    after = pruned(split)
    assert after.schema.names == ("id", "country", "note", "day", "place")
    fewer = pruned(counted(split, "id"))
    assert names_of(fewer, Split) == [("id", "country", "note")]


def test_an_unpivot_keeps_the_columns_that_it_takes_apart() -> None:
    node = Unpivot(SCAN, ("id", "day"), ("country", "note"), "name", "value", TEXT, "place")
    assert names_of(pruned(counted(node, "day")), Unpivot) == [("day", "name", "value")]


def test_assurances_speak_of_columns_that_are_there() -> None:
    node = Assured(SCAN, (Known((Key({"note"}), Key({"day"})), frozenset({"note"})),))
    (after,) = (each for each in postorder(pruned(counted(node, "day"))) if isinstance(each, Assured))
    assert after.keys == (Key({"day"}),)


SALES = {"rows": [{"id": 1, "country": "fr", "price": 2, "day": "2024-01-05"}], "keys": [["id"]]}


def sql_of(steps: list[Any], **node: Any) -> str:
    document = {
        "headrace": 1,
        "sources": {"sales": SALES},
        "nodes": {"result": {"from": "sales", "steps": steps, "materialize": "table", **node}},
    }
    result = headrace.compile(document)
    assert result.ok, result.diagnostics
    return result.nodes["result"].sql or ""


def test_a_window_that_nobody_reads_is_not_computed() -> None:
    ranked = {"derive": {"place": "rank(per () order by price)"}}
    assert "RANK()" in sql_of([ranked, {"aggregate": {"by": ["place"], "measures": {"n": "count()"}}}])
    assert "RANK()" not in sql_of([ranked, {"aggregate": {"by": ["country"], "measures": {"n": "count()"}}}])


def test_an_output_has_all_its_columns() -> None:
    assert "price * 2" in sql_of([{"derive": {"double": "price * 2"}}])
