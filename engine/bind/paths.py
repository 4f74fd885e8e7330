"""Paths through relations in formulas: each is joined to the rows once, and its columns are there under hidden names.

``customer.country`` in a step puts a left join with the customers below it. The columns it brings are no columns of the
rows: no step names them or puts them out. Steps that change no row leave them there for the steps after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headrace.bind.bound import Stream
from headrace.bind.cardinality import declare
from headrace.bind.context import Context, columns_of, plain_columns
from headrace.bind.relations import Path, RelationGraph, Way
from headrace.grammar.check import type_formula
from headrace.grammar.expression import Column, Expression, Unreachable
from headrace.grammar.printer import print_name
from headrace.grammar.types import Type, common_type
from headrace.models.element import Element
from headrace.models.scalar import Formula
from headrace.models.steps import Join as JoinStep
from headrace.models.steps import Step
from headrace.plan import Assured, Filter, Join, JoinColumn, Limit, Project, Relation, Sort
from headrace.plan.names import NameSpace

_DEEPEST = 8
"""How often a column reached through a relation may itself be a formula that goes through one."""

_MOST_JOINED = 100
"""How many paths one node may follow."""

_PASSING = ("filter", "sort", "limit", "derive", "rename", "drop", "expect")
"""Steps that leave every row that stays as it is, and columns that they do not name."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A path that has been joined: the columns that were asked for at its end, those that are there with their hidden
    names, the columns it goes by, and the types of all that is there."""

    asked: frozenset[str]
    columns: Mapping[str, str]
    by: tuple[str, ...]
    types: Mapping[str, Type]


@dataclass
class Paths:
    """The paths of one list of steps, over rows that come from ``start``.

    ``reserved`` are names that hidden columns must not have, since steps may make columns of these names.
    """

    relations: RelationGraph
    start: str
    context: Context
    reserved: frozenset[str] = frozenset()
    depth: int = 0
    joined: dict[tuple[Way, ...], Joined] = field(default_factory=dict)
    qualified: dict[Path, Mapping[str, Expression]] = field(default_factory=dict)
    unreachable: dict[Path, Unreachable] = field(default_factory=dict)
    endless: Unreachable | None = None

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset(name for joined in self.joined.values() for name in joined.columns.values())

    def before(self, step: Step, later: Sequence[Step], stream: Stream) -> Stream | None:
        """The rows as ``step`` takes them: with what its paths lead to. ``later`` are the steps after it, for whose
        sake more columns may come along. None where a relation on the way has mistakes, which are told elsewhere."""
        wanted = self.relations.paths_of(step, stream.formulas)
        if not wanted:
            self.qualified, self.unreachable = {}, {}
            return stream if _passes(step) else self.stripped(stream)
        expected = {path for each in later for path in self.relations.paths_of(each, stream.formulas)}
        return self.reach(stream, wanted, expected)

    def after(self, step: Step, before: Stream, stream: Stream) -> Stream:
        """The rows that ``step`` gives: with what paths led to only where they are still the same rows."""
        if not _passes(step):
            return self.stripped(stream)
        for ways, joined in list(self.joined.items()):
            names = (*joined.by, *joined.columns.values())
            if not all(_is_same(name, stream.relation, before.relation) for name in names):
                stream = self._without(stream, ways)
        return stream

    def stripped(self, stream: Stream) -> Stream:
        """The stream without hidden columns."""
        shown = self.shown(stream.relation)
        self.joined.clear()
        return stream if shown is stream.relation else replace(stream, relation=shown)

    def shown(self, relation: Relation) -> Relation:
        """The relation without hidden columns."""
        hidden = self.hidden
        names = [name for name in relation.schema.names if name not in hidden]
        if len(names) == len(relation.schema):
            return relation
        return Project(relation, plain_columns(relation, names), step=self.context.label)

    def reach(self, stream: Stream, wanted: Iterable[Path], expected: Iterable[Path] = ()) -> Stream | None:
        """The rows with the columns of all ``wanted`` paths, those of ``expected`` ones along with them."""
        self.qualified, self.unreachable, self.endless = {}, {}, None
        found: dict[tuple[Way, ...], Path] = {}
        for path in sorted(wanted):
            ways = self.relations.resolve(self.start, path[:-1])
            if isinstance(ways, Unreachable):
                self.unreachable[path[:-1]] = ways
            else:
                found.setdefault(ways, path[:-1])
        needs: dict[tuple[Way, ...], set[str]] = {}
        for path in sorted({*wanted, *expected}):
            ways = self.relations.resolve(self.start, path[:-1])
            if isinstance(ways, Unreachable):
                continue
            needs.setdefault(ways, set()).add(path[-1])
            for length in range(1, len(ways)):
                keys = {ours for ours, _ in ways[length].relation.by}
                needs.setdefault(ways[:length], set()).update(keys)
        for ways, prefix in sorted(found.items(), key=lambda item: len(item[0])):
            for length in range(1, len(ways) + 1):
                part = ways[:length]
                reached = self._joined(stream, part, needs[part])
                if reached is None:
                    return None
                if isinstance(reached, Unreachable):
                    self.unreachable[prefix] = reached
                    break
                stream = reached
        for path in sorted(wanted):
            ways = self.relations.resolve(self.start, path[:-1])
            if not isinstance(ways, Unreachable) and ways in self.joined:
                self.qualified[path[:-1]] = self._columns(ways)
                self.unreachable.pop(path[:-1], None)
            elif not isinstance(ways, Unreachable) and found[ways] in self.unreachable:
                self.unreachable[path[:-1]] = self.unreachable[found[ways]]
        return stream

    def _columns(self, ways: tuple[Way, ...]) -> dict[str, Expression]:
        """What can be named at the end of a path, for what is near a wrong name too; no formula of the step names what
        was not asked for."""
        joined = self.joined[ways]
        return {name: Column(type_.with_null(), joined.columns.get(name, name)) for name, type_ in joined.types.items()}

    def _joined(self, stream: Stream, ways: tuple[Way, ...], needed: set[str]) -> Stream | Unreachable | None:
        """The rows with what the last of ``ways`` leads to; the ways before it have been joined."""
        way = ways[-1]
        known = self.joined.get(ways)
        if known is not None and needed <= known.asked:
            return stream
        if known is not None:
            stream = self._without(stream, ways)
        if self.context.followed >= _MOST_JOINED:
            return Unreachable("F199", {"limit": _MOST_JOINED})
        if way.relation.cardinality in ("one_to_many", "many_to_many"):
            return Unreachable("F197", {"relation": way.name, "cardinality": way.relation.cardinality})
        if not self.relations.knows(way.target) or way.relation.broken:
            return None
        right = self.context.lookup(way.target, way.relation.at("with"))
        if right is None:
            return None
        theirs = self.with_formulas(way.target, right, needed)
        if theirs is None or self.endless is not None:
            return self.endless
        on = self._keys(stream, ways, theirs)
        if isinstance(on, Unreachable):
            return on
        names = NameSpace((*self.reserved, *stream.relation.schema.names))
        label = ".".join(each.name for each in ways)
        hidden = {name: names.claim(f"{label}.{name}") for name in theirs.schema.names if name in needed}
        columns = [JoinColumn(name, name, None, type_) for name, type_ in stream.relation.schema]
        columns += [JoinColumn(new, None, name, theirs.schema[name].with_null()) for name, new in hidden.items()]
        join = Join(
            stream.relation,
            theirs,
            "left",
            on,
            tuple(columns),
            declared="many_to_one",
            step="_".join(each.name for each in ways),
        )
        declare(join, "many_to_one", way.target, self.context, f"The relation {way.name} of {way.owner}")
        self.context.followed += 1
        self.joined[ways] = Joined(frozenset(needed), hidden, tuple(ours for ours, _ in on), theirs.schema.types)
        return replace(stream, relation=join)

    def _without(self, stream: Stream, ways: tuple[Way, ...]) -> Stream:
        """The rows without the hidden columns of a path, and of those that go on from it."""
        lost = [each for each in self.joined if each[: len(ways)] == ways]
        hidden = {name for each in lost for name in self.joined.pop(each).columns.values()}
        names = [name for name in stream.relation.schema.names if name not in hidden]
        return replace(
            stream, relation=Project(stream.relation, plain_columns(stream.relation, names), step=self.context.label)
        )

    def _keys(
        self, stream: Stream, ways: tuple[Way, ...], theirs: Relation
    ) -> tuple[tuple[str, str], ...] | Unreachable:
        """The columns that the last of ``ways`` goes by, ours and theirs."""
        way = ways[-1]
        before = self.joined[ways[:-1]].columns if len(ways) > 1 else None
        hidden = self.hidden
        on = []
        for ours, other in way.relation.by:
            if before is not None:
                name = before.get(ours)
            else:
                name = ours if ours in stream.relation.schema and ours not in hidden else None
            if name is None:
                return Unreachable("F105", {"relation": way.name, "column": ours})
            if other not in theirs.schema:
                return Unreachable("F104", {"relation": way.target, "name": other})
            left, right = stream.relation.schema[name], theirs.schema[other]
            if common_type(left, right) is None:
                types = {"left_type": str(left), "right_type": str(right)}
                return Unreachable("S130", {"left": ours, "right": f"{way.target}.{other}", **types})
            on.append((name, other))
        return tuple(on)

    def with_formulas(self, target: str, right: Stream, needed: set[str]) -> Relation | None:
        """The rows of ``target``, with those of the needed columns that are virtual and of one row; None where a
        relation that they go through has mistakes."""
        virtual = {
            name: right.formulas[name]
            for name in sorted(needed)
            if name in right.formulas and name not in right.relation.schema
        }
        if not virtual:
            return right.relation
        if self.depth >= _DEEPEST:
            self.endless = Unreachable("F152", {"limit": _DEEPEST})
            return None
        inner = Paths(self.relations, target, self.context, self.reserved, self.depth + 1)
        reached = inner.reach(right, self.relations.paths_from(map(print_name, virtual), right.formulas))
        self.endless = inner.endless
        if reached is None:
            return None
        scope = replace(
            self.context.scope(right),
            columns=columns_of(right.relation.schema),
            qualified=inner.qualified,
            unreachable=inner.unreachable,
        )
        columns = list(plain_columns(reached.relation, right.relation.schema.names))
        for name, text in virtual.items():
            value = type_formula(text, scope).expression
            if value is not None:
                columns.append((name, value))
        return Project(reached.relation, tuple(columns), step=f"{target}_formulas")


def _passes(step: Step) -> bool:
    """Whether what paths led to is still there after the step."""
    return step.key in _PASSING or (isinstance(step, JoinStep) and step.kind in ("semi", "anti"))


def _is_same(name: str, new: Relation, old: Relation) -> bool:
    """Whether a column of ``new`` is that of ``old`` of the same name, row by row."""
    at = new
    while at is not old:
        if isinstance(at, Project):
            value = dict(at.columns).get(name)
            if not isinstance(value, Column) or value.name != name:
                return False
            at = at.input
        elif isinstance(at, (Filter, Sort, Limit, Assured)):
            at = at.input
        elif isinstance(at, Join) and at.kind in ("semi", "anti"):
            at = at.left
        else:
            return False
    return name in old.schema


def words_of(value: Element) -> Iterator[str]:
    """Every text of a document's element but formulas: the names that its steps may give to columns are among them."""
    return (text for text in value.all_texts if not isinstance(text, Formula))
