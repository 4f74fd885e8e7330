"""Finding the values that pivots make columns of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headrace.catalog.pivots import PivotFacts, Pivots
from headrace.diagnostics import diagnose
from headrace.plan.limits import MOST_COLUMNS
from headrace.results import DiscoverResult, PivotQuery
from headrace.run.ground import pointer_to
from headrace.run.stopped import Stopped

Ask = Callable[[Pivots], DiscoverResult]
Fetch = Callable[[PivotQuery], Sequence[Sequence[str | None]]]

MOST_ROUNDS = 50
"""How many pivots may hide one another; values that change from one question to the next would never end it."""


def discover(known: Pivots, ask: Ask, fetch: Fetch) -> tuple[Pivots, DiscoverResult]:
    """The values of all pivots as they are now, and the last answer of ``ask``.

    ``ask`` gives the queries where these values are known, ``fetch`` the rows of one. As a pivot hides what stands
    behind it until its values are known, both are called until nothing new is found. Where the project has mistakes,
    what is ``known`` of pivots that cannot be reached is kept. Raises Stopped for values that no column can stand for.
    """
    found: dict[str, dict[str, PivotFacts]] = {}
    rounds = 0
    while True:
        merged = {node: {**known.get(node, {}), **found.get(node, {})} for node in dict.fromkeys((*known, *found))}
        result = ask(merged)
        now = _found(result.queries, fetch)
        if now == found or rounds == MOST_ROUNDS:
            broken = any(each.severity == "error" for each in result.diagnostics)
            return merged if broken else found, result
        found, rounds = now, rounds + 1


def _found(queries: Sequence[PivotQuery], fetch: Fetch) -> dict[str, dict[str, PivotFacts]]:
    rows: dict[tuple[str, str], list[Sequence[str | None]]] = {}
    schemas = {(query.node, query.step): query.schema for query in queries}
    for query in queries:
        rows.setdefault((query.node, query.step), []).extend(fetch(query))
    found: dict[str, dict[str, PivotFacts]] = {}
    for (node, step), values in rows.items():
        schema = schemas[node, step]
        pointer = pointer_to("nodes", node)
        try:
            facts = PivotFacts.of(schema, values)
        except ValueError as error:
            written = ", ".join("null" if cell is None else cell for cell in values[0])
            raise Stopped(
                [diagnose("R281", pointer=pointer, found=written, step=step, node=node, expected=str(error))]
            ) from None
        if len(facts.values) > MOST_COLUMNS:
            names = " and ".join(schema.names)
            told = diagnose("R280", pointer=pointer, step=step, node=node, limit=MOST_COLUMNS, names=names)
            raise Stopped([told], node)
        found.setdefault(node, {})[step] = facts
    return found
