"""Steps of random flows that make columns of rows and rows of columns, each with what it makes of a table in Python."""

from __future__ import annotations

from abc import ABC, abstractmethod
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flows import Row, Table, Value


class ShapeSteps(ABC):
    """What a maker of flows inherits."""

    random: Random

    @abstractmethod
    def name(self) -> str:
        """A name that nothing has yet."""

    def pivot(self, table: Table, _: str) -> Any:
        if not table.numbers:
            return None
        by = self.random.sample(table.names, self.random.randint(0, min(2, len(table.names))))
        pivoted = self.random.sample(table.numbers, self.random.randint(1, min(2, len(table.numbers))))
        column, total, count = self.random.choice(table.numbers), self.name(), self.name()
        values: list[Value] = [None, 0, 1, 2, 3]
        only: list[Row] = []
        for _number in range(self.random.randint(1, 3)):
            combination = tuple(self.random.choice(values) for _name in pivoted)
            if combination not in only:
                only.append(combination)
        unseen = self.random.choice(["ignore", "other"])
        columns: list[Row | None] = [*only, *([None] if unseen == "other" else [])]
        groups: dict[Row, list[Row]] = {} if by else {(): []}
        for row in table.rows:
            groups.setdefault(table.values(row, by), []).append(row)
        rows = []
        for key, group in groups.items():
            sums: list[Value] = []
            counts: list[Value] = []
            for each in columns:
                own = [row for row in group if _is_of(table.values(row, pivoted), each, only)]
                known = [row[table.place(column)] for row in own if row[table.place(column)] is not None]
                sums.append(sum(known) if known else None)
                counts.append(len(own))
            rows.append((*key, *sums, *counts))
        texts = ["other" if each is None else "_".join(_text(value) for value in each) for each in columns]
        names = (*by, *(f"{total}_{text}" for text in texts), *(f"{count}_{text}" for text in texts))
        step = {
            "by": by,
            "columns": pivoted,
            "values": {total: f"sum({column})", count: "count()"},
            "only": [list(each) for each in only],
            "unseen": unseen,
        }
        return [{"pivot": step}], type(table)(names, tuple(rows), table.texts & set(by))

    def unpivot(self, table: Table, _: str) -> Any:
        alike = self.random.choice([table.numbers, sorted(table.texts)])
        if not alike:
            return None
        columns = self.random.sample(alike, self.random.randint(1, min(3, len(alike))))
        name, value, position = self.name(), self.name(), self.name()
        kept = [each for each in table.names if each not in columns]
        rows = [
            (*table.values(row, kept), column, row[table.place(column)], number)
            for row in table.rows
            for number, column in enumerate(columns, 1)
        ]
        texts = (table.texts & set(kept)) | {name} | ({value} if columns[0] in table.texts else set())
        step: dict[str, Any] = {"columns": columns, "name": name, "value": value}
        if self.random.random() < 0.5:
            made = type(table)((*kept, name, value), tuple(row[:-1] for row in rows), frozenset(texts))
            return [{"unpivot": step}], made
        return [{"unpivot": {**step, "position": position}}], type(table)(
            (*kept, name, value, position), tuple(rows), frozenset(texts)
        )


def _is_of(values: Row, column: Row | None, only: list[Row]) -> bool:
    """Whether rows with these values count for a column; None is that of all values that are not listed."""
    return values not in only if column is None else values == column


def _text(value: Value) -> str:
    return "null" if value is None else str(value)
