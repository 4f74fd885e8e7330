"""The columns of a whole project as a graph: what a column comes from, and what comes from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from headrace.grammar.printer import print_name
from headrace.plan import Edge, Made
from headrace.plan.derivation import DIRECT, How
from headrace.results import CheckResult, NodeResult, SourceResult


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A column of a source or node; without ``column``, its rows: which there are, how often and in what order."""

    relation: str
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.relation] if self.column is None else [self.relation, self.column]
        return ".".join(print_name(part) for part in parts)

    def to_json(self) -> dict[str, Any]:
        return {"relation": self.relation, "column": self.column}


@dataclass(frozen=True, slots=True)
class Link:
    """``to`` depends on the column ``origin``, in this way and through these formulas.

    With ``rows`` the origin is the rows of a relation that a node reads: they make its rows, whatever its columns are.
    """

    origin: Place
    to: Place
    how: How | Literal["rows"]
    through: tuple[Made, ...] = ()

    @property
    def direct(self) -> bool:
        return self.how in DIRECT

    def to_json(self) -> dict[str, Any]:
        return {
            "from": self.origin.to_json(),
            "to": self.to.to_json(),
            "how": self.how,
            "direct": self.direct,
            "through": [made.to_json() for made in self.through],
        }


class ProjectLineage:
    """The lineage of all nodes of a result together. Nodes with mistakes have none.

    >>> import headrace
    >>> document = {
    ...     "headrace": 1,
    ...     "sources": {"t": {"rows": [{"a": 1}]}},
    ...     "nodes": {"n": {"from": "t", "steps": [{"derive": {"b": "a + 1"}}]}},
    ... }
    >>> lineage = ProjectLineage(headrace.check(document))
    >>> [str(link.to) for link in lineage.downstream(Place("t", "a"))]
    ['n.a', 'n.b']
    """

    def __init__(self, result: CheckResult) -> None:
        self.relations: Mapping[str, SourceResult | NodeResult] = {**result.sources, **result.nodes}

    def columns(self, relation: str) -> tuple[str, ...]:
        """The columns of a source or node; none where it has mistakes."""
        schema = self.relations[relation].schema
        return () if schema is None else schema.names

    def named(self, text: str) -> list[Place]:
        """What ``relation.column`` or ``relation`` can mean: nothing, one place, or several where names hold dots.

        A name that holds dots may be put in brackets, as in formulas: ``[a.b].c``.
        """
        found = [Place(text)] if text in self.relations else []
        for dot in (index for index, character in enumerate(text) if character == "."):
            relation, column = text[:dot], text[dot + 1 :]
            if relation in self.relations and column in self.columns(relation):
                found.append(Place(relation, column))
        path = [name.replace("]]", "]") if name else bare for name, bare in _PART.findall(text)]
        if not found and _PATH.fullmatch(text) and path[0] in self.relations:
            if len(path) == 1:
                found.append(Place(path[0]))
            elif len(path) == 2 and path[1] in self.columns(path[0]):
                found.append(Place(path[0], path[1]))
        return found

    def into(self, place: Place) -> tuple[Link, ...]:
        """What a column, or the rows of a relation, depend on in the relations that are read."""
        node = self.relations.get(place.relation)
        if not isinstance(node, NodeResult):
            return ()
        if place.column is None:
            read = (Link(Place(name), place, "rows") for name in node.reads if name in self.relations)
            return (*read, *_links(place, node.lineage.rows))
        column = node.lineage.columns.get(place.column)
        return () if column is None else tuple(_links(place, (*column.direct, *column.indirect)))

    @cached_property
    def _out(self) -> Mapping[Place, tuple[Link, ...]]:
        out: dict[Place, list[Link]] = {}
        for name, node in self.relations.items():
            if isinstance(node, NodeResult):
                for column in (None, *node.lineage.columns):
                    for link in self.into(Place(name, column)):
                        out.setdefault(link.origin, []).append(link)
        return {place: tuple(links) for place, links in out.items()}

    def out_of(self, place: Place) -> tuple[Link, ...]:
        """What depends on a column."""
        return self._out.get(place, ())

    def upstream(self, place: Place) -> list[Link]:
        """All that a column or the rows of a relation depend on, the nearest first."""
        links: dict[Link, None] = {}
        seen, waiting = {place}, [place]
        for at in waiting:
            # The rows of a relation count for each of its columns.
            for link in (*self.into(at), *(self.into(Place(at.relation)) if at.column is not None else ())):
                links[link] = None
                if link.origin not in seen:
                    seen.add(link.origin)
                    waiting.append(link.origin)
        return list(links)

    def downstream(self, place: Place) -> list[Link]:
        """All that depends on a column, the nearest first; with the rows of a node, all that reads the node."""
        links: dict[Link, None] = {}
        seen, waiting = {place}, [place]
        for at in waiting:
            for link in self._after(at):
                links[link] = None
                if link.to not in seen:
                    seen.add(link.to)
                    waiting.append(link.to)
        return list(links)

    def _after(self, place: Place) -> Iterator[Link]:
        yield from self.out_of(place)
        if place.column is not None:
            return
        for column in self.columns(place.relation):
            yield from self.out_of(Place(place.relation, column))


def _links(to: Place, edges: tuple[Edge, ...]) -> Iterator[Link]:
    for edge in edges:
        yield Link(Place(edge.origin.relation, edge.origin.column), to, edge.how, edge.through)


_PART = re.compile(r"(?:\[((?:[^\]]|\]\])+)\]|([^\[\].]+))(?:\.|$)")
_PATH = re.compile(rf"(?:{_PART.pattern})+")
