"""Placing: a graph of bound nodes becomes a program of statements, each node's inputs before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from headrace.bind import Bound, BoundNode
from headrace.bind.bound import Check
from headrace.bind.bound import Values as ExpandedValues
from headrace.bind.expansions import EXPANSION
from headrace.catalog import Catalog
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema
from headrace.plan import (
    Clock,
    Expansion,
    FileScan,
    Limit,
    NodeScan,
    Relation,
    TableScan,
    in_order,
    postorder,
    sorted_relation,
)
from headrace.plan.estimates import Estimates
from headrace.plan.fingerprint import fingerprint
from headrace.plan.names import NameSpace, physical_name
from headrace.program.checks import (
    checks_of,
    first_failing,
    is_of_table,
    over_table,
    read_by,
    table_name,
    without_assurances,
)
from headrace.program.header import header
from headrace.program.instant import CURRENT, OF_THE_SESSION, Instant
from headrace.program.loads import make_load
from headrace.program.marks import comment_on
from headrace.program.new_values import NewValues, defined, scan_of_values
from headrace.program.program import Build, FileLoad, Program, Refresh, RowCheck, TableRead, Target
from headrace.program.quoting import qualified
from headrace.program.refreshing import deciding, finishing, marking, refresh_of, replacing_rows, showing
from headrace.program.resolved import inlined, with_lists
from headrace.program.tables import guard, table_of, tables_read, together
from headrace.rules.optimizer import RULES, optimized
from headrace.rules.rule import Firing, Rule
from headrace.rules.strategies import Choice, with_strategies
from headrace.sql.identifiers import quoted
from headrace.sql.query import render
from headrace.sql.statement import Rendering
from headrace.sql.text import print_sql
from headrace.sql.trees import Table, table, written

TEMPORARY = "pg_temp"
"""The schema of tables that a session keeps to itself; a preview loads its files there."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What placing gives: the program, the SQL and the fingerprint of each node, and what stood in the way.

    ``firings`` has, by node, the rules that changed its plan.
    """

    program: Program | None
    sql: Mapping[str, str]
    fingerprints: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]
    firings: Mapping[str, tuple[Firing, ...]]


@dataclass(frozen=True, slots=True)
class Preview:
    """One SELECT, and the files that must be loaded into temporary tables before it."""

    sql: str
    schema: Schema
    loads: tuple[FileLoad, ...]
    reads: tuple[TableRead, ...]


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
    return Placing(bound, catalog, project, schema, as_of, rules).placement()


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
        return _place_preview(Placing(bound, catalog, "", TEMPORARY, as_of, rules, temporary=True), plan, name, limit)
    except RecursionError:
        return diagnose("P204", node=name)


def _place_preview(placing: Placing, plan: Relation, name: str, limit: int) -> Preview | Diagnostic:
    bound = placing.bound
    values = bound.nodes[name].values if name in bound.nodes else None
    if values is not None and plan.parameters & set(values.names.names) and not _is_expanded(plan, values):
        if values.rows:
            placing.bindings.update(zip(values.names.names, values.rows[0], strict=True))
        else:
            nothing = {name: Literal(type_.with_null(), None) for name, type_ in values.names}
            placing.bindings.update(nothing)
            limit = 0
    missing = placing.missing(plan)
    if missing:
        return diagnose("P101", name=missing[0])
    # Nothing has been checked that a run would check.
    resolved = in_order(without_assurances(placing.resolved(plan, frozenset())))
    whole = Limit(resolved.relation, limit, resolved.order, hidden=resolved.hidden, step=name)
    rendering = placing.rendering(name, TEMPORARY, alone=True)
    rewritten, _, _ = placing.rewritten(whole, alone=True)
    first, more = render(rewritten, placing.bindings, rendering)
    if more or rendering.intermediates:
        return diagnose("P204", node=name)
    scans = {scan.source: scan for scan in postorder(whole) if isinstance(scan, FileScan)}
    loads = tuple(map(placing.load, scans.values()))
    return Preview(print_sql(first), plan.schema, loads, tables_read([resolved.relation]))


def _is_expanded(plan: Relation, values: ExpandedValues) -> bool:
    """Whether the plan holds the expansion over these values, and is no part of its body."""
    return any(
        isinstance(each, Expansion) and each.names == values.names and each.values == values.rows
        and each.given is values.given
        for each in postorder(plan)
    )  # fmt: skip


class Placing:
    """A graph of bound nodes being placed: where its tables are, and what has been placed so far."""

    def __init__(
        self,
        bound: Bound,
        catalog: Catalog,
        project: str,
        schema: str,
        as_of: Instant | None = None,
        rules: Sequence[Rule] = RULES,
        temporary: bool = False,
    ) -> None:
        self.bound = bound
        self.rules = rules
        self.estimates = Estimates()
        self.firings: dict[str, tuple[Firing, ...]] = {}
        self.catalog = catalog
        self.project = project
        self.schema = schema
        self.instant = CURRENT if as_of is None else as_of.sql
        self.build_schema = schema if temporary else physical_name(schema, "__build")
        self.bindings: dict[str, Literal | tuple[Literal, ...]] = {
            name: facts.value
            for name, facts in bound.parameters.items()
            if facts.value is not None and facts.value != "all" and not isinstance(facts.value, str)
        }
        self.fingerprints: dict[str, str] = {}
        self.definitions: dict[str, str] = {}
        self.clocks = bound.clocks()
        self.unusable: set[str] = set()
        self.diagnostics: list[Diagnostic] = []
        self.tables = frozenset(name for name, node in bound.nodes.items() if node.kept == "table")
        self.names = NameSpace((*bound.sources, *bound.nodes))
        self.failed_names = NameSpace()
        self.failed: dict[int, Target] = {}
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
                    loads[scan.source] = self.load(scan)
                    steps.append(loads[scan.source])
            steps.extend(builds)
        self.check_names(steps)
        reads = together(self.reads)
        program = Program(
            self.project,
            self.schema,
            self.build_schema,
            tuple(steps),
            fingerprint=self.whole(steps),
            instant=self.instant if any(self.reads_instant(step) for step in steps) else "",
            reads=reads,
            guard=guard(reads),
        )
        return Placement(program, sql, self.fingerprints, tuple(self.diagnostics), self.firings)

    def placed(self, node: BoundNode, plan: Relation) -> tuple[list[Build], list[FileScan]] | None:
        """The statements of a node and the files that they read; None after saying why there are none."""
        self.fingerprints[node.node.name] = self.fingerprint(node, plan)
        new = self.new_values(node, plan)
        resolved = self.resolved(plan, self.tables)
        checks = checks_of(node, self.bound) if node.kept != "inline" else []
        checked = [self.resolved(each, self.tables) for check in checks for each in (check.failing, check.count)]
        leaves = [leaf for each in (resolved, *checked) for leaf in postorder(each) if not leaf.inputs]
        if node.kept != "inline":
            self.reads.extend(tables_read([resolved, *checked]))
        if new is not None:
            resolved = self.resolved(new.over(plan), self.tables)
        builds = self.builds(node, sorted_relation(resolved), checks, leaves, new)
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
        values, kept, rows = (self.names.claim(f"{name}__{each}") for each in ("values", "kept", "rows"))
        refresh = refresh_of(
            values, kept, rows, self.build_schema, node.values.names, plan.schema, self.definition(node, plan)
        )
        self.tables |= {values, rows}
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
        missing = sorted({name for relation in relations for name in self.missing(relation)})
        for name in missing:
            self.diagnostics.append(diagnose("P101", pointer=node.node.pointer, name=name))
        return not missing

    def tell_other_strategy(self, node: BoundNode, choices: Sequence[Choice]) -> None:
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

    def missing(self, plan: Relation) -> list[str]:
        known = self.bound.parameters
        return sorted(name for name in plan.parameters - self.bindings.keys() if known[name].value is None)

    def resolved(self, plan: Relation, tables: frozenset[str]) -> Relation:
        return with_lists(inlined(plan, self.bound, tables), self.bound.parameters)

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
        header_ = facts.header if facts is not None else None
        return make_load(scan.source, scan.path, scan.columns, header_, self.build_schema, scan.unique)

    def fingerprint(self, node: BoundNode, plan: Relation) -> str:
        """The fingerprint of what the node's table holds."""
        if any(each.increment is not None for each in self.bound.nodes.values()):
            self.definitions[node.node.name] = self.definition(node, plan)
        return self.described(node, plan, self.fingerprints)

    def definition(self, node: BoundNode, plan: Relation) -> str:
        """The fingerprint of how it is computed: an incremental node's own values, and those that it reads of others
        of its kind, leave it the same."""
        return self.described(node, plan, self.definitions, apart=True)

    def described(self, node: BoundNode, plan: Relation, others: Mapping[str, str], apart: bool = False) -> str:
        def of(relation: Relation) -> str:
            return fingerprint(defined(relation, node) if apart else relation, others.__getitem__, {})

        own = [check for check in node.checks if not check.is_key]
        names = plan.parameters.union(*(check.failing.parameters for check in own))
        extra: dict[str, object] = {
            "parameters": {name: self.bound.parameters[name].value for name in sorted(names)},
            "keys": node.keys,
        }
        if own:
            # A check that is new or other has not been made yet, also where it changes no row.
            extra["checks"] = [(check.severity, of(check.failing)) for check in own]
        return fingerprint(defined(plan, node) if apart else plan, others.__getitem__, extra)

    def whole(self, steps: Sequence[FileLoad | Build]) -> str:
        """One fingerprint for all that the program keeps."""
        parts = [f"{step.node} {step.fingerprint}" for step in steps if isinstance(step, Build)]
        return sha256("\n".join([self.schema, *parts]).encode()).hexdigest()[:16]

    # One node

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
        rendering = self.rendering(name, self.schema if view else self.build_schema, alone=view)
        clock = self.clocks[name]
        plan, choices, self.firings[name] = self.rewritten(plan, alone=view)
        self.tell_other_strategy(node, choices)
        first, more = render(plan, self.bindings, rendering)
        row_checks = [self.row_check(check, node, rendering, new) for check in checks]
        all_values = "" if new is None else self.query(new.all, rendering)
        reads = sorted({_read(leaf) for leaf in leaves} - {"", name})
        notes = [
            *([] if new is None else [new.note]),
            *(_expansion(choice) for choice in choices),
            *rendering.notes,
            *(_note(check) for check in node.checks if not check.is_key),
        ]
        select = print_sql(first)
        target, building = Target(self.schema, physical_name(name)), Target(self.build_schema, physical_name(name))
        made: list[Build] = []
        for each in rendering.intermediates:
            made.append(
                Build(
                    node=each.name,
                    kind="intermediate",
                    target=Target(self.build_schema, each.name),
                    building=Target(self.build_schema, each.name),
                    columns=each.schema,
                    header=header(
                        f"{each.name}: placed before {name}",
                        None,
                        (),
                        each.schema,
                        [each.reason],
                        self.fingerprints[name],
                    ),
                    sql=_create(Target(self.build_schema, each.name), print_sql(each.first)),
                    select=print_sql(each.first),
                    fingerprint=self.fingerprints[name],
                    clock=clock,
                    more=tuple(_insert(Target(self.build_schema, each.name), print_sql(one)) for one in each.more),
                    after=(f"ANALYZE {qualified(Target(self.build_schema, each.name))}",),
                )
            )
        title = f"node {name}" + ("" if node.kept == "inline" else f": {node.kept} {qualified(target)}")
        described = header(
            title, node.node.description, reads, plan.schema, notes, self.fingerprints[name], _told(clock, view)
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
            constraints = [_constraint(building, key, plan.schema) for key in self.ordered_keys(node)]
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

    def ordered_keys(self, node: BoundNode) -> list[tuple[str, ...]]:
        """The columns of each declared key, in the order of the table."""
        return [check.order for check in node.checks if check.is_key]

    def rendering(self, label: str, schema: str, alone: bool = False) -> Rendering:
        """Tables of this program are read where they are built, or, from a view, where they will be.

        A query that stands ``alone``, such as a view, is read by sessions that have no instant set.
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
        return Rendering(label, leaf, lambda name: table(self.build_schema, name), now, self.names)

    def row_check(self, check: Check, node: BoundNode, rendering: Rendering, new: NewValues | None = None) -> RowCheck:
        """The check as queries; over the finished table where it is about its rows, else over those that are new."""
        label = f"{node.node.name}__checks"
        own = self.rendering(label, self.build_schema)
        count, failing = check.count, first_failing(check)
        queries = None
        if is_of_table(check, node):
            table_ = new.refresh.rows.name if new is not None and new.are_all_of(check) else node.node.name
            queries = [self.query(over_table(each, node, table_), own) for each in (count, failing)]
            if own.intermediates:  # which would have to be there before the table is
                queries, own = None, self.rendering(label, self.build_schema)
        elif new is not None:
            count, failing = new.over(count), new.over(failing)
        if queries is None:
            queries = [self.query(each, own) for each in (count, failing)]
        rendering.intermediates.extend(own.intermediates)
        if id(check) not in self.failed:
            name = self.failed_names.claim(table_name(check))
            self.failed[id(check)] = Target(physical_name(self.schema, "__failed"), name)
        proof = None
        if check.is_key and node.plan is not None and new is None:
            proof = _constraint(Target(self.build_schema, physical_name(node.node.name)), check.order, node.plan.schema)
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

    def query(self, relation: Relation, rendering: Rendering) -> str:
        rewritten, _, _ = self.rewritten(self.resolved(relation, self.tables))
        first, _ = render(rewritten, self.bindings, rendering)
        return print_sql(first)

    def check_names(self, steps: Sequence[FileLoad | Build]) -> None:
        seen: dict[str, str] = {}
        for step in steps:
            targets = [step.staging, step.table] if isinstance(step, FileLoad) else [step.building]
            for target in targets:
                first = seen.setdefault(target.name, step.name)
                if first != step.name:
                    self.diagnostics.append(diagnose("P107", name=target.name, first=first, second=step.name))


def _told(clock: Clock, view: bool) -> str:
    if clock == Clock():
        return ""
    return "now() and today() are of the moment at which the view is read" if view else str(clock)


def _file(build: Build) -> str:
    statements = "".join(f"{statement};\n" for statement in (*build.before, build.sql, *build.more))
    return f"{build.header}\n{statements}"


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


def _note(check: Check) -> str:
    rule = "" if check.rule in check.subject else f": {check.rule}"
    return f"checked: {check.subject[:1].lower()}{check.subject[1:]}{rule}{' (warns)' * (check.severity == 'warn')}"


def _expansion(choice: Choice) -> str:
    node = choice.expansion
    names, count = ", ".join(node.names.names), len(node.values)
    shown = f"for each {names}: "
    if node.given is not None:
        shown += "values known when it runs"
    else:
        shown += f"{count} value{'s' if count != 1 else ''}"
        if count:
            shown += f" from {_shown(node.values[0])} to {_shown(node.values[-1])}"
    return f"{shown}; {choice.strategy}: {choice.reason}"


def _shown(row: tuple[Literal, ...]) -> str:
    return " ".join(str(value.value) for value in row)
