"""A reading made a typed document, piece by piece: what is wrong is reported and taken away, and the rest stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from headrace.diagnostics import Diagnostic, closest, diagnose
from headrace.models.document import Document
from headrace.models.element import Named, join_pointer
from headrace.models.flow_test import FlowTest
from headrace.models.node import Node
from headrace.models.parameter import Parameter
from headrace.models.reading import Reading
from headrace.models.scalar import check_name, found, is_nothing
from headrace.models.source import Source
from headrace.models.steps import LATER_STEPS, STEPS, InvalidStep, Step, StepNotes
from headrace.models.validation import keys_meant, missing_key, salvage, unknown_key, validate


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as far as it could be read, and everything found wrong on the way, the reading's own included."""

    document: Document
    diagnostics: tuple[Diagnostic, ...]
    reading: Reading


def load_document(reading: Reading) -> Loaded:
    """The typed document. Never raises: whatever the reading holds, there is a ``Document``.

    A bad step becomes an ``InvalidStep`` in its node; a source, parameter or node keeps its name and what is right
    about it. ``Element.broken`` names what was taken away.
    """
    loader = _Loader(reading)
    document = loader.document()
    return Loaded(document, (*reading.diagnostics, *loader.diagnostics), reading)


N = TypeVar("N", bound=Named)

MAX_DIAGNOSTICS = 1_000
"""How many diagnostics of one document are told; what follows is still taken away, in silence."""

_NOTES = tuple(StepNotes.keys_known())


