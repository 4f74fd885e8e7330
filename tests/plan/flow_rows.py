"""Steps of random flows that choose, add and multiply rows, each with what it makes of a table in plain Python."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flows import Row, Table, Value

_MOST_VALUES = 12


def order_key(row: Row) -> tuple[Any, ...]:
    """Upward, nulls last."""
    return tuple((value is None, "" if value is None else value) for value in row)


class RowSteps(ABC):
    """What a maker of flows inherits. ``inside``: the same choices must be made whatever the rows are."""

    random: Random
    inside: bool

    @abstractmethod
    def name(self) -> str:
        """A name that nothing has yet."""

    @abstractmethod
    def other(self) -> tuple[str, Table]:
        """A source or node made before."""

    def set_operation(self, table: Table, _: str) -> Any:
        name, other = self.other()
        if not set(other.names) <= set(table.names) or other.texts != table.texts & set(other.names):
            return None
        ours = [table.values(row, other.names) for row in table.rows]
        theirs, kind = set(other.rows), self.random.choice(["intersect", "except"])
        rows = [row for row in dict.fromkeys(ours) if (row in theirs) == (kind == "intersect")]
        return [{"select": list(other.names)}, {kind: [name]}], other.given(rows)

    def dedupe(self, table: Table, _: str) -> Any:
        by = self.random.sample(table.names, self.random.randint(1, min(2, len(table.names))))
        order = [name for name in table.names if name not in by] or by
        kept: dict[Row, Row] = {}
        for row in sorted(table.rows, key=lambda row: order_key(table.values(row, order))):
            kept.setdefault(table.values(row, by), row)
        if self.random.random() < 0.5:
            return [{"sort": order}, {"dedupe": by}], table.given(kept.values())
        return [{"dedupe": {"by": by, "order": order}}], table.given(kept.values())

    def sort_and_forget(self, table: Table, _: str) -> Any:
        """A sort, steps that leave columns sorted by out, and a limit that goes by them."""
        count, new = self.random.randint(0, 4), self.name()
        kept = self.random.sample(table.names, self.random.randint(1, len(table.names)))
        rows = sorted(table.rows, key=order_key)[:count]
        steps: list[dict[str, Any]] = [{"sort": list(table.names)}, {"select": kept}]
        names = tuple(new if name == kept[0] else name for name in kept)
        texts = frozenset(new if name == kept[0] else name for name in table.texts & set(kept))
        steps += [{"rename": {new: kept[0]}}, {"limit": count}]
        return steps, type(table)(names, tuple(table.values(row, kept) for row in rows), texts)

    def split(self, table: Table, _: str) -> Any:
        if not table.numbers:
            return None
        column, text, position = self.random.choice(table.numbers), self.name(), self.name()
        rows = []
        for row in table.rows:
            value = row[table.place(column)]
            parts = [None] if value is None else str(value).split("1")
            rows += [(*row, part, number) for number, part in enumerate(parts, 1)]
        steps = [
            {"derive": {text: f"to_text({column})"}},
            {"split": {"column": text, "at": "1", "position": position}},
        ]
        return steps, type(table)((*table.names, text, position), tuple(rows), table.texts | {text})

    def fill(self, table: Table, _: str) -> Any:
        if not table.numbers:
            return None
        series, every = self.random.choice(table.numbers), self.random.randint(1, 2)
        others = [name for name in table.names if name != series]
        groups = self.random.sample(others, self.random.randint(0, min(2, len(others))))
        cut = self.random.randint(0, len(groups))
        per, combinations = groups[:cut], groups[cut:]
        values = [row[table.place(series)] for row in table.rows if row[table.place(series)] is not None]
        start, stop = (min(values), max(values)) if values else (0, -1)
        range_: dict[str, Any] = {"every": every}
        if self.inside or stop - start > _MOST_VALUES or self.random.random() < 0.4:
            start, stop = self.random.randint(0, 2), self.random.randint(1, 4)
            range_ |= {"from": start, "to": stop}
        step: dict[str, Any] = {"series": {series: range_}, "per": per, "combinations": combinations}
        parts: list[list[Row]] = [
            list(dict.fromkeys(table.values(row, [name]) for row in table.rows)) for name in combinations
        ]
        if per:
            parts.insert(0, list(dict.fromkeys(table.values(row, per) for row in table.rows)))
        there = {table.values(row, [*groups, series]) for row in table.rows}
        rows = list(table.rows)
        for combination in product(*parts):
            key = tuple(value for part in combination for value in part)
            for number in range(start, stop + 1, every):
                if (*key, number) not in there:
                    known = dict(zip([*groups, series], (*key, number), strict=True))
                    rows.append(tuple(known.get(name) for name in table.names))
        carried = [name for name in others if name not in groups]
        if carried and self.random.random() < 0.6:
            down = self.random.choice(carried)
            step |= {"down": down, "order": carried}
            rows = _carried(table, rows, groups, [series, *carried], down)
        return [{"fill": step}], table.given(rows)


def _carried(table: Table, rows: list[Row], groups: list[str], order: list[str], down: str) -> list[Row]:
    """The rows with the last known value of ``down`` in the order, for each group."""
    place, made = table.place(down), []
    known: dict[Row, Value] = {}
    for row in sorted(rows, key=lambda row: order_key(table.values(row, order))):
        group = table.values(row, groups)
        value = known.get(group) if row[place] is None else row[place]
        known[group] = value
        made.append((*row[:place], value, *row[place + 1 :]))
    return made
