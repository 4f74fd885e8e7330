"""The tests of a project made ready to run: their rows typed by the columns of what they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headrace.bind import Bound
from headrace.bind.bound import BoundNode
from headrace.bind.nodes import as_kept
from headrace.bind.values import literal
from headrace.compilation import AsOf, Compilation
from headrace.diagnostics import Diagnostic, diagnose, meant
from headrace.grammar.expression import Literal
from headrace.grammar.types import Schema, Type
from headrace.models import read_value
from headrace.models.flow_test import Cells, FlowTest
from headrace.models.scalar import PlainText, is_null
from headrace.plan import Key, Relation
from headrace.program.instant import Instant, read_instant
from headrace.program.testing import TestProgram, TypedRows, place_test

_DEFAULTS: Mapping[str, str] = {
    "boolean": "false",
    "integer": "0",
    "decimal": "0",
    "float": "0",
    "text": "",
    "date": "2000-01-01",
    "time": "00:00",
    "timestamp": "2000-01-01 00:00",
    "timestamptz": "2000-01-01 00:00+00:00",
    "interval": "0 days",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "json": "{}",
    "binary": "",
}
"""What a column that is never null has in a row that leaves it out."""


@dataclass(frozen=True, slots=True)
class ReadyTest:
    """A test that can be run. ``keys`` are columns that tell the rows of the node apart, where some are known."""

    name: str
    node: str
    pointer: str
    description: str | None
    program: TestProgram
    keys: tuple[str, ...]
    ordered: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "node": self.node,
            "pointer": self.pointer,
            "description": self.description,
            "columns": self.program.columns.to_json(),
            "keys": list(self.keys),
            "ordered": self.ordered,
            "statements": list(self.program.statements),
            "found": self.program.found,
            "expected": self.program.expected,
        }


@dataclass(frozen=True, slots=True)
class TestsResult:
    """The tests of a project that are as they should be, and what is wrong with the others and with the project."""

    diagnostics: tuple[Diagnostic, ...]
    tests: tuple[ReadyTest, ...]

    @property
    def ok(self) -> bool:
        return not any(each.severity == "error" for each in self.diagnostics)

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "ok": self.ok,
            "diagnostics": [each.to_json() for each in self.diagnostics],
            "tests": [test.to_json() for test in self.tests],
        }


def ready_tests(compilation: Compilation, as_of: AsOf | None) -> TestsResult:
    """The tests of the documents, each bound with its own parameters. ``compilation`` is bound without any.

    ``as_of`` holds for tests that say nothing of it.
    """
    ready = []
    instant = compilation.instant(as_of)
    for index, document in enumerate(compilation.documents):
        beside = [(name, test) for name, node in document.nodes.items() for test in node.tests.values()]
        own = [(test.node, test) for test in document.tests.values() if test.node is not None]
        for node, test in (*beside, *own):
            made = _Getting(compilation, index, node, test).ready(instant)
            if made is not None:
                ready.append(made)
    return TestsResult(compilation.diagnostics, tuple(ready))


class _Getting:
    """One test being made ready; what is wrong with it is added to the compilation."""

    def __init__(self, compilation: Compilation, index: int, node: str, test: FlowTest) -> None:
        self.compilation = compilation
        self.index = index
        self.node = node
        self.test = test
        self.sound = True

    def report(self, code: str, pointer: str, **params: Any) -> None:
        self.add(diagnose(code, pointer=pointer, **params))

    def add(self, diagnostic: Diagnostic) -> None:
        self.sound = self.sound and diagnostic.severity != "error"
        self.compilation.add(diagnostic, self.index)

    def ready(self, instant: Instant | None) -> ReadyTest | None:
        test = self.test
        bound = self.bound()
        if bound is None:
            return None
        node = bound.nodes.get(self.node)
        if node is None:
            self.unknown("T100", self.node, test.at("node"), bound.nodes)
            return None
        if node.plan is None:
            self.report("T102", test.pointer, node=self.node)
            return None
        given: dict[str, TypedRows] = {}
        for name, rows in test.given.items():
            relation = _relation(bound, name)
            if relation is None:
                self.unknown("T101", name, test.at("given", name), (*bound.sources, *bound.nodes))
                continue
            typed = self.typed(rows, relation.schema, name, ("given", name), fill=True)
            if typed is not None and self.keys_hold(typed, relation, name):
                given[name] = typed
        schema = node.plan.schema
        named = {name for row in test.expect or () for name in row}
        # Where no row is expected, one that comes out all the same is shown whole.
        columns = Schema(tuple(column for column in schema if column[0] in named or not named))
        expected = self.typed(test.expect or (), schema, self.node, ("expect",), columns)
        instant = self.instant(instant)
        if not self.sound or expected is None:
            return None
        program = place_test(bound, self.compilation.catalog, self.node, given, expected, columns, instant)
        if isinstance(program, list):
            for each in program:
                found = each.params.get("found")
                self.add(each.at(pointer=test.at("given", found) if found in test.given else test.pointer))
            return None
        if test.ordered and not program.ordered:
            self.report("T110", test.at("ordered"), node=self.node)
            return None
        keys = self.keys(node, columns)
        return ReadyTest(test.name, self.node, test.pointer, test.description, program, keys, test.ordered)

    def bound(self) -> Bound | None:
        """The project with the parameters of the test."""
        if not self.test.parameters:
            return self.compilation.bound
        bound, placed = self.compilation.bound_with(self.test.parameters)
        for each in placed:
            # All else has been said of the project as it is.
            if each.diagnostic.code in ("P102", "P103"):
                self.add(each.diagnostic.at(pointer=self.test.at("parameters")))
        return bound if self.sound else None

    def instant(self, otherwise: Instant | None) -> Instant | None:
        if self.test.as_of is None:
            return otherwise
        try:
            return read_instant(self.test.as_of, self.compilation.timezone)
        except ValueError as error:
            self.report("P109", self.test.at("as_of"), found=self.test.as_of, expected=str(error))
            return None

    def unknown(self, code: str, name: str, pointer: str, known: Sequence[str] | Mapping[str, Any]) -> None:
        near, hints = meant(name, known)
        self.report(code, pointer, found=name, candidates=near, hints=hints)

    def typed(
        self,
        rows: Sequence[Cells],
        schema: Schema,
        of: str,
        place: tuple[str, ...],
        columns: Schema | None = None,
        fill: bool = False,
    ) -> list[tuple[Literal, ...]] | None:
        """The rows with a value for each of ``columns`` (all, if not said); None after reporting.

        ``fill``: what a row leaves out, and is never null, has a value all the same; otherwise it is null.
        """
        typed = []
        sound = True
        for index, row in enumerate(rows):
            for name in row:
                if name not in schema:
                    near, hints = meant(name, schema.names)
                    pointer = self.test.at(*place, index, name)
                    self.report("T105", pointer, of=of, found=name, candidates=near, hints=hints)
                    sound = False
            cells = [self.cell(row, name, type_, of, (*place, index), fill) for name, type_ in columns or schema]
            good = tuple(cell for cell in cells if cell is not None)
            sound = sound and len(good) == len(cells)
            typed.append(good)
        return typed if sound else None

    def cell(
        self, row: Cells, name: str, type_: Type, of: str, place: tuple[str | int, ...], fill: bool
    ) -> Literal | None:
        text = row.get(name)
        if name not in row and fill and not type_.nullable:
            text = _DEFAULTS[type_.kind]
        elif fill and not type_.nullable and (text is None or is_null(text)):
            self.report("T107", self.test.at(*place, name), column=name, of=of)
            return None
        try:
            kind = Type("text") if type_.kind == "null" else type_
            return literal(read_value(text, kind), kind)
        except ValueError as error:
            self.report("T106", self.test.at(*place, name), found=_found(text), expected=str(error))
            return None

    def keys_hold(self, rows: TypedRows, relation: Relation, name: str) -> bool:
        """Whether the rows keep the keys that the flow counts on."""
        for key in relation.keys:
            if not key:
                if len(rows) > 1:
                    self.report("T109", self.test.at("given", name), of=name, count=len(rows))
                    return False
                continue
            places = [relation.schema.names.index(column) for column in sorted(key)]
            seen: dict[tuple[object, ...], int] = {}
            for number, row in enumerate(rows, 1):
                first = seen.setdefault(tuple(row[place].value for place in places), number)
                if first != number:
                    columns = ", ".join(sorted(key))
                    pointer = self.test.at("given", name, number - 1)
                    self.report("T108", pointer, of=name, columns=columns, first=first, second=number)
                    return False
        return True

    def keys(self, node: BoundNode, columns: Schema) -> tuple[str, ...]:
        """The key that pairs expected rows with those found."""
        plan = node.plan
        keys: tuple[Key, ...] = () if plan is None else (*node.keys, *as_kept(node, plan).keys)
        usable = [key for key in keys if key and all(name in columns for name in key)]
        best = min(usable, key=lambda key: (len(key), sorted(key)), default=Key())
        return tuple(name for name in columns.names if name in best)


def _relation(bound: Bound, name: str) -> Relation | None:
    """What a source or node gives to those that read it."""
    if name in bound.sources:
        stream = bound.sources[name].stream
        return None if stream is None else stream.relation
    node = bound.nodes.get(name)
    return None if node is None or node.plan is None else as_kept(node, node.plan)


def _found(text: str | None) -> str:
    if text is None:
        return "nothing"
    return str(text) if isinstance(text, PlainText) else f"“{text}”"
