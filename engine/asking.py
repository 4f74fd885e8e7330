"""What may stand at a place of a document, and a bounded memory of such answers: the ground of completion and hover.

While somebody writes a formula, all of a document stays as it is but that formula. So the answer is looked up by the
document without what stands at the place, and is found at every key but the first.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from headrace.bind import Bound
from headrace.bind.asked import Asked
from headrace.bind.context import columns_of
from headrace.bind.nodes import parameter_types
from headrace.bind.project import references
from headrace.bind.relations import RelationGraph
from headrace.catalog import Catalog
from headrace.compilation import Compilation
from headrace.diagnostics import closest
from headrace.grammar.expression import Column, Scope
from headrace.grammar.memory import FormulaMemory
from headrace.grammar.own_functions import Functions, read_signature
from headrace.grammar.types import Schema, Type
from headrace.models import Document, InvalidStep, Reading, load_document, read_data
from headrace.models.element import split_pointer
from headrace.models.expected import Expected, expected_at
from headrace.models.folder import Project, ProjectDocument
from headrace.models.probe import value_at, with_text
from headrace.models.scalar import Data
from headrace.policy import Policy

_PROBE = "0"
"""What stands at the place while the document is bound: a name, a formula, a number."""

_KEPT = 64
"""How many answers an engine keeps."""


@dataclass(frozen=True, slots=True)
class Relations:
    """The sources and nodes that a node may read, each with its description."""

    sources: Mapping[str, str]
    nodes: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What is known of a place: what the models expect there, what binding found, what else the project has."""

    expected: Expected
    asked: Asked
    bound: Bound
    relations: Relations
    is_relation: bool
    is_in_bad_step: bool

    @property
    def scope(self) -> Scope:
        """What a formula at the place may name."""
        scope = self.asked.scope
        if scope is not None:
            return replace(scope, qualified={**scope.qualified, **self.asked.reachable})
        return Scope(parameters=parameter_types(self.bound.parameters), functions=self.bound.functions)

    def schema(self, name: str) -> Schema | None:
        """The columns of a source or node upstream of the place."""
        if name in self.bound.sources:
            stream = self.bound.sources[name].stream
            return None if stream is None else stream.relation.schema
        node = self.bound.nodes.get(name)
        return None if node is None or node.plan is None else node.plan.schema


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is writing: the answer, and the text that stands there."""

    pointer: str
    text: str
    answer: Answer


class Asking:
    """Answers of one engine. Any number of threads may ask."""

    def __init__(self, policy: Policy, functions: Functions, memory: FormulaMemory) -> None:
        self.policy = policy
        self.functions = functions
        self.memory = memory
        self._answers: OrderedDict[object, tuple[Answer, object]] = OrderedDict()
        self._lock = Lock()

    def place(
        self,
        document: Any,
        catalog: Catalog | Mapping[str, Any] | None,
        pointer: str,
        text: str | None,
        parameters: Mapping[str, Any] | None,
    ) -> Place:
        """The place at ``pointer``; ``text`` is what is being written there, None for what the document has."""
        project = _Documents.of(document)
        home = project.home(pointer)
        data = project.data[home] if project.data else None
        written = value_at(data, pointer) if text is None else text
        expected = expected_at(pointer)
        probed = with_text(data, pointer, _PROBE) if _is_probed(pointer, expected) else data
        key = _key(project.signature(home, probed), pointer, catalog, parameters)
        answer = None if key is None else self._recall(key)
        if answer is None:
            whole = project.loaded(home, probed)
            answer = self._answer(whole, catalog, pointer, expected, parameters)
            if (
                answer.is_in_bad_step
                and value_at(data, pointer) is not None
                and self._was_sound(project, home, pointer)
            ):
                # It is the probe that does not fit: what stands there is neither a name nor a formula.
                answer = replace(answer, is_in_bad_step=False)
            if key is not None:
                self._remember(key, answer, (document, catalog))
        return Place(pointer, written.strip() if text is None and isinstance(written, str) else text or "", answer)

    def _was_sound(self, project: _Documents, home: int, pointer: str) -> bool:
        """Whether the step of a place can be read as the document has it."""
        return not _is_in_bad_step([load_document(project.readings[home]).document], pointer)

    def _answer(
        self,
        project: Project,
        catalog: Catalog | Mapping[str, Any] | None,
        pointer: str,
        expected: Expected,
        parameters: Mapping[str, Any] | None,
    ) -> Answer:
        compilation = Compilation(project, catalog)
        compilation.obey(self.policy)
        asked = Asked(pointer)
        compilation.bind(parameters, None, self.policy, asked, self.functions, self.memory)
        _whole(asked, compilation.bound, compilation.timezone)
        relation = asked.relation or _names_relation(split_pointer(pointer))
        documents = compilation.documents
        bad = _is_in_bad_step(documents, pointer)
        return Answer(expected, asked, compilation.bound, _relations(documents, asked.owner), relation, bad)

    def _recall(self, key: object) -> Answer | None:
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                return None
            self._answers.move_to_end(key)
            return found[0]

    def _remember(self, key: object, answer: Answer, kept: object) -> None:
        """``kept`` are the objects that the key names by their identity: they must not be another's meanwhile."""
        with self._lock:
            self._answers[key] = (answer, kept)
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)


