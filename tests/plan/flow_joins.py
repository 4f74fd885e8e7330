"""Steps of random flows that put rows beside rows: joins of all kinds, as-of joins, lookups, paths of relations."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flows import Row, Table, Value

_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    "<>": operator.ne,
    "=": operator.eq,
}


@dataclass(frozen=True)
class Way:
    """A relation of a source: a column of ours, and the key of a table made before it."""

    target: str
    ours: str
    theirs: str


class JoinSteps(ABC):
    """What a maker of flows inherits. ``inside``: the same choices must be made whatever the rows are."""

    random: Random
    inside: bool
    ways: dict[str, dict[str, Way]]
    """The relations of each source and node."""

    @abstractmethod
    def name(self) -> str:
        """A name that nothing has yet."""

    @abstractmethod
    def other(self) -> tuple[str, Table]:
        """A source or node made before."""

    @abstractmethod
    def table(self, name: str) -> Table:
        """The rows of a source or node."""

    def relations(self, name: str, table: Table) -> dict[str, Any]:
        """Perhaps a relation of a new source to a table in which a column is unique, as the document writes it."""
        self.ways[name] = {}
        if not self.ways or self.random.random() < 0.3 or len(self.ways) < 2:
            return {}
        target, other = self.other()
        unique = [column for column in other.numbers if _is_unique(other, column)]
        if not unique or not table.numbers:
            return {}
        way = Way(target, self.random.choice(table.numbers), self.random.choice(unique))
        relation = f"r_{name}"
        self.ways[name][relation] = way
        return {"relations": {relation: {"with": target, "by": {way.ours: way.theirs}, "cardinality": "many_to_one"}}}

    def path(self, table: Table, origin: str) -> Any:
        """A formula through one or two relations, in a derive, a filter or a sum."""
        usable = {name: way for name, way in self.ways[origin].items() if way.ours in table.numbers}
        if not usable:
            return None
        relation = self.random.choice(sorted(usable))
        way = usable[relation]
        found = self.partners(table, way)
        target = self.table(way.target)
        written = relation
        further = {name: each for name, each in self.ways[way.target].items() if each.ours in target.numbers}
        if further and self.random.random() < 0.6:
            second = self.random.choice(sorted(further))
            next_ = self.partners(target, further[second])
            places = {id(row): place for place, row in enumerate(target.rows)}
            found = [None if row is None else next_[places[id(row)]] for row in found]
            target, written = self.table(further[second].target), f"{relation}.{second}"
        if not target.numbers:
            return None
        column = self.random.choice(target.numbers)
        values = [None if row is None else row[target.place(column)] for row in found]
        formula = f"{written}.{column}"
        if self.random.random() < 0.4:
            limit = self.random.randint(0, 3)
            rows = [row for row, value in zip(table.rows, values, strict=True) if value is None or value <= limit]
            return [{"filter": f"{formula} is null or {formula} <= {limit}"}], table.given(rows)
        new = self.name()
        if self.random.random() < 0.3:
            known = [value for value in values if value is not None]
            step = {"aggregate": {"measures": {new: f"sum({formula})"}}}
            return [step], type(table)((new,), ((sum(known) if known else None,),))
        rows = [(*row, value) for row, value in zip(table.rows, values, strict=True)]
        return [{"derive": {new: formula}}], type(table)((*table.names, new), tuple(rows), table.texts)

    def partners(self, table: Table, way: Way) -> list[Row | None]:
        """For each row the one that a relation leads to."""
        other = self.table(way.target)
        keys = {row[other.place(way.theirs)]: row for row in other.rows if row[other.place(way.theirs)] is not None}
        return [keys.get(row[table.place(way.ours)]) for row in table.rows]

    def lookup(self, table: Table, _: str) -> Any:
        name, other = self.other()
        unique = [column for column in other.numbers if _is_unique(other, column)]
        if not unique or not table.numbers:
            return None
        ours, theirs = self.random.choice(table.numbers), self.random.choice(unique)
        found = self.partners(table, Way(name, ours, theirs))
        taken = [column for column in other.names if column != theirs]
        step: dict[str, Any] = {"with": name, "by": {ours: theirs}, "prefix": f"{self.name()}_"}
        missing = {column: 7 for column in taken if column in other.numbers and self.random.random() < 0.5}
        if missing:
            step["missing"] = missing
        rows = []
        for row, their in zip(table.rows, found, strict=True):
            values = [missing.get(n) if their is None else their[other.place(n)] for n in taken]
            rows.append((*row, *values))
        new = {n: step["prefix"] + n for n in taken}
        texts = table.texts | {new[n] for n in taken if n in other.texts}
        return [{"lookup": step}], type(table)((*table.names, *new.values()), tuple(rows), texts)

    def latest(self, table: Table, _: str) -> Any:
        """An as-of join, where no two rows are equally late."""
        name, other = self.other()
        if not table.numbers or not other.numbers or self.inside:
            return None
        ours, theirs = self.random.choice(table.numbers), self.random.choice(other.numbers)
        sign = self.random.choice(["<", "<="])
        pairs = [(self.random.choice(table.numbers), self.random.choice(other.numbers))]
        pairs = pairs if self.random.random() < 0.6 else []
        step: dict[str, Any] = {"with": name, "latest": f"[{name}].{theirs} {sign} {ours}", "prefix": f"{self.name()}_"}
        if pairs:
            step["by"] = dict(pairs)
        reach = self.random.choice([None, None, 1, 2])
        if reach is not None:
            step["at_most"] = reach
        where = self.where(name, table, other) if self.random.random() < 0.5 else None
        if where is not None:
            step["where"] = where[0]
        step["kind"] = self.random.choice(["inner", "left"])
        keys = dict(pairs)
        taken = [n for n in other.names if n not in keys.values()]
        rows = []
        for row in table.rows:
            mine = row[table.place(ours)]
            matching = [
                their
                for their in other.rows
                if _meet(table, row, other, their, pairs)
                and (where is None or where[1](row, their))
                and mine is not None
                and their[other.place(theirs)] is not None
                and _COMPARED[sign](their[other.place(theirs)], mine)
            ]
            greatest = max((their[other.place(theirs)] for their in matching), default=None)
            last = [their for their in matching if their[other.place(theirs)] == greatest]
            if reach is not None and greatest is not None and greatest < mine - reach:
                last = []
            if len(last) > 1:
                return None
            if last:
                rows.append((*row, *(last[0][other.place(n)] for n in taken)))
            elif step["kind"] == "left":
                rows.append((*row, *(None for _ in taken)))
        names = (*table.names, *(step["prefix"] + n for n in taken))
        texts = table.texts | {step["prefix"] + n for n in taken if n in other.texts}
        return [{"join": step}], type(table)(names, tuple(rows), texts)

    def where(self, name: str, table: Table, other: Table) -> tuple[str, Callable[[Row, Row], bool]]:
        """A condition over both sides, or over the other alone."""
        ours, theirs = self.random.choice(table.numbers), self.random.choice(other.numbers)
        sign = self.random.choice(sorted(_COMPARED))
        limit = self.random.randint(0, 3)
        alone = self.random.random() < 0.3

        def holds(row: Row, their: Row) -> bool:
            first = limit if alone else row[table.place(ours)]
            second = their[other.place(theirs)]
            return first is not None and second is not None and _COMPARED[sign](first, second)

        return f"{limit if alone else ours} {sign} [{name}].{theirs}", holds

    def join(self, table: Table, _: str) -> Any:
        name, other = self.other()
        kind = self.random.choice(["inner", "left", "right", "full", "semi", "anti", "cross"])
        pairs = []
        where: tuple[str, Callable[[Row, Row], bool]] | None = None
        step: dict[str, Any] = {"with": name, "kind": kind}
        if kind != "cross":
            if not table.numbers or not other.numbers:
                return None
            if self.random.random() < 0.4:
                where = self.where(name, table, other)
                step["where"] = where[0]
            count = self.random.randint(0 if where else 1, min(2, len(table.numbers), len(other.numbers)))
            ours, theirs = self.random.sample(table.numbers, count), self.random.sample(other.numbers, count)
            pairs = list(zip(ours, theirs, strict=True))
        if pairs:
            step["by"] = dict(pairs)
        matched: set[int] = set()
        found: list[tuple[Row | None, Row | None]] = []
        for row in table.rows:
            partners = [
                i
                for i, their in enumerate(other.rows)
                if _meet(table, row, other, their, pairs) and (where is None or where[1](row, their))
            ]
            matched.update(partners)
            found += [(row, other.rows[i]) for i in partners]
            if not partners:
                found.append((row, None))
        found += [(None, their) for i, their in enumerate(other.rows) if i not in matched]
        if kind in ("semi", "anti"):
            has = {id(row) for row, their in found if row is not None and their is not None}
            return [{"join": step}], table.given(row for row in table.rows if (id(row) in has) == (kind == "semi"))
        prefix = self.name() + "_"
        step["prefix"] = prefix
        keys = dict(pairs)
        taken = [n for n in other.names if n not in keys.values()]
        rows = []
        for row, their in found:
            if (row is None and kind not in ("right", "full")) or (their is None and kind not in ("left", "full")):
                continue
            values: list[Value] = []
            for n in table.names:
                if row is not None and not (kind == "right" and n in keys):
                    values.append(row[table.place(n)])
                else:
                    values.append(their[other.place(keys[n])] if n in keys and their is not None else None)
            values += [None if their is None else their[other.place(n)] for n in taken]
            rows.append(tuple(values))
        names = (*table.names, *(prefix + n for n in taken))
        texts = table.texts | {prefix + n for n in taken if n in other.texts}
        return [{"join": step}], type(table)(names, tuple(rows), texts)


def _is_unique(table: Table, column: str) -> bool:
    known = [row[table.place(column)] for row in table.rows if row[table.place(column)] is not None]
    return len(known) == len(set(known))


def _meet(left: Table, row: Row, right: Table, their: Row, pairs: list[tuple[str, str]]) -> bool:
    for ours, theirs in pairs:
        first, second = row[left.place(ours)], their[right.place(theirs)]
        if first is None or second is None or first != second:
            return False
    return True
