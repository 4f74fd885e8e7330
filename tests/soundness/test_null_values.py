"""A null among the values of an expansion, or among the groups of a value, doubles nothing from night to night.

dbt-labs/dbt-core#7873, dbt-labs/dbt-core#5691: rows whose unique key held a null were written once more at each run.
"""

from __future__ import annotations

from pathlib import Path

from run.programs import query, run

from headrace import Engine


def test_three_nights_with_nulls(server_url: str, tmp_path: Path) -> None:
    columns = {"day": "date", "country": "text", "amount": "integer"}
    query(server_url, "CREATE TABLE public.sales (day date, country text, amount bigint)")
    query(
        server_url, "INSERT INTO public.sales VALUES ('2024-01-01', NULL, 1), ('2024-01-01', 'FR', 2), (NULL, 'FR', 4)"
    )
    document = {
        "headrace": 1,
        "name": "shop",
        "sources": {"sales": {"table": "public.sales"}},
        "nodes": {
            "days": {"from": "sales", "steps": [{"distinct": ["day"]}]},
            "totals": {
                "for_each": {"on_day": {"node": "days", "column": "day"}},
                "from": "sales",
                "steps": [
                    {"filter": "day = $on_day"},
                    {"aggregate": {"by": ["country"], "measures": {"amount": "sum(amount)"}}},
                ],
                "materialize": {"kind": "incremental", "look_back": 1},
            },
        },
    }
    listed = "SELECT on_day::text, country, amount FROM shop.totals ORDER BY 1, 2 NULLS LAST"
    first = [("2024-01-01", "FR", 2), ("2024-01-01", None, 1)]
    for _ in range(3):
        compiled = Engine().compile(document, {"headrace": 1, "tables": {"public.sales": {"columns": columns}}})
        assert compiled.program is not None, compiled.diagnostics
        result = run(server_url, compiled.program, tmp_path)
        assert result.ok, result.diagnostics
        assert query(server_url, listed) == first
    query(server_url, "INSERT INTO public.sales VALUES ('2024-01-02', NULL, 8)")
    assert run(server_url, compiled.program, tmp_path).ok
    assert query(server_url, listed) == [*first, ("2024-01-02", None, 8)]
