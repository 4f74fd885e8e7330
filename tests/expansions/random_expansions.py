"""Random nodes with ``for_each``: what depends on the parameter, how it is aggregated, and what comes after.

A node is made from a seed, always the same. The rows of its tables have nulls, repeated values, month ends, infinite
and far dates; thresholds repeat where months are cut short.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

COLUMNS = {
    "id": "integer",
    "k": "integer",
    "g": "text",
    "d": "date",
    "e": "date",
    "ts": "timestamp",
    "n": "integer",
    "x": "decimal",
    "f": "float",
    "b": "boolean",
}
_NOT_NULL = ("id",)
_TEXTS = ("a", "B", "b", "é", "")
_DAYS = [dt.date(2024, 1, 29) + dt.timedelta(days=days) for days in (0, 1, 2, 3, 20, 31, 32, 60, 61, 62, 63, 90, 140)]
_CROWDED: dict[str, list[Any]] = {
    "k": [0, 1],
    "g": ["a", "B"],
    "d": [dt.date(2024, 1, 31), *(dt.date(2024, 2, day) for day in (1, 28, 29)), dt.date(2024, 3, 1)],
    "e": [dt.date(2024, 2, 29), dt.date(2024, 3, 1), dt.date(2024, 3, 29), dt.date(2024, 3, 31), dt.date(2024, 4, 30)],
    "ts": [dt.datetime(2024, 2, 29, hour) for hour in (0, 3, 4, 20, 21)],
}
_RANGES = ("d <= $p and (e is null or e > $p)", "d < $p and (e >= $p or e is null)")
INFINITE = ("infinity", "-infinity")


@dataclass(frozen=True)
class RandomExpansion:
    """A document whose node ``result`` has a ``for_each``, and the rows of its tables.

    ``given`` is the table and column that the values come from, where they are not written out.
    """

    document: dict[str, Any]
    rows: list[tuple[Any, ...]]
    others: list[tuple[int, str | None, int]]
    given: tuple[str, str] | None


def random_expansion(seed: int) -> RandomExpansion:
    return _Maker(Random(seed)).made()


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.kind = random.choice(["date"] * 5 + ["integer"] * 2 + ["timestamp"] * 2 + ["decimal", "text"])
        self.given: tuple[str, str] | None = None
        self.nodes: dict[str, Any] = {}
        # Many rows on few days, for few keys: what is counted once must meet itself, and thresholds.
        self.crowded = self.chance(0.25)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def some(self, items: list[Any], least: int = 0, most: int = 3) -> list[Any]:
        return self.random.sample(items, self.random.randint(least, min(most, len(items))))

    # Rows

    def value(self, column: str) -> Any:
        if column in ("d", "e") and self.chance(0.04):
            return self.random.choice([*INFINITE, dt.date(4000, 1, 1)])
        if self.crowded and column in ("k", "g", "d", "e", "ts"):
            return self.random.choice(_CROWDED[column])
        match COLUMNS[column]:
            case "integer":
                return self.random.randint(0, 4)
            case "text":
                return self.random.choice(_TEXTS)
            case "date":
                return self.random.choice(_DAYS)
            case "timestamp":
                return dt.datetime.combine(self.random.choice(_DAYS), dt.time(self.random.choice([0, 3, 20])))
            case "decimal":
                return Decimal(self.random.choice(["0", "1", "1.0", "2.50", "-3.25", "4", "1000000.001"]))
            case "float":
                return self.random.randint(-16, 16) / 8
            case _:
                return self.chance(0.5)

    def row(self, number: int) -> tuple[Any, ...]:
        nulls = 0.15
        return tuple(
            number if column == "id" else None if self.chance(nulls) else self.value(column) for column in COLUMNS
        )

    # Values of the parameter

    def values(self) -> Any:
        count = self.random.choice([4, 5, 7, 9] if self.crowded else [0, 1, 2, 4, 5, 7])
        match self.kind:
            case "date":
                if self.chance(0.2):
                    self.given = ("t", self.random.choice(["d", "e"]))
                    return {"node": self.given[0], "column": self.given[1]}
                if self.chance(0.4):
                    return {
                        "every": self.random.choice(["month_end", "1 month", "10 days", "1 week"]),
                        "from": self.random.choice(["2024-01-31", "2024-01-29"]),
                        "to": self.random.choice(["2024-03-30", "2024-05-31"]),
                    }
                near = sorted({*_DAYS, *(dt.date(2024, 3, day) for day in range(27, 32))})
                return [day.isoformat() for day in self.random.sample(near, count)]
            case "integer":
                if self.chance(0.25):
                    self.given = ("t", "n")
                    return {"node": "t", "column": "n"}
                return self.random.sample(range(-1, 6), min(count, 7))
            case "decimal":
                return self.random.sample(["0.5", "1", "2.5", "4", "-3.25", "1000000.001"], min(count, 6))
            case "text":
                if self.chance(0.25):
                    self.given = ("t", "g")
                    return {"node": "t", "column": "g"}
                return self.random.sample(["a", "B", "b", "é", "A", "z"], min(count, 6))
            case _:
                moments = [
                    "2024-01-30 20:00",
                    "2024-01-31 03:00",
                    "2024-02-29 20:00",
                    "2024-03-30 20:00",
                    "2024-03-31 03:00",
                ]
                return self.random.sample(moments, min(count, 5))

    # What depends on the parameter

    def bound(self) -> str:
        if self.kind == "date" and self.crowded and self.chance(0.5):
            # Ranges of one key that overlap, or lie in one another.
            return self.random.choice(_RANGES)
        match self.kind:
            case "date":
                return self.random.choice(
                    [
                        "d <= $p",
                        "d < $p",
                        "d > $p - 1 month and d <= $p",
                        "d >= $p and d < $p + 30 days",
                        "d between $p - 2 months and $p",
                        "start_of_month(d) = start_of_month($p)",
                        *_RANGES,
                        "$p between d and e",
                        'coalesce(e, date("2024-12-31")) >= $p',
                        "not (d > $p)",
                        "$p >= d and d > end_of_month(add_months($p, -3))",
                        "d is null or d <= $p",
                        "d > $p and d < $p",
                        "d + 30 days > $p and d <= $p and n > 1",
                        "d = $p",
                    ]
                )
            case "integer" | "decimal":
                return self.random.choice(
                    [
                        "n <= $p",
                        "n > $p - 2 and n <= $p",
                        "x < $p",
                        "x between $p - 1 and $p + 1",
                        "n = $p",
                        "x = $p",
                        "n + 1 >= $p and x is not null",
                        "n is null or n > $p",
                        "not n <= $p",
                    ]
                )
            case "text":
                return self.random.choice(["g <= $p", "g = $p", "g > $p", 'g >= $p and g < "z"', "g is null or g < $p"])
            case _:
                return self.random.choice(
                    [
                        "ts <= $p",
                        "ts > $p - 36 hours and ts <= $p",
                        "ts >= $p - 1 month",
                        "ts > $p - 1 month and ts <= $p",
                        "ts < $p and ts > $p - 30 days",
                    ]
                )

    def other(self) -> str:
        """A predicate that is no bound."""
        return {
            "date": "d != $p",
            "integer": "n % 2 = $p % 2",
            "decimal": "x != $p",
            "text": "g & $p != $p & g",
            "timestamp": "ts != $p",
        }[self.kind]

    # Steps

    def rows_steps(self) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = []
        if self.chance(0.3):
            steps.append({"derive": {"m": "n * 2 + k", "month": "start_of_month(d)"}})
        if self.chance(0.3):
            steps.append({"filter": self.random.choice(["n > 0", "b", "k is not null", 'g != "a"'])})
        predicate = self.bound() if self.chance(0.9) else self.other()
        position = self.random.choice(["before", "after", "none"])
        if position == "before":
            steps.append({"filter": predicate})
        if self.chance(0.35):
            kind = self.random.choice(["inner", "left", "semi", "anti", "inner"])
            join: dict[str, Any] = {"with": "u", "by": "k", "kind": kind}
            if kind in ("inner", "left"):
                join["columns"] = ["label", "w"]
            steps.append({"join": join})
        if position != "before":
            steps.append({"filter": predicate})
        if self.chance(0.2):
            dependent = {"date": "$p - d", "text": "g & $p", "timestamp": "ts > $p"}.get(self.kind, "n - $p")
            steps.append({"derive": {"dep": dependent}})
        if self.chance(0.15):
            steps.append({"filter": self.bound()})
        return steps

    def measures(self) -> dict[str, str]:
        where = self.random.choice(["n > 1", "b", "n is null", "g is null or b", self.bound()])
        candidates = {
            "sum_n": "sum(n)",
            "sum_x": "sum(x)",
            "sum_f": "sum(f)",
            "avg_x": "avg(x)",
            "avg_n": "avg(n)",
            "rows": "count()",
            "known": "count(n)",
            "least": "min(d)",
            "most": "max(g)",
            "any_b": "bool_or(b)",
            "all_b": "bool_and(b)",
            "ks": "count(distinct k)",
            "gs": "count(distinct g where n > 1)",
            "dx": "sum(distinct x)",
            "adx": "avg(distinct x)",
            "var": "var_samp(x)",
            "dev": "stddev_pop(n)",
            "ratio": "sum(x) / count()",
            "some": f"count(where {where})",
            "part": f"sum(n where {where})",
            "kpart": f"count(distinct k where {where})",
            "mn": "min(x where n > 1)",
        }
        if self.chance(0.1):
            candidates["median"] = "median(n)"
        if self.chance(0.1):
            candidates["texts"] = 'string_agg(g, "," order by g, id)'
        names = self.some(list(candidates), 1, 4)
        if self.crowded and "ks" not in names and self.chance(0.7):
            names.append("ks")
        return {name: candidates[name] for name in names}

    def aggregate(self, before: list[dict[str, Any]]) -> dict[str, Any]:
        groups: list[Any] = ["g", "k", "b"]
        if any("month" in step.get("derive", {}) for step in before):
            groups.append("month")
        if self.chance(0.1):
            groups.append({"own": "$p"})
        if self.chance(0.2):
            groups.append({"twice": "n * 2"})
        by = self.some(groups, 0, 2)
        step: dict[str, Any] = {"measures": self.measures()}
        if by:
            step["by"] = by
        return {"aggregate": step}

    def after(self, step: dict[str, Any]) -> list[dict[str, Any]]:
        names = [name if isinstance(name, str) else next(iter(name)) for name in step["aggregate"].get("by", [])]
        measures = list(step["aggregate"]["measures"])
        steps: list[dict[str, Any]] = []
        if self.chance(0.15):
            steps.append({"filter": f"{measures[0]} is not null"})
        if self.chance(0.2) and names:
            order = ", ".join([*names, *measures])
            steps.append({"derive": {"place": f"row_number(per () order by {order})"}})
        if self.chance(0.15) and "k" in names:
            steps.append({"join": {"with": "u", "by": "k", "kind": self.random.choice(["left", "inner"])}})
        if self.chance(0.1) and names:
            steps.append({"limit": {"rows": 2, "order": [*names, *measures]}})
        if self.chance(0.1):
            steps.append({"distinct": "all"})
        return steps

    def steps(self) -> list[dict[str, Any]]:
        steps = self.rows_steps()
        shape = self.random.random()
        if shape < 0.75:
            aggregate = self.aggregate(steps)
            return [*steps, aggregate, *self.after(aggregate)]
        if shape < 0.8:
            return [*steps, {"select": ["g", "k"]}, {"distinct": "all"}]
        return [*steps, *self.random.choice(self.shapes())]

    def shapes(self) -> list[list[dict[str, Any]]]:
        """Steps of every other kind over the rows of the table."""
        pairs = {"select": ["g", "k"]}
        self.nodes["other"] = {"from": "t", "steps": [{"filter": self.bound()}, pairs]}
        self.nodes["fixed"] = {"from": "t", "steps": [{"filter": "n > 1"}, pairs]}
        other = self.random.choice(["other", "fixed"])
        grouped = {"aggregate": {"by": ["g", "k"], "measures": {"rows": "count()"}}}
        return [
            [{"derive": {"running": "sum(n per g order by id)"}}, {"select": ["id", "g", "running"]}],
            [{"select": ["id", "n"]}, {"limit": {"rows": 2, "order": "id"}}],
            [{"select": ["id", "g", "n"]}, {"limit": {"rows": 1, "per": "g", "order": "id"}}],
            [{"select": ["id", "g", "n"]}, {"dedupe": {"by": "g", "order": "id"}}],
            [{"select": ["id", "n", "k"]}, {"unpivot": {"columns": ["n", "k"], "name": "what", "value": "much"}}],
            [{"select": ["id", "g"]}, {"split": {"column": "g", "at": "a", "into": "part", "position": "at"}}],
            [grouped, {"fill": {"combinations": ["g", "k"], "values": {"rows": 0}}}],
            [{"select": ["id", "n"]}, {"fill": {"series": {"n": {"every": 1, "from": "first", "to": 5}}}}],
            [{"select": ["id", "n", "k"]}, {"fill": {"down": ["n"], "per": ["k"], "order": "id"}}],
            [pairs, {"union": [other]}],
            [pairs, {"union": {"with": [other], "distinct": True}}],
            [pairs, {"intersect": [other]}],
            [pairs, {"except": [other]}],
            [
                {"select": ["g", "k", "n"]},
                {"pivot": {"by": ["g"], "columns": "k", "values": {"total": "sum(n)"}, "only": [0, 1, 3]}},
            ],
            [
                {"select": ["id", "k", "n"]},
                {"join": {"with": "u", "where": "n >= u.w", "by": "k", "kind": "left", "columns": ["label"]}},
            ],
            [{"select": ["id", "k", "n"]}, {"join": {"with": "u", "where": "n > u.w", "columns": ["label"]}}],
            [pairs, {"join": {"with": other, "by": "k", "kind": "full", "prefix": "o_"}}],
            [pairs, {"join": {"with": other, "by": "k", "kind": self.random.choice(["semi", "anti"])}}],
            [pairs, {"join": {"with": other, "by": ["k", "g"], "kind": "right"}}],
            [{"select": ["id", "n"]}, {"sample": {"rows": 2, "seed": 3}}],
            [{"select": ["id", "n"]}, {"expect": [{"not_null": ["id"], "severity": "warn"}]}],
        ]

    def beside(self) -> list[dict[str, Any]]:
        """Steps from a table that does not depend on the parameter, joined with rows that do."""
        self.nodes["dependent"] = {"from": "t", "steps": [{"filter": self.bound()}, {"select": ["id", "k", "n", "d"]}]}
        kind = self.random.choice(["left", "left", "inner", "right", "full", "semi", "anti"])
        join: dict[str, Any] = {"with": "dependent", "by": "k", "kind": kind}
        steps: list[dict[str, Any]] = [{"join": join}]
        if kind in ("semi", "anti"):
            return [*steps, {"select": ["k", "label"]}]
        late = {"date": "d is null or d > $p", "text": "label > $p"}.get(self.kind, "n is null or n >= 1")
        if self.chance(0.4):
            steps.append({"filter": late})
        if self.chance(0.5):
            steps.append({"aggregate": {"by": ["label"], "measures": {"rows": "count()", "total": "sum(n)"}}})
        return steps

    def made(self) -> RandomExpansion:
        values = self.values()
        nodes = self.nodes
        steps = self.steps()
        start = "t"
        if self.chance(0.1):
            start, steps = "u", self.beside()
        elif self.chance(0.25) and len(steps) > 1:
            cut = self.random.randint(1, len(steps) - 1)
            nodes["up"] = {"from": "t", "steps": steps[:cut]}
            start, steps = "up", steps[cut:]
        each: dict[str, Any] = {"p": values}
        if self.chance(0.2) and self.given is None:
            second = self.random.choice(["k = $r", "k >= $r", "n + $r > k", "k != $r"])
            nodes["both"] = {"from": "t", "steps": [{"filter": second}]}
            for node in nodes.values():
                if node["from"] == "t" and node is not nodes["both"]:
                    node["from"] = "both"
            start = "both" if start == "t" else start
            each["r"] = self.random.sample([0, 1, 2, 3], self.random.randint(1, 2))
        result: dict[str, Any] = {"from": start, "steps": steps, "for_each": each}
        if self.chance(0.1):
            result["then"] = [{"derive": {"later": "$q + 1" if self.chance(0.3) else "2"}}]
        nodes["result"] = result
        default = {"date": "2024-02-29", "integer": 2, "decimal": "1.5", "text": "b", "timestamp": "2024-02-29 00:00"}
        document = {
            "headrace": 1,
            "parameters": {
                "p": {"type": self.kind, "default": default[self.kind]},
                "q": {"type": "integer", "default": 1},
                "r": {"type": "integer", "default": 1},
            },
            "sources": {"t": {"table": "rnd.t"}, "u": {"table": "rnd.u"}},
            "nodes": nodes,
        }
        rows = [
            self.row(number) for number in range(self.random.choice([20, 40] if self.crowded else [0, 1, 3, 8, 20]))
        ]
        others = [(k, self.random.choice([*_TEXTS, None]), self.random.randint(0, 3)) for k in range(5) if k != 2]
        return RandomExpansion(document, rows, others, self.given)


CATALOG = {
    "headrace": 1,
    "tables": {
        "rnd.t": {
            "columns": {name: {"type": type_, "nullable": name not in _NOT_NULL} for name, type_ in COLUMNS.items()},
            "keys": [["id"]],
        },
        "rnd.u": {
            "columns": {
                "k": {"type": "integer", "nullable": False},
                "label": {"type": "text", "nullable": True},
                "w": {"type": "integer", "nullable": False},
            },
            "keys": [["k"]],
        },
    },
}
