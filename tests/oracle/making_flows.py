"""Random flows: sources with rows, parameters, and nodes that read them and one another.

A flow is made of a seed and always the same. Each step is computed as it is added, for every value of the parameters
that it may meet, and thrown away where it has no one answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random

from .flow_rows import relations_of, rows_of, values_of, world_of
from .making_formulas import FormulaMaker, Scope
from .making_steps import StepMaker
from .making_values import TYPES, WHOLE_NUMBERS, column_of_values, new_name, node_name, value, whole_numbers
from .step_rows import named, stepped
from .tables import Table, Undefined, alike
from .trees import (
    Column,
    Dedupe,
    Derive,
    Drop,
    Expect,
    Filter,
    Flow,
    Join,
    Limit,
    ListParameter,
    Lookup,
    Named,
    Node,
    OwnFunction,
    Parameter,
    Path,
    Relation,
    Rename,
    Sample,
    Select,
    Sort,
    Source,
    Step,
    Value,
    Values,
    Virtual,
)

_MOST_ROWS = 120
_PLAIN_TYPES = ("integer", "integer", "decimal", "text", "boolean", "date")
_KEEPING = (Select, Drop, Derive, Filter, Sort, Limit, Dedupe, Expect, Sample, Lookup)
"""Steps after which the formulas of what a node reads may be named."""
_STRATEGIES = ("union", "lateral", "join", "sweep")


@dataclass(frozen=True)
class MadeFlow:
    """A flow with the rows of each of its nodes."""

    flow: Flow
    tables: Mapping[str, Table]


def random_flow(seed: int) -> MadeFlow:
    """The flow of a seed, one of three over sources that have whole numbers alone."""
    random = Random(seed)
    return _FlowMaker(random, random.random() < 1 / 3).made()


def flow_of_whole_numbers(seed: int) -> MadeFlow:
    """The flow of a seed over sources, written in the document, that have small whole numbers and nulls alone."""
    return _FlowMaker(Random(seed), True, False).made()


def made_flow(flow: Flow) -> MadeFlow:
    """The flow with its rows. Raises Undefined where they are not one."""
    return MadeFlow(flow, {name: rows_of(flow, name) for name in flow.nodes})


class _FlowMaker:
    """``is_whole``: sources have whole numbers alone. ``tables``: some of them lie in tables."""

    def __init__(self, random: Random, is_whole: bool, tables: bool = True) -> None:
        self.random = random
        self.is_whole = is_whole
        self.tables = tables
        self.flow = Flow({}, {}, {})
        self.parameters: list[Parameter] = []
        self.ways: dict[str, dict[str, Relation]] = {}
        """Relations that may be followed from the rows of each source and node."""
        self.virtual: dict[str, tuple[Virtual, ...]] = {}
        """Formulas of sources and nodes that steps over the rows of each may name."""
        self.lists: list[ListParameter] = []
        self.formulas = FormulaMaker(random, {})

    def made(self) -> MadeFlow:
        self._add_parameters()
        self._add_functions()
        for _ in range(self.random.choice((1, 2, 2, 3))):
            self._add_source()
        tables = {}
        for _ in range(self.random.choice((1, 2, 2, 3))):
            try:
                name, table = self._add_node()
            except Undefined:
                continue
            tables[name] = table
        return MadeFlow(self.flow, tables)

    def _add_parameters(self) -> None:
        for name in ("cut", "p")[: self.random.choice((0, 1, 1, 2))]:
            types = ("integer", "date", "date", "text", "decimal", "timestamp")
            type_ = self.random.choice(("integer", "integer", "date") if self.is_whole else types)
            self.flow.parameters[name] = (type_, value(self.random, type_))
            self.parameters.append(Parameter(name, type_))
        if self.random.random() < 0.3:
            type_ = self.random.choice(("integer", "text", "date"))
            self.flow.parameters["listed"] = (type_, tuple(self._listed(type_, self.random.choice((1, 2, 3)))))
            self.lists.append(ListParameter("listed", type_))

    def _add_functions(self) -> None:
        """Perhaps functions of our own, of which no one calls another."""
        made: dict[str, OwnFunction] = {}
        for name in ("first_own", "other_own")[: self.random.choice((0, 0, 1, 2))]:
            names = ("x", "y")[: self.random.choice((1, 2))]
            arguments = tuple(Column(each, self.random.choice(_PLAIN_TYPES)) for each in names)
            scope = Scope(arguments, tuple(self.parameters))
            made[name] = OwnFunction(arguments, self.formulas.formula(self.random.choice(_PLAIN_TYPES), scope, 2))
        self.flow.functions.update(made)
        self.formulas = FormulaMaker(self.random, made, self.lists)

    def _virtual(self, name: str, columns: tuple[tuple[str, str], ...]) -> tuple[Named, ...]:
        """Perhaps a formula of a source or node over its columns, by a name that no column has."""
        if self.random.random() < 0.75:
            return ()
        scope = Scope(tuple(Column(*each) for each in columns), tuple(self.parameters))
        formula = self.formulas.formula(self.random.choice(_PLAIN_TYPES), scope, 2)
        return ((f"virtual {name[:20]}", formula),)

    def _add_source(self) -> None:
        random, sources = self.random, self.flow.sources
        like = random.choice(list(sources.values())) if sources and random.random() < 0.4 else None
        if like is not None:
            columns = list(like.columns)
            random.shuffle(columns)
        else:
            columns = self._columns()
        size = random.choice((0, 1, 1, 2, 4, 6) if self.is_whole else (0, 1, 2, 4, 6, 8, 8, 12, 12, 20))
        if random.random() < 0.4 and like is None and not self.is_whole:
            columns.insert(0, ("id", "integer"))
        values = [
            list(range(1, size + 1))
            if name == "id" and like is None
            else (whole_numbers(random, size) if self.is_whole else column_of_values(random, type_, size))
            for name, type_ in columns
        ]
        rows = tuple(zip(*values, strict=True))
        name = node_name(random, {*sources, *self.flow.nodes})
        keys = self._keys([name for name, _ in columns], rows) if random.random() < 0.7 else ()
        is_short = all(len(each.encode()) < 64 for each in (name, *(column for column, _ in columns)))
        is_short = is_short and "ctid" not in dict(columns)
        is_table = random.random() < 0.3 and "." not in name and is_short and self.tables
        virtual = self._virtual(name, tuple(columns))
        precise = tuple(each for each, type_ in columns if type_ == "decimal" and random.random() < 0.4)
        relations = self._relations(tuple(columns))
        sources[name] = Source(tuple(columns), rows, keys, is_table, relations, virtual, precise)
        self.virtual[name] = tuple(Virtual(*each) for each in virtual)
        self.ways[name] = relations_of(self.flow, name)

    def _columns(self) -> list[tuple[str, str]]:
        if self.is_whole:
            return [(name, "integer") for name in "abc"[: self.random.randint(1, 3)]]
        taken: set[str] = {"cut", "p", "rel", "the other", "parent"}
        columns = []
        for _ in range(self.random.randint(1, 5)):
            name = new_name(self.random, taken)
            taken.add(name)
            columns.append((name, self.random.choice(TYPES)))
        return columns

    def _relations(self, columns: tuple[tuple[str, str], ...]) -> tuple[tuple[str, Relation], ...]:
        """Perhaps a relation to a source made before, by a column in which that is unique."""
        found = [
            Relation(target, ours, theirs)
            for target, source in self.flow.sources.items()
            for place, (theirs, type_) in enumerate(source.columns)
            for ours, our_type in columns
            if our_type == type_ and type_ != "float" and _is_unique([row[place] for row in source.rows])
        ]
        if not found or self.random.random() < 0.3:
            return ()
        return ((self.random.choice(("rel", "the other", "parent")), self.random.choice(found)),)

    def _left(self, ways: Mapping[str, Relation], step: Step | None, table: Table) -> dict[str, Relation]:
        """Those of the relations that may still be followed after the step, by the columns they go by.

        A column that is renamed, or that another has taken the name of, is none of these any more.
        """
        types = table.types
        renamed = {name for pair in step.names for name in pair} if isinstance(step, Rename) else set()
        return {
            name: relation
            for name, relation in ways.items()
            if relation.ours not in renamed and types.get(relation.ours) == self._type_there(relation)
        }

    def _still_named(self, virtual: Sequence[Virtual], step: Step, before: Table, after: Table) -> tuple[Virtual, ...]:
        """Those of the formulas that steps may still name: the columns that they need are there as they were."""
        is_left = isinstance(step, Join) and step.kind in ("inner", "left", "semi", "anti")
        if not is_left and not isinstance(step, _KEEPING):
            return ()
        types = {name: type_ for name, type_ in after.columns if before.types.get(name) == type_}
        return tuple(each for each in virtual if set(named(each.formula)) <= set(types))

    def _type_there(self, relation: Relation) -> str:
        return dict(self.flow.sources[relation.target].columns)[relation.theirs]

    def _paths(self, ways: Mapping[str, Relation]) -> tuple[Path, ...]:
        """What formulas may follow."""
        made: list[Path] = []
        for name, relation in ways.items():
            made += [Path((name,), *column) for column in self.flow.sources[relation.target].columns]
            for further, next_ in relations_of(self.flow, relation.target).items():
                made += [Path((name, further), *column) for column in self.flow.sources[next_.target].columns]
        return tuple(made)

    def _keys(self, names: list[str], rows: tuple[tuple[Value, ...], ...]) -> tuple[tuple[str, ...], ...]:
        """One or two of the columns, where no rows are equal, nulls being alike."""
        for _ in range(3):
            key = self.random.sample(names, min(len(names), self.random.choice((1, 1, 2))))
            places = [names.index(name) for name in key]
            values = [alike(row[place] for place in places) for row in rows]
            if len(set(values)) == len(values):
                return (tuple(key),)
        return ()

    # Nodes.

    def _add_node(self) -> tuple[str, Table]:
        random, flow = self.random, self.flow
        known = {name: rows_of(flow, name) for name in (*flow.sources, *flow.nodes)}
        known = {name: table for name, table in known.items() if len(table.rows) <= _MOST_ROWS}
        start = random.choice(list(known))
        name = node_name(random, {*flow.sources, *flow.nodes})
        for_each, zipped = self._for_each(known) if self.parameters and random.random() < 0.45 else ((), False)
        node = Node(start, (), for_each, zipped)
        types = WHOLE_NUMBERS if self.is_whole else TYPES
        reserved = {"cut", "p", "listed", "rel", "the other", "parent"}
        steps = StepMaker(random, self.parameters, known, reserved, types, self.formulas)
        contexts = self._contexts(node)
        steps.is_repeated = bool(for_each)
        ways, virtual = self.ways[start], self.virtual[start]
        tables = [rows_of(flow, start, each) for each in contexts]
        tables = [table.given(table.rows) for table in tables]
        for _ in range(random.choice((1, 2, 3, 4, 5, 6))):
            steps.paths, steps.virtual = self._paths(ways), virtual
            made = self._next(steps, node, contexts, tables)
            if made is not None:
                step, after = made
                node = replace(node, steps=(*node.steps, step))
                virtual = self._still_named(virtual, step, tables[0], after[0])
                tables = after
                ways = self._left(ways, step, tables[0])
        flow.nodes[name] = node
        try:
            if for_each:
                node, ways = self._add_then(steps, name, node, ways)
            table = rows_of(flow, name)
            if len(table.rows) > 4 * _MOST_ROWS:
                raise Undefined("many rows")
        except Undefined:
            del flow.nodes[name]
            raise
        kept = random.choice(("inline", "inline", "view", "table", "table"))
        strategy = random.choice((None, None, *_STRATEGIES)) if for_each else None
        own = self._virtual(name, table.columns)
        flow.nodes[name] = replace(node, materialize=kept, strategy=strategy, virtual=own)
        self.ways[name] = ways
        self.virtual[name] = (*(() if for_each else virtual), *(Virtual(*each) for each in own))
        return name, table

    def _next(
        self, steps: StepMaker, node: Node, contexts: list[dict[str, Value]], tables: list[Table]
    ) -> tuple[Step, list[Table]] | None:
        """A step that goes with the rows for every value of the parameters."""
        for _ in range(8):
            longest = max(tables, key=lambda table: len(table.rows))
            step = steps.step(longest)
            if step is None:
                continue
            try:
                made = [
                    stepped(step, table, world_of(self.flow, node.start, each))
                    for each, table in zip(contexts, tables, strict=True)
                ]
            except (Undefined, OverflowError):
                continue
            names = made[0].names
            if made[0].columns and len(set(names)) == len(names) and max(len(each.rows) for each in made) <= _MOST_ROWS:
                return step, made
        return None

    def _add_then(
        self, steps: StepMaker, name: str, node: Node, ways: dict[str, Relation]
    ) -> tuple[Node, dict[str, Relation]]:
        table = rows_of(self.flow, name)
        defaults = self._contexts(replace(node, for_each=()))
        steps.is_repeated, steps.virtual = False, ()
        if len(table.rows) <= 2 * _MOST_ROWS and self.random.random() < 0.5:
            for _ in range(self.random.choice((1, 2))):
                steps.paths = self._paths(ways)
                made = self._next(steps, node, defaults, [table])
                if made is not None:
                    step, (table,) = made
                    node = replace(node, then=(*node.then, step))
                    ways = self._left(ways, step, table)
        self.flow.nodes[name] = node
        return node, ways

    def _contexts(self, node: Node) -> list[dict[str, Value]]:
        """The values of parameters that the node's steps meet, the defaults where there is no ``for_each``."""
        defaults = {name: default for name, (_, default) in self.flow.parameters.items()}
        contexts = [defaults]
        for name, values in node.for_each:
            listed = values_of(self.flow, values, defaults)
            contexts = [{**each, name: inner} for each in contexts for inner in listed]
        return contexts or [defaults]

    def _for_each(self, known: Mapping[str, Table]) -> tuple[tuple[tuple[str, Values], ...], bool]:
        chosen = self.random.sample(self.parameters, self.random.choice((1, 1, min(2, len(self.parameters)))))
        if len(chosen) == 2 and self.random.random() < 0.4:
            size = self.random.choice((1, 2, 3))
            lists = [self._listed(each.type, size) for each in chosen]
            least = min(map(len, lists))
            return tuple(
                (each.name, Values(each.type, tuple(listed[:least])))
                for each, listed in zip(chosen, lists, strict=True)
            ), True
        return tuple((each.name, self._values(each.type, known)) for each in chosen), False

    def _values(self, type_: str, known: Mapping[str, Table]) -> Values:
        random = self.random
        columns = [
            (name, column)
            for name, table in known.items()
            for column, other in table.columns
            if other == type_ and len({each for each in table.values(column) if each is not None}) <= 6
        ]
        choice = random.random()
        if columns and choice < 0.25:
            node, column = random.choice(columns)
            return Values(type_, node=node, column=column)
        if type_ == "date" and choice < 0.7:
            every, unit = random.choice(((1, "month"), (1, "month_end"), (2, "week"), (1, "quarter_end"), (15, "day")))
            start = date(2024, 1, random.choice((1, 31)))
            return Values(type_, start=start, end=date(2024, random.choice((2, 4, 6)), 1), every=every, unit=unit)
        if type_ == "timestamp" and choice < 0.5:
            # A month before these is 28 February or 29, whatever their order.
            moments = [
                datetime(year, 3, day, hour) for year in (2023, 2024) for day in (28, 30, 31) for hour in (3, 20)
            ]
            return Values(type_, tuple(random.sample(moments, random.choice((2, 3, 4)))))
        if type_ == "integer" and choice < 0.6:
            return Values(
                type_, start=random.choice((-1, 0, 1)), end=random.choice((0, 3, 6)), every=random.choice((1, 2))
            )
        return Values(type_, tuple(self._listed(type_, random.choice((1, 2, 4, 5)))))

    def _listed(self, type_: str, size: int) -> list[Value]:
        return list(dict.fromkeys(value(self.random, type_) for _ in range(size)))


def _is_unique(values: list[Value]) -> bool:
    known = [value for value in values if value is not None]
    return len({repr(value) for value in known}) == len(known)
