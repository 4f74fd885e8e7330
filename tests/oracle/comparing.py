"""A random flow on a server: PostgreSQL's rows and types are the evaluator's, and what the plan claims holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import psycopg2
from case_files import Table as ServerTable
from case_runs import bear_out, build_program, compare_types, make_table
from daring import daring
from same_rows import difference

from headrace import CompileResult, Engine
from headrace.catalog import Catalog
from headrace.grammar.types import Schema, parse_type
from headrace.program.quoting import qualified

from .making_flows import MadeFlow, made_flow, random_flow
from .printing import declared, document_of, table_name
from .tables import Undefined
from .trees import Flow, Node, Source

STRATEGIES = (None, "union", "lateral", "join", "sweep")
_ENGINE = Engine()
_ALL_ROWS = 1_000_000


@dataclass(frozen=True)
class Compiled:
    """A flow that is compiled, to be run on one server or several."""

    made: MadeFlow
    document: dict[str, Any]
    catalog: Catalog
    result: CompileResult
    plans: dict[str, Any]
    rules: Sequence[str] | None


def compiled(made: MadeFlow, rules: Sequence[str] | None = None) -> Compiled:
    """The flow, rewritten by these rules, or by all. Raises AssertionError where the compiler refuses it, or says other
    columns than ours."""
    document, catalog = document_of(made.flow), _catalog(made.flow)
    with daring(crc32(str(document).encode())):
        result = _ENGINE.compile(document, catalog, rules=rules)
    refused = [f"{each.code} {each.pointer}: {each.message}" for each in result.diagnostics if each.severity == "error"]
    assert result.ok, "\n".join(refused)
    plans = {name: node.plan for name, node in result.nodes.items()}
    for name, table in made.tables.items():
        found = tuple((column, type_.kind) for column, type_ in plans[name].schema)
        wanted = tuple((column, type_) for column, type_ in table.columns)
        assert found == wanted, f"{name}: columns {found}, wanted {wanted}"
    return Compiled(made, document, catalog, result, plans, rules)


def plain_and_rewritten(made: MadeFlow) -> list[Compiled]:
    """The flow with all rules of the optimizer and, where these change what is run, without any."""
    rewritten = compiled(made)
    is_changed = any(node.firings for node in rewritten.result.nodes.values())
    return [rewritten, compiled(made, ())] if is_changed else [rewritten]


def with_strategy(made: MadeFlow, strategy: str | None) -> MadeFlow:
    """The flow with all its expansions computed in this way."""
    nodes = {
        name: replace(node, strategy=strategy) if node.for_each else node for name, node in made.flow.nodes.items()
    }
    return replace(made, flow=replace(made.flow, nodes=nodes))


def compare_flow(seed: int, cursor: Any) -> None:
    """Runs the flow of a seed, its expansions in one strategy of all, every other flow without rules.

    Raises AssertionError where something differs.
    """
    made = random_flow(seed)
    strategy = STRATEGIES[seed % len(STRATEGIES)]
    rules = () if seed % 2 else None
    run(compiled(made if strategy is None else with_strategy(made, strategy), rules), cursor)


def run(flow: Compiled, cursor: Any) -> None:
    """Raises AssertionError with the SQL and what differs."""
    for name, source in flow.made.flow.sources.items():
        if source.is_table:
            make_table(cursor, _server_table(name, source))
    program = flow.result.program
    assert program is not None
    build_program(cursor, program)
    for build in program.builds:
        about = f"{build.kind} {build.node}\n{build.sql}"
        plan = flow.plans[build.node]
        compare_types(cursor, qualified(build.target), plan.schema, about)
        cursor.execute(f"SELECT * FROM {qualified(build.target)}")
        _compare(flow, build.node, list(cursor.fetchall()), about)
    built = {build.node for build in program.builds}
    for name in flow.made.tables:
        if name not in built:
            _preview(flow, name, cursor)


def _preview(flow: Compiled, name: str, cursor: Any) -> None:
    shown = _ENGINE.preview(flow.document, flow.catalog, name, limit=_ALL_ROWS, rules=flow.rules)
    if [each.code for each in shown.diagnostics if each.severity == "error"] == ["P204"]:
        return  # One SELECT cannot hold it; the program can.
    assert shown.sql is not None, f"preview of {name}: {[each.message for each in shown.diagnostics]}"
    about = f"preview of {name}\n{shown.sql}"
    try:
        cursor.execute(shown.sql)
    except psycopg2.Error as error:
        raise AssertionError(f"{about}\n{error}") from error
    _compare(flow, name, list(cursor.fetchall()), about)


def _compare(flow: Compiled, name: str, rows: Sequence[Any], about: str) -> None:
    table = flow.made.tables[name]
    bear_out(flow.plans[name], list(rows), about)
    found = difference(table.rows, rows, table.names)
    assert found is None, f"{found}\n{about}"


def _catalog(flow: Flow) -> Catalog:
    tables = {
        table_name(name): {"columns": _declared(source), "keys": [list(key) for key in source.keys]}
        for name, source in flow.sources.items()
        if source.is_table
    }
    return Catalog.from_json({"headrace": 1, "tables": tables})


def _declared(source: Source) -> dict[str, dict[str, Any]]:
    """Columns that have no null are declared so."""
    return {
        name: {"type": type_, "nullable": not source.rows or any(row[place] is None for row in source.rows)}
        for place, (name, type_) in enumerate(declared(source).items())
    }


def _server_table(name: str, source: Source) -> ServerTable:
    columns = {
        column: replace(parse_type(each["type"]), nullable=each["nullable"])
        for column, each in _declared(source).items()
    }
    return ServerTable(table_name(name), Schema.of(columns), source.rows, source.keys)


# Failures.


def told(seed: int, made: MadeFlow) -> str:
    return f"seed {seed}\n{json.dumps(document_of(made.flow), indent=1, ensure_ascii=False, default=str)}"


def smaller(made: MadeFlow, fails: Any) -> MadeFlow:
    """The flow with fewer nodes and steps, as long as it ``fails``."""
    changed = True
    while changed:
        changed = False
        for flow in _smaller(made.flow):
            try:
                candidate = made_flow(flow)
            except (Undefined, KeyError, ValueError):
                continue
            if fails(candidate):
                made, changed = candidate, True
                break
    return made


def _smaller(flow: Flow) -> list[Flow]:
    made = []
    for name, node in reversed(flow.nodes.items()):
        if not any(_reads(other, name) for each, other in flow.nodes.items() if each != name):
            made.append(replace(flow, nodes={each: other for each, other in flow.nodes.items() if each != name}))
        for place in reversed(range(len(node.then))):
            fewer = (*node.then[:place], *node.then[place + 1 :])
            made.append(replace(flow, nodes={**flow.nodes, name: replace(node, then=fewer)}))
        for place in reversed(range(len(node.steps))):
            fewer = (*node.steps[:place], *node.steps[place + 1 :])
            made.append(replace(flow, nodes={**flow.nodes, name: replace(node, steps=fewer)}))
    used = flow.nodes.values()
    for name, source in flow.sources.items():
        related = {each.target for other in flow.sources.values() for _, each in other.relations}
        if name not in related and not any(_reads(node, name) for node in used):
            made.append(replace(flow, sources={each: s for each, s in flow.sources.items() if each != name}))
        for place in range(len(source.rows)):
            rows = (*source.rows[:place], *source.rows[place + 1 :])
            made.append(replace(flow, sources={**flow.sources, name: replace(source, rows=rows)}))
    return made


def _reads(node: Node, name: str) -> bool:
    return node.start == name or any(
        name == getattr(step, "other", None) or name in getattr(step, "others", ())
        for step in (*node.steps, *node.then)
    ) or any(values.node == name for _, values in node.for_each)  # fmt: skip
