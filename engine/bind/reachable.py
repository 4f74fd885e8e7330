"""The columns that formulas could reach through relations: for completion, which comes before any of them is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from headrace.bind.relations import Path, RelationGraph
from headrace.grammar.expression import Column, Expression
from headrace.grammar.types import Schema

_FURTHEST = 3
"""How many relations a path may lead through."""

_MOST = 200
"""How many paths are followed."""


def paths_within(relations: RelationGraph, start: str) -> Iterator[tuple[Path, str]]:
    """The paths that begin at rows of ``start``, with the source or node it leads to; none goes in circles."""
    waiting: list[tuple[Path, str, frozenset[str]]] = [((), start, frozenset({start}))]
    for path, at, seen in waiting:  # which grows meanwhile
        for name, way in relations.of(at).items():
            if way.target in seen:
                continue
            further = (*path, name)
            yield further, way.target
            if len(further) < _FURTHEST and len(waiting) < _MOST:
                waiting.append((further, way.target, seen | {way.target}))


def reachable(
    relations: RelationGraph, start: str, schema: Callable[[str], Schema | None]
) -> dict[Path, Mapping[str, Expression]]:
    """The columns at the end of each path, as ``Scope.qualified`` has them; null where there is no row.

    Each column goes by its whole path, ``customer.country``. ``schema`` gives the columns of a source or node.
    """
    found: dict[Path, Mapping[str, Expression]] = {}
    for path, target in paths_within(relations, start):
        columns = schema(target)
        if columns is not None:
            found[path] = {name: Column(type_.with_null(), ".".join((*path, name))) for name, type_ in columns}
    return found
