"""The statements that build one node: its tables placed between, its rows, its keys and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from headrace.bind import BoundNode
from headrace.bind.bound import Check
from headrace.bind.expansions import EXPANSION
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.types import Schema
from headrace.plan import FileScan, NodeScan, Relation, TableScan
from headrace.plan.names import NameSpace, physical_name
from headrace.program.checks import first_failing, is_of_table, over_table, table_name
from headrace.program.header import header
from headrace.program.marks import comment_on
from headrace.program.new_values import NewValues
from headrace.program.notes import check_note, clock_note, expansion_note, rows_notes, sharing_notes
from headrace.program.program import Build, Refresh, RowCheck, Target
from headrace.program.quoting import qualified
from headrace.program.refreshing import deciding, finishing, marking, replacing_rows, showing
from headrace.program.statements import Statements
from headrace.rules.rule import Firing
from headrace.rules.strategies import Choice
from headrace.sql.identifiers import quoted
from headrace.sql.query import render
from headrace.sql.statement import Intermediate, Rendering
from headrace.sql.text import print_sql


class Building:
    """What builds the nodes of one project, in turn; ``plans``, ``firings`` and
    ``diagnostics`` are what there is to tell."""

    def __init__(self, statements: Statements, project: str, fingerprints: Mapping[str, str]) -> None:
        self.statements = statements
        self.project = project
        self.fingerprints = fingerprints
        self.clocks = statements.bound.clocks()
        self.firings: dict[str, tuple[Firing, ...]] = {}
        self.plans: dict[str, Relation] = {}
        self.diagnostics: list[Diagnostic] = []
        self.failed_names = NameSpace()
        self.failed: dict[int, Target] = {}

    def builds(
        self,
        node: BoundNode,
        plan: Relation,
        checks: Sequence[Check],
        leaves: Sequence[Relation],
        new: NewValues | None = None,
    ) -> list[Build]:
        name = node.node.name
        view = node.kept == "view"
        schema = self.statements.schema if view else self.statements.build_schema
        rendering = self.statements.rendering(name, schema, alone=view)
        clock = self.clocks[name]
        plan, choices, self.firings[name] = self.statements.rewritten(plan, alone=view)
        self.plans[name] = plan
        self._tell_other_strategy(node, choices)
        first, more = render(plan, self.statements.bindings, rendering)
        shared = sharing_notes(rendering.shared)
        row_checks = [self._row_check(check, node, rendering, new) for check in checks]
        all_values = "" if new is None else self.statements.query(new.all, rendering)
        reads = sorted({_read(leaf) for leaf in leaves} - {"", name})
        notes = [
            *([] if new is None else [new.note]),
            *(expansion_note(choice) for choice in choices),
            *rendering.notes,
            *shared,
            *rows_notes(plan, self.statements.estimates),
            *(check_note(check) for check in node.checks if not check.is_key),
        ]
        select = print_sql(first)
        target = Target(self.statements.schema, physical_name(name))
        building = self.statements.built(physical_name(name))
        made = [self._intermediate(each, name) for each in rendering.intermediates]
        title = f"node {name}" + ("" if node.kept == "inline" else f": {node.kept} {qualified(target)}")
        described = header(
            title,
            node.node.description,
            reads,
            plan.schema,
            notes,
            self.fingerprints[name],
            clock_note(clock, view),
            list(dict.fromkeys(firing.rule for firing in self.firings[name])),
        )
        after: tuple[str, ...] = ()
        before: tuple[str, ...] = ()
        adding = tuple(_insert(building if new is None else new.refresh.rows, print_sql(one)) for one in more)
        refresh: Refresh | None = None
        if new is not None:
            values, increment, refresh = new.values, new.increment, new.refresh
            mark = (node.node.description, self.project, self.fingerprints[name], refresh.definition)
            before = deciding(refresh, increment, values.names, self.project, target, all_values)
            sql = _create(refresh.rows, select)
            adding += (showing(refresh, target, building),)
            constraints = [_constraint(building, key, plan.schema) for key in _ordered_keys(node)]
            after = (finishing(refresh, building, constraints, marking(building, *mark)),)
            refresh = replace(refresh, statements=replacing_rows(refresh, target, building, marking(target, *mark)))
        elif node.kept == "view":
            sql = f"CREATE VIEW {qualified(target)} AS\n{select}"
            after = (comment_on("view", target, node.node.description, self.project, self.fingerprints[name]),)
        elif node.kept == "table":
            sql = _create(building, select)
            after = (
                f"ANALYZE {qualified(building)}",
                comment_on("table", building, node.node.description, self.project, self.fingerprints[name]),
            )
        else:
            sql = select
        made.append(
            Build(
                node=name,
                kind="view" if node.kept == "view" else "table",
                target=target,
                building=building,
                columns=plan.schema,
                header=described,
                sql=sql,
                select=select,
                fingerprint=self.fingerprints[name],
                clock=clock,
                more=adding,
                checks=tuple(row_checks),
                after=after,
                inputs=tuple(reads),
                before=before,
                refresh=refresh,
            )
        )
        return made

    def _intermediate(self, placed: Intermediate, reader: str) -> Build:
        """The table that is placed before the node ``reader``."""
        target = self.statements.built(placed.name)
        fingerprint = self.fingerprints[reader]
        title = f"{placed.name}: placed before {reader}"
        return Build(
            node=placed.name,
            kind="intermediate",
            target=target,
            building=target,
            columns=placed.schema,
            header=header(title, None, (), placed.schema, [placed.reason], fingerprint),
            sql=_create(target, print_sql(placed.first)),
            select=print_sql(placed.first),
            fingerprint=fingerprint,
            clock=self.clocks[reader],
            more=tuple(_insert(target, print_sql(one)) for one in placed.more),
            after=(f"ANALYZE {qualified(target)}",),
        )

    def _row_check(self, check: Check, node: BoundNode, rendering: Rendering, new: NewValues | None = None) -> RowCheck:
        """The check as queries; over the finished table where it is about its rows, else over those that are new."""
        label = f"{node.node.name}__checks"
        own = self.statements.rendering(label, self.statements.build_schema)
        count, failing = check.count, first_failing(check)
        queries = None
        if is_of_table(check, node):
            table_ = new.refresh.rows.name if new is not None and new.are_all_of(check) else node.node.name
            queries = [self.statements.query(over_table(each, node, table_), own) for each in (count, failing)]
            if own.intermediates:  # which would have to be there before the table is
                queries, own = None, self.statements.rendering(label, self.statements.build_schema)
        elif new is not None:
            count, failing = new.over(count), new.over(failing)
        if queries is None:
            queries = [self.statements.query(each, own) for each in (count, failing)]
        rendering.intermediates.extend(own.intermediates)
        if id(check) not in self.failed:
            name = self.failed_names.claim(table_name(check))
            self.failed[id(check)] = Target(physical_name(self.statements.schema, "__failed"), name)
        proof = None
        if check.is_key and node.plan is not None and new is None:
            proof = _constraint(self.statements.built(physical_name(node.node.name)), check.order, node.plan.schema)
        return RowCheck(
            node=check.node,
            step=check.step,
            subject=check.subject,
            rule=check.rule,
            severity=check.severity,
            count=queries[0],
            failing=queries[1],
            columns=check.failing.schema,
            table=self.failed[id(check)],
            of_whole=check.of_whole,
            each=check.each,
            description=check.description,
            proof=proof,
            pointer=check.pointer,
        )

    def _tell_other_strategy(self, node: BoundNode, choices: Sequence[Choice]) -> None:
        """A strategy that the node itself asks for, and that does not serve it, is no error and no secret."""
        wished = node.node.strategy
        for choice in choices:
            # Expansions of nodes that stand in this one have the names of those in theirs.
            own = choice.expansion.step == EXPANSION and choice.expansion.strategy == wished
            if wished is not None and own and choice.expansion.depends and choice.strategy != wished:
                self.diagnostics.append(
                    diagnose(
                        "P110",
                        pointer=node.node.at("strategy"),
                        node=node.node.name,
                        wished=wished,
                        reason=choice.reason,
                        used=choice.strategy,
                    )
                )
                return


def _ordered_keys(node: BoundNode) -> list[tuple[str, ...]]:
    """The columns of each declared key, in the order of the table."""
    return [check.order for check in node.checks if check.is_key]


def _create(target: Target, select: str) -> str:
    return f"CREATE TABLE {qualified(target)} AS\n{select}"


def _insert(target: Target, select: str) -> str:
    return f"INSERT INTO {qualified(target)}\n{select}"


def _constraint(target: Target, names: Sequence[str], schema: Schema) -> str:
    columns = ", ".join(quoted(name) for name in names)
    if any(schema[name].nullable for name in names):
        return f"ALTER TABLE {qualified(target)} ADD UNIQUE NULLS NOT DISTINCT ({columns})"
    return f"ALTER TABLE {qualified(target)} ADD PRIMARY KEY ({columns})"


def _read(leaf: Relation) -> str:
    match leaf:
        case NodeScan():
            return leaf.node
        case FileScan() | TableScan():
            return leaf.source
    return str(getattr(leaf, "source", ""))
