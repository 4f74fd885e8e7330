"""A plan as text, in the order in which its steps are written: what is read first, then what is made of it.

One line a plan node. What a join, a union or an expansion reads beside its main input stands below it, indented, each
relation beginning with a dash. A part that is read twice is written once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from headrace.grammar.expression import Column, Expression, Order
from headrace.grammar.formula import formula_of
from headrace.grammar.printer import print_name
from headrace.plan.aggregation import Aggregation, Distinct
from headrace.plan.assured import Assured
from headrace.plan.estimates import Estimates, about_rows
from headrace.plan.expansion import Expansion
from headrace.plan.intervals import Blocks, Bound, Cells, Changes, Disjoint, Intervals, Spread
from headrace.plan.joins import Join
from headrace.plan.lineage import name_of, paths_of
from headrace.plan.ordering import Limit, Sample, Sort
from headrace.plan.relation import Key, Relation, postorder
from headrace.plan.rowwise import Filter, Project
from headrace.plan.scans import FileScan, NodeScan, Rows, Series, TableScan
from headrace.plan.series_between import SeriesBetween
from headrace.plan.set_operation import SetOperation
from headrace.plan.split import Split
from headrace.plan.sql_query import SqlQuery
from headrace.plan.union import Union
from headrace.plan.unpivoting import Unpivot

_MOST_ITEMS = 16
"""So many columns are listed; of more, the first and how many there are."""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line: the node it tells of, how far it is indented, and whether a dash shows that a relation begins."""

    depth: int
    text: str
    begins: bool
    node: Relation
    rows: float | None = None

    def to_json(self) -> dict[str, Any]:
        told = {"depth": self.depth, "begins": self.begins, "step": self.node.step, "text": self.text}
        return told if self.rows is None else {**told, "estimated_rows": round(self.rows)}

    def __str__(self) -> str:
        text = self.text if self.rows is None else f"{self.text} · {about_rows(self.rows)}"
        if not self.depth:
            return text
        return "    " * (self.depth - 1) + ("  - " if self.begins else "    ") + text


def plan_lines(relation: Relation, estimates: Estimates | None = None) -> list[PlanLine]:
    """The lines of a plan, with the rows that are expected where there are statistics.

    >>> from headrace.grammar.types import Schema, Type
    >>> from headrace.plan import Distinct, TableScan
    >>> scan = TableScan("customers", "shop.customers", Schema.of({"id": Type("integer")}), (Key({"id"}),))
    >>> print(*plan_lines(Distinct(scan, step="once")), sep="\\n")
    from customers, key id
    distinct once
    """
    nodes = list(postorder(relation))
    readers = Counter(id(each) for node in nodes for each in node.inputs)
    words = _Words({name: path for node in nodes if isinstance(node, Join) for name, path in paths_of(node).items()})
    told: set[int] = set()
    lines: list[PlanLine] = []
    waiting: list[tuple[Relation, int, bool, bool]] = [(relation, 0, False, False)]
    while waiting:
        node, depth, begins, inputs_told = waiting.pop()
        if not inputs_told:
            if id(node) in told:
                lines.append(PlanLine(depth, f"{words.label(node)}, as above", begins, node))
                continue
            main = main_input(node)
            if main is not None:
                waiting.append((node, depth, False, True))
                waiting.append((main, depth, begins, False))
                continue
        if readers[id(node)] > 1:
            told.add(id(node))
        rows = estimates.rows(node) if estimates is not None and estimates.measured else None
        lines.append(PlanLine(depth, words.described(node), begins, node, rows))
        first = 0 if main_input(node) is None else 1
        waiting.extend((each, depth + 1, True, False) for each in reversed(node.inputs[first:]))
    return lines


def main_input(node: Relation) -> Relation | None:
    """The input that the step of the node goes on from, where it is one among others: a join's left side."""
    if not node.inputs or isinstance(node, Union | SetOperation | SqlQuery | Expansion):
        return None
    return node.inputs[0]


