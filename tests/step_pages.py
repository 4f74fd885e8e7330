"""The examples on the pages of ``docs/steps``, read from their Markdown. The format stands in ``CONTRIBUTING.md``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from headrace.models import read_yaml
from headrace.models.scalar import PlainText

FOLDER = Path(__file__).parent.parent / "docs" / "steps"

_NAMED = re.compile(r"`(?P<name>[^`]+)`(?:, key (?P<key>`[^`]+`(?:, `[^`]+`)*))?")
_FENCE = re.compile(r"```(?P<language>\w*)")
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")


@dataclass(frozen=True)
class PageTable:
    """A table of a page: its columns, with a type where one is written, and its cells, None for empty ones."""

    columns: tuple[tuple[str, str | None], ...]
    rows: tuple[tuple[str | None, ...], ...]
    key: tuple[str, ...] = ()

    def source(self) -> dict[str, Any]:
        """As a source of a document."""
        rows = [{name: cell for (name, _), cell in zip(self.columns, row, strict=True)} for row in self.rows]
        source: dict[str, Any] = {"rows": rows}
        if any(type_ for _, type_ in self.columns):
            source["columns"] = {name: type_ or "text" for name, type_ in self.columns}
        if self.key:
            source["keys"] = list(self.key)
        return source


@dataclass(frozen=True)
class Example:
    """One YAML block with what comes out: a table, or messages; neither where it is only to compile."""

    page: str
    line: int
    document: dict[str, Any]
    node: str
    output: PageTable | None
    messages: tuple[str, ...] | None

    @property
    def about(self) -> str:
        return f"docs/steps/{self.page}.md, line {self.line}"


RELATIONS = FOLDER.parent / "relations.md"
"""A page about all steps, in the same format."""


def page_paths() -> list[Path]:
    return sorted(FOLDER.glob("*.md"))


def read_page(path: Path) -> list[Example]:
    """The examples of a page. Raises ValueError for a page that cannot be read, or that shows no table of output."""
    examples = examples_of(path.read_text("utf-8"), path.stem)
    if not any(example.output for example in examples):
        raise ValueError(f"{path.name}: a page needs a table before, the step, and a table after")
    return examples


def examples_of(text: str, page: str) -> list[Example]:
    inputs: dict[str, PageTable] = {}
    in_section: list[str] = []
    waiting: Example | None = None
    examples: list[Example] = []
    for line, kind, name, value in _parts(text, page):
        where = f"{page}, line {line}"
        if kind == "heading":
            in_section = []
        elif kind == "input":
            inputs[name] = value
            in_section.append(name)
        elif kind == "yaml":
            if waiting is not None:
                examples.append(waiting)
            document, node = _document(value, inputs, (in_section or list(inputs))[:1], where)
            waiting = Example(page, line, document, node, None, None)
        elif waiting is None:
            raise ValueError(f"{where}: this is the result of no step: name it if it is a table that goes in")
        else:
            field = {"output": value} if kind == "output" else {"messages": tuple(value.strip().split("\n"))}
            examples.append(replace(waiting, **field))
            waiting = None
    return [*examples, *([waiting] if waiting is not None else [])]


def _parts(text: str, page: str) -> Iterator[tuple[int, str, str, Any]]:
    """Headings, inputs, YAML, texts and outputs of a page, each with its line."""
    lines = text.split("\n")
    at = 0
    named: re.Match[str] | None = None
    while at < len(lines):
        line = lines[at]
        start = at + 1
        if line.startswith("#"):
            yield start, "heading", "", None
        elif fence := _FENCE.fullmatch(line.strip()):
            end = lines.index("```", at + 1)
            body = "\n".join(lines[at + 1 : end])
            at = end
            if fence["language"] in ("yaml", "text"):
                yield start, fence["language"], "", body
        elif line.startswith("|"):
            end = at
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            table = _table(lines[at:end], f"{page}, line {start}")
            at = end - 1
            if named is not None:
                key = tuple(re.findall(r"`([^`]+)`", named["key"] or ""))
                yield start, "input", named["name"], replace(table, key=key)
            elif table is not None:
                yield start, "output", "", table
        if line.strip():
            named = _NAMED.fullmatch(line.strip())
        at += 1


def _table(lines: list[str], where: str) -> PageTable:
    cells = [[_cell(cell) for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])] for line in lines]
    if len(lines) < 2 or not _RULE.fullmatch(lines[1]) or len({len(row) for row in cells}) > 1:
        raise ValueError(f"{where}: a table has a head, a rule of ---, and as many cells in each row")
    columns = []
    for head in cells[0]:
        name, colon, type_ = (head or "").rpartition(": ")
        columns.append((name, type_) if colon else (type_, None))
    return PageTable(tuple(columns), tuple(tuple(row) for row in cells[2:]))


def _cell(text: str) -> str | None:
    cell = text.strip().replace("\\|", "|")
    return PlainText(cell) if cell else None


def _document(text: str, inputs: dict[str, PageTable], first: list[str], where: str) -> tuple[dict[str, Any], str]:
    """The block as a whole document over the inputs, and the node that it is about."""
    reading = read_yaml(text)
    data = reading.data
    if reading.diagnostics or not isinstance(data, dict | list):
        raise ValueError(f"{where}: {[each.message for each in reading.diagnostics] or 'no steps'}")
    sources = {name: table.source() for name, table in inputs.items()}
    if isinstance(data, list):
        data = {"steps": data}
    if not {"sources", "nodes", "headrace"} & set(data):
        data = {"nodes": {"result": {**({"from": first[0]} if first else {}), **data}}}
    merged = {name: {**sources.get(name, {}), **source} for name, source in (data.get("sources") or {}).items()}
    document = {"headrace": 1, **data, "sources": {**sources, **merged}}
    if not document.get("nodes"):
        raise ValueError(f"{where}: no node to look at")
    return document, list(document["nodes"])[-1]
