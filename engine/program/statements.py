"""Plans as statements: nodes that are not kept stand in place of their names, rules rewrite, and SQL is rendered."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.bind import Bound
from headrace.catalog import Catalog, Statistics
from headrace.grammar.expression import Literal
from headrace.plan import FileScan, NodeScan, Relation, TableScan
from headrace.plan.estimates import Estimates
from headrace.plan.names import NameSpace, physical_name
from headrace.program.instant import CURRENT, OF_THE_SESSION, Instant
from headrace.program.loads import make_load
from headrace.program.program import FileLoad, Target
from headrace.program.resolved import inlined, with_lists
from headrace.program.tables import table_of
from headrace.rules.optimizer import RULES, optimized
from headrace.rules.rule import Firing, Rule
from headrace.rules.strategies import Choice, with_strategies
from headrace.sql.query import render
from headrace.sql.statement import Rendering
from headrace.sql.text import print_sql
from headrace.sql.trace import Trace
from headrace.sql.trees import Table, table, written

TEMPORARY = "pg_temp"
"""The schema of tables that a session keeps to itself; a preview loads its files there."""


class Statements:
    """What the plans of a graph become in one program: its tables in ``schema``, built in ``build_schema`` (by default
    one beside it), its parameters and instant, the ``rules`` that rewrite.

    ``tables`` are the names of nodes and others that are read as tables.
    """

    def __init__(
        self,
        bound: Bound,
        catalog: Catalog,
        schema: str,
        as_of: Instant | None = None,
        rules: Sequence[Rule] = RULES,
        build_schema: str | None = None,
    ) -> None:
        self.bound = bound
        self.catalog = catalog
        self.rules = rules
        self.estimates = Estimates(
            {name: source.statistics for name, source in bound.sources.items() if source.statistics != Statistics()},
            {name: node.plan for name, node in bound.nodes.items() if node.plan is not None},
        )
        self.schema = schema
        self.build_schema = build_schema or physical_name(schema, "__build")
        self.instant = CURRENT if as_of is None else as_of.sql
        self.bindings: dict[str, Literal | tuple[Literal, ...]] = {
            name: facts.value
            for name, facts in bound.parameters.items()
            if facts.value is not None and facts.value != "all" and not isinstance(facts.value, str)
        }
        self.tables = frozenset(name for name, node in bound.nodes.items() if node.kept == "table")
        self.names = NameSpace((*bound.sources, *bound.nodes))

    def built(self, name: str) -> Target:
        """Where the program builds the table ``name``."""
        return Target(self.build_schema, name)

    def missing(self, plan: Relation) -> list[str]:
        known = self.bound.parameters
        return sorted(name for name in plan.parameters - self.bindings.keys() if known[name].value is None)

    def resolved(self, plan: Relation, tables: frozenset[str] | None = None) -> Relation:
        """The plan with those of the nodes it reads in place of their names, but for ``tables``."""
        return with_lists(inlined(plan, self.bound, self.tables if tables is None else tables), self.bound.parameters)

    def rewritten(self, plan: Relation, alone: bool = False) -> tuple[Relation, tuple[Choice, ...], tuple[Firing, ...]]:
        """A resolved plan after the rules, how its expansions are computed, and what the rules did.

        What an expansion becomes can be better again.
        """
        before, fired = optimized(plan, self.rules, self.estimates)
        chosen, choices = with_strategies(before, alone)
        if chosen is before:
            return before, choices, fired
        after, more = optimized(chosen, self.rules, self.estimates)
        return after, choices, (*fired, *more)

    def load(self, scan: FileScan) -> FileLoad:
        facts = self.catalog.files.get(scan.path)
        header = facts.header if facts is not None else None
        return make_load(scan.source, scan.path, scan.columns, header, self.build_schema, scan.unique)

    def rendering(self, label: str, schema: str, alone: bool = False, trace: Trace | None = None) -> Rendering:
        """Tables of this program are read where they are built, or, from a view, where they will be.

        A query that stands ``alone``, such as a view, is read by sessions that have no instant set. ``trace`` is for
        who wants to know what each part of a query computes.
        """

        def leaf(relation: Relation) -> Table:
            if isinstance(relation, TableScan):
                target = table_of(relation)
                return table(target.schema, target.name)
            if isinstance(relation, FileScan):
                return table(self.build_schema, physical_name(relation.source))
            if isinstance(relation, NodeScan):
                return table(schema, physical_name(relation.node))
            raise TypeError(f"{type(relation).__name__} is no table")

        now = written(self.instant if alone else OF_THE_SESSION)
        return Rendering(label, leaf, lambda name: table(self.build_schema, name), now, self.names, trace=trace)

    def query(self, relation: Relation, rendering: Rendering) -> str:
        rewritten, _, _ = self.rewritten(self.resolved(relation))
        first, _ = render(rewritten, self.bindings, rendering)
        return print_sql(first)
