"""A test of a node as statements: the rows that it is given become temporary tables, and one query reads the result.

No table of the warehouse is read or changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headrace.bind import Bound
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema, Type
from headrace.plan import FileScan, Limit, NodeScan, Relation, Rows, Series, TableScan, postorder, rebuild
from headrace.plan.names import NameSpace, physical_name
from headrace.plan.ordering import in_order
from headrace.program.checks import without_assurances
from headrace.program.instant import Instant
from headrace.program.program import Target
from headrace.program.quoting import qualified
from headrace.program.statements import TEMPORARY, Statements
from headrace.sql.identifiers import quoted
from headrace.sql.query import render
from headrace.sql.text import print_sql

MOST_ROWS = 10_000
"""How many rows of a result are compared."""

TypedRows = Sequence[tuple[Literal, ...]]


@dataclass(frozen=True, slots=True)
class TestProgram:
    """What a test does in the database, inside a transaction that is rolled back.

    ``statements`` make temporary tables. ``found`` and ``expected`` are queries whose rows must be the same; their
    columns are those of ``columns``, as texts that are the same where the values are. ``ordered``: the rows of
    ``found`` have an order.
    """

    statements: tuple[str, ...]
    found: str
    expected: str
    columns: Schema
    ordered: bool


def place_test(
    bound: Bound,
    catalog: Catalog,
    name: str,
    given: Mapping[str, TypedRows],
    expected: TypedRows,
    columns: Schema,
    as_of: Instant | None,
) -> TestProgram | list[Diagnostic]:
    """The program of a test of the node ``name``.

    ``given`` are rows by the name of a source or node, of its columns; ``columns`` are those of the result that are
    compared, and ``expected`` their rows. What stands in the way comes back without a place.
    """
    plan = bound.nodes[name].plan
    if plan is None:
        return [diagnose("T102", node=name)]
    statements = Statements(bound, catalog, TEMPORARY, as_of, build_schema=TEMPORARY)
    missing = statements.missing(plan)
    if missing:
        return [diagnose("P101", name=each) for each in missing]
    read: dict[str, Relation] = {}
    resolved = _over_given(statements.resolved(plan, frozenset(given) & bound.nodes.keys()), given, read)
    problems = _problems(resolved, name, given, read, bound)
    if problems:
        return problems
    shown = in_order(without_assurances(resolved))
    whole = Limit(shown.relation, MOST_ROWS + 1, shown.order, hidden=shown.hidden, step=name)
    rendering = statements.rendering(name, TEMPORARY, alone=True)
    rewritten, _, _ = statements.rewritten(whole)
    query, _ = render(rewritten, statements.bindings, rendering)
    made = [
        _create(
            Target(TEMPORARY, physical_name(each)), statements.query(_rows(each, leaf.schema, given[each]), rendering)
        )
        for each, leaf in read.items()
    ]
    for each in rendering.intermediates:
        target = Target(TEMPORARY, each.name)
        made.append(_create(target, print_sql(each.first)))
        made += [f"INSERT INTO {qualified(target)}\n{print_sql(more)}" for more in each.more]
    position = NameSpace(columns.names).claim("position")
    numbered = Schema(((position, Type("integer", nullable=False)), *columns.columns))
    rows = [(Literal(numbered[position], number), *row) for number, row in enumerate(expected, 1)]
    wanted = statements.query(_rows("expected", numbered, rows), rendering)
    order = f"\nORDER BY {quoted(position)}"
    found, wanted = _as_texts(print_sql(query), columns), _as_texts(wanted, columns) + order
    return TestProgram(tuple(made), found, wanted, columns, bool(shown.order))


def _over_given(plan: Relation, given: Mapping[str, TypedRows], read: dict[str, Relation]) -> Relation:
    """The plan with temporary tables in place of what is given; ``read`` gets the leaves that these stand for."""

    def change(leaf: Relation) -> Relation:
        name = _name(leaf)
        if name is None or name not in given:
            return leaf
        read.setdefault(name, leaf)
        return TableScan(name, f"{TEMPORARY}.{name}", leaf.schema, step=leaf.step)

    return rebuild(plan, change)


def _name(leaf: Relation) -> str | None:
    if isinstance(leaf, NodeScan):
        return leaf.node
    return leaf.source if isinstance(leaf, TableScan | FileScan | Rows | Series) else None


def _problems(
    plan: Relation, node: str, given: Mapping[str, TypedRows], read: Mapping[str, Relation], bound: Bound
) -> list[Diagnostic]:
    problems = []
    for leaf in dict.fromkeys(leaf for leaf in postorder(plan) if not leaf.inputs):
        if isinstance(leaf, FileScan):
            problems.append(_not_given(node, leaf.source, f"the file {leaf.path}"))
        elif isinstance(leaf, TableScan) and leaf.source not in given:
            problems.append(_not_given(node, leaf.source, f"the table {leaf.table}"))
    problems += [_not_read(node, name, bound) for name in given if name not in read]
    return list({(each.code, each.params["found"]): each for each in problems}.values())


def _not_given(node: str, source: str, what: str) -> Diagnostic:
    hint = f"Write under given the rows of {source} that matter here, or {source}: [] for none."
    return diagnose("T103", hints=[hint], node=node, found=source, what=what)


def _not_read(node: str, name: str, bound: Bound) -> Diagnostic:
    template = bound.nodes.get(name)
    hints = []
    if template is not None and template.plan is not None and template.plan.parameters:
        parameters = " and ".join(f"${each}" for each in sorted(template.plan.parameters))
        hints = [f"{name} depends on {parameters}, and is computed for each value: give the rows of what it reads."]
    return diagnose("T104", hints=hints, node=node, found=name)


def _rows(name: str, columns: Schema, rows: TypedRows) -> Relation:
    return Rows(name, columns, tuple(rows), step=name)


def _create(target: Target, select: str) -> str:
    return f"CREATE TABLE {qualified(target)} AS\n{select}"


def _as_texts(query: str, columns: Schema) -> str:
    """The query's rows with each value as a text that is the same for the same value."""
    values = [
        f"CAST({f'trim_scale({quoted(name)})' if type_.kind == 'decimal' else quoted(name)} AS text)"
        for name, type_ in columns
    ]
    return f"SELECT {', '.join(values) or 'NULL'} FROM (\n{query}\n) AS shown"