@dataclass(frozen=True)
class _Documents:
    """The documents of a call as plain data, and how one of them is read anew."""

    data: Sequence[Data]
    readings: Sequence[Reading]
    project: Project | None

    @classmethod
    def of(cls, document: Any) -> _Documents:
        if isinstance(document, Project):
            readings = [each.reading for each in document.documents]
            return cls([each.data for each in readings], readings, document)
        several = isinstance(document, Sequence) and not isinstance(document, (str, bytes))
        given = document if several else [document]
        readings = [each if isinstance(each, Reading) else read_data(each) for each in given]
        return cls([each.data for each in readings], readings, None)

    def home(self, pointer: str) -> int:
        """The number of the document in which the place lies."""
        for length in (3, 2):
            start = "/".join(pointer.split("/")[:length])
            for index, data in enumerate(self.data):
                if start and value_at(data, start) is not None:
                    return index
        return 0

    def signature(self, home: int, probed: Data) -> object:
        """What tells these documents from others; a project's own documents by their identity."""
        if self.project is not None:
            others = tuple(id(each.loaded) for index, each in enumerate(self.project.documents) if index != home)
            return others, _digest(probed)
        return _digest([probed if index == home else data for index, data in enumerate(self.data)])

    def loaded(self, home: int, probed: Data) -> Project:
        documents = []
        for index, reading in enumerate(self.readings):
            if index == home:
                asked = replace(reading, data=probed, place=None)
                documents.append(ProjectDocument(reading.file, load_document(asked)))
            elif self.project is not None:
                documents.append(self.project.documents[index])
            else:
                documents.append(ProjectDocument(reading.file, load_document(reading)))
        if self.project is not None:
            return replace(self.project, documents=tuple(documents))
        return Project(tuple(documents))


def _digest(data: object) -> bytes | None:
    """A short text that is the same for the same data; None where it has parts of which that cannot be said."""
    try:
        return hashlib.sha256(pickle.dumps(data)).digest()
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError):
        return None


def _key(
    documents: object, pointer: str, catalog: object, parameters: Mapping[str, Any] | None
) -> tuple[object, ...] | None:
    facts = id(catalog) if isinstance(catalog, Catalog) else _digest(catalog)
    values = _digest(sorted(parameters.items(), key=str)) if parameters else ""
    key = (documents, pointer, facts, values)
    return None if None in key or (isinstance(documents, tuple) and None in documents) else key


