"""Random steps that go with the columns there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from .making_formulas import FormulaMaker, Scope
from .making_values import new_name, value
from .tables import Table, widest
from .trees import (
    Call,
    Column,
    Dedupe,
    Derive,
    Distinct,
    Drop,
    Except,
    Expect,
    Fill,
    Filter,
    Formula,
    Group,
    Intersect,
    Join,
    Latest,
    Limit,
    Lookup,
    Named,
    Order,
    Parameter,
    Path,
    Pivot,
    Rename,
    Sample,
    Select,
    Series,
    Sort,
    Split,
    Step,
    Union,
    Unpivot,
    Value,
    Virtual,
)


class StepMaker:
    """Steps for rows like those of a table; ``others`` are the sources and nodes that it may read beside.

    A step may turn out not to go with the rows: the evaluator raises Undefined, and another is made.
    """

    def __init__(
        self,
        random: Random,
        parameters: Sequence[Parameter],
        others: Mapping[str, Table],
        reserved: set[str],
        types: Sequence[str],
        formulas: FormulaMaker,
    ) -> None:
        self.random = random
        self.formulas = formulas
        self.parameters = tuple(parameters)
        self.others = others
        self.reserved = reserved
        self.types = types
        """Those of columns that are made."""
        self.is_repeated = False
        """Whether the step is taken for several values of parameters."""
        self.paths: tuple[Path, ...] = ()
        """What relations lead to from the rows of the next step."""
        self.virtual: tuple[Virtual, ...] = ()
        """Formulas of sources and nodes that it may name."""

    def step(self, table: Table) -> Step | None:
        if table.is_ordered and self.random.random() < 0.5:
            # An order that a sort has made is worth something where steps rely on it.
            return self.random.choice((self.select, self.drop, self.rename, self.limit, self.dedupe))(table)
        if table.is_keyless and self.random.random() < 0.4:
            return self.random.choice((self.limit, self.dedupe, self.windows))(table)
        kinds: tuple[tuple[Callable[[Table], Step | None], int], ...] = (
            (self.select, 3), (self.drop, 2), (self.rename, 2), (self.derive, 8), (self.windows, 5), (self.filter, 8),
            (self.aggregate, 8), (self.join, 8), (self.lookup, 3), (self.union, 3), (self.intersect, 2),
            (self.except_, 2), (self.distinct, 2), (self.dedupe, 2), (self.sort, 2), (self.limit, 4), (self.pivot, 2),
            (self.unpivot, 2), (self.fill, 3), (self.split, 2), (self.sample, 1), (self.expect, 1),
        )  # fmt: skip
        makers = [maker for maker, _ in kinds]
        return self.random.choices(makers, [weight for _, weight in kinds])[0](table)

    # What tables offer.

    def columns(self, table: Table) -> tuple[Column, ...]:
        return tuple(Column(name, type_) for name, type_ in table.columns)

    def scope(self, table: Table) -> Scope:
        return Scope((*self.columns(table), *self.paths, *self.virtual), self.parameters)

    def some(self, names: Sequence[str], most: int = 3) -> tuple[str, ...]:
        return tuple(self.random.sample(list(names), self.random.randint(1, min(most, len(names)))))

    def new(self, table: Table, *more: str) -> str:
        return new_name(self.random, {*table.names, *more, *self.reserved})

    def other(self) -> str | None:
        return self.random.choice(list(self.others)) if self.others else None

    def formula(self, table: Table, type_: str | None = None) -> Formula:
        return self.formulas.formula(
            type_ or self.random.choice(self.types), self.scope(table), self.random.choice((1, 2, 2, 3))
        )

    # Columns.

    def select(self, table: Table) -> Step:
        names = self.some(table.names, 6)
        types = table.types
        columns: list[Named] = [(name, Column(name, types[name])) for name in names]
        if self.random.random() < 0.3:
            columns.insert(self.random.randint(0, len(columns)), (self.new(table), self.formula(table)))
        return Select(tuple(columns))

    def drop(self, table: Table) -> Step | None:
        if len(table.names) < 3:
            return None
        return Drop(self.some(table.names, len(table.names) // 2))

    def rename(self, table: Table) -> Step:
        names = self.some(table.names, 2)
        if len(names) == 2 and self.random.random() < 0.4:
            return Rename(((names[0], names[1]), (names[1], names[0])))
        return Rename(((self.new(table), names[0]),))

    def derive(self, table: Table) -> Step:
        made: list[Named] = []
        for _ in range(self.random.choice((1, 1, 2))):
            if self.random.random() < 0.25:
                name = self.random.choice(table.names)
            else:
                name = self.new(table, *(name for name, _ in made))
            if name not in dict(made):
                made.append((name, self.formula(table)))
        if len(made) == 2 and made[0][1].type == made[1][1].type and made[0][0] not in table.names:
            # The second by way of the first, in whatever order they are written.
            first = Column(made[0][0], made[0][1].type)
            if made[1][0] not in table.names:
                made[1] = (made[1][0], Call("coalesce", (first, made[1][1]), first.type))
                made.reverse()
        return Derive(self._without_circles(tuple(made), table))

    def _without_circles(self, made: tuple[Named, ...], table: Table) -> tuple[Named, ...]:
        """Where two columns are replaced, each formula could need the other: then only the first."""
        replaced = [name for name, _ in made if name in table.names]
        return made if len(made) < 2 or not replaced else made[:1]

    def windows(self, table: Table) -> Step:
        window = self.formulas.window(self.scope(table), 1)
        if table.is_keyless and len(window.order) > 1 and self.random.random() < 0.5:
            window = replace(window, order=window.order[:1])
        formula: Formula = window
        if self.random.random() < 0.2 and window.type == "integer":
            formula = Call("add", (window, self.formula(table, "integer")), "integer")
        return Derive(((self.new(table), formula),))

    def filter(self, table: Table) -> Step:
        return Filter(self.formula(table, "boolean"))

    # Groups.

    def by(self, table: Table) -> tuple[Named, ...]:
        names = [name for name, type_ in table.columns if type_ != "float"]
        types = table.types
        made: list[Named] = [(name, Column(name, types[name])) for name in (self.some(names, 2) if names else ())]
        if self.random.random() < 0.25:
            type_ = self.random.choice(("integer", "text", "date", "boolean"))
            made.append((self.new(table, *(name for name, _ in made)), self.formula(table, type_)))
        return tuple(made)

    def aggregate(self, table: Table) -> Step | None:
        by = self.by(table) if self.random.random() < 0.85 else ()
        measures: list[Named] = []
        for _ in range(self.random.choice((0, 1, 1, 2, 3)) if by else self.random.choice((1, 2))):
            name = self.new(table, *(name for name, _ in (*by, *measures)))
            measures.append((name, self.formulas.measure(self.scope(table), self.random.choice((0, 0, 1)))))
        return Group(by, tuple(measures)) if by or measures else None

    def pivot(self, table: Table) -> Step | None:
        columns = [each for each in self.columns(table) if each.type in ("integer", "text", "date", "boolean")]
        if not columns:
            return None
        pivoted = tuple(self.random.sample(columns, min(len(columns), self.random.choice((1, 1, 2)))))
        names = [column.name for column in pivoted]
        others = [name for name in table.names if name not in names and table.types[name] != "float"]
        by = self.some(others, 2) if others and self.random.random() < 0.8 else ()
        there = [
            each
            for each in dict.fromkeys(table.picked(names).rows)
            if None not in each and all(len(str(part)) < 20 for part in each)
        ]
        only = there[: self.random.choice((1, 2, 3))] or [tuple(value(self.random, each.type) for each in pivoted)]
        if self.random.random() < 0.3:
            place = self.random.randrange(len(pivoted))
            only.append((*only[-1][:place], None, *only[-1][place + 1 :]))
        unseen = self.random.choice(("ignore", "other"))
        values: list[Named] = []
        for name in ("m", "total")[: self.random.choice((1, 1, 2))]:
            values.append((name, self.formulas.aggregate(self.scope(table), 0)))
        return Pivot(by, pivoted, tuple(values), tuple(only), unseen, "{column}_{value}")

    def unpivot(self, table: Table) -> Step | None:
        first = self.random.choice(table.columns)
        names = [name for name, type_ in table.columns if widest((type_, first[1])) is not None]
        if len(names) == len(table.names) and len(names) > 1 and self.random.random() < 0.7:
            names = names[:-1]
        name = self.new(table)
        amount = self.new(table, name)
        position = self.new(table, name, amount) if self.random.random() < 0.4 else None
        return Unpivot(self.some(names, 3), name, amount, position)

    def split(self, table: Table) -> Step | None:
        texts = [name for name, type_ in table.columns if type_ == "text"]
        if not texts:
            return None
        into = self.new(table) if self.random.random() < 0.6 else None
        position = self.new(table, into or "") if self.random.random() < 0.5 else None
        return Split(self.random.choice(texts), self.random.choice((";", "a", "-", " ", "an")), into, position)

    def fill(self, table: Table) -> Step | None:
        random = self.random
        series = self._series(table)
        names = [name for name in table.names if series is None or name != series.column]
        per = self.some(names, 2) if names and random.random() < 0.6 else ()
        left = [name for name in names if name not in per]
        combinations = self.some(left, 2) if left and random.random() < 0.3 else ()
        left = [name for name in left if name not in combinations]
        known = [column for column in self.columns(table) if column.name not in left]
        values: tuple[Named, ...] = ()
        down: tuple[str, ...] = ()
        if left and (series is not None or combinations) and random.random() < 0.6:
            name = random.choice(left)
            scope = Scope(tuple(known), self.parameters)
            values = ((name, self.formulas.formula(table.types[name], scope, 1)),)
            left.remove(name)
        if left and random.random() < 0.4:
            down = self.some(left, 2)
        if series is None and not combinations and not down:
            return None
        order = self.formulas.total_order(self.columns(table)) if down else ()
        if series is not None and order:
            order = tuple(term for term in order if term.formula != Column(series.column, table.types[series.column]))
        return Fill(series, per, combinations, values, down, order)

    def _series(self, table: Table) -> Series | None:
        random = self.random
        columns = [each for each in table.columns if each[1] in ("date", "integer")]
        if not columns or random.random() < 0.3:
            return None
        name, type_ = random.choice(columns)
        units = ((1, "day"), (7, "day"), (1, "week"), (1, "month"), (2, "month"), (1, "month_end"), (1, "quarter_end"))
        every, unit = random.choice(units) if type_ == "date" else (random.choice((1, 2, 5)), "")
        ends = ("first", "group_first"), ("last", "group_last")
        start, end = (random.choice(choices) for choices in ends)
        there = [each for each in table.values(name) if each is not None]
        if there and random.random() < 0.3:
            start = random.choice(there)
        if there and random.random() < 0.3:
            end = random.choice(there)
        return Series(name, every, unit, start, end)

    # Other sources and nodes.

    def _keys(self, table: Table, other: Table, most: int = 2) -> tuple[tuple[Formula, Column], ...]:
        pairs = [
            (Column(ours, type_), Column(theirs, other_type))
            for ours, type_ in table.columns
            for theirs, other_type in other.columns
            if type_ == other_type and type_ != "float"
        ]
        same = [pair for pair in pairs if pair[0].name == pair[1].name]
        if same and self.random.random() < 0.7:
            pairs = same
        self.random.shuffle(pairs)
        made: list[tuple[Formula, Column]] = []
        for ours, theirs in pairs:
            if len(made) < most and ours not in [each for each, _ in made] and theirs not in [each for _, each in made]:
                made.append((ours, theirs))
            if self.random.random() < 0.6:
                break
        return tuple(made)

    def _taken(
        self, table: Table, other: Table, keys: Sequence[tuple[Formula, Column]]
    ) -> tuple[tuple[str, ...] | None, str]:
        key_names = {column.name for _, column in keys}
        names = [name for name in other.names if name not in key_names]
        columns = None if self.random.random() < 0.4 else self.some(names, 3) if names else None
        taken = names if columns is None else columns
        prefix = self.random.choice(("", "their_", "r "))
        if not prefix and set(taken) & set(table.names):
            prefix = "other_"
        return columns, prefix

    def join(self, table: Table) -> Step | None:
        random, name = self.random, self.other()
        if name is None:
            return None
        other = self.others[name]
        kind = random.choice(("inner", "inner", "left", "left", "right", "full", "full", "semi", "anti", "cross"))
        if kind == "cross":
            columns, prefix = self._taken(table, other, ())
            return Join(name, kind, columns=columns, prefix=prefix)
        keys = self._keys(table, other)
        if keys and random.random() < 0.15:
            keys = ((self.formulas.formula(keys[0][1].type, self.scope(table), 1), keys[0][1]), *keys[1:])
        if len({ours for ours, _ in keys}) < len(keys):
            return None  # A document says of each of our columns once what it is compared with.
        if any(not isinstance(ours, Column) and theirs.name in table.names for ours, theirs in keys):
            return None
        latest = self._latest(table, name, other, keys) if kind in ("inner", "left") and random.random() < 0.3 else None
        needed = not keys and latest is None
        where = self._where(table, name, other) if needed or random.random() < 0.25 else None
        if kind in ("semi", "anti"):
            return Join(name, kind, keys, where)
        columns, prefix = self._taken(table, other, keys)
        return Join(name, kind, keys, where, latest, columns, prefix)

    def _where(self, table: Table, name: str, other: Table) -> Formula:
        ours = self.columns(table)
        theirs = tuple(Column(column, type_, name) for column, type_ in other.columns)
        return self.formulas.formula("boolean", Scope((*ours, *theirs), self.parameters), 2)

    def _latest(self, table: Table, name: str, other: Table, keys: Sequence[tuple[Formula, Column]]) -> Latest | None:
        used = {column.name for _, column in keys}
        pairs = [
            (Column(theirs, type_, name), Column(ours, type_))
            for theirs, type_ in other.columns
            for ours, our_type in table.columns
            if type_ == our_type and type_ in ("date", "integer") and theirs not in used
        ]
        # Where two rows are equally late, there is no one answer.
        unique = [pair for pair in pairs if _is_unique(other.values(pair[0].name))]
        pairs = unique if unique and self.random.random() < 0.8 else pairs
        if not pairs:
            return None
        theirs, ours = self.random.choice(pairs)
        return Latest(theirs, ours, self.random.random() < 0.3, self.random.choice((None, None, 1, 30)))

    def lookup(self, table: Table) -> Step | None:
        name = self.other()
        if name is None:
            return None
        other = self.others[name]
        keys = self._keys(table, other)
        if not keys:
            return None
        columns, prefix = self._taken(table, other, keys)
        key_names = {column.name for _, column in keys}
        taken = [each for each in (other.names if columns is None else columns) if each not in key_names]
        missing = []
        if self.random.random() < 0.4:
            for each in taken[:2]:
                missing.append((each, self.formulas.constant(other.types[each])))
        return Lookup(name, keys, columns, prefix, tuple(each for each in missing if each[1].value is not None))

    def union(self, table: Table) -> Step | None:
        names = [self.other() for _ in range(self.random.choice((1, 1, 2)))]
        if None in names:
            return None
        origin = self.new(table) if self.random.random() < 0.2 else None
        return Union(tuple(name for name in names if name is not None), origin, self.random.random() < 0.25)

    def _alike(self, table: Table) -> list[str]:
        return [
            name
            for name, other in self.others.items()
            if set(other.names) == set(table.names)
            and all(widest((table.types[each], other.types[each])) is not None for each in table.names)
        ]

    def intersect(self, table: Table) -> Step | None:
        names = self._alike(table)
        return Intersect(self.some(names, 2)) if names else None

    def except_(self, table: Table) -> Step | None:
        names = self._alike(table)
        return Except(self.some(names, 2)) if names else None

    # Some of the rows.

    def distinct(self, table: Table) -> Step:
        return Distinct(None if self.random.random() < 0.5 else self.some(table.names))

    def dedupe(self, table: Table) -> Step:
        return Dedupe(self.some(table.names, 2), self._order(table))

    def _order(self, table: Table) -> tuple[Order, ...]:
        """A total one, or what is enough where rows lie in one, or other columns decide."""
        order = self.formulas.total_order(self.columns(table))
        if table.is_ordered and self.random.random() < 0.6:
            return ()
        return order[:1] if table.is_keyless and self.random.random() < 0.6 else order

    def sort(self, table: Table) -> Step:
        order = list(self.formulas.total_order(self.columns(table)))
        if self.random.random() < 0.3:
            order.insert(0, self.formulas.order(self.formula(table)))
        return Sort(tuple(order))

    def limit(self, table: Table) -> Step:
        per = self.some(table.names, 2) if self.random.random() < 0.5 else ()
        offset = self.random.choice((0, 0, 0, 1, 2))
        return Limit(self.random.choice((0, 1, 1, 2, 3, 5)), offset, per, self._order(table))

    def sample(self, table: Table) -> Step:
        return Sample(10_000)

    def expect(self, table: Table) -> Step | None:
        """What holds of the rows, so that it is known from there on, and what need not hold and warns."""
        items: list[tuple[str, object]] = [("rows", {"at_most": 10_000})]
        doubts = tuple((word, list(self.some(table.names, 2))) for word in self.some(("unique", "not_null")))
        if self.is_repeated:
            return Expect(tuple(items), doubts)
        full = [name for name in table.names if table.rows and None not in table.values(name)]
        if full:
            items.append(("not_null", list(self.some(full))))
        for name in table.names:
            if _is_unique(table.values(name)) and table.values(name).count(None) < 2:
                items.append(("unique", [name]))
        return Expect(tuple(items), doubts if self.random.random() < 0.5 else ())


def _is_unique(values: Sequence[Value]) -> bool:
    """Whether no two that are not null are alike."""
    known = [repr(value) for value in values if value is not None]
    return len(set(known)) == len(known)
