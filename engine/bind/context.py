"""What a step's binder is given: a way to type formulas, to look up relations, and to report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from headrace.bind.asked import Asked
from headrace.bind.bound import BoundNode, Check, Discovery, ParameterFacts, Repeats, Stream
from headrace.bind.patterns import fitting, is_pattern
from headrace.catalog import PivotFacts
from headrace.diagnostics import Diagnostic, Fix, diagnose, meant, there_are
from headrace.grammar.expression import Column, Expression, Level, Scope, Unreachable
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.own_functions import Functions
from headrace.grammar.types import Schema, Type
from headrace.models.steps import OutputColumn
from headrace.plan import NodeScan, Relation, TableScan, postorder

ROW: tuple[Level, ...] = ("row",)


@dataclass
class Context:
    """Binds the steps of one node.

    ``lookup`` gives the stream of a source or node by name, or None after reporting; ``label`` names the step that is
    being bound, ``unclear`` the parameters of an expansion whose values are wrong, ``asked`` a place of the node that
    somebody wants to know of. ``pivots`` are the values that were found for the node's pivots, by step, and
    ``discoveries`` those that are to be found. ``virtual`` are the formulas that the step's rows have;
    ``with_formulas`` gives the rows of another source or node with virtual columns of it. ``qualified`` and
    ``unreachable`` are the paths through relations that the step's formulas name, ``hidden`` the columns that they lead
    to. ``declared`` are the project's parameters, ``is_known`` says whether there is a source or node of a name,
    ``any_function`` whether raw SQL may call functions that are not known.
    """

    node: str
    lookup: Callable[[str, str], Stream | None]
    parameters: Mapping[str, tuple[Type, bool]]
    timezone: str
    reported: list[Diagnostic]
    unclear: frozenset[str] = frozenset()
    label: str = ""
    origin: str = ""
    checks: list[Check] = field(default_factory=list)
    pivots: Mapping[str, PivotFacts] = field(default_factory=dict)
    declared: Mapping[str, ParameterFacts] = field(default_factory=dict)
    is_known: Callable[[str], bool] = lambda name: False
    any_function: bool = False
    discoveries: list[Discovery] = field(default_factory=list)
    asked: Asked | None = None
    nodes: Callable[[str], BoundNode] | None = None
    functions: Functions = field(default_factory=dict)
    repeats: Mapping[str, Repeats] = field(default_factory=dict)
    with_formulas: Callable[[str, Stream, set[str]], Relation | None] | None = None
    virtual: Collection[str] = ()
    memory: FormulaMemory = field(default_factory=FormulaMemory)
    followed: int = 0
    hidden: frozenset[str] = frozenset()
    qualified: Mapping[tuple[str, ...], Mapping[str, Expression]] = field(default_factory=dict)
    unreachable: Mapping[tuple[str, ...], Unreachable] = field(default_factory=dict)

    def report(self, code: str, pointer: str, **params: Any) -> None:
        self.reported.append(diagnose(code, pointer=pointer, **params))

    def scope(self, stream: Stream, **changes: Any) -> Scope:
        """What formulas over ``stream`` may name."""
        schema = stream.relation.schema
        scope = Scope(
            columns=columns_of(self.visible(schema)),
            formulas=stream.formulas,
            qualified=self.qualified if all(name in schema for name in self.hidden) else {},
            unreachable=self.unreachable,
            parameters=self.parameters,
            timezone=self.timezone,
            functions=self.functions,
        )
        return replace(scope, **changes) if changes else scope

    def formula(self, text: str, pointer: str, scope: Scope, levels: Collection[Level] = ROW) -> Expression | None:
        """The typed formula, or None after reporting what is wrong with it."""
        if self.asked is not None:
            self.asked.formula(pointer, scope, levels)
        typed = self.memory.type_formula(text, scope, pointer=pointer, levels=levels)
        for each in typed.diagnostics:
            # A parameter whose values are wrong has no type; saying that of every formula would only repeat it.
            if each.code != "F102" or each.params.get("name") not in self.unclear:
                self.reported.append(each)
        return typed.expression

    def follow(
        self,
        qualified: Mapping[tuple[str, ...], Mapping[str, Expression]],
        unreachable: Mapping[tuple[str, ...], Unreachable],
        hidden: frozenset[str],
    ) -> None:
        """Let formulas name what paths through relations lead to."""
        self.qualified, self.unreachable, self.hidden = qualified, unreachable, hidden

    def visible(self, schema: Schema) -> Schema:
        """The columns that steps may name: not those that are there for paths through relations."""
        if not any(name in schema for name in self.hidden):
            return schema
        return Schema(tuple((name, type_) for name, type_ in schema if name not in self.hidden))

    def may_change(self, relation: Relation) -> bool:
        """Whether the rows may be others when they are read again in the same run: those of tables not ours may."""
        waiting, seen = [relation], set[str]()
        while waiting:
            for leaf in postorder(waiting.pop()):
                if isinstance(leaf, TableScan):
                    return True
                if isinstance(leaf, NodeScan) and leaf.node not in seen:
                    seen.add(leaf.node)
                    node = None if self.nodes is None else self.nodes(leaf.node)
                    if node is None:
                        return True
                    if node.kept != "table" and node.plan is not None:
                        waiting.append(node.plan)
        return False

    def column(self, name: str, pointer: str, schema: Schema) -> Type | None:
        """The type of a column, or None after reporting that there is no such column."""
        schema = self.visible(schema)
        if self.asked is not None:
            self.asked.names(pointer, schema)
        type_ = schema.get(name)
        if type_ is None:
            self.unknown("S110", name, pointer, schema.names)
        return type_

    def columns(self, entries: Sequence[str], at: Callable[[int], str], schema: Schema) -> list[str] | None:
        """The columns that a list of names and patterns means, each once; None after reporting what fits none.

        ``at`` gives the pointer of an entry. A pattern means the columns that no entry names.
        """
        named = {entry for entry in entries if not is_pattern(entry, schema.names)}
        found: dict[str, None] = {}
        sound = True
        for index, entry in enumerate(entries):
            if entry in named:
                sound = self.column(entry, at(index), schema) is not None and sound
                found[entry] = None
                continue
            fits = self.fitting(entry, at(index), schema)
            sound = sound and bool(fits)
            found.update(dict.fromkeys(name for name in fits if name not in named))
        return list(found) if sound else None

    def fitting(self, pattern: str, pointer: str, schema: Schema) -> list[str]:
        """The columns that fit a pattern; none after reporting that none does."""
        schema = self.visible(schema)
        fits = fitting(pattern, schema.names)
        if not fits:
            self.report("S114", pointer, found=pattern, hints=there_are(schema.names))
        return fits

    def unfolded(self, items: Sequence[OutputColumn], stream: Stream) -> tuple[OutputColumn, ...] | None:
        """The items with each pattern replaced by the columns that fit it, no other item names and no pattern before
        it has given; None after reporting what fits none."""
        known = (*stream.relation.schema.names, *stream.formulas)
        patterns = [item.formula is None and is_pattern(item.name, known) for item in items]
        seen = {item.name for item, is_one in zip(items, patterns, strict=True) if not is_one}
        made: list[OutputColumn] = []
        sound = True
        for item, is_one in zip(items, patterns, strict=True):
            if not is_one:
                made.append(item)
                continue
            fits = self.fitting(item.name, item.pointer, stream.relation.schema)
            sound = sound and bool(fits)
            made += [OutputColumn(name=name).placed(item.pointer) for name in fits if name not in seen]
            seen.update(fits)
        return tuple(made) if sound else None

    def output_column(self, item: OutputColumn, stream: Stream, levels: Collection[Level] = ROW) -> Expression | None:
        """What a step puts out under a name: its formula, else the column or the virtual column of that name."""
        schema = self.visible(stream.relation.schema)
        if self.asked is not None and item.formula is None:
            self.asked.names(item.pointer, schema)
        if item.formula is None and item.name in schema:
            return Column(schema[item.name], item.name)
        formula = item.formula if item.formula is not None else stream.formulas.get(item.name)
        if formula is not None:
            return self.formula(formula, item.pointer, self.scope(stream), levels)
        self.unknown("S110", item.name, item.pointer, (*schema.names, *stream.formulas))
        return None

    def unknown(self, code: str, name: str, pointer: str, known: Collection[str], **params: Any) -> None:
        """Report a name that is not known, with those that are near."""
        # Columns keep their order; names of nodes have none to keep.
        near, hints = meant(name, known if code == "S110" else sorted(known))
        if code == "S110" and name in self.virtual:
            near = []
            hints = [
                f"{name} is a formula, computed where it is used: derive: {{{name}: {name}}} makes a column of it."
            ]
        fixes = [Fix(f"Write {name_}", name_) for name_ in near[:1]]
        self.report(code, pointer, found=name, candidates=near, hints=hints, fixes=fixes, **params)


def columns_of(schema: Schema) -> dict[str, Expression]:
    """Each column of a relation as an expression over it."""
    return {name: Column(type_, name) for name, type_ in schema}


def plain_columns(relation: Relation, names: Collection[str]) -> tuple[tuple[str, Expression], ...]:
    """The named columns of a relation, unchanged."""
    return tuple((name, Column(relation.schema[name], name)) for name in names)
