"""Random queries of the step ``sql``: PostgreSQL's rows bear out what is claimed of types, nulls, keys and rows."""

from __future__ import annotations

import random
from typing import Any

import pytest
from case_runs import ENGINE, bear_out, undone
from format_types import FORMAT_TYPE

from headrace.bind import bind
from headrace.catalog import Catalog
from headrace.models import load_document, read_data

QUERIES = 150


class Writer:
    """Writes queries over ``t(id, a, x)`` and ``u(a, d)``, in which ``id`` is a key and the others may be null."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def some(self, *choices: str) -> str:
        return self.random.choice(choices)

    def query(self, depth: int = 0) -> str:
        """A query with the columns ``k``, ``n`` and ``v``: a whole number, a number, a text."""
        roll = self.random.random()
        if depth < 2 and roll < 0.12:
            word = self.some("union", "union all", "intersect", "except", "except all")
            return f"({self.query(depth + 1)}) {word} ({self.query(depth + 1)})"
        if depth < 2 and roll < 0.25:
            return f"with w{depth} as ({self.query(depth + 1)}) {self.select(f'w{depth}', ('k', 'n', 'v'))}"
        if depth < 2 and roll < 0.35:
            return self.select(f"({self.query(depth + 1)}) as s{depth}", ("k", "n", "v"))
        return self.joined()

    def joined(self) -> str:
        kind = self.some("", "left ", "right ", "full ")
        forms = [
            ("t", ("id", "a", "x")),
            ("u", ("a", "d", "null::text")),
            (f"t {kind}join u on t.a = u.a", ("id", "t.a", "x")),
            (f"t {kind}join u on t.a = u.a", ("u.a", "d", "x")),
            (f"t {kind}join u using (a)", ("a", "d", "x")),
            ("t cross join (values (1, 'p'), (null, 'q')) as g(k, w)", ("g.k", "a", "w")),
            ("t as o cross join lateral (select max(d) as m from u where u.a = o.a) as l", ("id", "m", "x")),
            ("generate_series(1, 3) as g(k) left join t on t.id = g.k", ("k", "a", "x")),
        ]
        return self.select(*self.random.choice(forms))

    def select(self, source: str, columns: tuple[str, str, str]) -> str:
        k, n, v = columns
        where = self.some("", f" where {k} > 1", f" where {n} is not null", " where false", f" where {k} in (1, 2)")
        form = self.random.randrange(6)
        if form == 0:
            return f"select {k} as k, sum({n}) as n, max({v}) as v from {source}{where} group by {k}"
        if form == 1:
            having = self.some("", " having count(*) > 1")
            measures = f"count(*)::int as k, avg({n}) as n, string_agg({v}, ',' order by {v}) as v"
            return f"select {measures} from {source}{where}{having}"
        if form == 2:
            n_, v_ = self.some(n, f"coalesce({n}, 0)"), self.some(v, f"upper({v})", "'c'")
            return f"select distinct {k} as k, {n_} as n, {v_} as v from {source}{where}"
        if form == 3:
            window = f"over (partition by {v} order by {k}, {n})"
            function = self.some("row_number()", f"lag({n})", f"sum({n})", f"count({n})", f"first_value({n})")
            return f"select {k} as k, {function} {window} as n, {v} as v from {source}{where}"
        if form == 4:
            cases = (
                f"{v} || 'z'",
                f"case when {k} > 1 then {v} end",
                f"coalesce({v}, 'e')",
                f"substring({v} from 'b')",
            )
            end = f" order by 1, 2, 3 limit {self.some('1', '2', '100')}"
            return f"select {k} as k, {n} * 2 + 1 as n, {self.some(*cases)} as v from {source}{where}{end}"
        n_ = self.some(n, f"-{n}", f"({n} + {k}) / 2.0", f"nullif({n}, 1)", f"(select max(d) from u where u.a = {k})")
        return f"select {k} as k, {n_} as n, {v} as v from {source}{where}"


def _document(query: str) -> dict[str, Any]:
    return {
        "headrace": 1,
        "sources": {
            "t": {
                "columns": {"id": {"type": "integer", "nullable": False}, "a": "integer", "x": "text"},
                "keys": [["id"]],
                "rows": [
                    {"id": 1, "a": 1, "x": "a"},
                    {"id": 2, "a": 1, "x": None},
                    {"id": 3, "a": None, "x": "b"},
                    {"id": 4, "a": 7, "x": "b"},
                ],
            },
            "u": {
                "columns": {"a": "integer", "d": "decimal(6, 2)"},
                "rows": [{"a": 1, "d": "1.50"}, {"a": 1, "d": None}, {"a": 2, "d": "0.25"}, {"a": None, "d": "9.00"}],
            },
        },
        "nodes": {"result": {"from": "t", "steps": [{"sql": query}]}},
    }


@pytest.mark.parametrize("seed", range(QUERIES))
def test_what_is_claimed_is_borne_out(seed: int, connection: Any) -> None:
    query = Writer(seed).query()
    document = _document(query)
    shown = ENGINE.preview(document, None, "result", None, 1_000_000)
    assert shown.sql is not None, f"{query}\n{[each.message for each in shown.diagnostics]}"
    documents = [load_document(read_data(document)).document]
    plan = bind(documents, Catalog(), any_function=True)[0].nodes["result"].plan
    assert plan is not None
    with undone(connection) as cursor:
        about = f"{query}\n{shown.sql}"
        cursor.execute("DROP VIEW IF EXISTS pg_temp.shown")
        cursor.execute(f"CREATE TEMP VIEW shown AS {shown.sql}")
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
            " WHERE attrelid = 'pg_temp.shown'::regclass AND attnum > 0 ORDER BY attnum"
        )
        assert cursor.fetchall() == [(name, FORMAT_TYPE[type_.kind]) for name, type_ in plan.schema], about
        cursor.execute("SELECT * FROM pg_temp.shown")
        bear_out(plan, list(cursor.fetchall()), about)


def test_the_queries_make_claims() -> None:
    """Enough of them have a key, a column that is never null, and a bound on their rows."""
    facts = []
    for seed in range(QUERIES):
        documents = [load_document(read_data(_document(Writer(seed).query()))).document]
        plan = bind(documents, Catalog(), any_function=True)[0].nodes["result"].plan
        assert plan is not None
        never_null = any(not type_.nullable for _, type_ in plan.schema)
        facts.append((bool(plan.keys), never_null, plan.rows.most is not None))
    assert all(sum(each) > QUERIES // 5 for each in zip(*facts, strict=True)), [
        sum(e) for e in zip(*facts, strict=True)
    ]
