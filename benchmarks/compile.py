"""How compiling grows: generated projects of chains and joins, five formulas a node, and a small document warm.

Seen at dbt-labs/dbt-core#10374, dbt-labs/dbt-core#7005.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks.harness import Timing, arguments, in_turn, report
from headrace.compiler import Engine
from headrace.policy import OWNER


def project(nodes: int) -> dict[str, Any]:
    """A document of ``nodes`` tables: each reads the one before it; every fifth joins one further back."""
    made: dict[str, Any] = {}
    for number in range(nodes):
        steps: list[dict[str, Any]] = [
            {"filter": f"amount > {number % 7}"},
            {
                "derive": {
                    "net": "amount / 1.2",
                    "tax": "amount - net",
                    "label": 'upper(country) & "-" & id',
                    "is_large": "amount > 100",
                }
            },
            {"select": ["id", "country", "amount", "net", "day"]},
        ]
        if number % 5 == 4:
            steps.insert(1, {"join": {"with": f"node_{number - 3}", "by": "id", "columns": ["net"], "prefix": "old_"}})
        start = "sales" if number % 20 == 0 else f"node_{number - 1}"
        made[f"node_{number}"] = {"from": start, "steps": steps, "materialize": "table"}
    columns = {"id": "integer", "country": "text", "amount": "decimal", "day": "date"}
    return {
        "headrace": 1,
        "flow": "generated",
        "sources": {"sales": {"table": "shop.sales", "columns": columns, "keys": ["id"]}},
        "nodes": made,
    }


def main() -> None:
    options = arguments(__doc__ or "")
    engine = Engine(OWNER)
    sizes = (50, 500) if options.quick else (50, 500, 1000, 5000)
    documents = {size: project(size) for size in sizes}
    for document in documents.values():
        result = engine.check(document)
        if not result.ok:
            raise SystemExit(f"the generated project is wrong: {result.diagnostics[0].message}")
    rivals = {f"compile {size} nodes": lambda d=document: engine.compile(d) for size, document in documents.items()}
    timings: dict[str, Timing] = in_turn(rivals, options.rounds or 3)
    small = project(10)
    checked, compiled = [], []
    for _ in range(50 if options.quick else 500):
        start = time.perf_counter()
        engine.check(small)
        checked.append(time.perf_counter() - start)
        start = time.perf_counter()
        engine.compile(small)
        compiled.append(time.perf_counter() - start)
    timings["check 10 nodes, warm"] = Timing.of(checked)
    timings["compile 10 nodes, warm"] = Timing.of(compiled)
    figures = {
        "ten times the nodes, times the time": timings["compile 500 nodes"].median / timings["compile 50 nodes"].median,
        "p99 of a warm compile, ms": 1000 * statistics.quantiles(compiled, n=100)[98],
    }
    report("compile", timings, "compile 50 nodes", figures)


if __name__ == "__main__":
    main()
