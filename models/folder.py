"""Projects: a folder of documents read together, or documents given as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from headrace.diagnostics import Diagnostic, diagnose
from headrace.models.data_reader import read_data
from headrace.models.document import Document
from headrace.models.element import Element
from headrace.models.json_reader import read_json
from headrace.models.load import Loaded, load_document
from headrace.models.reading import Reading
from headrace.models.scalar import is_nothing
from headrace.models.text import MAX_CHARACTERS
from headrace.models.yaml_reader import read_yaml

SETTINGS_FILES = ("headrace.yaml", "headrace.yml", "headrace.json")
FOLDERS = ("flows", "sources", "models", "tests")
SUFFIXES = (".yaml", ".yml", ".json")

_SETTINGS = ("name", "warehouse", "schema", "timezone", "defaults", "functions")


@dataclass(frozen=True, slots=True)
class ProjectDocument:
    """One document of a project; ``file`` is its path from the project's folder, None for data."""

    file: str | None
    loaded: Loaded

    @property
    def document(self) -> Document:
        return self.loaded.document

    @property
    def reading(self) -> Reading:
        return self.loaded.reading


@dataclass(frozen=True)
class Project:
    """Documents that are one project, in order: the settings first, then the files by name.

    ``problems`` are about the folder and not about the text of a document; ``diagnostics`` are those, everything
    found in the documents, and names given twice, with file, line and column.
    """

    documents: tuple[ProjectDocument, ...]
    problems: tuple[Diagnostic, ...] = ()
    root: Path | None = None

    @classmethod
    def of(cls, *documents: Any) -> Project:
        """A project of documents given as readings, or as mappings of plain values.

        >>> Project.of({"headrace": 1, "flow": "empty"}).documents[0].document.flow
        'empty'
        """
        readings = [each if isinstance(each, Reading) else read_data(each) for each in documents]
        return cls(tuple(ProjectDocument(each.file, load_document(each)) for each in readings))

    @property
    def settings(self) -> Document | None:
        """The document with the project's settings: the first one."""
        return self.documents[0].document if self.documents else None

    @property
    def name(self) -> str | None:
        """The project's name, or that of its folder."""
        said = self.settings.name if self.settings else None
        return said or (self.root.resolve().name or None if self.root else None)

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        found = list(self.problems)
        for each in self.documents:
            found.extend(each.reading.placed(diagnostic) for diagnostic in each.loaded.diagnostics)
        found.extend(self.locate(diagnostic, index) for index, diagnostic in self.taken_names())
        return tuple(found)

    def locate(self, diagnostic: Diagnostic, document: int) -> Diagnostic:
        """The diagnostic with file, line, column and line of text of the document with this number."""
        return self.documents[document].reading.placed(diagnostic)

    def taken_names(self) -> list[tuple[int, Diagnostic]]:
        """A diagnostic for each source or node whose name one in an earlier document has, and its document's number."""
        return taken_names([each.loaded for each in self.documents])


def taken_names(loaded: Sequence[Loaded]) -> list[tuple[int, Diagnostic]]:
    """Names of sources and nodes that several documents give, each with the number of the later document.

    Within one document ``load_document`` reports it.
    """
    first: dict[str, tuple[int, Element]] = {}
    found: list[tuple[int, Diagnostic]] = []
    for index, each in enumerate(loaded):
        for name, element in _named(each.document):
            home, other = first.setdefault(name, (index, element))
            if home != index:
                where = _describe(other, loaded[home].reading)
                found.append((index, diagnose("M032", pointer=element.pointer, name=name, other=where)))
    return found


def _named(document: Document) -> Iterator[tuple[str, Element]]:
    yield from document.sources.items()
    yield from document.nodes.items()


def _describe(element: Element, reading: Reading) -> str:
    kind = "a source" if element.pointer.startswith("/sources/") else "a node"
    place = reading.locate(element.pointer, key=True)
    if reading.file is None:
        return f"{kind} of another document"
    return f"{kind} in {reading.file}, line {place[0]}" if place else f"{kind} in {reading.file}"


def read_project(path: str | Path, texts: Mapping[Path, str] | None = None, memory: Memory | None = None) -> Project:
    """The project in a folder, or the one-file project that a path names.

    Reads ``headrace.yaml`` and every YAML or JSON file below ``flows/``, ``sources/``, ``models/`` and ``tests/``,
    in order of their paths. Never raises for what it finds: a missing folder or file is among ``problems``.

    ``texts`` are what editors hold of files, by their paths, instead of what is on disk. ``memory`` keeps documents
    from one reading to the next, so that only those that have changed are read anew.
    """
    root = Path(path)
    problems: list[Diagnostic] = []
    if _is_file(root) and root.suffix in SUFFIXES:
        return _Folder(root.parent, problems, texts, memory).project([root])
    if not _is_folder(root):
        return Project((), (diagnose("M030", what="folder", path=str(root)),), root)
    folder = _Folder(root, problems, texts, memory)
    return folder.project([*folder.settings(), *folder.files()])


