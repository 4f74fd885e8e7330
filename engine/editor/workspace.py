"""What an editor has open, and the projects that it belongs to: questions by file and character, plain answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from headrace.catalog import Catalog
from headrace.compiler import Engine
from headrace.diagnostics import Diagnostic
from headrace.editing import CompletionResult, Explanation, FormatResult, HoverResult
from headrace.editor.cursor import Cursor, cursor_at
from headrace.editor.insertion import in_quotes
from headrace.grammar.completion import tokens_of
from headrace.models import Loaded, Reading, load_document, read_yaml
from headrace.models.element import join_pointer
from headrace.models.expected import expected_at
from headrace.models.folder import FOLDERS, SETTINGS_FILES, Memory, Project, ProjectDocument, read_project
from headrace.policy import OWNER
from headrace.project import OpenProject

Position = tuple[int, int]
"""Line and column, both from 0, in characters."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a file: where something is defined, or what a diagnostic is about."""

    path: Path
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Said:
    """A diagnostic with the characters that it is about."""

    diagnostic: Diagnostic
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Mended:
    """A change that answers a diagnostic: ``text`` for the characters ``start`` to ``end`` of the file."""

    title: str
    said: Said
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Completed:
    """What can stand at the cursor, and where the cursor is."""

    cursor: Cursor
    result: CompletionResult


@dataclass(frozen=True, slots=True)
class Symbol:
    """A source, a node, a step or a parameter of a document, with what lies in it."""

    name: str
    kind: str
    start: Position
    end: Position
    inner: tuple[Symbol, ...] = ()


