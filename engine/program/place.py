"""Placing: a graph of bound nodes becomes a program of statements, each node's inputs before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headrace.bind import Bound, BoundNode
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, diagnose
from headrace.plan import FileScan, NodeScan, Relation, postorder, sorted_relation
from headrace.plan.estimates import Estimates
from headrace.program.building import Building
from headrace.program.checks import checks_of, read_by
from headrace.program.fingerprints import Fingerprints, of_program
from headrace.program.instant import OF_THE_SESSION, Instant
from headrace.program.new_values import NewValues, scan_of_values
from headrace.program.program import Build, FileLoad, Program, TableRead
from headrace.program.refreshing import refresh_of
from headrace.program.statements import Statements
from headrace.program.tables import guard, tables_read, together
from headrace.rules.optimizer import RULES
from headrace.rules.rule import Firing, Rule


@dataclass(frozen=True, slots=True)
class Placement:
    """What placing gives: the program, the SQL and the fingerprint of each node, and what stood in the way.

    ``firings`` has, by node, the rules that changed its plan, ``plans`` what was made of it.
    """

    program: Program | None
    sql: Mapping[str, str]
    fingerprints: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]
    firings: Mapping[str, tuple[Firing, ...]]
    plans: Mapping[str, Relation]
    estimates: Estimates


def place(
    bound: Bound,
    catalog: Catalog,
    project: str,
    schema: str,
    as_of: Instant | None = None,
    rules: Sequence[Rule] = RULES,
) -> Placement:
    """The program of all nodes that are kept, their plans rewritten by ``rules``. Nodes with mistakes are left out, and
    what reads them.

    ``as_of`` is the run's instant; where none is given, the run takes that of its beginning. A view has none: it is
    computed when it is read, and that moment is its ``now()``.
    """
    return Placing(Statements(bound, catalog, schema, as_of, rules), project).placement()


class Placing:
    """A graph of bound nodes being placed: what has been placed so far, and what stood in the way."""

    def __init__(self, statements: Statements, project: str) -> None:
        self.statements = statements
        self.bound = statements.bound
        self.project = project
        self.fingerprints = Fingerprints(self.bound)
        self.building = Building(statements, project, self.fingerprints.tables)
        self.unusable: set[str] = set()
        self.diagnostics = self.building.diagnostics
        self.reads: list[TableRead] = []

    def placement(self) -> Placement:
        steps: list[FileLoad | Build] = []
        sql: dict[str, str] = {}
        loads: dict[str, FileLoad] = {}
        for name in self.bound.order:
            node = self.bound.nodes[name]
            plan = node.plan
            if plan is None or not self.usable(node):
                self.unusable.add(name)
                continue
            try:
                made = self.placed(node, plan)
            except RecursionError:
                # The limits on nesting leave room for an ordinary stack; a host may call from deep within its own.
                made = None
                self.diagnostics.append(diagnose("P204", pointer=node.node.pointer, node=name))
            if made is None:
                self.unusable.add(name)
                continue
            builds, scans = made
            sql[name] = "\n\n".join(_file(build) for build in builds)
            if node.kept == "inline":
                continue
            for scan in scans:
                if scan.source not in loads:
                    loads[scan.source] = self.statements.load(scan)
                    steps.append(loads[scan.source])
            steps.extend(builds)
        self.check_names(steps)
        reads = together(self.reads)
        program = Program(
            self.project,
            self.statements.schema,
            self.statements.build_schema,
            tuple(steps),
            fingerprint=of_program(self.statements.schema, (step for step in steps if isinstance(step, Build))),
            instant=self.statements.instant if any(self.reads_instant(step) for step in steps) else "",
            reads=reads,
            guard=guard(reads),
        )
        building = self.building
        diagnostics = tuple(self.diagnostics)
        return Placement(
            program,
            sql,
            self.fingerprints.tables,
            diagnostics,
            building.firings,
            building.plans,
            self.statements.estimates,
        )

    def placed(self, node: BoundNode, plan: Relation) -> tuple[list[Build], list[FileScan]] | None:
        """The statements of a node and the files that they read; None after saying why there are none."""
        self.fingerprints.add(node, plan)
        new = self.new_values(node, plan)
        resolved = self.statements.resolved(plan)
        checks = checks_of(node, self.bound) if node.kept != "inline" else []
        checked = [self.statements.resolved(each) for check in checks for each in (check.failing, check.count)]
        leaves = [leaf for each in (resolved, *checked) for leaf in postorder(each) if not leaf.inputs]
        if node.kept != "inline":
            self.reads.extend(tables_read([resolved, *checked]))
        if new is not None:
            resolved = self.statements.resolved(new.over(plan))
        builds = self.building.builds(node, sorted_relation(resolved), checks, leaves, new)
        if node.kept == "view" and len(builds) > 1:
            # The tables placed between are gone when the program has run.
            self.diagnostics.append(diagnose("P108", pointer=node.node.at("materialize"), node=node.node.name))
            return None
        return builds, [leaf for leaf in leaves if isinstance(leaf, FileScan)]

    def new_values(self, node: BoundNode, plan: Relation) -> NewValues | None:
        """The values that the node computes, where these are not always all of them."""
        if node.increment is None or node.values is None:
            return None
        name = node.node.name
        values, kept, rows = (self.statements.names.claim(f"{name}__{each}") for each in ("values", "kept", "rows"))
        refresh = refresh_of(
            values,
            kept,
            rows,
            self.statements.build_schema,
            node.values.names,
            plan.schema,
            self.fingerprints.definition(node, plan),
        )
        self.statements.tables |= {values, rows}
        return NewValues(node.values, node.increment, scan_of_values(values, node.values), refresh)

    def reads_instant(self, step: FileLoad | Build) -> bool:
        """Whether a statement of the step reads the session's instant, in its checks too."""
        if not isinstance(step, Build):
            return False
        checks = (check.failing for check in step.checks)
        return any(
            OF_THE_SESSION in statement for statement in (*step.before, step.sql, *step.more, *checks, *step.after)
        )

    def usable(self, node: BoundNode) -> bool:
        relations = list(read_by(node))
        leaves = [leaf for relation in relations for leaf in postorder(relation)]
        if any(isinstance(leaf, NodeScan) and leaf.node in self.unusable for leaf in leaves):
            return False
        missing = sorted({name for relation in relations for name in self.statements.missing(relation)})
        for name in missing:
            self.diagnostics.append(diagnose("P101", pointer=node.node.pointer, name=name))
        return not missing

    def check_names(self, steps: Sequence[FileLoad | Build]) -> None:
        seen: dict[str, str] = {}
        for step in steps:
            targets = [step.staging, step.table] if isinstance(step, FileLoad) else [step.building]
            for target in targets:
                first = seen.setdefault(target.name, step.name)
                if first != step.name:
                    self.diagnostics.append(diagnose("P107", name=target.name, first=first, second=step.name))


def _file(build: Build) -> str:
    statements = "".join(f"{statement};\n" for statement in (*build.before, build.sql, *build.more))
    return f"{build.header}\n{statements}"
