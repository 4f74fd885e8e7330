"""A preview: one SELECT for the first rows of a node or step, computed from the sources alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.bind import Bound
from headrace.bind.bound import Values as ExpandedValues
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema
from headrace.plan import Expansion, FileScan, Limit, Relation, in_order, postorder
from headrace.program.checks import without_assurances
from headrace.program.instant import Instant
from headrace.program.program import FileLoad, TableRead
from headrace.program.statements import TEMPORARY, Statements
from headrace.program.tables import tables_read
from headrace.rules.optimizer import RULES
from headrace.rules.rule import Rule
from headrace.sql.query import render
from headrace.sql.text import print_sql


@dataclass(frozen=True, slots=True)
class Preview:
    """One SELECT, and the files that must be loaded into temporary tables before it."""

    sql: str
    schema: Schema
    loads: tuple[FileLoad, ...]
    reads: tuple[TableRead, ...]


def place_preview(
    bound: Bound,
    catalog: Catalog,
    plan: Relation,
    name: str,
    limit: int,
    as_of: Instant | None = None,
    rules: Sequence[Rule] = RULES,
) -> Preview | Diagnostic:
    """The first ``limit`` rows of ``plan``, a part of the node ``name``, computed from the sources alone.

    A step inside an expansion is shown for the first of its values; one of ``then``, and the whole node, read their
    parameters as the program does.
    """
    try:
        return _preview(Statements(bound, catalog, TEMPORARY, as_of, rules, build_schema=TEMPORARY), plan, name, limit)
    except RecursionError:
        return diagnose("P204", node=name)


def _preview(statements: Statements, plan: Relation, name: str, limit: int) -> Preview | Diagnostic:
    bound = statements.bound
    values = bound.nodes[name].values if name in bound.nodes else None
    if values is not None and plan.parameters & set(values.names.names) and not _is_expanded(plan, values):
        if values.rows:
            statements.bindings.update(zip(values.names.names, values.rows[0], strict=True))
        else:
            nothing = {name: Literal(type_.with_null(), None) for name, type_ in values.names}
            statements.bindings.update(nothing)
            limit = 0
    missing = statements.missing(plan)
    if missing:
        return diagnose("P101", name=missing[0])
    # Nothing has been checked that a run would check.
    resolved = in_order(without_assurances(statements.resolved(plan, frozenset())))
    whole = Limit(resolved.relation, limit, resolved.order, hidden=resolved.hidden, step=name)
    rendering = statements.rendering(name, TEMPORARY, alone=True)
    rewritten, _, _ = statements.rewritten(whole, alone=True)
    first, more = render(rewritten, statements.bindings, rendering)
    if more or rendering.intermediates:
        return diagnose("P204", node=name)
    scans = {scan.source: scan for scan in postorder(whole) if isinstance(scan, FileScan)}
    loads = tuple(map(statements.load, scans.values()))
    return Preview(print_sql(first), plan.schema, loads, tables_read([resolved.relation]))


def _is_expanded(plan: Relation, values: ExpandedValues) -> bool:
    """Whether the plan holds the expansion over these values, and is no part of its body."""
    return any(
        isinstance(each, Expansion) and each.names == values.names and each.values == values.rows
        and each.given is values.given
        for each in postorder(plan)
    )  # fmt: skip
