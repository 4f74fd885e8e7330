"""A project opened from its folder, with all that its owner may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from headrace.catalog import Catalog, FileFacts, TableFacts
from headrace.catalog.file import CATALOG, read_catalog_text, unreadable
from headrace.catalog.lock import LOCK, read_lock
from headrace.catalog.pivots import Pivots
from headrace.compilation import AsOf
from headrace.compiler import Engine
from headrace.diagnostics import Diagnostic, diagnose
from headrace.grammar.function import Function
from headrace.grammar.own_functions import OwnFunction, declare, entries
from headrace.models.element import Named, split_pointer
from headrace.models.folder import Project, read_project
from headrace.policy import OWNER
from headrace.results import CheckResult, CompileResult, DiscoverResult, ExplainResult, PreviewResult
from headrace.testing import TestsResult


class OpenProject:
    """The documents of a folder, read once. ``root`` is the folder; ``check``, ``compile`` and ``preview`` are those
    of ``Engine``, over the files as they are now."""

    def __init__(self, project: Project, root: Path, engine: Engine) -> None:
        self.root = root
        self.project = project
        self.engine = engine

    @property
    def warehouse(self) -> str | None:
        """The URL that the project's settings give, if any."""
        said = [document.document.warehouse for document in self.project.documents]
        return next((url for url in said if url), None)

    def catalog(self) -> Catalog:
        """What the files of the project show of themselves, their first lines, and what catalog.json and headrace.lock
        keep of the database."""
        return self._look()[0]

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the database that sources name."""
        sources = [source for each in self.project.documents for source in each.document.sources.values()]
        named = (source.table for source in sources if source.connection is None)
        return tuple(dict.fromkeys(table for table in named if table))

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions that the project and the engine add to the catalogue's; those with mistakes are left out."""
        own = [each for document in self.project.documents for each in document.document.functions.values()]
        written = [OwnFunction(each.function, each.arguments, each.formula, each.pointer) for each in own]
        return entries(declare(written, self.engine.functions)[0])

    def check(self, parameters: Mapping[str, Any] | None = None) -> CheckResult:
        catalog, problems = self._look()
        result = self.engine.check(self.project, catalog, parameters)
        # Of the tests, what is wrong with themselves.
        tests = self.engine.tests(self.project, catalog) if self._has_tests() else None
        about_tests = () if tests is None else tuple(each for each in tests.diagnostics if _is_of_test(each))
        return replace(result, diagnostics=(*result.diagnostics, *about_tests, *problems))

    def _has_tests(self) -> bool:
        documents = [each.document for each in self.project.documents]
        return any(each.tests or any(node.tests for node in each.nodes.values()) for each in documents)

    def compile(
        self,
        parameters: Mapping[str, Any] | None = None,
        *,
        as_of: AsOf | None = None,
        rules: Iterable[str] | None = None,
    ) -> CompileResult:
        catalog, problems = self._look()
        result = self.engine.compile(self.project, catalog, parameters, as_of=as_of, rules=rules)
        return replace(result, diagnostics=(*result.diagnostics, *problems))

    def preview(
        self,
        node: str,
        step: int | str | None = None,
        limit: int = 100,
        parameters: Mapping[str, Any] | None = None,
        *,
        as_of: AsOf | None = None,
        rules: Iterable[str] | None = None,
    ) -> PreviewResult:
        catalog = self.catalog()
        return self.engine.preview(self.project, catalog, node, step, limit, parameters, as_of=as_of, rules=rules)

    def explain_plan(
        self,
        node: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        as_of: AsOf | None = None,
        rules: Iterable[str] | None = None,
    ) -> ExplainResult:
        return self.engine.explain_plan(self.project, self.catalog(), node, parameters, as_of=as_of, rules=rules)

    def tests(self, *, as_of: AsOf | None = None) -> TestsResult:
        catalog, problems = self._look()
        result = self.engine.tests(self.project, catalog, as_of=as_of)
        # A file that is missing hinders no test: each brings its own rows.
        warnings = (each for each in problems if each.severity != "error")
        return replace(result, diagnostics=(*result.diagnostics, *warnings))

    def discover(self, parameters: Mapping[str, Any] | None = None, pivots: Pivots | None = None) -> DiscoverResult:
        """The queries that find the values of pivots, with ``pivots`` in place of what headrace.lock holds."""
        catalog = self.catalog()
        return self.engine.discover(
            self.project, catalog if pivots is None else replace(catalog, pivots=pivots), parameters
        )

    def placed(self, diagnostic: Diagnostic) -> Diagnostic:
        """What a run says of a source or node, with the file and line where that is written."""
        parts = split_pointer(diagnostic.pointer or "")
        if len(parts) < 2 or diagnostic.file is not None or diagnostic.line is not None:
            return diagnostic
        for each in self.project.documents:
            document = each.document
            owners: dict[str, Mapping[str, Named]] = {
                "nodes": document.nodes,
                "sources": document.sources,
                "tests": document.tests,
            }
            if parts[1] in owners.get(parts[0], {}):
                return each.reading.placed(diagnostic)
        return diagnostic

    def locked(self) -> tuple[Pivots, tuple[Diagnostic, ...]]:
        """What headrace.lock says, and what is wrong with it; nothing where there is no such file."""
        try:
            text = (self.root / LOCK).read_text("utf-8")
        except FileNotFoundError:
            return {}, ()
        except (OSError, UnicodeDecodeError) as error:
            return {}, (diagnose("P210", path=LOCK, problem=str(error)).at(file=LOCK),)
        return read_lock(text)

    def _look(self) -> tuple[Catalog, list[Diagnostic]]:
        """The catalog, and what is wrong with the files that it should tell of, placed where they are named."""
        files: dict[str, FileFacts] = {}
        problems: list[Diagnostic] = []
        for each in self.project.documents:
            for source in each.document.sources.values():
                if source.file is None:
                    continue
                header = _header(self.root, source.file, source.columns or ())
                if isinstance(header, Diagnostic):
                    placed = header.at(pointer=source.at("file"), file=None, line=None, column=None)
                    problems.append(each.reading.placed(placed))
                else:
                    files[source.file] = FileFacts(header)
        pivots, bad_lock = self.locked()
        tables, bad_catalog = self._kept_tables()
        return Catalog(tables, files, pivots), [*problems, *bad_lock, *bad_catalog]

    def _kept_tables(self) -> tuple[Mapping[str, TableFacts], tuple[Diagnostic, ...]]:
        """What catalog.json says, and what is wrong with it; nothing where there is no such file."""
        try:
            text = (self.root / CATALOG).read_text("utf-8")
        except FileNotFoundError:
            return {}, ()
        except (OSError, UnicodeDecodeError) as error:
            return {}, (unreadable(str(error)),)
        return read_catalog_text(text)


