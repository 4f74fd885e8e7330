"""What an engine knows of one place of a document: what can come next, what it means, what stands under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from typing import Literal as Choice

from headrace.asking import Answer, Place, near_first
from headrace.diagnostics import Diagnostic, Span
from headrace.grammar.canonical import canonical_formula
from headrace.grammar.check import type_formula
from headrace.grammar.completion import suggest
from headrace.grammar.expression import Expression, Level, columns_of, level_of, parameters_of
from headrace.grammar.hover import Hover, hover, null_words
from headrace.grammar.parse import parse
from headrace.grammar.printer import print_name, print_tree
from headrace.grammar.suggestion import OpenCall, Suggestion
from headrace.grammar.tree import names_in
from headrace.grammar.types import Schema, Type
from headrace.models.formatting import format_document
from headrace.models.steps.sort_key import read_sort_key
from headrace.sql.formula import formula_sql

PlaceKind = Choice["formula", "column", "relation", "word", "key", "nothing"]
"""What stands at a place: a formula, the name of a column, of a source or node, one of a few words, a key."""

_START = Span(0, 0)


@dataclass(frozen=True, slots=True)
class CompletionResult:
    """What can stand at a place, best first; ``span`` is what it replaces of the text that is there.

    ``call`` is the open call around the place, where it lies in a formula.
    """

    place: PlaceKind
    items: Sequence[Suggestion] = ()
    span: Span = _START
    call: OpenCall | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "place": self.place,
            "items": [item.to_json() for item in self.items],
            "span": [self.span.start, self.span.end],
            "call": None if self.call is None else self.call.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a formula means where it stands.

    ``type`` (which knows whether a value may be null), ``level`` and ``sql`` are None where ``diagnostics`` has an
    error. ``columns`` are those of the rows that the formula reads, ``formulas`` the virtual columns and values that
    it names, ``canonical`` is how Headrace writes it.
    """

    formula: str
    diagnostics: tuple[Diagnostic, ...]
    type: Type | None = None
    level: Level | None = None
    columns: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    canonical: str | None = None
    sql: str | None = None

    @property
    def ok(self) -> bool:
        return self.type is not None

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "ok": self.ok,
            "formula": self.formula,
            "type": None if self.type is None else str(self.type),
            "nullable": None if self.type is None else self.type.nullable,
            "level": self.level,
            "columns": list(self.columns),
            "parameters": list(self.parameters),
            "formulas": list(self.formulas),
            "canonical": self.canonical,
            "sql": self.sql,
            "diagnostics": [each.to_json() for each in self.diagnostics],
        }


@dataclass(frozen=True, slots=True)
class FormatResult:
    """A document or formula after formatting. What cannot be read is left as it is, and ``diagnostics`` say why."""

    text: str
    changed: bool
    diagnostics: tuple[Diagnostic, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "headrace": 1,
            "text": self.text,
            "changed": self.changed,
            "diagnostics": [each.to_json() for each in self.diagnostics],
        }


@dataclass(frozen=True, slots=True)
class HoverResult:
    """What stands at a character of a place; ``hover`` is None where nothing is known of it."""

    hover: Hover | None = None

    def to_json(self) -> dict[str, Any]:
        return {"headrace": 1, "hover": None if self.hover is None else self.hover.to_json()}


def complete(place: Place, offset: int | None) -> CompletionResult:
    """What can stand at character ``offset`` of the place's text; None is its end."""
    answer, text = place.answer, place.text
    offset = len(text) if offset is None else max(0, min(offset, len(text)))
    written, whole = text[:offset], Span(0, len(text))
    kind = kind_of(answer)
    if kind == "formula":
        order = answer.expected.scalar == "order"
        found = suggest(text, offset, answer.scope, answer.asked.levels, order=order)
        return CompletionResult(kind, found.items, found.span, found.call)
    if kind == "relation":
        return CompletionResult(kind, _relations(answer, written), whole)
    if kind == "word":
        words = near_first(answer.expected.words, written)
        return CompletionResult(kind, [Suggestion(word, "word", word) for word in words], whole)
    if kind == "column":
        columns = _columns_at(answer)
        names = near_first(list(columns), written)
        return CompletionResult(kind, [_column(name, columns[name]) for name in names], whole)
    if kind == "key":
        return complete_keys(answer.expected.keys, written)
    return CompletionResult(kind, (), whole)


def complete_keys(keys: Sequence[str], written: str) -> CompletionResult:
    """Keys that a mapping may have, of which ``written`` is the beginning."""
    items = [Suggestion(key, "key", key) for key in near_first(keys, written)]
    return CompletionResult("key", items, Span(0, len(written)))


def kind_of(answer: Answer) -> PlaceKind:
    """What is expected at a place."""
    expected, asked = answer.expected, answer.asked
    if expected.scalar in ("formula", "order"):
        return "formula"
    if answer.is_relation:
        return "relation"
    if expected.words:
        return "word"
    if expected.scalar == "column" or asked.columns:
        return "column"
    if asked.scope is not None and asked.is_whole:
        return "formula"
    if expected.keys:
        return "key"
    return "column" if answer.is_in_bad_step and asked.stream is not None else "nothing"


