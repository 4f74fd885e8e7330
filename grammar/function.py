"""What an entry of the function catalogue consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as Choice


@dataclass(frozen=True, slots=True)
class Example:
    """A formula over no columns and the text of its value, as PostgreSQL prints it (None for null).

    For an aggregate or window function ``rows`` gives the column ``x`` (and ``y`` …) that the formula reads:
    ``Example("sum(x)", "6", rows=(("x integer",), (1,), (2,), (3,)))``; for a window function the value is that of
    the last row.
    """

    formula: str
    value: str | None
    rows: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function.

    ``arguments`` are kinds (``integer``), groups (``number``: integer, decimal or float; ``any``; ``same``: any kind,
    the common type of all arguments so marked), with ``?`` behind an optional one and ``*`` behind a last one that
    may repeat. ``result`` is a kind, ``same``, or ``argument N`` (the type of that argument).

    ``sql`` gives, for each dialect, a template in that dialect: ``{0}`` is an argument, ``{*}`` all of them, ``{2*}``
    those from the third on. ``outside`` wraps the call of an aggregate or window function after its FILTER and OVER
    are in place: ``CAST({} AS BIGINT)``. ``defaults`` fills optional arguments: SQL text by position.
    """

    arguments: tuple[str, ...]
    result: str
    sql: Mapping[str, str]
    outside: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Function:
    """One function (or operator) of the catalogue: all that is known of it, in one place.

    ``nulls``: ``strict`` (null where any argument is), ``custom`` (null or not, by its own rule: taken as nullable),
    ``never``. ``monotone`` lists the arguments in which the result never falls when the argument rises.
    """

    name: str
    family: str
    level: Choice["row", "aggregate", "window"]
    signatures: tuple[Signature, ...]
    meaning: str
    examples: tuple[Example, ...]
    aliases: tuple[str, ...] = ()
    nulls: Choice["strict", "custom", "never"] = "strict"
    monotone: tuple[int, ...] = ()