def keys_told(keys: Iterable[Key]) -> str:
    """``key id``, ``key (country, month)``, ``at most one row``; nothing where no key is known.

    >>> keys_told([Key({"id"}), Key({"country", "month"})])
    'key id, key (country, month)'
    """
    told = []
    for key in keys:
        names = ", ".join(print_name(name) for name in sorted(key))
        told.append(f"key ({names})" if len(key) > 1 else f"key {names}" if key else "at most one row")
    return ", ".join(told)


class _Words:
    """The words for the nodes of one plan; ``paths`` are the columns that relations lead to, with their paths."""

    def __init__(self, paths: Mapping[str, tuple[str, ...]]) -> None:
        self.paths = paths

    def described(self, node: Relation) -> str:
        """One plan node in one line: its step, what it does, its formulas as users write them."""
        kind, details = self._told(node)
        if not node.inputs:
            keys = keys_told(key for key in node.keys if key)
            return ", ".join(filter(None, (f"{kind} {details}", keys)))
        step = "" if isinstance(node, Expansion) else node.step  # every expansion is called so
        head = step if kind in step.split("_") else f"{kind} {step}".rstrip()
        return f"{head}: {details}" if details else head

    def label(self, node: Relation) -> str:
        return self.described(node) if not node.inputs else node.step or name_of(node)

    def _told(self, node: Relation) -> tuple[str, str]:
        """The kind of a node, by the name of the step that makes it, and what is to be told of it."""
        match node:
            case NodeScan():
                return "from", self.name(node.node)
            case TableScan() | FileScan():
                return "from", self.name(node.source)
            case Rows():
                return "from", f"{self.name(node.source or node.step)} ({_count(len(node.values), 'row')})"
            case Series():
                return "from", f"{self.name(node.source or node.step)} ({_count(node.count, 'value')} of {node.column})"
            case Project():
                return self._project(node)
            case Filter():
                return "filter", self._formula(node.predicate)
            case Aggregation():
                measures = _listed(self._named(node.measures))
                by = f"by {_listed(self._named(node.groups))}" if node.groups else ""
                return "aggregate", ": ".join(filter(None, (by, measures)))
            case Distinct():
                return "distinct", ""
            case Join():
                return "join", self._join(node)
            case Sample():
                return "sample", self._limit(node)
            case Limit():
                return "limit", self._limit(node)
            case Sort():
                return "sort", self._order(node.order)
            case Union():
                return "union", f"{len(node.branches)} relations"
            case SetOperation():
                return node.kind, f"{len(node.branches)} relations"
            case SqlQuery():
                return "sql", f"reads {_listed(map(self.name, node.names))}" if node.names else "reads nothing"
            case Unpivot():
                return "unpivot", f"{self._names(node.columns)} into {self._names((node.name, node.value))}"
            case Split():
                return "split", f"{self.name(node.column)} at {node.at!r} into {self.name(node.into)}"
            case SeriesBetween():
                return (
                    "series",
                    f"{self.name(node.column)} from {self._formula(node.start)} to {self._formula(node.stop)}",
                )
            case Expansion():
                return "for_each", self._expansion(node)
            case Assured():
                known = [text for each in node.known if (text := self._known(each.unique, each.never_null))]
                return "checked", "; ".join(known)
            case Intervals():
                bounds = [
                    *(self._bound(each, "<") for each in node.starts),
                    *(self._bound(each, ">") for each in node.ends),
                ]
                return "runs", f"the values with {' and '.join(bounds)}" if bounds else "all values"
            case Cells():
                return "cells", f"between neighbouring thresholds of {self._formula(node.bounds[0].value)}"
            case Disjoint():
                return "cut", f"the runs of rows alike in {self._names(node.by)}, so that each number counts once"
            case Blocks():
                return "blocks", "the runs as few different ones, which do not overlap"
            case Changes():
                listed = _listed(self._named(node.measures))
                return "changes", f"where a run begins and where one has ended, {listed}"
            case Spread():
                return "spread", f"a row for each {self.name(node.number)} of a run"
        return type(node).__name__.lower(), ""

    def _project(self, node: Project) -> tuple[str, str]:
        before, after = node.input.schema.names, [name for name, _ in node.columns]
        changed = [each for each in node.columns if not (isinstance(each[1], Column) and each[1].name == each[0])]
        if changed and [name for name in after if name in before] == list(before):
            return "derive", _listed(self._named(changed))
        return "select", (f"{len(after)} columns: " if len(after) > _MOST_ITEMS else "") + _listed(
            self._named(node.columns)
        )

    def _join(self, node: Join) -> str:
        names = ("", name_of(node.right))
        words: list[str] = [node.kind]
        if node.on:
            pairs = (self.name(a) if a == b else f"{self.name(a)} = {self.name(b)}" for a, b in node.on)
            words.append(f"on {_listed(pairs)}")
        if node.condition is not None:
            words.append(f"{'and' if node.on else 'on'} {self._formula(node.condition, names)}")
        if node.kind in ("semi", "anti"):
            kept = [column.name for column in node.columns]
            return " ".join(words) + ("" if len(kept) == len(node.left.schema) else f", keeps {self._names(kept)}")
        ours = [column for column in node.columns if column.left is not None]
        if len(ours) == len(node.left.schema) and all(column.name == column.left for column in ours):
            added = [column.name for column in node.columns if column.left is None]
            return " ".join(words) + (f", adds {self._names(added)}" if added else "")
        return " ".join(words) + f", gives {self._names(column.name for column in node.columns)}"

    def _limit(self, node: Limit) -> str:
        words = [str(node.count)]
        if node.per:
            words.append(f"per {self._names(node.per)}")
        if node.order and not isinstance(node, Sample):
            words.append(f"by {self._order(node.order)}")
        if node.offset:
            words.append(f"after the first {node.offset}")
        return " ".join(words)

    def _expansion(self, node: Expansion) -> str:
        count = _count(len(node.values), "value") if node.given is None else "the values of the relation below"
        strategy = f", {node.strategy}" if node.strategy else ""
        return f"{self._names(node.names.names)}, {count}{strategy}"

    def _known(self, unique: Iterable[Key], never_null: frozenset[str]) -> str:
        null = f"{self._names(sorted(never_null))} never null" if never_null else ""
        return ", ".join(filter(None, (keys_told(unique), null)))

    def _bound(self, bound: Bound, sign: str) -> str:
        told = f"{self._formula(bound.value)} {sign}{'=' * bound.inclusive} {self._formula(bound.threshold)}"
        return f"({told}, or null)" if bound.open else told

    def _named(self, columns: Iterable[tuple[str, Expression]]) -> Iterator[str]:
        for name, value in columns:
            plain = isinstance(value, Column) and value.name == name
            yield self.name(name) if plain else f"{self.name(name)} = {self._formula(value)}"

    def _order(self, terms: Iterable[Order]) -> str:
        return _listed(
            self._formula(term.value) + (" descending" if term.descending else "") + (" nulls first" * term.nulls_first)
            for term in terms
        )

    def _formula(self, expression: Expression, relations: tuple[str, ...] = ()) -> str:
        try:
            return formula_of(expression, relations, self.paths)
        except TypeError:  # an expression that only a rule makes
            return type(expression).__name__.lower()

    def _names(self, names: Iterable[str]) -> str:
        return _listed(map(self.name, names))

    def name(self, name: str) -> str:
        return ".".join(map(print_name, self.paths.get(name, (name,))))


def _listed(items: Iterable[str]) -> str:
    listed = list(items)
    if len(listed) > _MOST_ITEMS:
        listed[_MOST_ITEMS - 4 :] = [f"… and {len(listed) - _MOST_ITEMS + 4} more"]
    return ", ".join(listed)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
