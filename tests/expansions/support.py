"""Which steps, predicates and aggregates each strategy of an expansion serves: found by compiling each of them.

``python -m tests.expansions.support`` writes the tables into docs/expansions.md; a test compares.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from headrace import Engine, Policy
from headrace.catalog import Catalog

PAGE = Path(__file__).parents[2] / "docs" / "expansions.md"
STRATEGIES = ("union", "lateral", "join", "sweep")

_COLUMNS = {
    "id": "integer",
    "g": "text",
    "k": "integer",
    "d": "date",
    "e": "date",
    "n": "integer",
    "x": "decimal",
    "f": "float",
    "b": "boolean",
}
_PAIRS = {"select": ["g", "k"]}

STEPS: dict[str, list[dict[str, Any]]] = {
    "select": [{"select": ["id", "g"]}],
    "drop": [{"drop": ["x"]}],
    "rename": [{"rename": {"day": "d"}}],
    "derive": [{"derive": {"age": "$p - d"}}],
    "derive, a window": [{"derive": {"running": "sum(n per g order by id)"}}],
    "filter": [{"filter": "n > 0"}],
    "aggregate": [{"aggregate": {"by": ["g"], "measures": {"total": "sum(n)"}}}],
    "aggregate, a total": [{"aggregate": {"measures": {"total": "sum(n)"}}}],
    "join, inner": [{"join": {"with": "u", "by": "k", "columns": ["w"]}}],
    "join, left": [{"join": {"with": "u", "by": "k", "kind": "left", "columns": ["w"]}}],
    "join, right": [_PAIRS, {"join": {"with": "u", "by": "k", "kind": "right", "columns": ["w"]}}],
    "join, full": [_PAIRS, {"join": {"with": "u", "by": "k", "kind": "full", "columns": ["w"]}}],
    "join, semi": [{"join": {"with": "u", "by": "k", "kind": "semi"}}],
    "join, anti": [{"join": {"with": "u", "by": "k", "kind": "anti"}}],
    "join, cross": [_PAIRS, {"join": {"with": "u", "kind": "cross", "columns": ["w"]}}],
    "join on a condition": [{"join": {"with": "u", "where": "n > u.w", "columns": ["w"]}}],
    "lookup": [{"lookup": {"with": "u", "by": "k", "columns": ["w"]}}],
    "union": [_PAIRS, {"union": ["other"]}],
    "intersect": [_PAIRS, {"intersect": ["other"]}],
    "except": [_PAIRS, {"except": ["other"]}],
    "distinct": [_PAIRS, {"distinct": "all"}],
    "dedupe": [{"dedupe": {"by": "g", "order": "id"}}],
    "sort": [{"sort": "id"}],
    "limit": [{"limit": {"rows": 3, "order": "id"}}],
    "limit per group": [{"limit": {"rows": 3, "per": "g", "order": "id"}}],
    "pivot": [
        {"select": ["g", "k", "n"]},
        {"pivot": {"by": ["g"], "columns": "k", "values": {"total": "sum(n)"}, "only": [1, 2]}},
    ],
    "unpivot": [{"select": ["id", "n", "k"]}, {"unpivot": {"columns": ["n", "k"], "name": "what", "value": "much"}}],
    "fill, a series": [{"select": ["id", "n"]}, {"fill": {"series": {"n": {"every": 1, "from": "first", "to": 5}}}}],
    "fill, down": [{"fill": {"down": ["n"], "per": ["k"], "order": "id"}}],
    "split": [{"select": ["id", "g"]}, {"split": {"column": "g", "at": "-", "into": "part", "position": "at"}}],
    "sample": [{"sample": {"rows": 2, "seed": 1}}],
    "sql": [{"sql": "select g, k from input where k > 1"}],
    "expect": [{"expect": [{"not_null": ["id"], "severity": "warn"}]}],
}

PREDICATES = {
    "d <= $p": "one column, from a value on",
    "d > $p": "one column, up to a value",
    "d > $p - 12 months and d <= $p": "one column, a window",
    "d between $p - 30 days and $p": "one column, a closed window",
    "start_of_month(d) = $p": "an equality",
    "d <= $p and (e is null or e > $p)": "two columns, null for an open end",
    "$p between d and e": "two columns, closed",
    'd <= $p and n > 0 and g != "x"': "others beside it",
    "not (d > $p)": "negated",
    "d != $p": "no bound",
}

AGGREGATES = {
    "sum(n)": "",
    "count()": "",
    "avg(x)": "",
    "min(d)": "",
    "max(g)": "",
    "bool_and(b)": "",
    "bool_or(b)": "",
    "var_samp(x)": "",
    "stddev_samp(x)": "",
    "count(distinct k)": "",
    "sum(distinct n)": "",
    'sum(n where g = "x")': "",
    "count(where d > $p - 1 month)": "",
    "sum(n) / count(distinct k)": "",
    "stddev_samp(f)": "of a float, exact to no digit that could be merged",
    "median(n)": "",
    'string_agg(g, "," order by g, id)': "",
}


def chosen(steps: list[dict[str, Any]], strategy: str | None, first: str = "d <= $p") -> str:
    """The strategy by which steps over the rows chosen by ``first`` are computed for eight months."""
    nodes: dict[str, Any] = {
        "other": {"from": "t", "steps": [{"filter": "d > $p"}, _PAIRS]},
        "result": {
            "for_each": {"p": {"every": "month_end", "from": "2024-01-31", "to": "2024-08-31"}},
            "from": "t",
            "steps": [{"filter": first}, *steps],
        },
    }
    if strategy is not None:
        nodes["result"]["strategy"] = strategy
    document = {
        "headrace": 1,
        "parameters": {"p": {"type": "date", "default": "2024-01-31"}},
        "sources": {"t": {"table": "s.t"}, "u": {"table": "s.u"}},
        "nodes": nodes,
    }
    columns = {name: {"type": type_, "nullable": name != "id"} for name, type_ in _COLUMNS.items()}
    other = {"k": {"type": "integer", "nullable": False}, "w": {"type": "integer", "nullable": False}}
    catalog = {
        "headrace": 1,
        "tables": {"s.t": {"columns": columns, "keys": [["id"]]}, "s.u": {"columns": other, "keys": [["k"]]}},
    }
    result = ENGINE.compile(document, Catalog.from_json(catalog))
    sql = result.nodes["result"].sql
    if sql is None:
        raise ValueError([each.message for each in result.diagnostics])
    found = re.search(r"values? from [^;]*;\s*(?:--\s*)?(\w+)\s*(?:--\s*)?:", sql)
    if found is None:
        raise ValueError(sql[:600])
    return found[1]


ENGINE = Engine(Policy(sql_steps=True))


def _word(steps: list[dict[str, Any]], strategy: str) -> str:
    found = chosen(steps, strategy)
    return "yes" if found == strategy else f"as {found}"


def tables() -> dict[str, str]:
    """The tables of the page by name, as Markdown."""
    steps = ["| step | union | lateral | join | sweep | chosen |", "|---|---|---|---|---|---|"]
    for name, each in STEPS.items():
        words = [_word(each, strategy) for strategy in STRATEGIES]
        steps.append(f"| {name} | {' | '.join(words)} | {chosen(each, None)} |")
    predicates = ["| predicate | | chosen |", "|---|---|---|"]
    total = [{"aggregate": {"by": ["g"], "measures": {"m": "sum(n)"}}}]
    for predicate, about in PREDICATES.items():
        predicates.append(f"| `{predicate}` | {about} | {chosen(total, None, predicate)} |")
    aggregates = ["| aggregate | chosen |", "|---|---|"]
    for aggregate, about in AGGREGATES.items():
        step = [{"aggregate": {"by": ["g"], "measures": {"m": aggregate}}}]
        aggregates.append(f"| `{aggregate}`{', ' + about if about else ''} | {chosen(step, None)} |")
    return {"steps": "\n".join(steps), "predicates": "\n".join(predicates), "aggregates": "\n".join(aggregates)}


def with_tables(page: str) -> str:
    """The page with its tables, between comments that name them, as they are now."""
    for name, text in tables().items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"the page has no place for {name}")
        page = f"{before}{begin}\n{text}\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