def _columns_at(answer: Answer) -> Mapping[str, Type]:
    asked = answer.asked
    if asked.columns:
        return asked.columns
    return {} if asked.stream is None else asked.stream.relation.schema.types


def _column(name: str, type_: Type) -> Suggestion:
    return Suggestion(name, "column", name, str(type_), "" if type_.nullable else "never null")


def _relations(answer: Answer, written: str) -> list[Suggestion]:
    nodes, sources = answer.relations.nodes, answer.relations.sources
    return [
        Suggestion(name, "node", name, "node", nodes[name])
        if name in nodes
        else Suggestion(name, "source", name, "source", sources[name])
        for name in near_first([*nodes, *(name for name in sources if name not in nodes)], written)
    ]


def explain(place: Place) -> Explanation:
    """What the formula of a place means; the name of a column is a formula too."""
    answer = place.answer
    formula = place.text
    if answer.expected.scalar == "order" and formula:
        formula = read_sort_key(formula).formula
    elif answer.expected.scalar == "column" or (kind_of(answer) == "column" and formula):
        formula = print_name(formula)
    if place.pointer.startswith("/functions/"):
        # What a function of the project's own means is known where it is called.
        parsed = parse(formula)
        said = tuple(each.at(pointer=place.pointer) for each in parsed.diagnostics)
        return Explanation(formula, said, canonical=None if parsed.tree is None else print_tree(parsed.tree))
    scope, levels = answer.scope, answer.asked.levels
    typed = type_formula(formula, scope, pointer=place.pointer, levels=levels)
    tree, expression = typed.tree, typed.expression
    canonical = None if tree is None else print_tree(tree)
    if tree is None or expression is None:
        return Explanation(formula, typed.diagnostics, canonical=canonical)
    named = names_in(tree)
    return Explanation(
        formula,
        typed.diagnostics,
        type=expression.type,
        level=level_of(expression),
        columns=_in_order(answer, expression),
        parameters=tuple(sorted(name for name in parameters_of(expression) if name in answer.bound.parameters)),
        formulas=tuple(name for name in scope.formulas if name in named and name not in scope.columns),
        canonical=canonical,
        sql=_sql(answer, expression),
    )


def _in_order(answer: Answer, expression: Expression) -> tuple[str, ...]:
    """The columns that an expression reads, in the order of the rows."""
    read = {column.name for column in columns_of(expression)}
    known = [name for name in answer.scope.columns if name in read]
    return (*known, *sorted(read.difference(known)))


def _sql(answer: Answer, expression: Expression) -> str:
    values = {
        name: facts.value
        for name, facts in answer.bound.parameters.items()
        if facts.value is not None and not isinstance(facts.value, str)
    }
    paths = {".".join((*path, name)): (*path, name) for path, names in answer.asked.reachable.items() for name in names}
    return formula_sql(expression, values, paths)


def hover_over(place: Place, offset: int) -> HoverResult:
    """What stands at character ``offset`` of the place's text."""
    answer, text = place.answer, place.text
    kind = kind_of(answer)
    whole = Span(0, len(text))
    if kind == "formula":
        return HoverResult(hover(text, offset, answer.scope))
    if kind == "relation":
        return HoverResult(_of_relation(answer, text, whole))
    columns = _columns_at(answer) if kind == "column" else {}
    if text in columns:
        said = f"A column; {null_words(columns[text])}."
        return HoverResult(Hover("column", f"{text}: {columns[text]}", said, whole))
    return HoverResult()


def _of_relation(answer: Answer, name: str, span: Span) -> Hover | None:
    relations = answer.relations
    schema = answer.schema(name)
    columns = "" if schema is None else _listed(schema)
    if name in relations.nodes:
        return Hover("node", f"node {name}", _joined(relations.nodes[name], columns), span)
    if name in relations.sources:
        return Hover("source", f"source {name}", _joined(relations.sources[name], columns), span)
    return None


def _listed(schema: Schema) -> str:
    shown = [f"{print_name(name)} {type_}" for name, type_ in schema]
    more = f" and {len(shown) - 20} more" if len(shown) > 20 else ""
    return f"Columns: {', '.join(shown[:20])}{more}."


def _joined(*texts: str) -> str:
    return " ".join(text if text.endswith(".") else f"{text}." for text in texts if text)


def format_text(text: str, *, formula: bool) -> FormatResult:
    """A YAML document, or a formula, as Headrace writes it."""
    if not formula:
        formatted = format_document(text)
        return FormatResult(formatted.text, formatted.text != text, formatted.diagnostics)
    canonical = canonical_formula(text)
    new = text if canonical is None else canonical
    errors = tuple(each for each in parse(text).diagnostics if each.severity == "error")
    return FormatResult(new, new != text, errors)
