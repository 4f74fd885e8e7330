"""The names that the formulas of the cases can use."""

from __future__ import annotations

from dataclasses import replace

from headrace.diagnostics import Diagnostic
from headrace.grammar.check import Typed, type_formula
from headrace.grammar.expression import Column, Level, Scope, Unreachable
from headrace.grammar.own_functions import OwnFunction
from headrace.grammar.types import Type

_COLUMNS = {
    "amount": "decimal",
    "quantity": "integer",
    "weight": "float",
    "country": "text",
    "name": "text",
    "Unit price": "decimal",
    "customer_id": "integer",
    "order_date": "date",
    "created_at": "timestamp",
    "shipped_at": "timestamptz",
    "is_new": "boolean",
}

ROWS = Scope(
    columns={name: Column(Type(kind), name) for name, kind in _COLUMNS.items()},
    formulas={
        "unit_cost": "amount / quantity",
        "revenue": "sum(amount)",
        "wrong": "amout + 1",
        "a": "b + 1",
        "b": "a - 1",
    }
    | {f"f{n}": f"f{n - 1} + 1" for n in range(1, 40)}
    | {"f0": "quantity"}
    | {f"g{n}": f"g{n - 1} * g{n - 1}" for n in range(1, 30)}
    | {"g0": "quantity"},
    qualified={("customer",): {"country": Column(Type("text"), "customer_country")}},
    unreachable={
        ("shop",): Unreachable("F105", {"relation": "shop", "column": "shop_id"}),
        ("region",): Unreachable("F196", {"name": "region", "paths": "customer.region, shop.region"}),
        ("far",) * 17: Unreachable("F198", {"limit": 16}),
        ("more",): Unreachable("F199", {"limit": 100}),
        ("lines",): Unreachable("F197", {"relation": "lines", "cardinality": "one_to_many"}),
    },
    functions={
        name: OwnFunction(name, arguments, formula)
        for name, arguments, formula in (
            ("net", ("x",), "x / 1.19"),
            ("twice", ("x",), "net(x) + net(x)"),
            ("middle", ("x",), "sum(x) / count()"),
            ("rated", ("x",), "x * $rate"),
            *((f"h{n}", ("x",), f"h{n - 1}(x) + h{n - 1}(x)") for n in range(1, 20)),
            ("h0", ("x",), "x"),
        )
    },
    parameters={"month": (Type("date"), False), "countries": (Type("text"), True)},
)

PLACES: dict[str, tuple[Scope, tuple[Level, ...]]] = {
    "filter": (ROWS, ("row",)),
    "derive": (ROWS, ("row", "window")),
    "aggregate": (replace(ROWS, groups={"country": ROWS.columns["country"]}), ("aggregate", "window")),
    "value": (ROWS, ("aggregate",)),
}
"""Where a formula can stand, as the cases call it."""


def checked(formula: str, place: str) -> Typed:
    """The formula typed as it would be at ``place``."""
    scope, levels = PLACES[place]
    return type_formula(formula, scope, pointer="/x", levels=levels)


def check(formula: str, place: str) -> tuple[Diagnostic, ...]:
    """All that is said of the formula."""
    return checked(formula, place).diagnostics
