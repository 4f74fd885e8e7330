"""The statements of one node made ready for PostgreSQL's EXPLAIN: its rows as a run computes them, in SELECTs whose
parts can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.bind import Bound
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, diagnose
from headrace.plan import FileScan, NodeScan, postorder, sorted_relation
from headrace.plan.names import physical_name
from headrace.program.instant import OF_THE_SESSION, Instant
from headrace.program.program import FileLoad, TableRead, Target
from headrace.program.statements import Statements
from headrace.program.tables import tables_read
from headrace.rules.optimizer import RULES
from headrace.rules.rule import Rule
from headrace.sql.query import render
from headrace.sql.text import print_sql
from headrace.sql.trace import Blocks, Trace


@dataclass(frozen=True, slots=True)
class ExplainedStatement:
    """A query, what its blocks compute, and the table that its rows are put into, where a later statement reads it.

    ``first``: it makes the table; else it adds to it.
    """

    name: str
    query: str
    blocks: Blocks
    target: Target | None = None
    first: bool = True


@dataclass(frozen=True, slots=True)
class ExplainedNode:
    """All that explains a node: files to load and tables to make in ``schema`` (a schema of its own, which is there for
    one transaction), tables of others (``reads``) and tables of nodes (``needs``, with the node) that must be there.

    ``instant`` is the moment to be set before, empty where nothing reads it.
    """

    node: str
    schema: str
    statements: tuple[ExplainedStatement, ...]
    loads: tuple[FileLoad, ...]
    reads: tuple[TableRead, ...]
    needs: tuple[tuple[str, Target], ...]
    instant: str


def place_explained(
    bound: Bound,
    catalog: Catalog,
    name: str,
    schema: str,
    as_of: Instant | None = None,
    rules: Sequence[Rule] = RULES,
) -> ExplainedNode | Diagnostic:
    """What explains the node ``name``: its statements, over the tables that are in ``schema`` after a run.

    An incremental node is explained as it is built the first time, with all its values.
    """
    try:
        return _explained(Statements(bound, catalog, schema, as_of, rules, physical_name(schema, "__explain")), name)
    except RecursionError:
        return diagnose("P204", node=name)


def _explained(statements: Statements, name: str) -> ExplainedNode | Diagnostic:
    plan = statements.bound.nodes[name].plan
    if plan is None:
        return diagnose("P106", node=name)
    missing = statements.missing(plan)
    if missing:
        return diagnose("P101", name=missing[0])
    resolved = sorted_relation(statements.resolved(plan))
    view = statements.bound.nodes[name].kept == "view"
    trace = Trace()
    rendering = statements.rendering(name, statements.schema, alone=view, trace=trace)
    rewritten, _, _ = statements.rewritten(resolved, alone=view)
    first, more = render(rewritten, statements.bindings, rendering)
    made = [
        ExplainedStatement(each.name, print_sql(query), trace.blocks(query), statements.built(each.name), place == 0)
        for each in rendering.intermediates
        for place, query in enumerate((each.first, *each.more))
    ]
    made += [ExplainedStatement(name, print_sql(query), trace.blocks(query)) for query in (first, *more)]
    leaves = [leaf for leaf in postorder(resolved) if not leaf.inputs]
    files = {leaf.source: leaf for leaf in leaves if isinstance(leaf, FileScan)}
    nodes = sorted({leaf.node for leaf in leaves if isinstance(leaf, NodeScan)})
    return ExplainedNode(
        node=name,
        schema=statements.build_schema,
        statements=tuple(made),
        loads=tuple(map(statements.load, files.values())),
        reads=tables_read([resolved]),
        needs=tuple((each, Target(statements.schema, physical_name(each))) for each in nodes),
        instant=statements.instant if any(OF_THE_SESSION in each.query for each in made) else "",
    )
