"""Steps of random flows whose formulas do more than add: divisions and dates, written as texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from calendar import monthrange
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flows import Table, Value

_DAYS = (date(2024, 1, 31), date(2024, 1, 30), date(2024, 2, 29), date(2023, 12, 15))


class FormulaSteps(ABC):
    """What a maker of flows inherits."""

    random: Random

    @abstractmethod
    def name(self) -> str:
        """A name that nothing has yet."""

    def division(self, table: Table, _: str) -> Any:
        """True division, null where the divisor is 0."""
        if not table.numbers:
            return None
        above, below = self.random.choice(table.numbers), self.random.choice(table.numbers)
        less = self.random.randint(0, 1)

        def value(first: Value, second: Value) -> Value:
            if first is None or second is None or second == less:
                return None
            quotient = (Decimal(first) / (second - less)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            return f"{quotient + 0:f}"  # PostgreSQL's decimals have no -0

        made = [value(row[table.place(above)], row[table.place(below)]) for row in table.rows]
        return self._texts(table, f"to_text(round({above} / ({below} - {less}), 2))", made)

    def calendar(self, table: Table, _: str) -> Any:
        """A date some months later; a day that the month does not have becomes its last."""
        if not table.numbers:
            return None
        column, limit, months = self.random.choice(table.numbers), self.random.randint(0, 3), self.random.randint(1, 14)
        first, second = self.random.sample(_DAYS, 2)

        def value(number: Value) -> str:
            start = first if number is not None and number > limit else second
            year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
            return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).isoformat()

        made = [value(row[table.place(column)]) for row in table.rows]
        chosen = f'if({column} > {limit}, date("{first}"), date("{second}"))'
        return self._texts(table, f"to_text({chosen} + {months} months)", made)

    def _texts(self, table: Table, formula: str, made: list[Value]) -> Any:
        new = self.name()
        rows = tuple((*row, value) for row, value in zip(table.rows, made, strict=True))
        return [{"derive": {new: formula}}], type(table)((*table.names, new), rows, table.texts | {new})
