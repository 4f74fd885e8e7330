"""The language server over standard input and output: the protocol of editors around ``Workspace``."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import ServerTextPosition, TextDocument

from headrace import __version__
from headrace.diagnostics import Diagnostic
from headrace.editing import CompletionResult
from headrace.editor.cursor import Cursor
from headrace.editor.insertion import as_written
from headrace.editor.workspace import Found, Position, Said, Symbol, Workspace
from headrace.grammar.hover import null_words
from headrace.grammar.suggestion import Suggestion

PAUSE = 0.15
"""Seconds without a change before a project is checked."""

_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
}
_KINDS = {
    "column": lsp.CompletionItemKind.Field,
    "formula": lsp.CompletionItemKind.Variable,
    "relation": lsp.CompletionItemKind.Module,
    "parameter": lsp.CompletionItemKind.Constant,
    "function": lsp.CompletionItemKind.Function,
    "word": lsp.CompletionItemKind.Keyword,
    "type": lsp.CompletionItemKind.TypeParameter,
    "unit": lsp.CompletionItemKind.Unit,
    "text": lsp.CompletionItemKind.EnumMember,
    "node": lsp.CompletionItemKind.Class,
    "source": lsp.CompletionItemKind.Class,
    "key": lsp.CompletionItemKind.Property,
}
_SYMBOLS = {
    "parameters": lsp.SymbolKind.Constant,
    "sources": lsp.SymbolKind.Interface,
    "nodes": lsp.SymbolKind.Class,
    "step": lsp.SymbolKind.Method,
}


class HeadraceServer(LanguageServer):
    """Holds the workspace, and the files for which diagnostics were published."""

    def __init__(self) -> None:
        super().__init__("headrace", __version__)
        self.files = Workspace()
        self.changes = 0
        self.published: dict[Path, set[Path]] = {}

    def path(self, uri: str) -> Path:
        """The file of a document; one that has none stands in a folder of its own."""
        path = to_fs_path(uri) if uri.startswith("file:") else None
        return Path(path).resolve() if path else Path("/untitled") / uri.rpartition(":")[2].strip("/").replace("/", "_")

    def document(self, uri: str) -> TextDocument:
        return self.workspace.get_text_document(uri)

    def index(self, uri: str, position: lsp.Position) -> int:
        return self.document(uri).offset_at_position(position)

    def position(self, path: Path, place: Position) -> lsp.Position:
        """A place in the units that the editor counts in."""
        uri = self.uri(path)
        return self.document(uri).position_to_client_units(ServerTextPosition(*place))

    def range(self, path: Path, start: Position, end: Position) -> lsp.Range:
        return lsp.Range(self.position(path, start), self.position(path, end))

    def uri(self, path: Path) -> str:
        """The name that the editor gave the file, if it has it open."""
        given = next((uri for uri in self.workspace.text_documents if self.path(uri) == path), None)
        return given or from_fs_path(str(path)) or ""

    async def changed(self, uri: str, *, at_once: bool = False) -> None:
        """Take in a changed document, and check its project when there is a pause."""
        path = self.path(uri)
        if uri in self.workspace.text_documents:
            self.files.open(path, self.document(uri).source)
        self.changes += 1
        mine = self.changes
        if not at_once:
            await asyncio.sleep(PAUSE)
        if mine == self.changes:
            await self.check(path, mine)

    async def check(self, path: Path, mine: int) -> None:
        """Check the project of a file beside what else the editor asks, and publish it unless more has changed."""
        root = self.files.root(path)
        project = self.files.project(root)
        said = await asyncio.to_thread(self.files.told, root, project)
        if mine == self.changes:
            self.publish(root, said)

    def publish(self, root: Path, said: Mapping[Path, list[Said]]) -> None:
        """Publish what is wrong with a project; files that are in order now are told so."""
        for file in {*said, *self.published.get(root, set())}:
            diagnostics = [self.diagnostic(file, each) for each in said.get(file, ())]
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(self.uri(file), diagnostics))
        self.published[root] = {file for file, each in said.items() if each}

    def diagnostic(self, path: Path, said: Said) -> lsp.Diagnostic:
        return lsp.Diagnostic(
            range=self.range(path, said.start, said.end),
            message=_message(said.diagnostic),
            severity=_SEVERITIES[said.diagnostic.severity],
            code=said.diagnostic.code,
            source="headrace",
        )


def _message(diagnostic: Diagnostic) -> str:
    return "\n".join((diagnostic.message, *diagnostic.hints))


def make_server() -> HeadraceServer:
    """The server with all that it can do."""
    server = HeadraceServer()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: HeadraceServer, params: lsp.DidOpenTextDocumentParams) -> None:
        await ls.changed(params.text_document.uri, at_once=True)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: HeadraceServer, params: lsp.DidChangeTextDocumentParams) -> None:
        await ls.changed(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: HeadraceServer, params: lsp.DidSaveTextDocumentParams) -> None:
        await ls.changed(params.text_document.uri, at_once=True)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(ls: HeadraceServer, params: lsp.DidCloseTextDocumentParams) -> None:
        path = ls.path(params.text_document.uri)
        ls.files.close(path)
        ls.changes += 1
        await ls.check(path, ls.changes)

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=["$", "[", ".", "(", " ", '"', ":"])
    )
    def complete(ls: HeadraceServer, params: lsp.CompletionParams) -> lsp.CompletionList:
        uri = params.text_document.uri
        path = ls.path(uri)
        _take_in(ls, uri)
        found = ls.files.complete(path, ls.index(uri, params.position))
        if found is None:
            return lsp.CompletionList(False, [])
        return lsp.CompletionList(True, list(_items(ls, uri, found.cursor, found.result)))

    @server.feature(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(trigger_characters=["(", ","]))
    def signature(ls: HeadraceServer, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
        uri = params.text_document.uri
        _take_in(ls, uri)
        found = ls.files.complete(ls.path(uri), ls.index(uri, params.position))
        call = None if found is None else found.result.call
        if call is None:
            return None
        signatures = [lsp.SignatureInformation(each, call.meaning) for each in call.calls]
        return lsp.SignatureHelp(signatures, 0)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(ls: HeadraceServer, params: lsp.HoverParams) -> lsp.Hover | None:
        uri = params.text_document.uri
        path = ls.path(uri)
        _take_in(ls, uri)
        found = ls.files.hover(path, ls.index(uri, params.position))
        if found is None or found[1].hover is None:
            return None
        cursor, result, explained = found
        shown = result.hover
        assert shown is not None
        parts = [f"```headrace\n{shown.title}\n```", shown.text]
        if shown.example:
            parts.append(f"For example `{shown.example}`.")
        if explained is not None and explained.sql is not None and explained.type is not None:
            kind = f"The formula is {explained.type}, {null_words(explained.type)}."
            parts.append(f"{kind}\n```sql\n{explained.sql}\n```")
        document = ls.document(uri)
        start, end = cursor.indexes[shown.span.start], cursor.indexes[min(shown.span.end, len(cursor.text))]
        range_ = lsp.Range(document.client_position_at_offset(start), document.client_position_at_offset(end))
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n".join(filter(None, parts))), range_)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def fixes(ls: HeadraceServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        path = ls.path(uri)
        _take_in(ls, uri)
        document = ls.document(uri)
        wanted = document.range_from_client_units(params.range)
        start, end = (wanted.start.line, wanted.start.character), (wanted.end.line, wanted.end.character)
        actions = []
        for each in ls.files.fixes(path, start, end):
            range_ = lsp.Range(
                document.client_position_at_offset(each.start), document.client_position_at_offset(each.end)
            )
            action = lsp.CodeAction(
                title=each.title,
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[ls.diagnostic(path, each.said)],
                edit=lsp.WorkspaceEdit(changes={uri: [lsp.TextEdit(range_, each.text)]}),
            )
            actions.append(action)
        return actions

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(ls: HeadraceServer, params: lsp.DefinitionParams) -> lsp.Location | None:
        uri = params.text_document.uri
        _take_in(ls, uri)
        found = ls.files.definition(ls.path(uri), ls.index(uri, params.position))
        return None if found is None else _location(ls, found)

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def format_(ls: HeadraceServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        uri = params.text_document.uri
        _take_in(ls, uri)
        result = ls.files.format(ls.path(uri))
        if not result.changed:
            return []
        document = ls.document(uri)
        end = document.client_position_at_offset(len(document.source))
        return [lsp.TextEdit(lsp.Range(lsp.Position(0, 0), end), result.text)]

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(ls: HeadraceServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        uri = params.text_document.uri
        _take_in(ls, uri)
        path = ls.path(uri)
        return [_symbol(ls, path, each) for each in ls.files.symbols(path)]

    return server


def _take_in(ls: HeadraceServer, uri: str) -> None:
    """The text that the editor has now, also where its last change waits to be checked."""
    if uri in ls.workspace.text_documents:
        ls.files.open(ls.path(uri), ls.document(uri).source)


def _items(ls: HeadraceServer, uri: str, cursor: Cursor, result: CompletionResult) -> Iterable[lsp.CompletionItem]:
    document = ls.document(uri)
    last = len(cursor.indexes) - 1
    start = cursor.indexes[min(result.span.start, last)]
    end = cursor.indexes[min(result.span.end, last)]
    range_ = lsp.Range(document.client_position_at_offset(start), document.client_position_at_offset(end))
    written = document.source[start:end]
    for number, item in enumerate(result.items):
        yield lsp.CompletionItem(
            label=item.label,
            kind=_KINDS[item.kind],
            detail=item.detail or None,
            documentation=item.meaning or None,
            sort_text=f"{number:04}",
            filter_text=_filter_text(item, written),
            text_edit=lsp.TextEdit(range_, as_written(item, result.place, cursor)),
        )


def _filter_text(item: Suggestion, written: str) -> str:
    """What an editor compares with the characters that are replaced: they may begin with a bracket, quote or ``$``."""
    return written[:1] + item.label if written[:1] in ("[", '"', "'") else item.label


def _location(ls: HeadraceServer, found: Found) -> lsp.Location:
    return lsp.Location(ls.uri(found.path), ls.range(found.path, found.start, found.end))


def _symbol(ls: HeadraceServer, path: Path, symbol: Symbol) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        name=symbol.name,
        kind=_SYMBOLS[symbol.kind],
        range=ls.range(path, symbol.start, symbol.end),
        selection_range=ls.range(path, symbol.start, (symbol.start[0], symbol.start[1] + len(symbol.name))),
        children=[_symbol(ls, path, each) for each in symbol.inner],
    )


def serve() -> None:
    """Answer an editor on standard input and output until it closes them.

    The streams are copies, which pygls may close; what anything else prints goes to standard error, so that it cannot
    come between the messages.
    """
    with os.fdopen(os.dup(0), "rb") as stdin, os.fdopen(os.dup(1), "wb") as stdout, redirect_stdout(sys.stderr):
        make_server().start_io(stdin, stdout)
