"""Random small flows over random rows with nulls and duplicates, and what they give, computed in plain Python.

The evaluator reads no document: each step is made together with the function that does the same to lists of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from .flow_formulas import FormulaSteps
from .flow_joins import JoinSteps
from .flow_orders import OrderSteps, in_order, written
from .flow_rows import RowSteps
from .flow_shapes import ShapeSteps

Value = Any
Row = tuple[Value, ...]

_MOST_ROWS = 150


@dataclass(frozen=True)
class Table:
    """Rows under named columns, all of whole numbers but those in ``texts``."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    texts: frozenset[str] = frozenset()

    def place(self, name: str) -> int:
        return self.names.index(name)

    def values(self, row: Row, names: Iterable[str]) -> Row:
        return tuple(row[self.place(name)] for name in names)

    @property
    def numbers(self) -> list[str]:
        return [name for name in self.names if name not in self.texts]

    def given(self, rows: Iterable[Row]) -> Table:
        return Table(self.names, tuple(rows), self.texts)


@dataclass
class Flow:
    """A document, and the rows of each of its sources and nodes."""

    document: dict[str, Any]
    tables: dict[str, Table] = field(default_factory=dict)


def random_flow(seed: int) -> Flow:
    """The flow of a seed, always the same."""
    return _Maker(Random(seed)).flow()