class Memory:
    """Documents as they were read last, by their file and what tells whether it has changed."""

    def __init__(self) -> None:
        self.documents: dict[Path, tuple[object, ProjectDocument]] = {}


def document_files(path: str | Path) -> list[Path]:
    """The files of the project in a folder, as ``read_project`` reads them; those that cannot be seen are left out."""
    folder = _Folder(Path(path), [])
    return [*folder.settings(), *folder.files()]


class _Folder:
    """Collects problems while it reads the files of a folder."""

    def __init__(
        self,
        root: Path,
        problems: list[Diagnostic],
        texts: Mapping[Path, str] | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.root = root
        self.problems = problems
        self.texts = texts or {}
        self.memory = memory

    def settings(self) -> list[Path]:
        named = [self.root / name for name in SETTINGS_FILES]
        there = [file for file in named if file in self.texts or _is_file(file)]
        if not there:
            hint = "Name the folder of a project after the command, or make one: headrace init NAME."
            self.problems.append(diagnose("M033", path=str(self.root), hints=[hint]))
        elif len(there) > 1:
            self.problems.append(diagnose("M035", first=there[0].name, second=there[1].name))
        return there[:1]

    def files(self) -> list[Path]:
        files: list[Path] = []
        for name in FOLDERS:
            folder = self.root / name
            try:
                inside = [each for each in folder.rglob("*") if each.suffix in SUFFIXES and _is_file(each)]
            except OSError as error:
                self.problems.append(diagnose("M034", path=name, problem=_reason(error)))
                continue
            inside += [each for each in self.texts if each.is_relative_to(folder) and each.suffix in SUFFIXES]
            files.extend(sorted({each for each in inside if not self.is_hidden(each)}))
        return files

    def is_hidden(self, file: Path) -> bool:
        return any(part.startswith(".") for part in file.relative_to(self.root).parts)

    def project(self, files: list[Path]) -> Project:
        documents = []
        for index, file in enumerate(files):
            holds_settings = index == 0 and file.name in SETTINGS_FILES
            document = self.document(file, holds_settings=holds_settings, alone=len(files) == 1)
            if document is not None:
                documents.append(document)
        return Project(tuple(documents), tuple(self.problems), self.root)

    def document(self, file: Path, *, holds_settings: bool, alone: bool) -> ProjectDocument | None:
        """The document in a file, remembered or read anew."""
        state = self.state(file)
        key = (self.root, state, holds_settings, alone)
        if self.memory is not None and state is not None:
            known = self.memory.documents.get(file)
            if known is not None and known[0] == key:
                return known[1]
        reading = self.read(file)
        if reading is None:
            return None
        loaded = load_document(reading)
        if not holds_settings:
            loaded = self.without_settings(loaded, alone=alone)
        document = ProjectDocument(reading.file, self.with_paths(loaded))
        if self.memory is not None:
            self.memory.documents[file] = (key, document)
        return document

    def state(self, file: Path) -> object:
        """What is the same as long as a file holds the same text; None where that is not known."""
        if file in self.texts:
            return self.texts[file]
        try:
            facts = file.stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_size, facts.st_ino

    def read(self, file: Path) -> Reading | None:
        name = file.relative_to(self.root).as_posix()
        try:
            if not file.resolve().is_relative_to(self.root.resolve()):
                self.problems.append(diagnose("M031", path=name).at(file=name))
                return None
            text: str | bytes
            if file in self.texts:
                text = self.texts[file]
            else:
                with file.open("rb") as opened:
                    text = opened.read(4 * MAX_CHARACTERS + 1)
        except (OSError, RuntimeError) as error:
            self.problems.append(diagnose("M034", path=name, problem=_reason(error)).at(file=name))
            return None
        return read_json(text, name) if file.suffix == ".json" else read_yaml(text, name)

    def without_settings(self, loaded: Loaded, alone: bool) -> Loaded:
        """Report settings of the project that stand where nobody reads them."""
        if alone:
            return loaded
        data = loaded.reading.data
        misplaced = [key for key in _SETTINGS if isinstance(data, dict) and not is_nothing(data.get(key))]
        found = [diagnose("M037", pointer=f"/{key}", key=key, file=SETTINGS_FILES[0]) for key in misplaced]
        return replace(loaded, diagnostics=(*loaded.diagnostics, *found))

    def with_paths(self, loaded: Loaded) -> Loaded:
        """Note data files that lie outside the folder: the project cannot be moved without them."""
        found = []
        for source in loaded.document.sources.values():
            if source.file is not None and self.is_outside(source.file):
                found.append(diagnose("M036", pointer=source.at("file"), path=source.file))
        return replace(loaded, diagnostics=(*loaded.diagnostics, *found))

    def is_outside(self, path: str) -> bool:
        try:
            return not (self.root / path).resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError, ValueError):
            return True


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
