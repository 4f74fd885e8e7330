"""The graph as a Mermaid flowchart, as Markdown pages of GitHub and GitLab show it."""

from __future__ import annotations

import re

from headrace.graph.relations import Graph, Vertex
from headrace.graph.words import one_line

# What Mermaid, or the HTML it makes, would obey. It reads #NUMBER; as the character of that code.
_SPECIAL = re.compile(r"[^\w .,:/()]")

_SHAPES = {
    "source": ('[/"', '"/]'),
    "table": ('[("', '")]'),
    "view": ('(["', '"])'),
}


def mermaid(graph: Graph) -> str:
    """The text of a flowchart. Vertices go by number, so that no name can be anything but a label."""
    numbers = {name: f"v{number}" for number, name in enumerate(graph.vertices)}
    lines = ["flowchart LR"]
    lines += [f"    {numbers[name]}{_shape(vertex)}" for name, vertex in graph.vertices.items()]
    lines += [f"    {numbers[read]} --> {numbers[reader]}" for read, reader in graph.edges]
    lines.append("    classDef kept stroke-width:3px")
    kept = [numbers[name] for name, vertex in graph.vertices.items() if vertex.kept]
    if kept:
        lines.append(f"    class {','.join(kept)} kept")
    return "\n".join(lines) + "\n"


def _shape(vertex: Vertex) -> str:
    before, after = _SHAPES.get("source" if vertex.role == "source" else vertex.kind, ('["', '"]'))
    lines = [f"<b>{_escaped(vertex.name)}</b>", _escaped(vertex.about)]
    lines += [_escaped(f"{name}  {type_}") for name, type_ in vertex.columns]
    return f"{before}{'<br/>'.join(lines)}{after}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"#{ord(match.group())};", one_line(text))
