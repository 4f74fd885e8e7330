"""YAML written anew: block style, two spaces a level, one item a line; comments, order and quotes stay.

What stands on a line of its own goes before what follows it; what stands behind something stays behind it. Scalars
are kept as they are written, so they mean what they meant; only formulas are given in another text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from headrace.models.element import join_pointer
from headrace.models.yaml_nodes import Comment, Unwritable, YamlNode, YamlTree, read_nodes

Stays = Callable[[str], bool]
"""Whether a mapping or list at this pointer may stay in brackets on its one line."""

Rewrite = Callable[[str, str, int], "list[str] | None"]
"""Pointer, text and column of a scalar → the lines in its place (the first behind the key), or None to keep it."""

_BLANK = re.compile(r"\n[ \t]*\n")
_BLOCK_HEADER = re.compile(r"(?P<before>(?:[&!]\S*\s+)*)(?P<style>[|>])(?P<marks>[-+0-9]*)")


def lay_out(text: str, rewrite: Rewrite, stays: Stays = lambda pointer: False) -> str:
    """The text of one YAML document in block style. Raises Unwritable where it is written in a way that would change.

    >>> lay_out("nodes: {a: {from: b}} # all\\n", lambda pointer, text, column: None)
    'nodes:  # all\\n  a:\\n    from: b\\n'
    """
    tree = read_nodes(text)
    return _Writer(tree, rewrite, stays).written()


class _Writer:
    def __init__(self, tree: YamlTree, rewrite: Rewrite, stays: Stays) -> None:
        self.text = tree.text
        self.tree = tree
        self.rewrite = rewrite
        self.stays = stays
        self.comments = list(tree.comments)
        self.next = 0
        self.done = 0
        self.lines: list[str] = []

    def written(self) -> str:
        root, marker = self.tree.root, self.tree.marker
        if marker is not None:
            self.leading(marker, 0)
            self.lines.append("---")
            self.done = marker + 3
            self.trailing(marker + 3)
        self.leading(root.start, 0)
        if root.kind in ("mapping", "sequence"):
            self.collection(root, 0, "", first=True)
        else:
            self.lines.append(root.raw)
            self.done = root.end
        self.trailing(root.end)
        self.leading(len(self.text) + 1, 0)
        return "\n".join(self.lines).strip("\n") + "\n"

    # Comments and blank lines

    def peek(self) -> Comment | None:
        return self.comments[self.next] if self.next < len(self.comments) else None

    def leading(self, before: int, indent: int, *, blank: bool = True) -> None:
        """The comments that stand before ``before``, each on a line; and a blank line where the source has some."""
        while (comment := self.peek()) is not None and comment.start < before:
            self.blank(comment.start)
            self.lines.append(" " * indent + comment.text)
            self.done = comment.end
            self.next += 1
        if blank and before <= len(self.text):
            self.blank(before)

    def blank(self, before: int) -> None:
        if _BLANK.search(self.text, self.done, before) and self.lines and self.lines[-1]:
            self.lines.append("")

    def trailing(self, end: int) -> None:
        """The comment behind what ends at ``end``, put behind the last line."""
        comment = self.peek()
        if comment is None or comment.alone or "\n" in self.text[end : comment.start] or comment.start < end:
            return
        line = self.lines[-1]
        same_place = self.text.rfind("\n", 0, comment.start) + 1
        before = self.text[same_place : comment.start]
        width = comment.column if before.rstrip() == line else 0
        self.lines[-1] = line.ljust(max(width, len(line) + 2)) + comment.text
        self.done = comment.end
        self.next += 1

    # Nodes

    def collection(self, node: YamlNode, indent: int, pointer: str, *, first: bool = False) -> None:
        """The items of a collection, each on lines of its own from column ``indent`` on."""
        if node.kind == "mapping":
            self.mapping(node, indent, pointer, first)
        else:
            self.sequence(node, indent, pointer, first)
        if node.flow:
            self.leading(node.end, indent, blank=False)
        else:
            self.after_block(node, indent)

    def after_block(self, node: YamlNode, indent: int) -> None:
        """The comments behind the last item that are indented as the items are."""
        while (comment := self.peek()) is not None and comment.alone and comment.column >= max(node.column, 1):
            if self.text[self.done : comment.start].strip(" \t\n"):
                break
            self.blank(comment.start)
            self.lines.append(" " * indent + comment.text)
            self.done = comment.end
            self.next += 1

    def mapping(self, node: YamlNode, indent: int, pointer: str, first: bool) -> None:
        for index, (key, value) in enumerate(node.pairs):
            if index or first:
                self.leading(key.start, indent)
            if key.kind not in ("scalar", "alias") or "\n" in key.raw:
                raise Unwritable("key")
            self.lines.append(f"{' ' * indent}{key.raw}:" if key.kind == "scalar" else f"{' ' * indent}{key.raw} :")
            self.done = key.end
            self.value(value, indent, join_pointer(pointer, key.value), in_mapping=True)

    def sequence(self, node: YamlNode, indent: int, pointer: str, first: bool) -> None:
        for index, item in enumerate(node.children):
            if index or first:
                self.leading(item.start, indent)
            self.lines.append(f"{' ' * indent}-")
            self.value(item, indent, join_pointer(pointer, index), in_mapping=False)

    def value(self, node: YamlNode, indent: int, pointer: str, *, in_mapping: bool) -> None:
        """What stands behind the key or dash that the last line ends with."""
        if node.kind == "alias" or (node.kind == "scalar" and node.is_nothing):
            self.behind(node.raw)
            self.end(node)
        elif node.kind == "scalar":
            self.scalar(node, indent, pointer)
        elif not node.children:
            self.behind(f"{node.head} {'{}' if node.kind == 'mapping' else '[]'}".strip())
            self.leading_inside(node, indent)
            self.end(node)
        elif self.stays(pointer) and _is_line_of_scalars(node, self.text):
            self.behind(self.text[node.start : node.end])
            self.end(node)
        else:
            self.inner(node, indent, pointer, in_mapping=in_mapping)

    def leading_inside(self, node: YamlNode, indent: int) -> None:
        """Comments within empty brackets go before the line."""
        line = self.lines.pop()
        self.leading(node.end, indent, blank=False)
        self.lines.append(line)

    def inner(self, node: YamlNode, indent: int, pointer: str, *, in_mapping: bool) -> None:
        self.behind(node.head)
        child = node.children[0]
        merged = not in_mapping and not node.head
        if merged:
            # The first line goes behind the dash; what stands before it goes above.
            line = self.lines.pop()
            self.leading(child.start, indent, blank=False)
            at = len(self.lines)
            self.done = max(self.done, child.start)
            self.collection(node, indent + 2, pointer)
            self.lines[at] = line + " " + self.lines[at][indent + 2 :]
        else:
            self.behind_collection(node, child)
            self.leading(child.start, indent + 2, blank=False)
            self.done = max(self.done, child.start)
            self.collection(node, indent + 2, pointer)
        if node.flow:
            self.end(node)

    def behind_collection(self, node: YamlNode, child: YamlNode) -> None:
        """The comment behind a key, or behind the whole of brackets that stand in one line."""
        comment = self.peek()
        if comment is None or comment.alone:
            return
        if comment.start < child.start:
            if "\n" not in self.text[self.done : comment.start]:
                self.trailing(self.done)
        elif node.flow and comment.start >= node.end and "\n" not in self.text[node.start : comment.start]:
            line = self.lines[-1]
            self.lines[-1] = f"{line}  {comment.text}"
            self.next += 1

    def scalar(self, node: YamlNode, indent: int, pointer: str) -> None:
        column = len(self.lines[-1]) + 1
        new = self.rewrite(pointer, node.value, column)
        if new is not None:
            self.behind(new[0])
            self.header_comment(node)
            self.lines.extend(f"{' ' * (indent + 2)}{line}" if line else "" for line in new[1:])
        elif node.style in ("|", ">"):
            self.block(node, indent)
        else:
            lines = node.raw.split("\n")
            self.behind(lines[0].rstrip() if len(lines) > 1 else lines[0])
            rest = [line.strip() for line in lines[1:]]
            if rest and node.style == '"':
                rest = [_after_escape(line) for line in lines[1:]]
            self.lines.extend(f"{' ' * (indent + 2)}{line}" if line else "" for line in rest)
        self.end(node)

    def header_comment(self, node: YamlNode) -> None:
        """The comment that stands behind the ``|`` of a block."""
        comment = self.peek()
        if comment is not None and node.start < comment.start < node.end:
            self.lines[-1] += f"  {comment.text}"
            self.next += 1

    def block(self, node: YamlNode, indent: int) -> None:
        header = _BLOCK_HEADER.match(node.raw)
        if header is None:
            raise Unwritable("block")
        lines = node.raw.split("\n")[1:]
        digits = [mark for mark in header["marks"] if mark.isdigit()]
        chomp = header["marks"].strip("0123456789")
        shown = next((line for line in lines if line.strip()), "")
        old = len(shown) - len(shown.lstrip(" "))
        if digits or chomp == "+":
            raise Unwritable("block")
        self.behind(f"{header['before']}{header['style']}{chomp}")
        self.header_comment(node)
        for line in lines:
            self.lines.append(f"{' ' * (indent + 2)}{line[old:]}" if line.strip() else "")

    def behind(self, text: str) -> None:
        if text:
            self.lines[-1] += f" {text}"

    def end(self, node: YamlNode) -> None:
        self.done = max(self.done, node.end)
        self.trailing(node.end)


def _is_line_of_scalars(node: YamlNode, text: str) -> bool:
    """Whether a collection stands in brackets on one line, with nothing but scalars in it."""
    parts = [value for _, value in node.pairs] if node.kind == "mapping" else node.children
    scalars = all(part.kind == "scalar" for part in parts)
    return node.flow and not node.head and scalars and "\n" not in text[node.start : node.end]


def _after_escape(line: str) -> str:
    """A further line of a text in double quotes, whose leading space means nothing; a last ``\\ `` does."""
    bare = line.lstrip(" \t")
    stripped = bare.rstrip(" \t")
    return bare if stripped.endswith("\\") else stripped
