"""Steps of random flows in which it counts which row comes first: ties, descending orders, values of neighbours."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from .flow_rows import order_key

if TYPE_CHECKING:
    from .flows import Row, Table, Value

Term = tuple[str, bool]
"""A column, and whether it is ordered downward; nulls are last either way."""


def in_order(table: Table, terms: Sequence[Term]) -> list[Row]:
    """The rows of the table in the order of the terms."""
    rows = list(table.rows)
    for name, descending in reversed(terms):
        known = [row for row in rows if row[table.place(name)] is not None]
        unknown = [row for row in rows if row[table.place(name)] is None]
        known.sort(key=lambda row: order_key(table.values(row, [name])), reverse=descending)
        rows = known + unknown
    return rows


def written(terms: Sequence[Term]) -> list[str]:
    return [f"{name} desc" if descending else name for name, descending in terms]


class OrderSteps(ABC):
    """What a maker of flows inherits."""

    random: Random

    @abstractmethod
    def name(self) -> str:
        """A name that nothing has yet."""

    @abstractmethod
    def union(self, table: Table, origin: str) -> Any:
        """A union with another table."""

    def terms(self, table: Table) -> list[Term]:
        """All columns, so that rows that are alike in them are alike in everything."""
        names = self.random.sample(table.names, len(table.names))
        return [(name, self.random.random() < 0.4) for name in names]

    def ties(self, table: Table, origin: str) -> Any:
        """A limit or dedupe whose order leaves ties among rows of which no key is known: the other columns decide."""
        made = self.union(table, origin)
        if made is None or made[0][0]["union"].keys() != {"with"}:
            return None
        steps, stacked = made
        name = self.random.choice(stacked.names)
        terms = [(name, self.random.random() < 0.5)]
        rows = in_order(stacked, [*terms, *((each, False) for each in stacked.names if each != name)])
        if self.random.random() < 0.5:
            by = self.random.choice(stacked.names)
            first: dict[Value, Row] = {}
            for row in rows:
                first.setdefault(row[stacked.place(by)], row)
            return [*steps, {"dedupe": {"by": by, "order": written(terms)}}], stacked.given(first.values())
        count = self.random.randint(1, 4)
        return [*steps, {"limit": {"rows": count, "order": written(terms)}}], stacked.given(rows[:count])

    def ranked(self, table: Table, _: str) -> Any:
        """A column that counts or looks at the rows of a group in an order that is total."""
        if len(table.names) < 2:
            return None
        group, column, new, terms = *self.random.sample(table.names, 2), self.name(), self.terms(table)
        function = self.random.choice(["row_number", "first_value", "last_value", "lag", "lead"])
        groups: dict[Value, list[Row]] = {}
        for row in in_order(table, terms):
            groups.setdefault(row[table.place(group)], []).append(row)
        rows: list[Row] = []
        for each in groups.values():
            values = [row[table.place(column)] for row in each]
            found = {
                "row_number": list(range(1, len(each) + 1)),
                "first_value": values[:1] * len(each),
                "last_value": values[-1:] * len(each),
                "lag": [None, *values[:-1]],
                "lead": [*values[1:], None],
            }[function]
            rows += [(*row, value) for row, value in zip(each, found, strict=True)]
        argument = "" if function == "row_number" else f"{column} "
        formula = f"{function}({argument}per {group} order by {', '.join(written(terms))})"
        texts = table.texts | ({new} if argument and column in table.texts else frozenset())
        return [{"derive": {new: formula}}], type(table)((*table.names, new), tuple(rows), texts)