class Workspace:
    """The texts of an editor over the files on disk. Paths are absolute."""

    def __init__(self) -> None:
        self.engine = Engine(OWNER)
        self.texts: dict[Path, str] = {}
        self._memory = Memory()
        self._catalogs: dict[Path, Catalog] = {}
        self._checked: dict[Path, tuple[tuple[Loaded, ...], Mapping[Path, list[Said]]]] = {}

    # What is open

    def open(self, path: Path, text: str) -> None:
        self.texts[path] = text

    def close(self, path: Path) -> None:
        self.texts.pop(path, None)

    def text(self, path: Path) -> str:
        """What the editor has of a file, else what is on disk; empty where there is none."""
        if path in self.texts:
            return self.texts[path]
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def root(self, path: Path) -> Path:
        """The folder of the project that a file belongs to; the file itself where it is a project of its own."""
        for folder in path.parents:
            settings = [folder / name for name in SETTINGS_FILES]
            if any(each in self.texts or each.is_file() for each in settings):
                inside = path.relative_to(folder).parts
                return folder if path in settings or inside[0] in FOLDERS else path
        return path

    def project(self, root: Path) -> OpenProject:
        """The project at ``root``, the editor's texts in place of files."""
        folder = root if root.is_dir() else root.parent
        project = read_project(root, self.texts, self._memory)
        if not project.documents and root in self.texts:  # a text that has never been saved
            reading = read_yaml(self.texts[root], root.name)
            project = Project((ProjectDocument(root.name, load_document(reading)),), (), folder)
        return OpenProject(project, folder, self.engine)

    def catalog(self, root: Path, project: OpenProject) -> Catalog:
        """What the files of a project show, as the last check has found it."""
        if root not in self._catalogs:
            self._catalogs[root] = project.catalog()
        return self._catalogs[root]

    # Diagnostics

    def check(self, path: Path) -> Mapping[Path, list[Said]]:
        """Everything that is wrong with the project of a file, by file; files in order have an empty list."""
        root = self.root(path)
        project = self.project(root)
        documents = _identities(project.project)
        known = self._checked.get(root)
        return known[1] if known is not None and _are_same(known[0], documents) else self.told(root, project)

    def told(self, root: Path, project: OpenProject) -> Mapping[Path, list[Said]]:
        """``check`` of a project that has been read, done anew; it may be called in another thread."""
        result = project.check()
        readings = {document.file: document.reading for document in project.project.documents}
        said: dict[Path, list[Said]] = {project.root / file: [] for file in readings if file is not None}
        home = next(iter(said), root)
        for each in result.diagnostics:
            reading = readings.get(each.file)
            place = home if each.file is None else project.root / each.file
            said.setdefault(place, []).append(_said(each, reading))
        fresh, known = project.catalog(), self._catalogs.get(root)
        self._catalogs[root] = fresh if known is None or known != fresh else known
        self._checked[root] = (_identities(project.project), said)
        return said

    def fixes(self, path: Path, start: Position, end: Position) -> list[Mended]:
        """What diagnostics offer that touch the characters ``start`` to ``end`` of a file."""
        text = self.text(path)
        return [
            mended
            for said in self.check(path).get(path, ())
            if said.start <= end and said.end >= start
            for mended in _mended(said, text)
        ]

    # At the cursor

    def complete(self, path: Path, index: int) -> Completed | None:
        """What can stand at a character of a file."""
        cursor = cursor_at(self.text(path), index)
        if cursor is None:
            return None
        project, catalog = self._asked(path, cursor)
        expected = expected_at(cursor.pointer)
        is_item = not cursor.is_key and expected.scalar == "other" and bool(expected.keys) and not expected.words
        is_key = cursor.is_key or (is_item and cursor.pointer.rpartition("/")[2].isdecimal())
        result = self.engine.complete(
            project, catalog, cursor.pointer, cursor.text, cursor.offset, key=is_key and not cursor.quote
        )
        return Completed(cursor, result)

    def hover(self, path: Path, index: int) -> tuple[Cursor, HoverResult, Explanation | None] | None:
        """What stands at a character of a file, and what the formula around it means."""
        cursor = cursor_at(self.text(path), index)
        if cursor is None or cursor.is_key:
            return None
        root = self.root(path)
        opened = self.project(root)
        project, catalog = opened.project, self.catalog(root, opened)
        result = self.engine.hover(project, catalog, cursor.pointer, cursor.offset, cursor.text)
        if result.hover is None:
            return None
        is_formula = expected_at(cursor.pointer).scalar in ("formula", "order")
        explained = self.engine.explain(project, catalog, cursor.pointer, cursor.text) if is_formula else None
        return cursor, result, explained

    def definition(self, path: Path, index: int) -> Found | None:
        """Where the source, node or parameter is written that stands at a character of a file."""
        cursor = cursor_at(self.text(path), index)
        if cursor is None or cursor.is_key:
            return None
        project = self.project(self.root(path)).project
        if expected_at(cursor.pointer).scalar in ("formula", "order"):
            token = next((each for each in tokens_of(cursor.text) if each.start <= cursor.offset <= each.end), None)
            if token is None or token.kind != "PARAMETER":
                return None
            pointers = [join_pointer("/parameters", token.text.strip("${} "))]
        else:
            pointers = [join_pointer(start, cursor.text.strip()) for start in ("/nodes", "/sources")]
            if not self._names_relation(path, cursor):
                return None
        for pointer in pointers:
            for document in project.documents:
                found = document.reading.locate(pointer, key=True)
                if found is not None and _is_there(document.reading, pointer):
                    start = (found[0] - 1, found[1] - 1)
                    name = pointer.rpartition("/")[2]
                    root = project.root or path.parent
                    return Found(root / (document.file or ""), start, (start[0], start[1] + len(name)))
        return None

    def _names_relation(self, path: Path, cursor: Cursor) -> bool:
        project, catalog = self._asked(path, cursor)
        return self.engine.complete(project, catalog, cursor.pointer, cursor.text).place == "relation"

    def _asked(self, path: Path, cursor: Cursor) -> tuple[Project, Catalog]:
        """The project with the text at the cursor taken out of its document, so that the rest can be read."""
        root = self.root(path)
        opened = self.project(root)
        catalog = self.catalog(root, opened)
        documents = []
        for document in opened.project.documents:
            if document.file is not None and opened.root / document.file == path:
                reading = read_yaml(cursor.rest, document.file)
                documents.append(ProjectDocument(document.file, load_document(reading)))
            else:
                documents.append(document)
        return replace(opened.project, documents=tuple(documents)), catalog

    # The whole of a file

    def format(self, path: Path) -> FormatResult:
        """The file as ``headrace format`` writes it; JSON is left to formatters of JSON."""
        text = self.text(path)
        return FormatResult(text, False) if path.suffix == ".json" else self.engine.format(text)

    def symbols(self, path: Path) -> list[Symbol]:
        """The parameters, sources and nodes of a file, and the steps of nodes."""
        reading = read_yaml(self.text(path))
        data = reading.data if isinstance(reading.data, dict) else {}
        found = []
        for kind in ("parameters", "sources", "nodes"):
            named = data.get(kind)
            for name, value in named.items() if isinstance(named, dict) else ():
                pointer = join_pointer("", kind, name)
                inner = _steps(reading, pointer, value) if kind == "nodes" else ()
                found.append(_symbol(reading, pointer, name, kind, inner))
        return found


