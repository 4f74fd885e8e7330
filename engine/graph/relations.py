"""Sources and nodes as a graph: what reads what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from typing import Literal as Choice

from headrace.results import CheckResult, NodeResult, SourceResult


@dataclass(frozen=True, slots=True)
class Vertex:
    """A source or a node. ``kind`` is ``file``, ``table``, ``rows`` or ``series`` for a source, else how a node is
    kept; ``steps`` are the words of a node's steps, in order; ``columns`` are names with types."""

    name: str
    role: Choice["source", "node"]
    kind: str
    state: Choice["ok", "bad", "blocked"]
    place: str | None = None
    steps: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def kept(self) -> bool:
        """Whether a run leaves something of it in the warehouse."""
        return self.role == "node" and self.kind != "inline"

    @property
    def about(self) -> str:
        """What it is, in a line."""
        if self.role == "source":
            return self.kind if self.place is None else f"{self.kind} {self.place}"
        steps = ", ".join(self.steps)
        return f"{self.kind}: {steps}" if steps else self.kind

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "role": self.role,
            "kind": self.kind,
            "kept": self.kept,
            "state": self.state,
            "place": self.place,
            "steps": list(self.steps),
            "columns": [{"name": name, "type": type_} for name, type_ in self.columns],
        }


@dataclass(frozen=True, slots=True)
class Graph:
    """``edges`` lead from what is read to its reader. Both are in the order of the documents."""

    vertices: Mapping[str, Vertex] = field(default_factory=dict)
    edges: tuple[tuple[str, str], ...] = ()

    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """By name, who reads it."""
        return _grouped(self.vertices, self.edges)

    def inputs(self) -> Mapping[str, tuple[str, ...]]:
        """By name, what it reads."""
        return _grouped(self.vertices, ((reader, read) for read, reader in self.edges))

    def around(self, upstream: Collection[str] = (), downstream: Collection[str] = ()) -> Graph:
        """The part that the nodes ``upstream`` depend on, and the part that depends on the nodes ``downstream``."""
        kept = _reached(upstream, self.inputs()) | _reached(downstream, self.readers())
        return Graph(
            {name: vertex for name, vertex in self.vertices.items() if name in kept},
            tuple(edge for edge in self.edges if edge[0] in kept and edge[1] in kept),
        )

    def without_columns(self) -> Graph:
        return replace(self, vertices={name: replace(each, columns=()) for name, each in self.vertices.items()})

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "vertices": [vertex.to_json() for vertex in self.vertices.values()],
            "edges": [{"from": read, "to": reader} for read, reader in self.edges],
        }


def graph_of(result: CheckResult) -> Graph:
    """The graph of all sources and nodes. Those with mistakes are in it, as far as it is known what they read.

    >>> import headrace
    >>> document = {"headrace": 1, "sources": {"t": {"rows": [{"a": 1}]}}, "nodes": {"n": {"from": "t"}}}
    >>> graph_of(headrace.check(document)).edges
    (('t', 'n'),)
    """
    vertices = {name: _source(source) for name, source in result.sources.items()}
    vertices.update((name, _node(node)) for name, node in result.nodes.items())
    edges = [
        (read, name)
        for name, node in result.nodes.items()
        for read in node.reads
        if read in vertices and read != name  # what reads itself has been reported
    ]
    return Graph(vertices, tuple(edges))


def _source(source: SourceResult) -> Vertex:
    return Vertex(source.name, "source", source.kind, source.state, source.place, columns=_columns(source))


def _node(node: NodeResult) -> Vertex:
    loop = ("for_each",) if node.expanded else ()
    steps = (*loop, *(step.kind for step in (*node.steps, *node.then)))
    return Vertex(node.name, "node", node.kept, node.state, steps=steps, columns=_columns(node))


def _columns(relation: SourceResult | NodeResult) -> tuple[tuple[str, str], ...]:
    return () if relation.schema is None else tuple((name, str(type_)) for name, type_ in relation.schema)


def _grouped(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {name: [] for name in names}
    for first, second in pairs:
        found[first].append(second)
    return {name: tuple(each) for name, each in found.items()}


def _reached(start: Collection[str], following: Mapping[str, tuple[str, ...]]) -> set[str]:
    seen = set(start)
    waiting = list(start)
    while waiting:
        for name in following.get(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen
