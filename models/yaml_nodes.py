"""A YAML text as a tree of what is written, with its comments: for writing it anew without losing any of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from headrace.models.yaml_composer import LOADER


@dataclass(slots=True)
class YamlNode:
    """A scalar, an alias or a collection. ``start`` to ``end`` are its characters, without what goes before it.

    ``raw`` is how a scalar or alias is written; ``head`` the anchor of a collection; ``flow`` whether a collection
    stands in brackets; ``children`` are the items of a list, or keys and values in turn.
    """

    kind: Literal["scalar", "alias", "mapping", "sequence"]
    start: int
    end: int
    column: int
    raw: str = ""
    value: str = ""
    style: str = ""
    head: str = ""
    flow: bool = False
    children: list[YamlNode] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple[YamlNode, YamlNode]]:
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    @property
    def is_nothing(self) -> bool:
        return self.kind == "scalar" and not self.raw


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, from its ``#`` on; ``alone`` where nothing but space stands before it in its line."""

    start: int
    end: int
    column: int
    text: str
    alone: bool


@dataclass(frozen=True, slots=True)
class YamlTree:
    """The one document of a text. ``marker`` is the index of its ``---`` where it is written."""

    text: str
    root: YamlNode
    comments: tuple[Comment, ...]
    marker: int | None = None


class Unwritable(Exception):
    """The text is written in a way that cannot be kept; it never leaves ``models.layout``."""


def read_nodes(text: str) -> YamlTree:
    """The tree of a text that YAML can read, line ends as ``\\n``. Raises Unwritable for what it does not keep."""
    marker: int | None = None
    leaves: list[tuple[int, int]] = []
    stack: list[YamlNode] = []
    root: YamlNode | None = None
    events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if event.version or event.tags or root is not None:
                raise Unwritable("directives")
            if event.explicit:
                marker = _start(event)
                leaves.append((marker, marker + 3))
        elif isinstance(event, yaml.DocumentEndEvent):
            if event.explicit:
                leaves.append((_start(event), _start(event) + 3))
        elif isinstance(event, yaml.CollectionEndEvent):
            node = stack.pop()
            if node.flow:
                node.end = _start(event) + 1
            elif node.children:
                node.end = node.children[-1].end
        elif isinstance(event, yaml.NodeEvent):
            node = _node(event, text)
            if stack:
                stack[-1].children.append(node)
            else:
                root = node
            if node.kind in ("mapping", "sequence"):
                stack.append(node)
            else:
                leaves.append((node.start, node.end))
    if root is None:
        raise Unwritable("nothing")
    return YamlTree(text, root, tuple(_comments(text, leaves)), marker)


def _start(event: Any) -> int:
    index: int = event.start_mark.index
    return index


def _node(event: Any, text: str) -> YamlNode:
    start, end, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
    if isinstance(event, yaml.AliasEvent):
        return YamlNode("alias", start, end, column, raw=text[start:end])
    if isinstance(event, yaml.ScalarEvent):
        style = event.style or ""
        raw = text[start:end]
        if style in ("|", ">"):
            raw = raw.rstrip(" \n")
            end = start + len(raw)
        return YamlNode("scalar", start, end, column, raw, event.value, style)
    head = f"&{event.anchor}" if event.anchor else ""
    kind: Literal["mapping", "sequence"] = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
    return YamlNode(kind, start, end, column, head=head, flow=bool(event.flow_style))


_COMMENT = re.compile(r"#[^\n]*")
_PROPERTY = re.compile(r"(?<!\S)[&!]\S*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\n]*)")


def _comments(text: str, leaves: list[tuple[int, int]]) -> Iterator[Comment]:
    """What begins with ``#`` between the values of a text, and behind the ``|`` of a block."""
    done = 0
    for start, end in [*leaves, (len(text), len(text))]:
        gap = _PROPERTY.sub(lambda found: " " * len(found[0]), text[done:start])
        for found in _COMMENT.finditer(gap):
            yield _comment(text, done + found.start(), done + found.end())
        header = _HEADER.search(text, start, end) if text[start:end].lstrip("&!")[:1] in ("|", ">") else None
        if header is not None and "\n" not in text[start : header.start()]:
            yield _comment(text, header.start(1), header.end(1))
        done = max(done, end)


def _comment(text: str, start: int, end: int) -> Comment:
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start]
    return Comment(start, end, len(before), text[start:end].rstrip(), not before.strip())