def _identities(project: Project) -> tuple[Loaded, ...]:
    """The documents of a project as they were read: the same objects as long as no text has changed."""
    return tuple(document.loaded for document in project.documents)


def _are_same(first: tuple[Loaded, ...], second: tuple[Loaded, ...]) -> bool:
    return len(first) == len(second) and all(a is b for a, b in zip(first, second, strict=True))


def _steps(reading: Reading, pointer: str, node: object) -> tuple[Symbol, ...]:
    found = []
    for part in ("steps", "then"):
        steps = node.get(part) if isinstance(node, dict) else None
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(step, dict) and step:
                word = next((key for key in step if key not in ("name", "note", "disabled", "meta")), "step")
                name = f"{word} {step['name']}" if isinstance(step.get("name"), str) else word
                found.append(_symbol(reading, join_pointer(pointer, part, index), name, "step"))
    return tuple(found)


def _symbol(reading: Reading, pointer: str, name: str, kind: str, inner: tuple[Symbol, ...] = ()) -> Symbol:
    line, column = reading.locate(pointer, key=True) or (1, 1)
    start = (line - 1, column - 1)
    end = max([(start[0], start[1] + len(name)), *(each.end for each in inner)])
    return Symbol(name, kind, start, end, inner)


def _is_there(reading: Reading, pointer: str) -> bool:
    kind = pointer.split("/")[1]
    data = reading.data if isinstance(reading.data, dict) else {}
    named = data.get(kind)
    return isinstance(named, dict) and any(join_pointer("", kind, each) == pointer for each in named)


def _said(diagnostic: Diagnostic, reading: Reading | None) -> Said:
    """The diagnostic with its characters: those of its span, else the word or value where it begins."""
    if diagnostic.line is None or diagnostic.column is None:
        return Said(diagnostic, (0, 0), (0, 0))
    start = (diagnostic.line - 1, diagnostic.column - 1)
    end = None
    span, pointer = diagnostic.span, diagnostic.pointer
    if reading is not None and span is not None and pointer is not None:
        place = reading.locate(pointer, offset=span.end)
        end = None if place is None else (place[0] - 1, place[1] - 1)
    if end is None or end <= start:
        line = "" if reading is None or reading.text is None else reading.line(diagnostic.line)
        end = (start[0], _word_end(line, start[1]))
    return Said(diagnostic, start, end)


def _mended(said: Said, text: str) -> Iterator[Mended]:
    """The changes of a diagnostic as changes of the file, as far as its places can be found there."""
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    diagnostic, (line, column) = said.diagnostic, said.start
    lines, first = diagnostic.params.get("mended"), diagnostic.params.get("mended_from")
    if isinstance(lines, list) and isinstance(first, int) and first - 1 + len(lines) < len(starts):
        begin, end = starts[first - 1], starts[first - 1 + len(lines)]
        ending = "\n" if text[:end].endswith("\n") else ""
        yield Mended(f"Write {' '.join(each.strip() for each in lines)}", said, begin, end, "\n".join(lines) + ending)
    index = min(starts[min(line, len(starts) - 1)] + column, len(text))
    cursor = cursor_at(text, index)
    if cursor is None or cursor.is_key or cursor.pointer != diagnostic.pointer:
        return
    if diagnostic.span is not None and cursor.text.strip() != (diagnostic.source or "").strip():
        return
    lead = len(cursor.text) - len(cursor.text.lstrip())
    for fix in diagnostic.fixes:
        begin, end = (0, len(cursor.text.strip())) if fix.span is None else (fix.span.start, fix.span.end)
        yield Mended(
            fix.title,
            said,
            cursor.indexes[begin + lead],
            cursor.indexes[min(end + lead, len(cursor.text))],
            in_quotes(fix.replacement, cursor.quote),
        )


def _word_end(line: str, start: int) -> int:
    """Where the word or value that begins at a column of a line ends."""
    stop = start
    while stop < len(line) and line[stop] not in " ,:]}\t":
        stop += 1
    return max(stop, min(start + 1, len(line)))