class _Maker(RowSteps, ShapeSteps, JoinSteps, OrderSteps, FormulaSteps):
    def __init__(self, random: Random) -> None:
        self.inside = False
        self.ways = {}
        self.random = random
        self.made = Flow({"headrace": 1, "sources": {}, "nodes": {}})
        self.fresh = 0

    def flow(self) -> Flow:
        for number in range(self.random.randint(1, 3)):
            self.source(f"s{number}")
        for number in range(self.random.randint(1, 5)):
            self.node(f"n{number}")
        return self.made

    def name(self) -> str:
        self.fresh += 1
        return f"x{self.fresh}"

    def source(self, name: str) -> None:
        names = tuple("abc"[: self.random.randint(1, 3)])
        size = self.random.choice([0, 1, 1, 2, 4, 6])
        least = self.random.choice([0, 0, 1])
        rows = [
            tuple(None if self.random.random() < 0.2 * (1 - least) else self.random.randint(0, 3) for _ in names)
            for _ in range(size)
        ]
        table = Table(names, tuple(rows))
        keys = [[each] for each in names] + [list(names)]
        true_keys = [key for key in keys if len({table.values(row, key) for row in rows}) == len(rows)]
        columns = {
            each: {"type": "integer", "nullable": not rows or any(row[i] is None for row in rows)}
            for i, each in enumerate(names)
        }
        written = [dict(zip(names, row, strict=True)) for row in rows]
        self.made.document["sources"][name] = {"columns": columns, "rows": written}
        if true_keys and self.random.random() < 0.7:
            self.made.document["sources"][name]["keys"] = [self.random.choice(true_keys)]
        self.made.document["sources"][name] |= self.relations(name, table)
        self.made.tables[name] = table

    def node(self, name: str) -> None:
        read = self.random.choice(list(self.made.tables))
        table = self.made.tables[read]
        node: dict[str, Any] = {"from": read}
        if self.random.random() < 0.25 and table.numbers:
            table = self.expanded(node, table)
        else:
            node["steps"], table = self.steps(table, self.random.randint(0, 4), read)
        if self.random.random() < 0.3:
            node["materialize"] = self.random.choice(["table", "view"])
        self.ways[name] = self.ways[read]
        self.made.document["nodes"][name] = node
        self.made.tables[name] = table

    def expanded(self, node: dict[str, Any], table: Table) -> Table:
        """An expansion over one parameter, with a filter on it, further steps and perhaps a total."""
        column, parameter = self.random.choice(table.numbers), self.name()
        values = self.random.sample(range(5), self.random.randint(0, 3))
        state = self.random.getstate(), self.fresh
        results = []
        for value in values or [0]:
            # The same choices for every value.
            self.random.setstate(state[0])
            self.fresh = state[1]
            place = table.place(column)
            kept = table.given(row for row in table.rows if row[place] is not None and row[place] <= value)
            self.inside = True
            steps, result = self.steps(kept, self.random.randint(0, 2), node["from"], sizes=False)
            self.inside = False
            results.append((value, result))
        node["for_each"] = {parameter: values or {"every": 1, "from": 5, "to": 4}}
        node["steps"] = [{"filter": f"{column} <= ${parameter}"}, *steps]
        first = results[0][1]
        rows = [(value, *row) for value, result in results if values for row in result.rows]
        return Table((parameter, *first.names), tuple(rows), first.texts)

    def steps(self, table: Table, count: int, origin: str, sizes: bool = True) -> tuple[list[dict[str, Any]], Table]:
        steps = []
        for _ in range(count):
            make: Callable[[Table, str], tuple[Any, Table]] = self.random.choice(_STEPS)
            made = make(self, table, origin)  # type: ignore[call-arg, arg-type]  # unbound methods, in _STEPS below
            if made is not None and (not sizes or len(made[1].rows) <= _MOST_ROWS):
                new, table = made
                steps += new
        return steps, table

    # Each gives steps of a document and what they make of a table, or None where they do not go with it.

    def filter(self, table: Table, _: str) -> Any:
        if not table.numbers:
            return None
        column, limit = self.random.choice(table.numbers), self.random.randint(0, 3)
        place = table.place(column)
        if self.random.random() < 0.3:
            return [{"filter": f"{column} is null or {column} = {limit}"}], table.given(
                row for row in table.rows if row[place] is None or row[place] == limit
            )
        return [{"filter": f"{column} >= {limit}"}], table.given(
            row for row in table.rows if row[place] is not None and row[place] >= limit
        )

    def derive(self, table: Table, _: str) -> Any:
        if len(table.numbers) < 1:
            return None
        first, second = self.random.choice(table.numbers), self.random.choice(table.numbers)
        new = self.random.choice([self.name(), first])
        places = table.place(first), table.place(second)
        made = [
            None if row[places[0]] is None or row[places[1]] is None else row[places[0]] + row[places[1]]
            for row in table.rows
        ]
        step = [{"derive": {new: f"{first} + {second}"}}]
        if new in table.names:
            place = table.place(new)
            return step, table.given(
                (*row[:place], value, *row[place + 1 :]) for row, value in zip(table.rows, made, strict=True)
            )
        rows = tuple((*row, value) for row, value in zip(table.rows, made, strict=True))
        return step, Table((*table.names, new), rows, table.texts)

    def window(self, table: Table, _: str) -> Any:
        if len(table.names) < 2 or not table.numbers:
            return None
        group, column, new = self.random.choice(table.names), self.random.choice(table.numbers), self.name()
        sums: dict[Value, list[int]] = {}
        for row in table.rows:
            values = sums.setdefault(row[table.place(group)], [])
            if row[table.place(column)] is not None:
                values.append(row[table.place(column)])
        rows = []
        for row in table.rows:
            values = sums[row[table.place(group)]]
            rows.append((*row, sum(values) if values else None))
        return [{"derive": {new: f"sum({column} per {group})"}}], Table((*table.names, new), tuple(rows), table.texts)

    def select(self, table: Table, _: str) -> Any:
        names = self.random.sample(table.names, self.random.randint(1, len(table.names)))
        kept = Table(tuple(names), tuple(table.values(row, names) for row in table.rows), table.texts & set(names))
        if self.random.random() < 0.5:
            return [{"select": names}], kept
        dropped = [name for name in table.names if name not in names]
        names = [name for name in table.names if name in names]
        kept = Table(tuple(names), tuple(table.values(row, names) for row in table.rows), table.texts & set(names))
        return ([{"drop": dropped}] if dropped else []), kept

    def rename(self, table: Table, _: str) -> Any:
        old, new = self.random.choice(table.names), self.name()
        names = tuple(new if name == old else name for name in table.names)
        texts = frozenset(new if name == old else name for name in table.texts)
        return [{"rename": {new: old}}], Table(names, table.rows, texts)

    def aggregate(self, table: Table, _: str) -> Any:
        by = self.random.sample(table.names, self.random.randint(0, min(2, len(table.names))))
        if not table.numbers:
            return None
        column, n = self.random.choice(table.numbers), self.name()
        k, s, d = self.name(), self.name(), self.name()
        groups: dict[Row, list[Value]] = {} if by else {(): []}
        for row in table.rows:
            groups.setdefault(table.values(row, by), []).append(row[table.place(column)])
        rows = []
        for key, values in groups.items():
            known = [value for value in values if value is not None]
            rows.append((*key, len(values), len(known), sum(known) if known else None, len(set(known))))
        measures = {n: "count()", k: f"count({column})", s: f"sum({column})", d: f"count(distinct {column})"}
        step = {"aggregate": {"measures": measures, **({"by": by} if by else {})}}
        return [step], Table((*by, n, k, s, d), tuple(rows), table.texts & set(by))

    def distinct(self, table: Table, _: str) -> Any:
        if self.random.random() < 0.5:
            return [{"distinct": "all"}], table.given(dict.fromkeys(table.rows))
        names = self.random.sample(table.names, self.random.randint(1, len(table.names)))
        rows = dict.fromkeys(table.values(row, names) for row in table.rows)
        return [{"distinct": names}], Table(tuple(names), tuple(rows), table.texts & set(names))

    def limit(self, table: Table, _: str) -> Any:
        count, offset = self.random.randint(0, 3), self.random.choice([0, 0, 1])
        terms = self.terms(table)
        rows, order = in_order(table, terms), written(terms)
        value: dict[str, Any] = {"rows": count, "order": order, "offset": offset}
        if self.random.random() < 0.4:
            per = self.random.choice(table.names)
            groups: dict[Value, list[Row]] = {}
            for row in rows:
                groups.setdefault(row[table.place(per)], []).append(row)
            kept = [row for group in groups.values() for row in group[offset : offset + count]]
            return [{"limit": {**value, "per": per}}], table.given(kept)
        if self.random.random() < 0.3:
            steps = [{"sort": order}, {"limit": {"rows": count, "offset": offset}}]
            return steps, table.given(rows[offset : offset + count])
        return [{"limit": value}], table.given(rows[offset : offset + count])

    def expect(self, table: Table, _: str) -> Any:
        """What holds of the rows, so that it is known from there on, and something that need not hold and warns."""
        names = self.random.sample(table.names, self.random.randint(1, len(table.names)))
        values = [table.values(row, names) for row in table.rows]
        count = len(values)
        items: list[dict[str, Any]] = [{"unique": names, "severity": "warn"}, {"not_null": names, "severity": "warn"}]
        if not self.inside:  # There, the same steps are taken for other rows.
            if len(set(values)) == count:
                items.append({"unique": names})
            if not any(value is None for row in values for value in row):
                items.append({"not_null": names})
            items.append({"rows": self.random.choice([count, {"at_least": count}, {"at_most": count}])})
        return [{"expect": items}], table

    def union(self, table: Table, origin: str) -> Any:
        name, other = self.other()
        if table.texts | other.texts and any(
            (n in table.texts) != (n in other.texts) for n in {*table.names} & {*other.names}
        ):
            return None
        names = tuple(dict.fromkeys((*table.names, *other.names)))

        def shaped(side: Table) -> list[Row]:
            return [tuple(row[side.place(n)] if n in side.names else None for n in names) for row in side.rows]

        rows = [*shaped(table), *shaped(other)]
        texts = table.texts | other.texts
        value: dict[str, Any] = {"with": [name]}
        if self.random.random() < 0.3:
            column = self.name()
            value["origin"] = column
            rows = [(origin, *row) for row in rows[: len(table.rows)]] + [
                (name, *row) for row in rows[len(table.rows) :]
            ]
            names, texts = (column, *names), texts | {column}
        if self.random.random() < 0.3:
            value["distinct"] = True
            rows = list(dict.fromkeys(rows))
        return [{"union": value}], Table(names, tuple(rows), texts)

    def table(self, name: str) -> Table:
        return self.made.tables[name]

    def other(self) -> tuple[str, Table]:
        name = self.random.choice(list(self.made.tables))
        return name, self.made.tables[name]


_STEPS = (
    _Maker.filter,
    _Maker.derive,
    _Maker.window,
    _Maker.select,
    _Maker.rename,
    _Maker.aggregate,
    _Maker.distinct,
    _Maker.limit,
    _Maker.ties,
    _Maker.ranked,
    _Maker.division,
    _Maker.calendar,
    _Maker.expect,
    _Maker.set_operation,
    _Maker.dedupe,
    _Maker.sort_and_forget,
    _Maker.split,
    _Maker.fill,
    _Maker.pivot,
    _Maker.pivot,
    _Maker.unpivot,
    _Maker.union,
    _Maker.join,
    _Maker.join,
    _Maker.lookup,
    _Maker.latest,
    _Maker.latest,
    _Maker.path,
    _Maker.path,
)