class _Loader:
    """Collects diagnostics while it builds a document."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.diagnostics: list[Diagnostic] = []

    @property
    def is_full(self) -> bool:
        return len(self.diagnostics) >= MAX_DIAGNOSTICS

    def report(self, *diagnostics: Diagnostic) -> None:
        if not self.is_full:
            self.diagnostics.extend(item for item in diagnostics if not self.reading.is_cut(item.pointer or ""))

    def document(self) -> Document:
        data = self.reading.data
        if not isinstance(data, dict):
            if is_nothing(data):
                if not self.reading.diagnostics:
                    self.report(diagnose("M014", pointer=""))
            else:
                expected = "a document that begins with headrace: 1"
                self.report(diagnose("M102", pointer="", expected=expected, found=found(data)))
            return Document().placed("")
        if is_nothing(data.get("headrace")):
            self.report(diagnose("M104", pointer=""))
        raw: dict[str, object] = dict(data)
        if "model" in raw:
            self.report(diagnose("M112", pointer="/model"))
            return Document().placed("", ("model",))
        raw["parameters"] = self.parameters(data.get("parameters"))
        raw["sources"] = self.sources(data.get("sources"))
        raw["nodes"] = self.nodes(data.get("nodes"))
        raw["tests"] = self.tests(data.get("tests"))
        document, problems = salvage(Document, raw, "")
        self.report(*problems)
        if document is None:
            document = Document().placed("", tuple(data))
        if document.models:
            self.report(diagnose("M112", pointer="/models"))
        self.later(document)
        self.one_namespace(document)
        return document

    def named(self, model: type[N], raw: object, pointer: str) -> dict[str, N]:
        """Every element of a mapping of names, those that are wrong as far as they go."""
        elements: dict[str, N] = {}
        for name, value in self.entries(raw, pointer).items():
            where = join_pointer(pointer, name)
            element, problems = salvage(model, {} if is_nothing(value) else value, where)
            self.report(*problems)
            if element is None:
                broken = tuple(value) if isinstance(value, dict) else tuple(model.keys_known())
                element = model().placed(where, broken)
            elements[name] = element
        return elements

    def entries(self, raw: object, pointer: str) -> Mapping[str, object]:
        if is_nothing(raw):
            return {}
        if not isinstance(raw, dict):
            self.report(diagnose("M102", pointer=pointer, expected="names with what they are", found=found(raw)))
            return {}
        good = {}
        for name, value in raw.items():
            try:
                check_name(name)
            except ValueError as error:
                context = getattr(error, "context", None) or {}
                self.report(diagnose("M107", pointer=join_pointer(pointer, name), **context))
                continue
            good[name] = value
        return good

    def sources(self, raw: object) -> dict[str, Source]:
        sources = self.named(Source, raw, "/sources")
        for name, source in sources.items():
            where = join_pointer("/sources", name)
            given = raw[name] if isinstance(raw, dict) else None
            origins = [key for key in Source.origins if isinstance(given, dict) and not is_nothing(given.get(key))]
            if isinstance(given, dict) or is_nothing(given):
                if len(origins) != 1 and source.connection is None:
                    words = " and ".join(origins) or "none of them"
                    self.report(diagnose("M130", pointer=where, found=words))
                if origins == ["file"] and source.declared_columns is None and "columns" not in source.broken:
                    self.report(diagnose("M131", pointer=where))
            if source.connection is not None:
                self.report(diagnose("M111", pointer=source.at("connection"), feature="connection"))
        return sources

    def parameters(self, raw: object) -> dict[str, Parameter]:
        parameters = self.named(Parameter, raw, "/parameters")
        self.need(parameters, "type", {name for name, each in parameters.items() if each.type is None})
        return parameters

    def need(self, elements: Mapping[str, Named], key: str, without: set[str]) -> None:
        """Report that the elements ``without`` lack ``key``, unless that has been said in other words."""
        meant = keys_meant(self.diagnostics)
        for name in elements:
            element = elements[name]
            if name in without and key not in element.broken and element.at(key) not in meant:
                self.report(missing_key(key, element.pointer))

    def nodes(self, raw: object) -> dict[str, Node]:
        if isinstance(raw, dict):
            raw = {name: self.with_steps(value, join_pointer("/nodes", name)) for name, value in raw.items()}
        nodes = self.named(Node, raw, "/nodes")
        self.need(nodes, "from", {name for name, each in nodes.items() if each.from_ is None})
        return nodes

    def tests(self, raw: object) -> dict[str, FlowTest]:
        """The tests that are as they should be: one with a mistake, which is reported, tests nothing."""
        tests = {}
        for name, value in self.entries(raw, "/tests").items():
            where = join_pointer("/tests", name)
            test, problems = validate(FlowTest, {} if is_nothing(value) else value, where)
            self.report(*problems)
            if test is None:
                continue
            if test.node is None:
                self.report(missing_key("node", where))
                continue
            tests[name] = test
        return tests

    def with_steps(self, raw: object, pointer: str) -> object:
        if not isinstance(raw, dict):
            return raw
        raw = dict(raw)
        for key in ("steps", "then"):
            steps = raw.get(key)
            if isinstance(steps, list):
                where = join_pointer(pointer, key)
                raw[key] = tuple(self.step(step, join_pointer(where, i)) for i, step in enumerate(steps))
        return raw

    def step(self, raw: object, pointer: str) -> Step:
        """The step, or an ``InvalidStep`` after a diagnostic."""
        if not isinstance(raw, dict):
            if is_nothing(raw):
                self.report(diagnose("M103", pointer=pointer, expected="a step, such as filter: amount > 100"))
            else:
                expected = "a step with its value, such as filter: amount > 100"
                self.report(diagnose("M102", pointer=pointer, expected=expected, found=found(raw)))
            return InvalidStep().placed(pointer)
        given = {key: raw[key] for key in _NOTES if key in raw}
        notes, problems = salvage(StepNotes, given, pointer) if given else (None, [])
        self.report(*problems)
        word = self.step_word(raw, pointer)
        step = self.known_step(word, raw, pointer) if word is not None and word in STEPS else None
        if step is None:
            step = InvalidStep(step=word)
            step.placed(pointer)
        return step.noted(notes, is_short=not isinstance(raw.get(word or ""), dict))

    def step_word(self, raw: dict[str, object], pointer: str) -> str | None:
        """The key of the step, unless something is wrong with it or beside it."""
        words = [key for key in raw if key not in _NOTES]
        known = [word for word in words if word in STEPS or word in LATER_STEPS]
        if len(known) > 1 or not words:
            what = " and ".join(known) or "none"
            self.report(diagnose("M121", pointer=pointer, found=what))
            return None
        if not known:
            near = [] if self.is_full else closest(words[0], (*STEPS, *LATER_STEPS))
            hints = [f"Did you mean {' or '.join(near)}?" if near else f"Steps are {', '.join(STEPS)}."]
            where = join_pointer(pointer, words[0])
            self.report(
                diagnose("M120", pointer=where, hints=hints, step=words[0] or "without a name", candidates=near)
            )
            return words[0]
        if known[0] in LATER_STEPS:
            self.report(diagnose("M122", pointer=join_pointer(pointer, known[0]), step=known[0]))
            return known[0]
        beside = STEPS[known[0]].beside
        for word in words:
            if word != known[0] and word not in beside:
                self.report(unknown_key(word, [*beside, *_NOTES], join_pointer(pointer, word)))
        return known[0]

    def known_step(self, word: str, raw: dict[str, object], pointer: str) -> Step | None:
        model, value = STEPS[word], raw[word]
        where = join_pointer(pointer, word)
        if value is None:
            self.report(diagnose("M103", pointer=where, expected=f"a value, as in {model.example}"))
            return None
        if model.beside:
            value = {model.short or "": value, **{key: raw[key] for key in model.beside if key in raw}}
        step, problems = validate(model, value, where)
        self.report(*(_beside(model, each, pointer) for each in problems))
        return step

    def later(self, document: Document) -> None:
        """Report what the language has and this version does not."""
        for node in document.nodes.values():
            kind = node.materialize.kind if node.materialize else None
            if kind in ("append", "snapshot") or (
                kind == "incremental" and node.for_each is None and "for_each" not in node.broken
            ):
                feature = f"materialize: {kind}{' without for_each' * (kind == 'incremental')}"
                self.report(diagnose("M111", pointer=node.at("materialize"), feature=feature))
            for key, said in (("grants", node.grants), ("indexes", node.indexes), ("unlogged", node.unlogged)):
                if said:
                    self.report(diagnose("M115", pointer=node.at(key), key=key))

    def one_namespace(self, document: Document) -> None:
        for name in document.nodes:
            if name in document.sources:
                self.report(diagnose("M114", pointer=join_pointer("/nodes", name), name=name))


def _beside(model: type[Step], problem: Diagnostic, pointer: str) -> Diagnostic:
    """What is wrong with a key that stands beside the step's word, where it stands."""
    value = join_pointer(pointer, model.word)
    for key in model.beside:
        inside = join_pointer(value, key)
        if problem.pointer is not None and (problem.pointer + "/").startswith(inside + "/"):
            return problem.at(pointer=join_pointer(pointer, key) + problem.pointer[len(inside) :])
    if model.beside and problem.pointer == join_pointer(value, model.short or ""):
        return problem.at(pointer=value)
    return problem