def _is_probed(pointer: str, expected: Expected) -> bool:
    """Whether a text could stand at the place, so that one is put there while the document is bound."""
    parts = split_pointer(pointer)
    if _names_relation(parts) or (expected.keys and expected.scalar == "other") or expected.words:
        return False
    return len(parts) > 2


def _names_relation(parts: Sequence[str]) -> bool:
    """Whether the key of a place says that a source or node is named there."""
    if len(parts) == 3 and parts[0] == "nodes":
        return parts[2] == "from"
    in_step = len(parts) in (6, 7) and parts[0] == "nodes" and parts[2] in ("steps", "then")
    in_relation = len(parts) == 5 and parts[0] == "sources" and parts[2] == "relations"
    return (in_step and parts[5] == "with") or (in_relation and parts[4] == "with")


def _whole(asked: Asked, bound: Bound, timezone: str) -> None:
    """For a source or node itself, the rows that it gives; for a formula of one, or a function, what that may name."""
    parts = split_pointer(asked.pointer)
    if parts[:1] == ["functions"] and len(parts) == 2:
        signature = read_signature(parts[1])
        arguments = () if signature is None else signature[1]
        columns = {name: Column(Type("value"), name) for name in arguments}
        types = parameter_types(bound.parameters)
        asked.scope = Scope(columns=columns, parameters=types, timezone=timezone, functions=bound.functions)
        asked.levels = ("row", "aggregate", "window")
        return
    if asked.scope is not None or asked.owner is None:
        return
    named = parts[0] in ("sources", "nodes") and len(parts) == 4 and parts[2] == "formulas"
    if len(parts) > 2 and not named:
        return
    owner = bound.sources.get(parts[1]) or bound.nodes.get(parts[1])
    if owner is None or owner.stream is None:
        return
    asked.stream = owner.stream
    asked.scope = Scope(
        columns=columns_of(owner.stream.relation.schema),
        formulas={name: text for name, text in owner.stream.formulas.items() if not named or name != parts[3]},
        parameters=parameter_types(bound.parameters),
        timezone=timezone,
        functions=bound.functions,
    )
    if named:
        asked.levels = ("row", "aggregate", "window")


def _is_in_bad_step(documents: Sequence[Document], pointer: str) -> bool:
    parts = split_pointer(pointer)
    if len(parts) < 5 or parts[0] != "nodes" or parts[2] not in ("steps", "then") or not parts[3].isdecimal():
        return False
    for document in documents:
        node = document.nodes.get(parts[1])
        if node is not None:
            steps = node.steps if parts[2] == "steps" else node.then
            return int(parts[3]) < len(steps) and isinstance(steps[int(parts[3])], InvalidStep)
    return False


def _relations(documents: Sequence[Document], owner: str | None) -> Relations:
    """What the owner of a place may read: not itself, and nothing that reads it."""
    nodes = {name: node for document in documents for name, node in document.nodes.items()}
    sources = {name: source for document in documents for name, source in document.sources.items()}
    graph = RelationGraph(sources, nodes)
    reads = {name: references(node, graph) for name, node in nodes.items()}
    behind = {owner}
    growing = owner in nodes
    while growing:
        new = {name for name, each in reads.items() if name not in behind and behind & set(each)}
        behind |= new
        growing = bool(new)
    return Relations(
        {name: source.description or "" for name, source in sources.items()},
        {name: node.description or "" for name, node in nodes.items() if name not in behind},
    )


def near_first(names: Sequence[str], written: str) -> list[str]:
    """Those of ``names`` that ``written`` can become: those that begin with it, those that hold it, those near it."""
    wanted = written.strip().casefold()
    if not wanted:
        return list(names)
    begin = [name for name in names if name.casefold().startswith(wanted)]
    hold = [name for name in names if name not in begin and wanted in name.casefold()]
    near = [name for name in closest(written, names) if name not in begin and name not in hold]
    return [*begin, *hold, *near]
