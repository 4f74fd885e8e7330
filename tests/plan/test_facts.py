"""What plan nodes know: keys and row bounds, each worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from headrace.bind import bind
from headrace.catalog import Catalog
from headrace.models import load_document, read_data
from headrace.plan import Relation

_SOURCES: dict[str, Any] = {
    # Two rows with the keys id and (g, n).
    "t": {"rows": [{"id": 1, "g": "x", "n": 1}, {"id": 2, "g": "x", "n": 2}], "keys": [["id"], ["g", "n"]]},
    # Three rows without a key.
    "u": {"rows": [{"id": 1, "v": 5}, {"id": 1, "v": 5}, {"id": 3, "v": 6}]},
    # Two rows, one of them null in its key.
    "w": {"rows": [{"id": 1, "m": "p"}, {"id": None, "m": "q"}], "keys": ["id"]},
    "ids": {"rows": [{"id": 1}]},
    "days": {"series": {"day": {"every": "1 day", "from": "2024-01-01", "to": "2024-01-10"}}},
}


def _plan(*steps: dict[str, Any], source: str = "t", **node: Any) -> Relation:
    nodes = {"result": {"from": source, "steps": list(steps), **node}}
    bound, found = bind(
        [load_document(read_data({"headrace": 1, "sources": _SOURCES, "nodes": nodes})).document], Catalog()
    )
    assert not [each for each in found if each.diagnostic.severity == "error"]
    plan = bound.nodes["result"].plan
    assert plan is not None
    return plan


def _join(source: str, kind: str, by: Any = "id", **more: Any) -> dict[str, Any]:
    prefix = {} if kind in ("semi", "anti") else {"prefix": "r_"}
    return {"join": {"with": source, "kind": kind, "by": by, **prefix, **more}}


_TOTAL = {"aggregate": {"measures": {"rows": "count()"}}}


@pytest.mark.parametrize(
    ("plan", "keys", "least", "most"),
    [
        (_plan(), ["g n", "id"], 2, 2),
        (_plan(source="u"), [], 3, 3),
        (_plan(source="days"), ["day"], 10, 10),
        (_plan({"select": ["id", {"m": "n + 1"}]}), ["id"], 2, 2),
        (_plan({"select": ["g", "n"]}), ["g n"], 2, 2),
        (_plan({"select": [{"again": "id"}, "id"]}), ["again"], 2, 2),
        (_plan({"derive": {"id": "id * 0"}}), ["g n"], 2, 2),
        (_plan({"derive": {"g": "upper(g)"}}), ["id"], 2, 2),
        (_plan({"drop": ["id", "n"]}), [], 2, 2),
        (_plan({"rename": {"key": "id"}}), ["g n", "key"], 2, 2),
        (_plan({"filter": "n > 1"}), ["g n", "id"], 0, 2),
        (_plan({"sort": "n"}), ["g n", "id"], 2, 2),
        (_plan({"aggregate": {"by": ["g"], "measures": {"c": "count()"}}}), ["g"], 1, 2),
        (_plan({"aggregate": {"by": ["id", "g"], "measures": {"c": "count()"}}}), ["id"], 1, 2),
        (_plan(_TOTAL), [""], 1, 1),
        (_plan({"filter": "n > 9"}, _TOTAL), [""], 1, 1),
        (_plan({"filter": "n > 9"}, {"aggregate": {"by": ["g"]}}), ["g"], 0, 2),
        (_plan({"distinct": "all"}, source="u"), ["id v"], 1, 3),
        (_plan({"distinct": ["v"]}, source="u"), ["v"], 1, 3),
        (_plan({"distinct": "all"}), ["g n", "id"], 1, 2),
        (_plan({"limit": {"rows": 1, "order": "n"}}), [""], 1, 1),
        (_plan({"limit": {"rows": 5, "offset": 1, "order": "n"}}), [""], 1, 1),
        (_plan({"limit": {"rows": 2, "order": "v"}}, source="u"), [], 2, 2),
        (_plan({"limit": {"rows": 1, "per": "g", "order": "n"}}), ["g", "id"], 1, 2),
        (_plan({"limit": {"rows": 2, "per": "g", "order": "n"}}), ["g n", "id"], 2, 2),
        (_plan({"limit": {"rows": 2, "offset": 1, "per": "g", "order": "n"}}), ["g n", "id"], 0, 2),
        (_plan({"dedupe": {"by": "g", "order": "n"}}), ["g", "id"], 1, 2),
        (_plan({"intersect": ["t"]}), ["g n", "id"], 0, 2),
        (_plan({"select": ["id"]}, {"except": ["ids"]}), ["id"], 0, 2),
        (_plan({"select": ["id"]}, {"intersect": ["ids"]}), [""], 0, 1),
        (_plan({"sample": 1}), [""], 1, 1),
        (_plan({"sample": {"share": 0.5}}), ["g n", "id"], 0, 2),
        (_plan({"sample": 2}, source="u"), [], 2, 2),
        (_plan({"fill": {"down": "n", "order": "id"}}), ["id"], 2, 2),
        (_plan({"fill": {"down": "g", "order": "id"}}), ["id"], 2, 2),
        (_plan({"sort": "g"}, {"drop": ["g"]}, {"limit": {"rows": 1}}), [""], 1, 1),
        (_plan({"sort": "g"}, {"drop": ["g"]}, {"limit": {"rows": 5}}), ["id"], 2, 2),
        (_plan({"limit": {"rows": 0, "order": "n"}}), [""], 0, 0),
        (_plan({"pivot": {"columns": "g", "values": {"c": "count()"}, "only": ["x"]}}), [""], 1, 1),
        (_plan({"pivot": {"by": "g", "columns": "n", "values": {"c": "count()"}, "only": [1]}}), ["g"], 1, 2),
        (_plan({"pivot": {"by": ["g", "id"], "columns": "n", "values": {"c": "count()"}, "only": [1]}}), ["id"], 1, 2),
        (_plan({"unpivot": {"columns": ["n"], "name": "k", "value": "v"}}), ["id k"], 2, 2),
        (_plan({"unpivot": {"columns": ["id", "n"], "name": "k", "value": "v", "position": "p"}}), [], 4, 4),
        (_plan({"unpivot": {"columns": "g", "name": "k", "value": "v", "position": "p"}}), ["id k", "id p"], 2, 2),
        (_plan({"union": ["t"]}), [], 4, 4),
        (_plan({"union": {"with": ["u"], "origin": "o"}}), [], 5, 5),
        (_plan({"union": {"with": ["w"], "origin": "o"}}), ["id o"], 4, 4),
        (_plan({"union": {"with": ["u"], "distinct": True}}), ["g id n v"], 1, 5),
        # Joins. The key of w is unique, so each row of t meets at most one.
        (_plan(_join("w", "inner")), ["g n", "id"], 0, 4),
        (_plan(_join("w", "left")), ["g n", "id"], 2, 4),
        (_plan(_join("w", "right")), ["id"], 2, 4),
        (_plan(_join("w", "semi")), ["g n", "id"], 0, 2),
        (_plan(_join("w", "anti")), ["g n", "id"], 0, 2),
        (_plan(_join("u", "inner")), [], 0, 6),
        (_plan(_join("u", "left")), [], 2, 6),
        (_plan(_join("u", "semi")), ["g n", "id"], 0, 2),
        # Each row of t meets several of u, each of u one of t: the other row of t may meet none.
        (_plan(_join("t", "right"), source="u"), [], 2, 5),
        (_plan(_join("t", "left"), source="u"), [], 3, 3),
        # Conditions: an equality of columns proves what a key does, an inequality nothing.
        (_plan(_join("t", "left", by=[], where="t.id = v"), source="u"), [], 3, 3),
        (_plan(_join("t", "left", by=[], where="t.id <= v"), source="u"), [], 3, 6),
        (_plan(_join("t", "inner", by=[], where='t.g = "x" and t.n = v'), source="u"), [], 0, 3),
        (_plan(_join("t", "inner", by=[], where='t.g = "x" or t.id = v'), source="u"), [], 0, 6),
        (_plan(_join("u", "left", by=[], latest="u.v <= n")), ["g n", "id"], 2, 2),
        (_plan({"lookup": {"with": "w", "by": "id", "prefix": "r_"}}), ["g n", "id"], 2, 2),
        (_plan(_join("t", "inner"), source="u"), [], 0, 6),
        (_plan(_join("t", "full")), ["g n r_g r_n", "id"], 2, 4),
        # In w a key is null: of a full join, a row of each side may be null in it.
        (_plan(_join("w", "full")), [], 2, 4),
    ],
)
def test_keys_and_bounds(plan: Relation, keys: list[str], least: int, most: int) -> None:
    assert sorted(" ".join(sorted(key)) for key in plan.keys) == keys
    assert plan.rows.least == least
    # A greatest number may be larger than it need be, never smaller.
    assert plan.rows.most is not None
    assert plan.rows.most <= most


def test_an_expansion_multiplies_rows_and_joins_its_parameters_to_every_key() -> None:
    plan = _plan({"filter": "n >= $p"}, for_each={"p": [1, 2, 3]})
    assert set(plan.keys) == {frozenset({"p", "id"}), frozenset({"p", "g", "n"})}
    assert (plan.rows.least, plan.rows.most) == (0, 6)
    total = _plan({"filter": "n >= $p"}, _TOTAL, for_each={"p": [1, 2, 3]})
    assert total.keys == (frozenset({"p"}),)
    assert (total.rows.least, total.rows.most) == (3, 3)


@pytest.mark.parametrize(
    ("plan", "keys", "least"),
    [
        (_plan({"split": {"column": "g", "at": ";"}}), [], 2),
        (_plan({"split": {"column": "g", "at": ";", "into": "part", "position": "k"}}), ["g k n", "id k"], 2),
        (_plan({"split": {"column": "g", "at": ";", "position": "k"}}), ["id k"], 2),
        # Added rows are null in id, so id alone tells nothing apart any more.
        (_plan({"fill": {"series": {"n": 1}, "per": "g"}}), ["g n"], 2),
        (_plan({"fill": {"series": {"n": 1}}}), ["g n", "id n"], 2),
        (_plan({"fill": {"series": {"v": 1}, "per": "id"}}, source="u"), [], 3),
    ],
)
def test_keys_of_rows_that_are_multiplied(plan: Relation, keys: list[str], least: int) -> None:
    assert sorted(" ".join(sorted(key)) for key in plan.keys) == keys
    assert (plan.rows.least, plan.rows.most) == (least, None)


def test_rows_of_a_table_have_no_bound() -> None:
    document = {
        "headrace": 1,
        "sources": {"t": {"table": "s.t"}},
        "nodes": {"n": {"from": "t", "steps": [{"limit": 7}]}},
    }
    catalog = Catalog.from_json({"headrace": 1, "tables": {"s.t": {"columns": {"a": "integer"}}}})
    bound, _ = bind([load_document(read_data(document)).document], catalog)
    source, plan = bound.sources["t"].stream, bound.nodes["n"].plan
    assert source is not None
    assert plan is not None
    assert source.relation.rows.most is None
    assert (plan.rows.least, plan.rows.most) == (0, 7)
