"""Relations of sources and nodes: which there are, and where the paths of formulas through them lead.

A path ``customer.region.name`` begins at a relation of the source or node that the rows come from, and ends at a
column. A path that begins further on (``region.name``) is understood where there is one way to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from headrace.bind.bound import Stream
from headrace.bind.context import Context
from headrace.grammar.expression import Unreachable
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.printer import print_name
from headrace.grammar.types import common_type
from headrace.models import Node, Relation, Source
from headrace.models.scalar import Formula
from headrace.models.steps import Join, Lookup, Step

Path = tuple[str, ...]

_MAY_HOLD_A_PATH = re.compile(r"\.\s*(?:[^\W\d]|\[|/\*|--)")
"""A dot before a name, as in no number; there may be a comment between."""

LONGEST = 16
"""How many relations a path may lead through."""

_FURTHEST = 4
"""How many relations may be left out at the beginning of a path."""

_MOST_WAYS = 2_000
"""How many beginnings of a path are looked at."""


@dataclass(frozen=True, slots=True)
class Way:
    """A relation and the source or node that declares it."""

    owner: str
    relation: Relation

    @property
    def name(self) -> str:
        return self.relation.name

    @property
    def target(self) -> str:
        return self.relation.with_


class RelationGraph:
    """The relations of all sources and nodes of a project, by what its documents say."""

    def __init__(
        self, sources: Mapping[str, Source], nodes: Mapping[str, Node], memory: FormulaMemory | None = None
    ) -> None:
        self.memory = memory or FormulaMemory()
        self._sources = sources
        self._nodes = nodes
        self._of: dict[str, dict[str, Way]] = {}
        self._formulas: dict[str, dict[str, str]] = {}
        self._resolved: dict[tuple[str, Path], tuple[Way, ...] | Unreachable] = {}

    def knows(self, name: str) -> bool:
        """Whether there is a source or node of that name."""
        return name in self._sources or name in self._nodes

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._sources, *self._nodes)

    def of(self, name: str) -> dict[str, Way]:
        """The relations that rows of a source or node have: its own, and those of what it is made from."""
        if name not in self._of:
            found: dict[str, Way] = {}
            for owner in self._made_from(name):
                for relation in owner.relations.values():
                    found.setdefault(relation.name, Way(owner.name, relation))
            self._of[name] = found
        return self._of[name]

    def formulas(self, name: str) -> dict[str, str]:
        """The virtual columns and values that rows of a source or node may have."""
        if name not in self._formulas:
            found: dict[str, str] = {}
            for owner in self._made_from(name):
                for formula, text in owner.formulas.items():
                    found.setdefault(formula, text)
            self._formulas[name] = found
        return self._formulas[name]

    def _made_from(self, name: str) -> Iterator[Source | Node]:
        """The source or node, what it is made from, and so on."""
        seen: set[str] = set()
        at: str | None = name
        while at is not None and at not in seen:
            seen.add(at)
            owner = self._sources.get(at) or self._nodes.get(at)
            if owner is None:
                return
            yield owner
            at = owner.from_ if isinstance(owner, Node) else None

    def resolve(self, start: str, path: Path) -> tuple[Way, ...] | Unreachable:
        """The relations that ``path`` (without its column) leads through from rows of ``start``, or why it does not.

        A path that begins at a relation of ``start`` is what it says; any other may leave out its beginning where
        there is one way to do so.
        """
        found = self._resolved.get((start, path))
        if found is None:
            found = self._resolved[start, path] = self._resolve(start, path)
        return found

    def _resolve(self, start: str, path: Path) -> tuple[Way, ...] | Unreachable:
        if len(path) > LONGEST:
            return Unreachable("F198", {"limit": LONGEST})
        direct = self.of(start)
        if path[0] in direct:
            return self._follow(start, path, ())
        found = [(*before, *rest) for before, rest in self._indirect(start, path)]
        if len(found) == 1:
            return found[0]
        if found:
            paths = sorted(".".join(print_name(way.name) for way in each) for each in found)
            return Unreachable("F196", {"name": ".".join(path), "paths": ", ".join(paths), "candidates": paths})
        return Unreachable("F103", {"name": path[0]}, 0, tuple(direct))

    def _follow(self, start: str, path: Path, before: tuple[Way, ...]) -> tuple[Way, ...] | Unreachable:
        ways: list[Way] = []
        at = start
        for place, name in enumerate(path):
            known = self.of(at)
            if name not in known:
                hints = [f"{at} has no relation of that name."] if place else []
                return Unreachable("F103", {"name": ".".join(path[: place + 1])}, place, tuple(known), tuple(hints))
            ways.append(known[name])
            at = known[name].target
        return (*before, *ways)

    def _indirect(self, start: str, path: Path) -> Iterator[tuple[tuple[Way, ...], tuple[Way, ...]]]:
        """The ways to a relation called as the path begins, and from there on as it says."""
        waiting: list[tuple[tuple[Way, ...], frozenset[str]]] = [((), frozenset({start}))]
        looked_at = 0
        for _ in range(_FURTHEST):
            further = []
            for before, seen in waiting:
                at = before[-1].target if before else start
                for way in self.of(at).values():
                    looked_at += 1
                    if way.target in seen or looked_at > _MOST_WAYS:
                        continue
                    ways = (*before, way)
                    rest = self._follow(way.target, path, ())
                    if not isinstance(rest, Unreachable):
                        yield ways, rest
                    further.append((ways, seen | {way.target}))
            waiting = further

    def reads(self, node: Node) -> list[str]:
        """The sources and nodes that formulas of a node's steps reach through relations."""
        if node.from_ is None:
            return []
        found: dict[str, None] = {}
        for step in (*node.steps, *node.then):
            if not step.disabled:
                paths = self.paths_of(step, self.formulas(node.from_))
                self._reach(node.from_, paths, found, frozenset())
            if not step.disabled and isinstance(step, (Join, Lookup)):
                taken = map(print_name, step.columns or ())
                self._reach(step.with_, self.paths_from(taken, self.formulas(step.with_)), found, frozenset())
        return list(found)

    def _reach(self, start: str, paths: Iterable[Path], found: dict[str, None], within: frozenset[str]) -> None:
        for path in sorted(paths):
            ways = self.resolve(start, path[:-1])
            if isinstance(ways, Unreachable):
                continue
            for way in ways:
                found[way.target] = None
            target = ways[-1].target
            formulas = self.formulas(target)
            if path[-1] in formulas and target not in within:
                self._reach(target, self.paths_from([print_name(path[-1])], formulas), found, within | {target})

    def paths_of(self, step: Step, formulas: Mapping[str, str]) -> set[Path]:
        """The paths that the formulas of a step name, themselves or through virtual columns and values.

        Those that begin with a relation that the step reads itself are about that one.
        """
        return {path for path in self.paths_from(formulas_and_names(step), formulas) if path[0] not in step.reads}

    def paths_from(self, texts: Iterable[str], formulas: Mapping[str, str]) -> set[Path]:
        """The paths that stand in formulas, or in the virtual formulas whose names stand there."""
        found: set[Path] = set()
        seen: set[str] = set()
        waiting = list(texts)
        virtual = any(_MAY_HOLD_A_PATH.search(text) for text in formulas.values())
        while waiting:
            text = waiting.pop()
            if text in seen or not (virtual or _MAY_HOLD_A_PATH.search(text)):
                continue
            seen.add(text)
            named = self.memory.named(text)
            found |= named.paths
            waiting.extend(formulas[name] for name in named.names if name in formulas)
        return found


def check_relations(owner: Source | Node, stream: Stream, graph: RelationGraph, context: Context) -> None:
    """Report what is wrong with the own relations of a source or node."""
    for relation in owner.relations.values():
        if relation.broken:
            continue
        if not graph.knows(relation.with_):
            context.unknown("S101", relation.with_, relation.at("with"), graph.names)
            continue
        other = context.lookup(relation.with_, relation.at("with"))
        for ours, theirs in relation.by if other is not None else ():
            pointer = relation.at("by")
            left = context.column(ours, pointer, stream.relation.schema)
            right = None if other is None else context.column(theirs, pointer, other.relation.schema)
            if left is not None and right is not None and common_type(left, right) is None:
                types = {"left_type": str(left), "right_type": str(right)}
                context.report("S130", pointer, left=ours, right=theirs, **types)


def formulas_and_names(step: Step) -> Iterator[str]:
    """The formulas of a step, and names that may be those of virtual columns, as formulas."""
    return (text if isinstance(text, Formula) else print_name(text) for text in step.all_texts)