def _header(root: Path, path: str, columns: Collection[str]) -> tuple[str, ...] | Diagnostic:
    """The names in a file's first line, or what is wrong with it that no declared column could mend."""
    from headrace.connect.csv_files import find_file, read_header
    from headrace.connect.csv_problems import explain_other_delimiter

    # Who opens a folder owns it: its files may lie anywhere.
    file = find_file(root, path, allow_outside=True)
    if isinstance(file, Diagnostic):
        return file
    header = read_header(file, path)
    if isinstance(header, Diagnostic) or set(columns) & set(header):
        return header
    return explain_other_delimiter(header, path) or header


def _is_of_test(diagnostic: Diagnostic) -> bool:
    """Whether it is about a test, and not about how the document is written, which is told anyway."""
    parts = split_pointer(diagnostic.pointer or "")
    beside = parts[:1] == ["nodes"] and parts[2:3] == ["tests"]
    return (parts[:1] == ["tests"] or beside) and not diagnostic.code.startswith("M")


def open_project(path: str | Path = ".") -> OpenProject:
    """The project in the folder ``path``, or of the one document that it names, whose folder is then the project's.

    What is wrong with its files is among the diagnostics of ``check``.
    """
    project = read_project(path)
    return OpenProject(project, project.root or Path(path), Engine(OWNER))
